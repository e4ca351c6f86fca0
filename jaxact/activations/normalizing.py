"""Functions that take the place of a normalisation layer."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import math

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._lines import times
from jaxact._special import erf, gaussian_exp, sech2, tanh

_SLOPE = 2.0 / math.sqrt(math.pi)


@elementwise(derivative=lambda x, alpha, gamma, beta: gamma * alpha * sech2(times(alpha, x)))
def dyt(
    x: ArrayLike, alpha: ArrayLike = 0.5, gamma: ArrayLike = 1.0, beta: ArrayLike = 0.0
) -> jax.Array:
    r"""Dynamic tanh, in the place of a normalisation layer.

    .. math:: \gamma \tanh(\alpha x) + \beta

    Args:
        x: input array, any shape.
        alpha: scale of the input; broadcasts against ``x``.
        gamma: scale of the output, one per channel in networks.
        beta: shift of the output, one per channel in networks.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> dyt(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4621,  0.    ,  0.7616], dtype=float32)

    References:
        Zhu et al., 2025, https://arxiv.org/abs/2503.10622
    """
    return gamma * tanh(times(alpha, x)) + beta


def _derf_slope(x, alpha, shift, gamma, beta):
    return gamma * alpha * _SLOPE * gaussian_exp(times(alpha, x) + shift)


@elementwise(derivative=_derf_slope)
def derf(
    x: ArrayLike,
    alpha: ArrayLike = 0.5,
    shift: ArrayLike = 0.0,
    gamma: ArrayLike = 1.0,
    beta: ArrayLike = 0.0,
) -> jax.Array:
    r"""Dynamic error function, in the place of a normalisation layer.

    .. math:: \gamma \operatorname{erf}(\alpha x + s) + \beta

    Args:
        x: input array, any shape.
        alpha: scale of the input; broadcasts against ``x``.
        shift: of the scaled input, :math:`s`.
        gamma: scale of the output, one per channel in networks.
        beta: shift of the output, one per channel in networks.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> derf(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.5205,  0.    ,  0.8427], dtype=float32)

    References:
        Chen et al., 2025, https://arxiv.org/abs/2512.10938
    """
    y = times(alpha, x) + shift
    # The error function of a tiny number is this line; alpha times x may be below normal numbers.
    line = (_SLOPE * alpha) * x + _SLOPE * shift
    return gamma * jnp.where(jnp.abs(y) < 1e-20, line, erf(y)) + beta
