"""Piecewise linear functions of several learnable lines."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses, and tuples become arrays.

import functools

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._lines import times
from jaxact._mistakes import check_lengths


def _s_piece(x, y, left_threshold, left_slope, right_threshold, right_slope):
    side = jnp.where(x >= right_threshold, 2, jnp.where(x <= left_threshold, 1, 0))
    return side.astype(jnp.int8), (1.0, left_slope, right_slope)


@elementwise(pieces=_s_piece)
def s_relu(
    x: ArrayLike,
    left_threshold: ArrayLike = 0.0,
    left_slope: ArrayLike = 0.2,
    right_threshold: ArrayLike = 1.0,
    right_slope: ArrayLike = 1.0,
) -> jax.Array:
    r"""S-shaped rectified linear unit: three lines. It starts as a leaky relu.

    .. math:: x + (a_r - 1) \max(x - t_r, 0) - (a_l - 1) \max(t_l - x, 0)

    Args:
        x: input array, any shape.
        left_threshold: where the left line begins, :math:`t_l`.
        left_slope: its slope, :math:`a_l`.
        right_threshold: where the right line begins, :math:`t_r`, not below :math:`t_l`.
        right_slope: its slope, :math:`a_r`.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> s_relu(jnp.array([-1.0, 0.5, 2.0]), right_slope=0.5)
        Array([-0.2,  0.5,  1.5], dtype=float32)

    References:
        Jin et al., 2016, https://arxiv.org/abs/1512.07030
    """
    right = times(right_slope, x) + right_threshold * (1.0 - right_slope)
    left = times(left_slope, x) + left_threshold * (1.0 - left_slope)
    return jnp.where(x >= right_threshold, right, jnp.where(x <= left_threshold, left, x))


def _apl_slope(x, slopes, hinges):
    hinged = (jnp.where(x < b, a, 0.0) for a, b in zip(slopes, hinges, strict=True))
    return jnp.where(x > 0, 1.0, 0.0) - functools.reduce(jnp.add, hinged)


@elementwise(derivative=_apl_slope)
def apl(
    x: ArrayLike,
    slopes: tuple[ArrayLike, ...] = (-0.2, -0.2),
    hinges: tuple[ArrayLike, ...] = (-0.5, 0.5),
) -> jax.Array:
    r"""Adaptive piecewise linear unit: relu plus hinges. Its slope at a hinge is the right one.

    .. math:: \max(x, 0) + \sum_s a_s \max(0, b_s - x)

    Args:
        x: input array, any shape.
        slopes: the :math:`a_s`, stacked; each broadcasts against ``x``.
        hinges: the :math:`b_s`, as many.

    Returns:
        Array with the shape and dtype of ``x``.

    Raises:
        ValueError: if there are not as many hinges as slopes.

    Example:
        >>> apl(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4, -0.1,  2. ], dtype=float32)

    References:
        Agostinelli et al., 2015, https://arxiv.org/abs/1412.6830
    """
    check_lengths("apl", slopes=slopes, hinges=hinges)
    # Slopes and heights are summed apart, for opposite slopes leave no rest far to the left.
    below = [x < b for b in hinges]
    parts = list(zip(below, slopes, hinges, strict=True))
    height = functools.reduce(jnp.add, [jnp.where(on, a * b, 0.0) for on, a, b in parts])
    slope = functools.reduce(jnp.add, [jnp.where(on, -a, 0.0) for on, a, _ in parts])
    slope = jnp.where(x > 0, 1.0, 0.0) + slope
    return jnp.where(jnp.isnan(x), x, times(slope, x) + height)


def _highest(x, slopes, intercepts):
    """The highest line at every element and its number: of several, the last."""
    check_lengths("dynamic_relu", slopes=slopes, intercepts=intercepts)
    lines = [times(a, x) + b for a, b in zip(slopes, intercepts, strict=True)]
    y, which = lines[0], jnp.zeros(x.shape, jnp.int8)
    for k, line in enumerate(lines[1:], start=1):
        y, which = jnp.where(line >= y, line, y), jnp.where(line >= y, jnp.int8(k), which)
    return y, which


@elementwise(pieces=lambda x, y, slopes, intercepts: (_highest(x, slopes, intercepts)[1], slopes))
def dynamic_relu(
    x: ArrayLike,
    slopes: tuple[ArrayLike, ...] = (1.0, 0.0),
    intercepts: tuple[ArrayLike, ...] = (0.0, 0.0),
) -> jax.Array:
    r"""The highest of several lines; dynamic relu computes them from the whole input.

    .. math:: \max_k (a_k x + b_k)

    Args:
        x: input array, any shape.
        slopes: the :math:`a_k`, stacked; each broadcasts against ``x``. Where lines meet, the
            slope is that of the last of them.
        intercepts: the :math:`b_k`, as many.

    Returns:
        Array with the shape and dtype of ``x``.

    Raises:
        ValueError: if there are not as many intercepts as slopes.

    Example:
        >>> dynamic_relu(jnp.array([-1.0, 0.0, 2.0]), slopes=(1.0, -0.5), intercepts=(0.0, 1.0))
        Array([1.5, 1. , 2. ], dtype=float32)

    References:
        Chen et al., 2020, https://arxiv.org/abs/2003.10027
    """
    return _highest(x, slopes, intercepts)[0]


@elementwise(pieces=lambda x, y, alpha, c: (jnp.abs(x) > c, (1.0, alpha)))
def plu(x: ArrayLike, alpha: ArrayLike = 0.1, c: ArrayLike = 1.0) -> jax.Array:
    r"""Piecewise linear unit, an invertible hard tanh. Its slopes at the corners are 1.

    .. math:: \max(\alpha (x + c) - c, \min(\alpha (x - c) + c, x))

    Args:
        x: input array, any shape.
        alpha: slope of the outer lines, below 1; broadcasts against ``x``.
        c: where they begin, on both sides.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> plu(jnp.array([-2.0, 0.5, 3.0]))
        Array([-1.1,  0.5,  1.2], dtype=float32)

    References:
        Nicolae, 2018, https://arxiv.org/abs/1809.09534
    """
    height = (1.0 - alpha) * c
    outside = times(alpha, x) + jnp.where(x > 0, height, -height)
    return jnp.where(jnp.abs(x) > c, outside, x)


def _knots(heights, left, right):
    width = (right - left) / (len(heights) - 1)
    return [left + k * width for k in range(len(heights))], width


def _rises(heights, width, left_slope, right_slope):
    inner = [(b - a) / width for a, b in zip(heights, heights[1:], strict=False)]
    return [left_slope, *inner, right_slope]


def _pwlu_piece(x, y, heights, left, right, left_slope, right_slope):
    knots, width = _knots(heights, left, right)
    passed = functools.reduce(jnp.add, [(x > k).astype(jnp.int8) for k in knots])
    return passed, tuple(_rises(heights, width, left_slope, right_slope))


@elementwise(pieces=_pwlu_piece)
def pwlu(
    x: ArrayLike,
    heights: tuple[ArrayLike, ...] = (0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0),
    left: ArrayLike = -3.0,
    right: ArrayLike = 3.0,
    left_slope: ArrayLike = 0.0,
    right_slope: ArrayLike = 1.0,
) -> jax.Array:
    r"""Piecewise linear unit with learnable heights at equal knots. It starts as relu.

    .. math:: h_k + (h_{k+1} - h_k) (x - d_k) / w \text{ for } d_k \le x < d_{k+1}

    with knots a width w apart, and lines of their own slopes outside. Its slope at a knot is the
    left one.

    Args:
        x: input array, any shape.
        heights: values at the knots :math:`h_k`, stacked; each broadcasts against ``x``.
        left: first knot.
        right: last knot.
        left_slope: slope left of the first knot.
        right_slope: slope right of the last knot.

    Returns:
        Array with the shape and dtype of ``x``.

    Raises:
        ValueError: if there are fewer than two heights.

    Example:
        >>> pwlu(jnp.array([-1.0, 0.5, 5.0]), heights=(0.0, 0.0, 1.0), left=-1.0, right=1.0)
        Array([0. , 0.5, 5. ], dtype=float32)

    References:
        Zhou et al., 2021, https://arxiv.org/abs/2104.03693
    """
    check_lengths("pwlu", 2, heights=heights)
    knots, width = _knots(heights, left, right)
    first, *rest = _rises(heights, width, left_slope, right_slope)
    y = heights[0] + times(first, x - left)
    for knot, height, rise in zip(knots, heights, rest, strict=True):
        y = jnp.where(x > knot, height + times(rise, x - knot), y)
    return y
