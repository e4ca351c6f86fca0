"""Functions across an axis whose values form a probability distribution with exact zeros."""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from jaxact._arrays import array_function, wide
from jaxact.activations._slices import (
    Axis,
    Mask,
    as_mask,
    centred,
    largest,
    merged,
    with_total_derivative,
)

# Bisection of float64 ends sooner.
_MOST_STEPS = 80


@functools.partial(array_function, static=("axis",))
def sparsemax(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Sparsemax: the nearest probability distribution, in the Euclidean norm.

    .. math:: \max(x_i - \tau, 0), \quad \sum_j \max(x_j - \tau, 0) = 1

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the values sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0.

    Returns:
        Array with the shape and dtype of ``x``. Entries that are 0 have derivative 0.

    Example:
        >>> sparsemax(jnp.array([2.0, 1.5, 0.1]))
        Array([0.75, 0.25, 0.  ], dtype=float32)

    References:
        Martins and Astudillo, 2016, https://arxiv.org/abs/1602.02068
    """
    x = jnp.asarray(x)
    mask, top, gaps = _gaps(x, where, axis)
    ranked, ranks = _ranked(gaps, axis)
    sums = jnp.cumsum(ranked, axis=-1)
    support = _size(1.0 + ranks * ranked > sums, -1)
    threshold = (_entry(sums, support) - 1.0) / support.astype(sums.dtype)
    threshold = threshold.reshape(top.shape)
    # One step of Newton's method takes off the rounding of the cumulative sums.
    above = jnp.maximum(gaps - threshold, 0.0)
    excess = above.sum(axis, keepdims=True) - 1.0
    threshold = threshold + excess / _size(above > 0, axis).astype(above.dtype)
    return _sparsemax(axis, x, mask, (top, threshold))


@functools.partial(array_function, static=("axis",))
def entmax15(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Entmax with alpha = 1.5, halfway between softmax and sparsemax.

    .. math:: \max(x_i / 2 - \tau, 0)^2, \quad \sum_j \max(x_j / 2 - \tau, 0)^2 = 1

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the values sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0.

    Returns:
        Array with the shape and dtype of ``x``. Entries that are 0 have derivative 0.

    Example:
        >>> entmax15(jnp.array([2.0, 1.0, -1.0]))
        Array([0.8307, 0.1693, 0.    ], dtype=float32)

    References:
        Peters et al., 2019, https://arxiv.org/abs/1905.05702
    """
    x = jnp.asarray(x)
    mask, top, gaps = _gaps(x, where, axis)
    half = 0.5 * gaps
    ranked, ranks = _ranked(half, axis)
    # Algorithm 2 of the paper: the threshold for every size of the support.
    mean = jnp.cumsum(ranked, axis=-1) / ranks
    spread = jnp.cumsum(ranked * ranked, axis=-1) - ranks * mean * mean
    thresholds = mean - jnp.sqrt(jnp.maximum(1.0 - spread, 0.0) / ranks)
    threshold = _entry(thresholds, _size(thresholds < ranked, -1)).reshape(top.shape)
    # Two steps of Newton's method take off the rounding of the cumulative sums.
    for _ in range(2):
        root = jnp.maximum(half - threshold, 0.0)
        excess = (root * root).sum(axis, keepdims=True) - 1.0
        slope = 2.0 * root.sum(axis, keepdims=True)
        threshold = threshold + excess / jnp.where(slope == 0, 1.0, slope)
    return _entmax15(axis, x, mask, (top, threshold))


def entmax(
    x: ArrayLike, alpha: ArrayLike = 1.5, axis: Axis = -1, where: ArrayLike | None = None
) -> jax.Array:
    r"""Entmax: softmax at alpha = 1, sparsemax at 2, sparser the larger alpha.

    .. math:: \max((\alpha - 1) x_i - \tau, 0)^{1 / (\alpha - 1)}, \quad \text{with sum } 1

    Args:
        x: input array, any shape.
        alpha: a number of at least 1; it may be traced and differentiated. A traced one that is
            smaller gives NaN.
        axis: the axis or axes along which the values sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0.

    Returns:
        Array with the shape and dtype of ``x``. Entries that are 0 have derivative 0.

    Raises:
        ValueError: if alpha is less than 1.

    Example:
        >>> entmax(jnp.array([2.0, 1.0, -1.0]))
        Array([0.8307, 0.1693, 0.    ], dtype=float32)
        >>> entmax(jnp.array([2.0, 1.5, 0.1]), alpha=2.0)
        Array([0.75, 0.25, 0.  ], dtype=float32)

    References:
        Peters et al., 2019, https://arxiv.org/abs/1905.05702
    """
    if isinstance(alpha, int | float | np.generic) and not alpha >= 1:
        raise ValueError(f"alpha of entmax must be at least 1, got {alpha}")
    return _entmax(x, alpha, axis, where)


@functools.partial(array_function, static=("axis",))
def _entmax(
    x: ArrayLike, alpha: ArrayLike = 1.5, axis: Axis = -1, where: ArrayLike | None = None
) -> jax.Array:
    x = jnp.asarray(x)
    alpha = jnp.asarray(alpha).astype(wide(x).dtype)
    mask, top, gaps = _gaps(x, where, axis, lowest=-jnp.inf)
    threshold = _found_threshold(axis, gaps, top, lax.stop_gradient(alpha) - 1.0)
    return _entmax_alpha(axis, x, mask, (top, threshold), jnp.where(alpha >= 1.0, alpha, jnp.nan))


def _gaps(
    x: jax.Array, where: ArrayLike | None, axis: Axis, lowest: float = -2.0
) -> tuple[Mask, jax.Array, jax.Array]:
    """Mask, maximum, and the distances below it; beyond ``lowest`` an entry gets 0 anyway."""
    mask = as_mask(x, where)
    constant = wide(lax.stop_gradient(x))
    top = largest(constant, mask, axis)
    return mask, top, jnp.maximum(centred(constant, mask, top), lowest)


def _ranked(gaps: jax.Array, axis: Axis) -> tuple[jax.Array, jax.Array]:
    """Slices along one last axis, from the largest entry, and the ranks from 1."""
    slices = merged(gaps, axis)
    return -jnp.sort(-slices, -1), jnp.arange(1, slices.shape[-1] + 1).astype(gaps.dtype)


def _size(support: jax.Array, axis: Axis) -> jax.Array:
    """Number of entries of each slice's support, at least 1."""
    return jnp.maximum(jnp.sum(support, axis, keepdims=True, dtype=jnp.int32), 1)


def _entry(ranked: jax.Array, rank: jax.Array) -> jax.Array:
    """The entry of a rank, counted from 1, in each slice."""
    if not ranked.size:
        return jnp.zeros(rank.shape, ranked.dtype)
    return jnp.take_along_axis(ranked, rank - 1, -1)


def _power_exp(w: jax.Array, beta: jax.Array) -> jax.Array:
    """``max(1 + beta w, 0)^(1 / beta)``, the exponential at ``beta = 0``."""
    inside = beta * w > -1.0
    safe = jnp.where(beta == 0, 1.0, beta)
    power = jnp.log1p(jnp.where(inside, safe * w, 0.0)) / safe
    return jnp.where(
        inside,
        jnp.exp(jnp.where(beta == 0, w, power)),
        jnp.where(jnp.isnan(w) | jnp.isnan(beta), jnp.nan, 0.0),
    )


def _found_threshold(axis: Axis, gaps: jax.Array, top: jax.Array, beta: jax.Array) -> jax.Array:
    """Where the sum of ``_power_exp(gaps - threshold, beta)`` is 1.

    Newton's method from the left while the sum is convex, for ``beta`` up to 1; else bisection.
    """
    # The largest entry has a share between 1 / length and 1.
    log_length = math.log(max(gaps.size // max(top.size, 1), 1))
    safe = jnp.where(beta == 0, 1.0, beta)
    furthest = jnp.where(beta == 0, log_length, -jnp.expm1(-safe * log_length) / safe)
    # Zeros made from the input: in shard_map a loop's state has to vary as the input does.
    zero = jnp.where(top + beta > 0, 0.0, 0.0).astype(gaps.dtype)
    tolerance = 2.0 * float(jnp.finfo(gaps.dtype).eps)

    def step(state: Any) -> Any:
        i, low, high, threshold, _ = state
        share = _power_exp(gaps - threshold, beta)
        excess = share.sum(axis, keepdims=True) - 1.0
        low, high = jnp.where(excess > 0, threshold, low), jnp.where(excess > 0, high, threshold)
        newton = threshold + excess / _weights(share, beta + 1.0).sum(axis, keepdims=True)
        fits = (beta <= 1.0) & (newton >= low) & (newton <= high)
        new = jnp.where(fits, newton, 0.5 * (low + high))
        return i + 1, low, high, new, abs(new - threshold)

    def unfinished(state: Any) -> jax.Array:
        i, _, _, threshold, moved = state
        return (i < _MOST_STEPS) & jnp.any(moved > tolerance * (1.0 + threshold))

    start = (0, zero, zero + 1.001 * furthest, zero, zero + jnp.inf)
    return lax.while_loop(unfinished, step, start)[3]


def _weights(y: jax.Array, alpha: jax.Array) -> jax.Array:
    """``y^(2 - alpha)`` on the support, the slope of each entry by its own input."""
    support = y > 0
    logarithm = jnp.log(jnp.where(support, y, 1.0))
    return jnp.where(support, jnp.exp((2.0 - alpha) * logarithm), 0.0)


def _sparsemax_value(x: jax.Array, mask: Mask, statistics: Any) -> jax.Array:
    top, threshold = statistics
    return jnp.maximum(centred(x, mask, top) - threshold, 0.0)


def _sparsemax_derivative(axis: Axis, support: jax.Array, tangent: jax.Array) -> jax.Array:
    mean = _mean(axis, support.astype(tangent.dtype), tangent)
    return jnp.where(support, tangent - mean, 0.0)


def _entmax15_value(x: jax.Array, mask: Mask, statistics: Any) -> jax.Array:
    top, threshold = statistics
    return jnp.maximum(0.5 * centred(x, mask, top) - threshold, 0.0) ** 2


def _entmax15_derivative(axis: Axis, y: jax.Array, tangent: jax.Array) -> jax.Array:
    weights = jnp.where(y > 0, jnp.sqrt(jnp.where(y > 0, y, 1.0)), 0.0)
    return weights * (tangent - _mean(axis, weights, tangent))


def _entmax_value(x: jax.Array, mask: Mask, statistics: Any, alpha: jax.Array) -> jax.Array:
    top, threshold = statistics
    return _power_exp(centred(x, mask, top) - threshold, alpha - 1.0)


def _entmax_derivative(axis: Axis, y: jax.Array, tangent: jax.Array, alpha: jax.Array) -> jax.Array:
    weights = _weights(y, alpha)
    return weights * (tangent - _mean(axis, weights, tangent))


def _entmax_alpha_derivative(axis: Axis, y: jax.Array, alpha: jax.Array) -> jax.Array:
    """At fixed threshold ``-y L^2 (e^q - 1 - q) / q^2``, with ``L = ln y, q = (1 - alpha) L``."""
    support, beta = y > 0, alpha - 1.0
    logarithm = jnp.log(jnp.where(support, y, 1.0))
    q = -beta * logarithm
    small = abs(q) < 0.1
    safe = jnp.where(small, 1.0, q)
    series = 0.5 + q * (1 / 6 + q * (1 / 24 + q * (1 / 120 + q * (1 / 720 + q / 5040))))
    bend = jnp.where(small, series, (jnp.expm1(safe) - safe) / (safe * safe))
    own = -y * logarithm * logarithm * bend
    weights = _weights(y, alpha)
    total = weights.sum(axis, keepdims=True)
    return own - weights * (own.sum(axis, keepdims=True) / jnp.where(total == 0, 1.0, total))


def _mean(axis: Axis, weights: jax.Array, tangent: jax.Array) -> jax.Array:
    total = weights.sum(axis, keepdims=True)
    weighted = (weights * tangent).sum(axis, keepdims=True)
    return weighted / jnp.where(total == 0, 1.0, total)


_sparsemax = with_total_derivative(_sparsemax_value, _sparsemax_derivative, keep=lambda y: y > 0)
_entmax15 = with_total_derivative(_entmax15_value, _entmax15_derivative)
_entmax_alpha = with_total_derivative(
    _entmax_value, _entmax_derivative, parameter_derivative=_entmax_alpha_derivative
)
