"""What the kernels share: the exponential in pieces, splitting, and closed-form derivatives.

XLA may or may not contract ``a * b + c`` into one rounding. The kernels give the same bounds
either way: a product that has to be exact has factors of few enough bits.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

Function = Callable[[Any], jax.Array]

# The density of the normal law is 0 beyond this in every dtype.
_FAR = 40.0


def differentiable(slope: Function) -> Callable[[Function], Function]:
    """Decorator: a function of one array whose derivative is ``slope``, to any order.

    Args:
        slope: the derivative, made of functions that are differentiable in turn.

    Returns:
        A decorator for a function of one array.
    """

    def decorate(formula: Function) -> Function:
        function = jax.custom_jvp(formula)

        @function.defjvp
        def rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
            (x,), (tangent,) = primals, tangents
            return function(x), slope(x) * tangent

        @functools.wraps(formula)
        def differentiable_function(x: Any) -> jax.Array:
            return function(jnp.asarray(x))

        return differentiable_function

    return decorate


def near(x: jax.Array) -> jax.Array:
    """``x`` where a factor that decays like a density is not 0, else 0: no inf times 0."""
    return jnp.where(jnp.abs(x) < _FAR, x, 0.0)


def finite(x: jax.Array) -> jax.Array:
    """``x`` with the largest numbers in place of infinities."""
    largest = jnp.finfo(x.dtype).max
    return jnp.clip(x, -largest, largest)


def horner(x: jax.Array, *coefficients: float) -> jax.Array:
    """Polynomial with the coefficients of ``1, x, x^2, ...``, two of them at least."""
    # Arrays of a constant would be carried through the loop of a scan: numbers are not.
    value = x * coefficients[-1] + coefficients[-2]
    for c in coefficients[-3::-1]:
        value = value * x + c
    return value


def shared(q: jax.Array) -> jax.Array:
    """A finite quotient (or root, or logarithm) that several operations use.

    XLA does not compute a division twice: it would write the quotient, or what it is made of,
    to memory, and keep that for the backward pass. An operation as cheap as this one it repeats.
    """
    return jnp.maximum(q, jnp.finfo(q.dtype).min)


def reduced_expm1(
    y: jax.Array, low: jax.Array | None = None, whole: jax.Array | None = None
) -> tuple[jax.Array, jax.Array]:
    """``n`` and ``p`` with ``exp(y + low) = 2^n (1 + p)`` in float32, ``n`` a whole number.

    Args:
        y: high part of the exponent.
        low: what is to be added to it.
        whole: about the sum of both; left out where ``low`` is in [-0.1, 0.01].

    Returns:
        ``n`` and ``p``, ``p`` between -0.37 and 0.43, both with the shape of ``y``.
    """
    whole = y if whole is None else whole
    n = lax.round(whole * 1.4426950408889634, lax.RoundingMethod.TO_NEAREST_EVEN)
    # ln 2 in two parts; the first has 9 bits, so n times it is exact.
    r = (y - n * 0.693359375) + n * 2.1219444e-4
    if low is not None:
        r = r + low
    # [-0.45, 0.36], degree 7, relative error 1e-9.
    q = horner(r, 0.5, 0.16666661, 0.04166643, 0.008334785, 0.0013938552, 0.0001904843)
    return n, r + r * r * q


def power_of_two(n: jax.Array) -> jax.Array:
    """``2^n`` in float32 for whole ``n`` in [-127, 128]; the ends give 0 and inf."""
    # The last bits of the sum's significand are n + 127, the exponent of the answer.
    bits = lax.bitcast_convert_type(n + (12582912.0 + 127.0), jnp.int32)
    return lax.bitcast_convert_type(bits << 23, jnp.float32)


def scaled_exp(
    y: jax.Array,
    low: jax.Array | None = None,
    whole: jax.Array | None = None,
    scale: float = 0.0,
) -> jax.Array:
    """``2^scale exp(y + low)`` in float32, for results up to 2^127; 0 below the normal numbers.

    Args:
        y: high part of the exponent, at least ``-(127 + scale) ln 2``, where the result is 0.
        low: small addition to the exponent.
        whole: as for ``reduced_expm1``.
        scale: a power of two that keeps digits that the caller multiplies up again.

    Returns:
        Array of the shape of ``y``.
    """
    n, p = reduced_expm1(y, low, whole)
    s = power_of_two(n + scale)
    return s + s * p


def rough_exp2(y: jax.Array, scale: float = 0.0) -> jax.Array:
    """``2^(scale + y)`` in float32, whose error is that of ``y``, for a term of a larger sum."""
    n = lax.round(y, lax.RoundingMethod.TO_NEAREST_EVEN)
    # [-0.5, 0.5], degree 6, relative error 2e-8.
    p = horner(
        y - n, 1.0, 0.6931472, 0.2402265, 0.05550327, 0.009618057, 0.0013400428, 0.00015461445
    )
    return power_of_two(n + scale) * p


def leading(x: jax.Array, bits: int) -> jax.Array:
    """``x`` (float32) cut to its leading ``bits`` bits: short factors have exact products."""
    mask = -(1 << (24 - bits))
    pattern = lax.bitcast_convert_type(x, jnp.int32)
    return lax.bitcast_convert_type(pattern & mask, jnp.float32)


def with_sign(size: jax.Array, x: jax.Array) -> jax.Array:
    """``size`` (float32, no sign) with the sign of ``x``, that of a zero included."""
    bits = lax.bitcast_convert_type(x, jnp.int32)
    answer = lax.bitcast_convert_type(size, jnp.int32) | (bits & -(2**31))
    return lax.bitcast_convert_type(answer, jnp.float32)


def soft_sign_slope(x: jax.Array) -> jax.Array:
    """``1 / (1 + |x|)^2``, the derivative of ``x / (1 + |x|)``."""
    u = 1.0 / (1.0 + jnp.abs(x))
    return u * u
