"""The normal distribution and what is made of it: erf, the Gaussian, the exact GELU."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxact._special.core import (
    differentiable,
    horner,
    leading,
    near,
    power_of_two,
    reduced_expm1,
    rough_exp2,
    scaled_exp,
    with_sign,
)

_INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)
_SQRT_HALF = math.sqrt(0.5)
# The same as 24 bits and the rest.
_HIGH = 11863283.0 / 2.0**24
_LOW = 1.2101617104478969e-08
# exp(-t^2 / 2) is 2^-135 here.
_END = 13.68
# Polynomials serve up to here, the tail beyond.
_CENTRE = 0.75
# The tails are 0 beyond this in float64 too.
_FAR = 40.0
# Where the Mobius map of the tail has its zero, and the polynomial in it.
_K = 2.75
_TAIL = (
    0.71898603, -0.47435412, 0.18233447, -0.016566545, -0.016445162,
    0.0032171044, 0.0024958912, -0.0003258933, -0.0004203389,
)  # fmt: skip


def _half_square_expm1(t: jax.Array) -> tuple[jax.Array, jax.Array]:
    """``s`` and ``p`` with ``256 exp(-t^2 / 2) = s (1 + p)`` in float32, ``t`` in [0, 13.68]."""
    # The square in two parts: one rounding of a square near 160 is 40 ULP of the answer.
    h = leading(t, 12)
    n, p = reduced_expm1(-0.5 * h * h, -0.5 * ((t - h) * (t + h)))
    return power_of_two(n + 8.0), p


def _tail(t: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """``a``, ``d``, ``w`` with ``Phi(-t) exp(t^2 / 2) = 256 a / d``, ``w = t / d``."""
    d = t + _K
    u = 2.0 * (t / d) - 1.0
    # In (t - K) / (t + K) for t in [0.73, 13.8]; degree 8, relative error 6e-9.
    a = horner(u, *(c / 256.0 for c in _TAIL))
    # XLA writes a quotient with two users to memory: w comes from u, to the last bit or two.
    return a, d, 0.5 * u + 0.5


def _centre(x: jax.Array) -> jax.Array:
    """``Phi(x)`` in float32 for small ``x``."""
    # [-0.75, 0.75], degree 9, relative error 3e-9.
    return 0.5 + x * horner(
        x * x, 0.39894226, -0.0664899, 0.009969853, -0.0011754218, 9.8329845e-05
    )


def _square_exp64(x: jax.Array, factor: float) -> jax.Array:
    """``exp(-factor x^2)`` in float64, ``factor`` 1 or 0.5, with the square in two parts."""
    x = jnp.minimum(jnp.abs(x), _FAR)
    h = x.astype(jnp.float32).astype(jnp.float64)
    return lax.exp(-factor * (h * h)) * lax.exp(-factor * ((x - h) * (x + h)))


def _cdf64(x: jax.Array) -> jax.Array:
    """``Phi(x)`` in float64."""
    x = jnp.clip(x, -_FAR, _FAR)
    z = -_SQRT_HALF * x
    # What rounding took from z, times the relative slope of erfc in the left tail.
    h = x.astype(jnp.float32).astype(jnp.float64)
    rest = (-_HIGH * h - z) - (_LOW * h + _SQRT_HALF * (x - h))
    return 0.5 * lax.erfc(z) * (1.0 - 2.0 * jnp.maximum(z, 0.0) * rest)


@differentiable(lambda x: (2.0 / math.sqrt(math.pi)) * gaussian_exp(x))
def erf(x: Any) -> jax.Array:
    """Error function."""
    if x.dtype == jnp.float64:
        return lax.erf(x)
    t = jnp.minimum(jnp.abs(x), 4.0)
    # [0, 0.9], degree 11, relative error 1e-8.
    inner = t + t * horner(
        t * t, 0.12837915, -0.37612507, 0.11281978, -0.026773358, 0.005004225, -0.0006052569
    )
    # log2(1 - erf(t)) on [0.9, 4], degree 5, error of erf 3e-8.
    outer = 1.0 - rough_exp2(
        horner(t, -0.0027088425, -1.6160939, -0.93884116, -0.13144301, 0.022475941, -0.001805646)
    )
    return with_sign(jnp.where(t < 0.9, inner, outer), x)


def _gaussian_slope(x: jax.Array) -> jax.Array:
    return -2.0 * near(x) * gaussian_exp(x)


@differentiable(_gaussian_slope)
def gaussian_exp(x: Any) -> jax.Array:
    """``exp(-x^2)``."""
    if x.dtype == jnp.float64:
        return _square_exp64(x, 1.0)
    t = jnp.minimum(jnp.abs(x), 9.38)
    h = leading(t, 12)
    return scaled_exp(-h * h, -(t - h) * (t + h))


def _density_slope(x: jax.Array) -> jax.Array:
    return -near(x) * normal_density(x)


@differentiable(_density_slope)
def normal_density(x: Any) -> jax.Array:
    """``exp(-x^2 / 2) / sqrt(2 pi)``."""
    if x.dtype == jnp.float64:
        return _INV_SQRT_2PI * _square_exp64(x, 0.5)
    s, p = _half_square_expm1(jnp.minimum(jnp.abs(x), _END))
    return s * (_INV_SQRT_2PI / 256.0 + p * (_INV_SQRT_2PI / 256.0))


@differentiable(lambda x: normal_density(x))
def normal_cdf(x: Any) -> jax.Array:
    """Distribution function of the standard normal law."""
    if x.dtype == jnp.float64:
        return _cdf64(x)
    t = jnp.clip(jnp.abs(x), _CENTRE, _END)
    s, p = _half_square_expm1(t)
    a, d, _ = _tail(t)
    tail = s * ((a + a * p) / d)
    return jnp.where(jnp.abs(x) < _CENTRE, _centre(x), jnp.where(x > 0, 1.0 - tail, tail))


@differentiable(lambda x: gelu_slope(x))
def gelu(x: Any) -> jax.Array:
    """``x Phi(x)``."""
    if x.dtype == jnp.float64:
        return jnp.maximum(x, -_FAR) * _cdf64(x)
    t = jnp.clip(jnp.abs(x), _CENTRE, _END)
    s, p = _half_square_expm1(t)
    a, _, w = _tail(t)
    q = w * a
    # x Phi(x) = x - x Phi(-x) for positive x: one formula serves both sides.
    outer = jnp.maximum(x, 0.0) - s * (q + q * p)
    return jnp.where(jnp.abs(x) < _CENTRE, x * _centre(x), outer)


@differentiable(lambda x: (2.0 - near(x) * near(x)) * normal_density(x))
def gelu_slope(x: Any) -> jax.Array:
    """``Phi(x) + x phi(x)``, the slope of ``gelu``."""
    if x.dtype == jnp.float64:
        return _cdf64(x) + near(x) * normal_density(x)
    # [-0.75, 0.75], degree 11, error 6e-10.
    inner = 0.5 + x * horner(
        x * x, 0.7978846, -0.26596212, 0.05984624, -0.009515112, 0.0011767233, -0.00011788103
    )
    t = jnp.clip(jnp.abs(x), _CENTRE, _END)
    s, p = _half_square_expm1(t)
    a, d, _ = _tail(t)
    m = a / d - t * (_INV_SQRT_2PI / 256.0)
    tail = s * (m + m * p)
    return jnp.where(jnp.abs(x) < _CENTRE, inner, jnp.where(x > 0, 1.0 - tail, tail))
