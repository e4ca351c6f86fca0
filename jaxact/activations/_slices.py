"""What functions across an axis share: masks, centring, and derivatives from the output.

A slice is what the function works on: the entries along the axis or axes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero
from jax.typing import ArrayLike

from jaxact._arrays import wide

Axis = int | tuple[int, ...] | None
Mask = jax.Array | None


def as_mask(x: jax.Array, where: ArrayLike | None) -> Mask:
    """``where`` as booleans of the shape of ``x``."""
    return None if where is None else jnp.broadcast_to(jnp.asarray(where, bool), x.shape)


def masked(x: jax.Array, mask: Mask, fill: float) -> jax.Array:
    """``x`` with ``fill`` in place of masked entries."""
    return x if mask is None else jnp.where(mask, x, fill)


def largest(x: jax.Array, mask: Mask, axis: Axis) -> jax.Array:
    """Maximum of each slice, minus infinity where all is masked."""
    return jnp.max(masked(x, mask, -jnp.inf), axis, keepdims=True, initial=-jnp.inf)


def centred(x: jax.Array, mask: Mask, top: jax.Array) -> jax.Array:
    """``x`` minus its maximum; entries at an infinite maximum become 0, other ones -inf."""
    # Only sums, minima and maxima: XLA fuses them on processors, and no comparisons.
    big = float(jnp.finfo(x.dtype).max)
    gaps = (x - jnp.clip(top, -big, big)) - jnp.where(top == jnp.inf, big, 0.0)
    gaps = jnp.maximum(jnp.minimum(gaps, 0.0), jnp.where(top == -jnp.inf, 0.0, -jnp.inf))
    return masked(gaps, mask, -jnp.inf)


def over(x: jax.Array, scale: jax.Array) -> jax.Array:
    """``x / scale`` for scales up to the largest number.

    XLA multiplies by the reciprocal, which may be below the normal numbers: then it is 0.
    """
    factor = jnp.where(scale > 1.0, 0.125, 1.0)
    return (x * factor) / (scale * factor)


@jax.custom_jvp
def select(mask: jax.Array, x: jax.Array) -> jax.Array:
    """``x`` where the mask is True, else 0. The backward pass keeps the mask alone."""
    return jnp.where(mask, x, 0.0)


@select.defjvp
def _select_rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    mask, x = primals
    return select(mask, x), jax.checkpoint(select)(mask, tangents[1])


def merged(x: jax.Array, axis: Axis) -> jax.Array:
    """``x`` with its slices along one last axis."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    own = sorted(a % x.ndim for a in axes)
    others = [a for a in range(x.ndim) if a not in own]
    moved = jnp.transpose(x, (*others, *own))
    return moved.reshape(*(x.shape[a] for a in others), math.prod(x.shape[a] for a in own))


def with_total_derivative(
    value: Callable[..., jax.Array],
    derivative: Callable[..., jax.Array],
    *,
    keep: Callable[[jax.Array], jax.Array] | None = None,
    parameter_derivative: Callable[..., jax.Array] | None = None,
) -> Callable[..., jax.Array]:
    """``f(axis, x, mask, statistics, *parameters)`` with the derivative of the whole in ``x``.

    The statistics, such as a slice's maximum, depend on ``x`` as well: ``value`` takes them as
    given, the derivative accounts for them. So their own derivatives are never asked for.

    The backward pass keeps the output. An output of 16 bits is rounded, so there it keeps the
    input, and computes the output in float32 once more.

    Args:
        value: of the input in float32 or wider, its mask, the statistics and the parameters.
        derivative: of the axis, the output, its tangent and the parameters, linear in the tangent.
        keep: what the derivative takes in place of the output, where less will do.
        parameter_derivative: of the axis, the output and one parameter, if there is one.

    Returns:
        A function that keeps the dtype of ``x``.
    """

    @functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
    def f(axis: Axis, x: jax.Array, mask: Mask, statistics: Any, *parameters: Any) -> jax.Array:
        return value(wide(x), mask, statistics, *parameters).astype(x.dtype)

    @functools.partial(f.defjvp, symbolic_zeros=True)
    def rule(axis: Axis, primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
        x, mask, statistics, *parameters = primals
        y = f(axis, *primals)
        moving = (tangents[0], *tangents[3:])
        given = [None if isinstance(t, SymbolicZero) else t for t in moving]

        @jax.checkpoint
        def pull(source: jax.Array, mask: Mask, statistics: Any, parameters: Any, given: Any):
            kept = source
            if x.dtype.itemsize < 4 and keep is None:
                kept = f(axis, wide(source), mask, statistics, *parameters)
            tangent, *others = given
            terms = []
            if tangent is not None:
                t = masked(wide(tangent), mask, 0.0)
                terms.append(derivative(axis, kept, t, *parameters))
            if others and others[0] is not None and parameter_derivative is not None:
                terms.append(parameter_derivative(axis, kept, *parameters) * others[0])
            return masked(functools.reduce(jnp.add, terms), mask, 0.0).astype(x.dtype)

        if keep is not None:
            source = keep(f(axis, wide(x), *primals[1:]))
        else:
            source = y if x.dtype.itemsize >= 4 else x
        return y, pull(source, mask, statistics, parameters, given)

    return f
