"""The GELU with a tanh in it, as ``x sigmoid(w)``, ``w = sqrt(8 / pi) (x + 0.044715 x^3)``."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxact._special.core import differentiable, leading, near, scaled_exp

_A = math.sqrt(8.0 / math.pi)
_B = 0.044715 * _A
# Leading bits of both: 16 and 8.
_A1, _B1 = 52290.0 / 32768.0, 73.0 / 1024.0
# exp(-w) is 2^-135 here.
_END = 10.265


def _tail_exp(t: jax.Array) -> jax.Array:
    """``256 exp(-(A t + B t^3))`` in float32, for ``t`` in [0, 10.265]."""
    h = leading(t, 8)
    rest = t - h
    c = _A + _B * (t * t)
    # The bracket A + B t^2 and its product with t, each as a high and a low part.
    high = leading(c, 16)
    low = ((_A1 - high) + _B1 * (h * h)) + (
        (_A - _A1) + ((_B - _B1) * (h * h) + _B * (rest * (t + h)))
    )
    return scaled_exp(-h * high, -(h * low + rest * c), -c * t, scale=8.0)


def _tail_sigmoid(t: jax.Array) -> jax.Array:
    """``256 / (1 + exp(A t + B t^3))`` in float32, for ``t`` in [0, 10.265]."""
    e = _tail_exp(t)
    return e / (1.0 + e / 256.0)


def _exp64(x: jax.Array) -> jax.Array:
    """``exp(-|w|)`` in float64."""
    t = jnp.minimum(jnp.abs(x), 40.0)
    return lax.exp(-t * (_A + _B * t * t))


def _slope(x: jax.Array) -> jax.Array:
    """Derivative of the exponent."""
    return _A + 3.0 * _B * x * x


@differentiable(lambda x: gelu_tanh_slope(x))
def gelu_tanh(x: Any) -> jax.Array:
    """``x sigmoid(w)``."""
    if x.dtype == jnp.float64:
        e = _exp64(x)
        return jnp.maximum(x, 0.0) - jnp.minimum(jnp.abs(x), 40.0) * e / (1.0 + e)
    # x / (1 + e) = x - x e / (1 + e) for positive x: one formula serves both sides.
    t = jnp.minimum(jnp.abs(x), _END)
    return jnp.maximum(x, -0.0) - t * _tail_sigmoid(t) / 256.0


@differentiable(lambda x: _curvature(x))
def gelu_tanh_slope(x: Any) -> jax.Array:
    """``sigmoid(w) + x w' sigmoid(w) (1 - sigmoid(w))``."""
    if x.dtype == jnp.float64:
        t = jnp.minimum(jnp.abs(x), 40.0)
        e = _exp64(x)
        s = e * ((1.0 + e) - t * _slope(t)) / ((1.0 + e) * (1.0 + e))
    else:
        t = jnp.minimum(jnp.abs(x), _END)
        e = _tail_exp(t)
        d = 1.0 + e / 256.0
        s = e * ((d - t * _slope(t)) / (d * d)) / 256.0
    return jnp.where(x > 0, 1.0 - s, s)


def _tail_ratio(x: jax.Array) -> jax.Array:
    """``sigmoid(-|w|)``."""
    if x.dtype == jnp.float64:
        e = _exp64(x)
        return e / (1.0 + e)
    return _tail_sigmoid(jnp.minimum(jnp.abs(x), _END)) / 256.0


@differentiable(lambda x: _bump(x) * _slope(near(x)))
def _gate(x: Any) -> jax.Array:
    """``sigmoid(w)``."""
    q = _tail_ratio(x)
    return jnp.where(x > 0, 1.0 - q, q)


def _bump_slope(x: jax.Array) -> jax.Array:
    return _bump(x) * _slope(near(x)) * (1.0 - 2.0 * _gate(x))


@differentiable(_bump_slope)
def _bump(x: Any) -> jax.Array:
    """``sigmoid(w) (1 - sigmoid(w))``."""
    q = _tail_ratio(x)
    return q - q * q


def _curvature(x: jax.Array) -> jax.Array:
    """Second derivative of ``gelu_tanh``."""
    y = near(x)
    w = _slope(y)
    return _bump(x) * (2.0 * w + y * (6.0 * _B * y - w * w * (2.0 * _gate(x) - 1.0)))
