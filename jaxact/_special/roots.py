"""Square roots of a square plus a constant, at every exponent, and their derivatives.

Squares overflow from 2^64 on in float32. Beyond 2^60 the constant no longer counts.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

_FAR = 2.0**60

Dual = tuple[jax.Array, jax.Array]
"""A value and its tangent."""


def root(x: jax.Array, b: Any) -> jax.Array:
    """``sqrt(x^2 + b)``."""
    size = jnp.abs(x)
    near = jnp.minimum(size, _FAR)
    return jnp.maximum(size, jnp.sqrt(near * near + b))


# --- The inverse square root unit ------------------------------------------------------------


@jax.custom_jvp
def isru(x: jax.Array, alpha: Any) -> jax.Array:
    """``x / sqrt(1 + alpha x^2)``."""
    size, near = _scaled(x, alpha)
    far = jnp.sign(x) / jnp.sqrt(alpha)
    return jnp.where(size > _FAR, far, x / jnp.sqrt(1.0 + near * near))


@isru.defjvp
def _isru_rule(primals: Any, tangents: Any) -> Dual:
    (x, alpha), (tx, ta) = primals, tangents
    y = isru(x, alpha)
    return y, isru_slope(x, alpha) * tx - 0.5 * y**3 * ta


@jax.custom_jvp
def isru_slope(x: jax.Array, alpha: Any) -> jax.Array:
    """``(1 + alpha x^2)^(-3/2)``."""
    size, _ = _scaled(x, alpha)
    # The third power of this fits; beyond it the slope is below the normal numbers.
    end = 2.0 ** ((jnp.finfo(x.dtype).maxexp - 2) // 3)
    near = jnp.minimum(size, end)
    q = 1.0 + near * near
    return jnp.where(size > end, 0.0, 1.0 / (q * jnp.sqrt(q)))


@isru_slope.defjvp
def _isru_slope_rule(primals: Any, tangents: Any) -> Dual:
    (x, alpha), (tx, ta) = primals, tangents
    slope, y = isru_slope(x, alpha), isru(x, alpha)
    return slope, -1.5 * slope * y * (2.0 * alpha * _decay(x, alpha) * tx + y * ta)


@jax.custom_jvp
def _decay(x: jax.Array, alpha: Any) -> jax.Array:
    """``1 / sqrt(1 + alpha x^2)``."""
    size, near = _scaled(x, alpha)
    return 1.0 / jnp.maximum(size, jnp.sqrt(1.0 + near * near))


@_decay.defjvp
def _decay_rule(primals: Any, tangents: Any) -> Dual:
    (x, alpha), (tx, ta) = primals, tangents
    u, y = _decay(x, alpha), isru(x, alpha)
    return u, -0.5 * u * y * (2.0 * alpha * u * tx + y * ta)


def _scaled(x: jax.Array, alpha: Any) -> tuple[jax.Array, jax.Array]:
    """``sqrt(alpha) |x|``, and that cut to what has a square."""
    # An infinite x times an alpha of 0 would be NaN.
    size = jnp.sqrt(alpha) * jnp.minimum(jnp.abs(x), jnp.finfo(x.dtype).max)
    return size, jnp.minimum(size, _FAR)


# --- Squareplus ------------------------------------------------------------------------------


@jax.custom_jvp
def squareplus(x: jax.Array, b: Any) -> jax.Array:
    """``(x + sqrt(x^2 + b)) / 2``."""
    size = jnp.abs(x)
    larger = jnp.maximum(size, jnp.sqrt(size * size + b))
    half = jnp.where(size > _FAR, size, 0.5 * (size + larger))
    return jnp.where(x >= 0, half, 0.25 * b / jnp.maximum(half, jnp.finfo(x.dtype).tiny))


@squareplus.defjvp
def _squareplus_rule(primals: Any, tangents: Any) -> Dual:
    (x, b), (tx, tb) = primals, tangents
    y = squareplus(x, b)
    return y, squareplus_slope(y, b) * tx + 0.25 * _one_over_root(x, b) * tb


@jax.custom_jvp
def squareplus_slope(y: jax.Array, b: Any) -> jax.Array:
    """``y^2 / (y^2 + b / 4)``: the slope of squareplus where its value is ``y``."""
    near = jnp.minimum(y, _FAR)
    square = near * near
    return square / jnp.maximum(square + 0.25 * b, jnp.finfo(y.dtype).tiny)


@squareplus_slope.defjvp
def _squareplus_slope_rule(primals: Any, tangents: Any) -> Dual:
    (y, b), (ty, tb) = primals, tangents
    total = y * y + 0.25 * b
    share = 1.0 / jnp.where(total == 0, 1.0, total)
    out = (0.5 * b * (y * share) * share) * ty - 0.25 * (y * share) ** 2 * tb
    return squareplus_slope(y, b), out


@jax.custom_jvp
def _one_over_root(x: jax.Array, b: Any) -> jax.Array:
    """``1 / sqrt(x^2 + b)``, cut where its third power would overflow."""
    return 1.0 / jnp.maximum(root(x, b), 1e-12)


@_one_over_root.defjvp
def _one_over_root_rule(primals: Any, tangents: Any) -> Dual:
    (x, b), (tx, tb) = primals, tangents
    u = _one_over_root(x, b)
    return u, -(x * u) * u**2 * tx - 0.5 * u**3 * tb
