"""Inputs gated by a sigmoid with learnable parameters."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._lines import times
from jaxact._tails import UNSCALE, bounded, scaled_bell, scaled_sigmoid, times_scaled


def _gated_line(x, w, gap, p2, low=None):
    """``gap x sigmoid(w + low) + p2 x``."""
    gate = scaled_sigmoid(w, low)
    far = gap * times_scaled(x, gate) + times(p2, x)
    return jnp.where(gate < 1.0, far, times(gap * (gate * UNSCALE) + p2, x))


def _openness(w, z, low=None):
    """Derivative of ``x sigmoid(w + low)`` where the derivative of w is ``z / x``."""
    return (scaled_sigmoid(w, low) + z * scaled_bell(w, low)) * UNSCALE


def _acon_c(x, p1, p2, beta):
    gap = p1 - p2
    return _gated_line(x, bounded(beta * gap * x), gap, p2)


def _acon_c_slope(x, p1, p2, beta):
    gap = p1 - p2
    w = bounded(beta * gap * x)
    return gap * _openness(w, w) + p2


def _by_p1(x, p1, p2, beta):
    w = bounded(beta * (p1 - p2) * x)
    return x * _openness(w, w)


def _by_p2(x, p1, p2, beta):
    # One minus the openness, without its cancellation.
    w = bounded(beta * (p2 - p1) * x)
    return x * _openness(w, w)


def _by_beta(x, p1, p2, beta):
    z = (p1 - p2) * x
    bell = scaled_bell(bounded(beta * z), None) * UNSCALE
    return z * jnp.where(bell > 0, z * bell, 0.0)


@elementwise(
    derivative=lambda x, beta, p: _acon_c_slope(x, 1.0, p, beta),
    parameter_derivatives={
        "beta": lambda x, beta, p: _by_beta(x, 1.0, p, beta),
        "p": lambda x, beta, p: _by_p2(x, 1.0, p, beta),
    },
)
def acon_b(x: ArrayLike, beta: ArrayLike = 1.0, p: ArrayLike = 0.25) -> jax.Array:
    r"""ACON-B, the smooth maximum of ``x`` and ``p x``: a smooth prelu.

    .. math:: (1 - p) x \, \sigma(\beta (1 - p) x) + p x

    Args:
        x: input array, any shape.
        beta: sharpness: 0 gives the mean of the two lines, infinity their maximum.
        p: slope of the second line; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> acon_b(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4906,  0.    ,  1.7264], dtype=float32)

    References:
        Ma et al., 2021, https://arxiv.org/abs/2009.04759
    """
    return _acon_c(x, 1.0, p, beta)


@elementwise(
    derivative=_acon_c_slope,
    parameter_derivatives={"p1": _by_p1, "p2": _by_p2, "beta": _by_beta},
)
def acon_c(
    x: ArrayLike, p1: ArrayLike = 1.0, p2: ArrayLike = 0.0, beta: ArrayLike = 1.0
) -> jax.Array:
    r"""ACON-C, the smooth maximum of two learnable lines; the default is silu.

    .. math:: (p_1 - p_2) x \, \sigma(\beta (p_1 - p_2) x) + p_2 x

    Args:
        x: input array, any shape.
        p1: slope of the first line; broadcasts against ``x``.
        p2: slope of the second line.
        beta: sharpness: 0 gives the mean of the two lines, infinity their maximum.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> acon_c(jnp.array([-1.0, 0.0, 2.0]), p1=1.5, p2=0.5)
        Array([-0.7689,  0.    ,  2.7616], dtype=float32)

    References:
        Ma et al., 2021, https://arxiv.org/abs/2009.04759
    """
    return _acon_c(x, p1, p2, beta)


def _standardized(x, mean, variance, epsilon):
    """``(x - mean) / sqrt(variance + epsilon)`` in two parts, and ``x`` over that root."""
    total = variance + epsilon
    root = jnp.sqrt(total)
    w = bounded((x - mean) / root)
    # An epsilon that rounding loses would be felt in the tail.
    lost = epsilon - (total - variance)
    low = lax.stop_gradient(-0.5 * w * lost / total)
    return w, low, jnp.clip(x / root, -1e30, 1e30)


def _dice_slope(x, mean, variance, alpha, epsilon):
    w, low, z = _standardized(x, mean, variance, epsilon)
    return (1.0 - alpha) * _openness(w, z, low) + alpha


def _dice_by_alpha(x, mean, variance, alpha, epsilon):
    w, low, _ = _standardized(x, mean, variance, epsilon)
    return times_scaled(x, scaled_sigmoid(-w, -low))


@elementwise(derivative=_dice_slope, parameter_derivatives={"alpha": _dice_by_alpha})
def dice(
    x: ArrayLike,
    mean: ArrayLike = 0.0,
    variance: ArrayLike = 1.0,
    alpha: ArrayLike = 0.0,
    epsilon: ArrayLike = 1e-8,
) -> jax.Array:
    r"""Data-adaptive activation: a prelu whose corner follows the statistics of a batch.

    .. math:: p x + (1 - p) \alpha x, \quad p = \sigma((x - \mu) / \sqrt{s + \varepsilon})

    Args:
        x: input array, any shape.
        mean: of the batch, :math:`\mu`; broadcasts against ``x``.
        variance: of the batch, :math:`s`, positive.
        alpha: slope for small inputs.
        epsilon: what is added to the variance.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> dice(jnp.array([-1.0, 0.0, 2.0]), mean=0.5)
        Array([-0.1824,  0.    ,  1.6351], dtype=float32)

    References:
        Zhou et al., 2018, https://arxiv.org/abs/1706.06978
    """
    w, low, _ = _standardized(x, mean, variance, epsilon)
    return _gated_line(x, w, 1.0 - alpha, alpha, low)
