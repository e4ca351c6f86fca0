"""Tails that lose nothing: exponents in two parts, factors that do not underflow too early.

The kernels give ``2^24`` times their function. Who multiplies first and by :data:`UNSCALE` last
keeps products that are normal numbers although a factor is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxact._special.core import (
    differentiable,
    horner,
    leading,
    power_of_two,
    scaled_exp,
    shared,
)
from jaxact._special.exponential import expm1, sigmoid, sigmoid_slope, tanh

Low = jax.Array | None
Kernel = Callable[..., jax.Array]

SCALE = 2.0**24
UNSCALE = 2.0**-24

FAR = 1000.0
"""``exp(-x)`` is 0 beyond this in every dtype."""


# --- Products and quotients --------------------------------------------------------------------


def product(a: jax.Array | float, x: jax.Array) -> tuple[jax.Array, Low]:
    """``a x`` as a float32 and a correction; the factors have to be of moderate size."""
    if x.dtype == jnp.float64:
        return a * x, None
    # A constant has more digits than a float32 takes.
    g = leading(a, 12) if isinstance(a, jax.Array) else round(a * 1024.0) / 1024.0
    h = leading(x, 12)
    return h * g, (x - h) * g + x * (a - g)


def quotient(x: jax.Array, b: jax.Array) -> tuple[jax.Array, Low]:
    """``x / b`` as a float32 and a correction; the quotient has to be of moderate size."""
    q = x / b
    if x.dtype == jnp.float64:
        return q, None
    q = shared(q)
    qh, bh = leading(q, 12), leading(b, 12)
    ql, bl = q - qh, b - bh
    rest = (((x - qh * bh) - qh * bl) - ql * bh) - ql * bl
    return q, lax.stop_gradient(shared(rest / b))


def bounded(x: jax.Array) -> jax.Array:
    """``x`` cut to where an exponential of it may count."""
    return jnp.clip(x, -FAR, FAR)


def within(x: jax.Array, scale: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Where ``x / scale`` is not far out, ``x`` there and else 0, and the scale, but 1 for 0."""
    inside = ~(jnp.abs(x) >= FAR * scale)
    return inside, jnp.where(inside, x, 0.0), jnp.where(scale == 0, 1.0, scale)


def times_scaled(x: jax.Array, scaled: jax.Array) -> jax.Array:
    """``x`` times a scaled number of at most ``2^24``, at any size of either."""
    tiny = scaled < 1.0
    moderate = jnp.where(tiny & (jnp.abs(x) < 1e30), x, 0.0)
    return jnp.where(tiny, (moderate * scaled) * UNSCALE, x * (scaled * UNSCALE))


# --- Functions of an exponent in two parts -----------------------------------------------------


def decay(y: jax.Array, low: Low = None) -> jax.Array:
    """``2^24 exp(y + low)`` for sums up to 60, without a derivative of its own."""
    if y.dtype == jnp.float64:
        return lax.exp(_sum(y, low)) * SCALE
    y = jnp.clip(y, -104.6, 60.0)
    if low is None:
        return scaled_exp(y, scale=24)
    # The sum may lie beyond the end of the first.
    return scaled_exp(y, low, whole=jnp.maximum(y + low, -104.6), scale=24)


def _sum(y: jax.Array, low: Low) -> jax.Array:
    return y if low is None else y + low


def _differentiable(relative_slope: Kernel) -> Callable[[Kernel], Kernel]:
    """Decorator: the derivative by the sum of the arguments is that multiple of the function."""

    def decorate(formula: Kernel) -> Kernel:
        function = jax.custom_jvp(formula)

        @function.defjvp
        def rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
            value = function(*primals)
            return value, value * relative_slope(_sum(*primals)) * _sum(*tangents)

        def kernel(y: jax.Array, low: Low = None) -> jax.Array:
            return function(y, low)

        kernel.__doc__ = formula.__doc__
        return kernel

    return decorate


@_differentiable(jnp.ones_like)
def scaled_power(y: jax.Array, low: Low) -> jax.Array:
    """``2^24 exp(y + low)`` for sums up to 60."""
    return decay(y, low)


def scaled_gaussian(x: jax.Array, factor: float) -> jax.Array:
    """``2^24 exp(-factor x^2)``, for factors of few digits."""
    end = 40.0 if x.dtype == jnp.float64 else (104.0 / factor) ** 0.5
    t = jnp.clip(x, -end, end)
    # The square in two parts: its rounding error would show in the answer's first digits.
    h = leading(t, 12) if t.dtype == jnp.float32 else lax.stop_gradient(jnp.round(t))
    return scaled_power(-factor * (h * h), -factor * ((t - h) * (t + h)))


@_differentiable(lambda y: sigmoid(-y))
def scaled_sigmoid(y: jax.Array, low: Low) -> jax.Array:
    """``2^24 sigmoid(y + low)``."""
    e = decay(*_minus_size(y, low))
    return shared(jnp.where(_sum(y, low) < 0, e, SCALE) / (1.0 + e * UNSCALE))


@_differentiable(lambda y: -tanh(0.5 * y))
def scaled_bell(y: jax.Array, low: Low) -> jax.Array:
    """``2^24 sigmoid'(y + low)``."""
    e = decay(*_minus_size(y, low))
    d = 1.0 + e * UNSCALE
    return shared(e / (d * d))


def _minus_size(y: jax.Array, low: Low) -> tuple[jax.Array, Low]:
    if low is None:
        return -jnp.abs(y), None
    left = y + low < 0
    return jnp.where(left, y, -y), jnp.where(left, low, -low)


# --- The silu ----------------------------------------------------------------------------------


def logistic_gate(x: jax.Array, t: jax.Array, e: jax.Array) -> jax.Array:
    """``x / (1 + e)`` right, ``x e / (1 + e)`` left, of ``t = |x|`` and ``2^24 e``."""
    # x / (1 + e) = x - x e / (1 + e): one formula serves both sides.
    return jnp.maximum(x, -0.0) - (t * e) / (SCALE + e)


@jax.custom_jvp
def silu_slope(z: Any, low: Any = None, factor: Any = None) -> jax.Array:
    """Slope of the silu at ``z + low``, times a factor."""
    if low is None:
        t = jnp.minimum(jnp.abs(z), FAR)
        e = decay(-t)
    else:
        t = jnp.minimum(jnp.abs(z + low), FAR)
        e = decay(-jnp.abs(z), jnp.where(z < 0, low, -low))
    r = shared(1.0 / (SCALE + e))
    # First the bracket, which is large where e is about to underflow.
    s = r * (1.0 - t * (SCALE * r))
    if factor is None:
        s = e * s
        return jnp.where(z > 0, 1.0 - s, s)
    s = e * (factor * s)
    return jnp.where(z > 0, factor - s, s)


@silu_slope.defjvp
def _silu_slope_rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    z, low, factor = primals
    z = bounded(z if low is None else z + low)
    curvature = sigmoid_slope(z) * (2.0 - z * tanh(0.5 * z))
    step = curvature * (tangents[0] if low is None else tangents[0] + tangents[1])
    if factor is not None:
        step = factor * step + silu_slope(z, low) * tangents[2]
    return silu_slope(*primals), step


@differentiable(silu_slope)
def silu(x: Any) -> jax.Array:
    """``x sigmoid(x)``."""
    t = jnp.minimum(jnp.abs(x), FAR)
    return logistic_gate(x, t, decay(-t))


# --- Gumbel's distribution ---------------------------------------------------------------------


@differentiable(lambda x: scaled_gumbel(x))
def scaled_cloglog(x: Any) -> jax.Array:
    """``2^24 (1 - exp(-e^x))``."""
    e = decay(jnp.minimum(x, 7.0))
    return jnp.where(x < -40.0, e, -SCALE * expm1(-e * UNSCALE))


def _gumbel_slope(x: jax.Array) -> jax.Array:
    return -scaled_gumbel(x) * expm1(jnp.minimum(x, 7.0))


@differentiable(_gumbel_slope)
def scaled_gumbel(x: Any) -> jax.Array:
    """``2^24 exp(x - e^x)``."""
    if x.dtype == jnp.float64:
        x = jnp.minimum(x, 7.0)
        return SCALE * lax.exp(x - lax.exp(x))
    n, high, low = _exp_in_parts(jnp.clip(x, -88.0, 4.7))
    s = power_of_two(n)
    left = x < 0
    e = decay(jnp.where(left, x, -s * high), jnp.where(left, -s * (high + low), -s * low))
    return e * jnp.where(left, 1.0, s * (high + low))


def _exp_in_parts(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """``n``, ``high`` and ``low`` with ``exp(x) = 2^n (high + low)``; ``high`` has 16 bits."""
    n = lax.round(x * 1.4426950408889634, lax.RoundingMethod.TO_NEAREST_EVEN)
    r1, r2 = x - n * 0.693359375, n * 2.1219444e-4
    r = r1 + r2
    h = leading(r, 12)
    rest = (r1 - h) + r2
    cubic = r * r * r * horner(r, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320)
    small = r2 + (rest * (h + 0.5 * rest) + cubic)
    high = leading(1.0 + r1 + 0.5 * h * h, 16)
    return n, high, (((1.0 - high) + r1) + 0.5 * h * h) + small
