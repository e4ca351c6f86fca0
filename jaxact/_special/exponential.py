"""Exponential and hyperbolic functions with small errors in float32."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxact._special.core import (
    differentiable,
    horner,
    power_of_two,
    reduced_expm1,
    rough_exp2,
    scaled_exp,
    shared,
    with_sign,
)


def _exp_slope(x: jax.Array) -> jax.Array:
    return exp(x)


@differentiable(_exp_slope)
def exp(x: Any) -> jax.Array:
    """``e^x``."""
    if x.dtype == jnp.float64:
        return lax.exp(x)
    n, p = reduced_expm1(jnp.clip(x, -88.0, 89.0))
    # 2^128 is no float32: the last doubling is done at the end.
    s = power_of_two(jnp.minimum(n, 127.0))
    return (s + s * p) * jnp.where(n > 127.0, 2.0, 1.0)


@differentiable(lambda x: exp(x))
def expm1(x: Any) -> jax.Array:
    """``e^x - 1``."""
    if x.dtype == jnp.float64:
        return lax.expm1(x)
    n, p = reduced_expm1(jnp.clip(x, -20.0, 89.0))
    half = power_of_two(n - 1.0)
    y = half * p - (0.5 - half)
    # Half of a small number may be below the normal numbers.
    return jnp.where(jnp.abs(x) < 1e-10, x, y + y)


@differentiable(lambda x: sech2(x))
def tanh(x: Any) -> jax.Array:
    """Hyperbolic tangent."""
    if x.dtype == jnp.float64:
        return lax.tanh(x)
    # It is 1 from 9.02 on.
    t = jnp.minimum(jnp.abs(x), 10.0)
    # [0, 0.7], degree 11, relative error 3e-8.
    z = t * t
    inner = t + t * (z * horner(z, -0.3333319, 0.13329111, -0.05355886, 0.020091968, -0.0051386603))
    outer = 1.0 - 2.0 / (1.0 + rough_exp2(t * 2.8853900817779268))
    return with_sign(jnp.where(t < 0.7, inner, outer), x)


def _sech2_slope(x: jax.Array) -> jax.Array:
    return -2.0 * tanh(x) * sech2(x)


@differentiable(_sech2_slope)
def sech2(x: Any) -> jax.Array:
    """``1 - tanh(x)^2``, the slope of ``tanh``."""
    if x.dtype == jnp.float64:
        e = lax.exp(-2.0 * jnp.abs(x))
        return 4.0 * e / ((1.0 + e) * (1.0 + e))
    # Four times the exponential, so that it does not underflow before the answer does.
    e = scaled_exp(-2.0 * jnp.minimum(jnp.abs(x), 44.7), scale=2.0)
    q = shared(e / (1.0 + 0.25 * e))
    return q - 0.25 * q * q


@differentiable(lambda x: sigmoid_slope(x))
def sigmoid(x: Any) -> jax.Array:
    """``1 / (1 + e^-x)``."""
    if x.dtype == jnp.float64:
        return lax.logistic(x)
    e = scaled_exp(-jnp.minimum(jnp.abs(x), 88.0))
    return shared(jnp.where(x > 0, 1.0, e) / (1.0 + e))


def _sigmoid_curvature(x: jax.Array) -> jax.Array:
    return -sigmoid_slope(x) * tanh(0.5 * x)


@differentiable(_sigmoid_curvature)
def sigmoid_slope(x: Any) -> jax.Array:
    """``sigmoid(x) (1 - sigmoid(x))``."""
    if x.dtype == jnp.float64:
        e = lax.exp(-jnp.abs(x))
        return e / ((1.0 + e) * (1.0 + e))
    e = scaled_exp(-jnp.minimum(jnp.abs(x), 88.0))
    q = shared(e / (1.0 + e))
    return q - q * q


@differentiable(lambda x: 1.0 / (1.0 + x))
def log1p(x: Any) -> jax.Array:
    """``ln(1 + x)`` for ``x`` in [0, 1]."""
    if x.dtype == jnp.float64:
        return lax.log1p(x)
    # Degree 11, relative error 9e-10.
    q = horner(
        x, -0.49999988, 0.33332714, -0.24988864, 0.19899622, -0.16135158,
        0.12479481, -0.08323805, 0.042113908, -0.013691187, 0.00208444,
    )  # fmt: skip
    return x + x * x * q


@differentiable(lambda x: sigmoid(x))
def softplus(x: Any) -> jax.Array:
    """``ln(1 + e^x)``."""
    if x.dtype == jnp.float64:
        return jnp.maximum(x, 0.0) + lax.log1p(lax.exp(-jnp.abs(x)))
    e = scaled_exp(-jnp.minimum(jnp.abs(x), 88.0))
    return jnp.maximum(x, 0.0) + log1p(e)
