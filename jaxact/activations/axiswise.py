"""Functions across an axis that choose, pair or scale its entries."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from jaxact._arrays import array_function, wide
from jaxact._mistakes import check_counts
from jaxact.activations._slices import Axis, as_mask, largest, masked, over, select


@functools.partial(array_function, static=("axis",))
def hardmax(x: ArrayLike, axis: int = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Hardmax: 1 for the first of the largest entries, 0 for the others. Its derivative is 0.

    .. math:: 1 \text{ if } i = \min \operatorname{argmax}_j x_j \text{ else } 0

    Args:
        x: input array, any shape.
        axis: the axis along which one entry is chosen.
        where: mask that broadcasts to ``x``; masked entries are not chosen. A slice with every
            entry masked gives zeros.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hardmax(jnp.array([1.0, 3.0, 3.0]))
        Array([0., 1., 0.], dtype=float32)

    References:
        ONNX, 2017, https://onnx.ai/onnx/operators/onnx__Hardmax.html
    """
    x = lax.stop_gradient(jnp.asarray(x))
    mask = as_mask(x, where)
    top = largest(x, mask, axis)
    hot = _first(x == top if mask is None else mask & (x == top), axis)
    undefined = jnp.isnan(top)
    return masked(jnp.where(undefined, jnp.nan, hot.astype(x.dtype)), mask, 0.0)


@functools.partial(array_function, static=("k", "axis"))
def kwta(x: ArrayLike, k: int = 1, axis: int = -1) -> jax.Array:
    r"""Winners take all: the k largest entries stay as they are, the others become 0.

    .. math:: x_i \text{ if } x_i \text{ is among the } k \text{ largest else } 0

    Args:
        x: input array, any shape.
        k: how many entries stay; of equal ones the first.
        axis: the axis along which they compete.

    Returns:
        Array with the shape and dtype of ``x``.

    Raises:
        TypeError: if k is no integer.
        ValueError: if k is less than 1.

    Example:
        >>> kwta(jnp.array([1.0, -2.0, 3.0, 2.0]), k=2)
        Array([0., 0., 3., 2.], dtype=float32)

    References:
        Xiao et al., 2020, https://arxiv.org/abs/1905.10510
    """
    check_counts("kwta", k=k)
    x = jnp.asarray(x)
    if k >= x.shape[axis]:
        return x
    rows = jnp.moveaxis(lax.stop_gradient(x), axis, -1)
    winners = lax.top_k(rows, k)[1]
    stays = jnp.put_along_axis(jnp.zeros(rows.shape, bool), winners, True, axis=-1, inplace=False)
    return select(jnp.moveaxis(stays, -1, axis), x)


@functools.partial(array_function, static=("axis",))
def l2_normalize(x: ArrayLike, axis: Axis = -1, epsilon: ArrayLike = 1e-12) -> jax.Array:
    r"""Scales to Euclidean length 1, as ``torch.nn.functional.normalize`` does.

    .. math:: \frac{x_i}{\max(\|x\|_2, \epsilon)}

    Args:
        x: input array, any shape.
        axis: the axis or axes of a vector; None for all.
        epsilon: vectors shorter than this are divided by it.

    Returns:
        Array with the shape and dtype of ``x``. One infinite entry is the whole direction; of
        several the direction is unknown, so they give NaN.

    Example:
        >>> l2_normalize(jnp.array([3.0, -4.0]))
        Array([ 0.6, -0.8], dtype=float32)

    References:
        Ranjan et al., 2017, https://arxiv.org/abs/1703.09507
    """
    x = jnp.asarray(x)
    epsilon = jnp.asarray(epsilon).astype(wide(x).dtype)
    return jax.checkpoint(functools.partial(_direction, axis))(x, epsilon)


@functools.partial(array_function, static=("pieces", "axis"))
def maxout(x: ArrayLike, pieces: int = 2, axis: int = -1) -> jax.Array:
    r"""Maxout: the largest of every group of neighbours.

    .. math:: \max_{j = 0, \dots, p - 1} x_{p i + j}

    Args:
        x: input array whose axis has a multiple of ``pieces`` entries.
        pieces: the size p of a group. Of equal entries the first gets the derivative.
        axis: the axis that is divided into groups.

    Returns:
        Array with the dtype of ``x``; the axis is shorter by the factor ``pieces``.

    Raises:
        TypeError: if pieces is no integer.
        ValueError: if pieces is less than 1, or the axis does not divide into groups.

    Example:
        >>> maxout(jnp.array([1.0, 3.0, -2.0, -4.0]))
        Array([ 3., -2.], dtype=float32)

    References:
        Goodfellow et al., 2013, https://arxiv.org/abs/1302.4389
    """
    check_counts("maxout", pieces=pieces)
    x = jnp.asarray(x)
    axis = axis % x.ndim
    size = x.shape[axis]
    if size % pieces:
        raise ValueError(
            f"maxout divides axis {axis} into groups, but that of shape {x.shape} has length "
            f"{size}, no multiple of pieces={pieces}"
        )
    return _largest_piece(
        axis + 1, x.reshape(*x.shape[:axis], size // pieces, pieces, *x.shape[axis + 1 :])
    )


@functools.partial(array_function, static=("axis",))
def crelu(x: ArrayLike, axis: int = -1) -> jax.Array:
    r"""Concatenated rectifiers: of the input and of its negative, one after the other.

    .. math:: [\max(x, 0), \max(-x, 0)]

    Args:
        x: input array, any shape.
        axis: the axis that becomes twice as long.

    Returns:
        Array with the dtype of ``x``; slopes at 0 are 0.

    Example:
        >>> crelu(jnp.array([-1.0, 2.0]))
        Array([0., 2., 1., 0.], dtype=float32)

    References:
        Shang et al., 2016, https://arxiv.org/abs/1603.05201
    """
    return _both_sides(axis, jnp.asarray(x))


@functools.partial(array_function, static=("axis",))
def bipolar_relu(x: ArrayLike, axis: int = -1) -> jax.Array:
    r"""Rectifies entries at even positions from below, those at odd positions from above.

    .. math:: \max(x_i, 0) \text{ if } i \text{ is even else } \min(x_i, 0)

    Args:
        x: input array, any shape.
        axis: the axis along which positions count from 0.

    Returns:
        Array with the shape and dtype of ``x``; slopes at 0 are 0.

    Example:
        >>> bipolar_relu(jnp.array([-1.0, -1.0, 2.0, 2.0]))
        Array([ 0., -1.,  2.,  0.], dtype=float32)

    References:
        Eidnes and Nøkland, 2017, https://arxiv.org/abs/1709.04054
    """
    x = jnp.asarray(x)
    # From NumPy: XLA 0.10 for processors goes wrong with the parity of an iota of length 8.
    even = np.arange(x.shape[axis]) % 2 == 0
    even = jnp.expand_dims(even, [a for a in range(x.ndim) if a != axis % x.ndim])
    return select(~jnp.where(even, x <= 0, x >= 0), x)


def _first(flags: jax.Array, axis: int) -> jax.Array:
    """The first True of each slice alone."""
    if not flags.size:
        return flags
    chosen = jnp.argmax(flags, axis, keepdims=True)
    return flags & (chosen == lax.broadcasted_iota(chosen.dtype, flags.shape, axis % flags.ndim))


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _largest_piece(axis: int, x: jax.Array) -> jax.Array:
    return jnp.max(x, axis)


@_largest_piece.defjvp
def _largest_piece_rule(axis: int, primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents
    y = _largest_piece(axis, x)
    same = (x == jnp.expand_dims(y, axis)) | jnp.isnan(x)
    return y, jax.checkpoint(select)(_first(same, axis), tangent).sum(axis)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _both_sides(axis: int, x: jax.Array) -> jax.Array:
    return jnp.concatenate([jnp.where(x <= 0, 0.0, x), jnp.where(x >= 0, 0.0, -x)], axis)


@_both_sides.defjvp
def _both_sides_rule(axis: int, primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents

    @jax.checkpoint
    def pull(side: jax.Array, t: jax.Array) -> jax.Array:
        return jnp.concatenate([jnp.where(side > 0, t, 0.0), jnp.where(side < 0, -t, 0.0)], axis)

    return _both_sides(axis, x), pull((x > 0).astype(jnp.int8) - (x < 0).astype(jnp.int8), tangent)


def _direction(axis: Axis, x: jax.Array, epsilon: jax.Array) -> jax.Array:
    entries = wide(x)
    infinite = jnp.isinf(entries)
    count = infinite.sum(axis, keepdims=True)
    finite = jnp.where(infinite, 0.0, entries)
    # Squares of the ratios neither overflow nor underflow where they count.
    size = jnp.max(abs(lax.stop_gradient(finite)), axis, keepdims=True, initial=0.0)
    scale = jnp.where(size == 0, 1.0, size)
    ratio = over(finite, scale)
    square = (ratio * ratio).sum(axis, keepdims=True)
    length = jnp.sqrt(jnp.where(size == 0, 1.0, square))
    long = (size != 0) & (scale * length > epsilon)
    short = finite / jnp.where(long, 1.0, jnp.where(epsilon > 0, epsilon, 1.0))
    y = jnp.where(long, ratio / length, short)
    lone = jnp.where(infinite, jnp.where(count == 1, jnp.sign(entries), jnp.nan), 0.0 * finite)
    return jnp.where(count > 0, lone, y).astype(x.dtype)
