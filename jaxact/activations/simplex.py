"""Functions across an axis whose values form a probability distribution: exponentials' shares."""

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from jaxact._arrays import array_function, wide
from jaxact.activations._slices import (
    Axis,
    Mask,
    as_mask,
    centred,
    largest,
    masked,
    over,
    with_total_derivative,
)


@functools.partial(array_function, static=("axis",))
def softmax(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Softmax: logits to probabilities.

    .. math:: \frac{e^{x_i}}{\sum_j e^{x_j}}

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the values sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0. A
            slice with every entry masked gives zeros.

    Returns:
        Array with the shape and dtype of ``x``. Infinite entries take their limit: entries
        equal to an infinite maximum share the probability.

    Example:
        >>> softmax(jnp.array([2.0, 1.0, 0.1]))
        Array([0.659 , 0.2424, 0.0986], dtype=float32)

    References:
        Bridle, 1990, https://doi.org/10.1007/978-3-642-76153-9_28
    """
    x = jnp.asarray(x)
    return _softmax(x, as_mask(x, where), axis)


@functools.partial(array_function, static=("axis",))
def log_softmax(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Logarithm of softmax, without its underflow.

    .. math:: x_i - \log \sum_j e^{x_j}

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the exponentials sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give minus
            infinity, with derivative 0.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> log_softmax(jnp.array([2.0, 1.0, 0.1]))
        Array([-0.417, -1.417, -2.317], dtype=float32)

    References:
        Bridle, 1990, https://doi.org/10.1007/978-3-642-76153-9_28
    """
    x = jnp.asarray(x)
    mask = as_mask(x, where)
    constant = wide(lax.stop_gradient(x))
    top = largest(constant, mask, axis)
    gaps = centred(constant, mask, top)
    # Apart from one entry at the maximum, for a sum close to 1 would lose the others. Entries
    # at the maximum have the factor 0, as a product: XLA does not fuse comparisons.
    other = jnp.minimum(-gaps * float(jnp.finfo(gaps.dtype).max), 1.0)
    count = gaps.size // max(top.size, 1)
    rest = (jnp.exp(gaps) * other).sum(axis, keepdims=True)
    ties = count - other.sum(axis, keepdims=True)
    log_total = jnp.log1p(rest + jnp.maximum(ties - 1.0, 0.0))
    return _log_shares(axis, x, mask, (top, log_total))


@functools.partial(array_function, static=("axis",))
def softmin(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Softmin: softmax of the negated input, the most for the smallest.

    .. math:: \frac{e^{-x_i}}{\sum_j e^{-x_j}}

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the values sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> softmin(jnp.array([2.0, 1.0, 0.1]))
        Array([0.0961, 0.2613, 0.6426], dtype=float32)

    References:
        Bridle, 1990, https://doi.org/10.1007/978-3-642-76153-9_28
    """
    x = -jnp.asarray(x)
    return _softmax(x, as_mask(x, where), axis)


@functools.partial(array_function, static=("axis",))
def softmax_1(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Softmax with one more logit, a zero whose share is left out: it can choose nothing.

    .. math:: \frac{e^{x_i}}{1 + \sum_j e^{x_j}}

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the values sum to less than 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> softmax_1(jnp.array([2.0, 1.0, 0.1]))
        Array([0.605 , 0.2226, 0.0905], dtype=float32)

    References:
        Miller, 2023, https://www.evanmiller.org/attention-is-off-by-one.html
    """
    x = jnp.asarray(x)
    return _softmax(x, as_mask(x, where), axis, one_more=True)


@functools.partial(array_function, static=("axis", "order"))
def taylor_softmax(
    x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None, order: int = 2
) -> jax.Array:
    r"""Softmax with the Taylor polynomial of the exponential in its place.

    .. math:: \frac{f(x_i)}{\sum_j f(x_j)}, \quad f(x) = \sum_{k=0}^{n} \frac{x^k}{k!}

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the values sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0.
        order: the even degree n of the polynomial; one of odd degree has negative values.

    Returns:
        Array with the shape and dtype of ``x``.

    Raises:
        TypeError: if the order is no integer.
        ValueError: if the order is odd or negative.

    Example:
        >>> taylor_softmax(jnp.array([2.0, 1.0, 0.1]))
        Array([0.5811, 0.2905, 0.1284], dtype=float32)

    References:
        de Brébisson and Vincent, 2016, https://arxiv.org/abs/1511.05042
    """
    if order < 0 or order % 2:
        raise ValueError(f"the order of taylor_softmax must be even, got {order}")
    x = jnp.asarray(x)
    return jax.checkpoint(functools.partial(_taylor_shares, axis, order))(x, as_mask(x, where))


def _softmax(x: jax.Array, mask: Mask, axis: Axis, *, one_more: bool = False) -> jax.Array:
    constant = wide(lax.stop_gradient(x))
    top = largest(constant, mask, axis)
    if one_more:
        top = jnp.maximum(top, 0.0)
    total = jnp.exp(centred(constant, mask, top)).sum(axis, keepdims=True)
    if one_more:
        total = total + jnp.exp(-top)
    if mask is not None:
        # The largest entry counts 1, so a smaller total is that of a masked slice.
        total = jnp.maximum(total, 1.0)
    return _shares(axis, x, mask, (top, total))


def _share(x: jax.Array, mask: Mask, statistics: tuple[jax.Array, jax.Array]) -> jax.Array:
    top, total = statistics
    return masked(jnp.exp(centred(x, mask, top)) / total, mask, 0.0)


def _share_derivative(axis: Axis, y: jax.Array, tangent: jax.Array) -> jax.Array:
    return y * (tangent - (y * tangent).sum(axis, keepdims=True))


def _log_share(x: jax.Array, mask: Mask, statistics: tuple[jax.Array, jax.Array]) -> jax.Array:
    top, log_total = statistics
    return centred(x, mask, top) - log_total


def _log_share_derivative(axis: Axis, y: jax.Array, tangent: jax.Array) -> jax.Array:
    return tangent - (jnp.exp(y) * tangent).sum(axis, keepdims=True)


def _taylor_shares(axis: Axis, order: int, x: jax.Array, mask: Mask) -> jax.Array:
    """Polynomials over ``size^order``, for the powers of large entries overflow."""
    entries = masked(wide(x), mask, 0.0)
    size = jnp.max(abs(lax.stop_gradient(entries)), axis, keepdims=True, initial=1.0)
    finite = ~jnp.isinf(size)
    scale = jnp.where(finite, size, 1.0)
    unit = jnp.where(finite, 1.0 / scale, 0.0)
    at_infinity = jnp.where(jnp.isinf(entries), jnp.sign(entries), 0.0)
    ratio = jnp.where(finite, over(jnp.where(finite, entries, 0.0), scale), at_infinity)
    if order == 2:
        weights = 0.5 * ((ratio + unit) ** 2 + unit**2)
    else:
        weights = jnp.full_like(ratio, 1.0 / math.factorial(order))
        for k in range(order - 1, -1, -1):
            weights = weights * ratio + unit ** (order - k) / math.factorial(k)
    weights = masked(weights, mask, 0.0)
    total = weights.sum(axis, keepdims=True)
    return (weights / jnp.where(total == 0, 1.0, total)).astype(x.dtype)


_shares = with_total_derivative(_share, _share_derivative)
_log_shares = with_total_derivative(_log_share, _log_share_derivative)
