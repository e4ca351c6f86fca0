"""Units gated by a logarithm, or a double exponential, of their input."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _tails as tails
from jaxact._elementwise import elementwise
from jaxact._special import log1p, sigmoid

_UNSCALE = tails.UNSCALE


def _scaled_log1p(scaled: jax.Array) -> jax.Array:
    """``2^24 ln(1 + g)`` of ``2^24 g``; that is ``g`` itself where ``g`` is below ``e^-40``."""
    tiny = scaled < 7e-11
    return jnp.where(tiny, scaled, tails.SCALE * log1p(scaled * _UNSCALE))


def _logish_slope(x: jax.Array) -> jax.Array:
    s = tails.scaled_sigmoid(x)
    gate_slope = s * (sigmoid(-x) / (1.0 + s * _UNSCALE))
    return (_scaled_log1p(s) + tails.bounded(x) * gate_slope) * _UNSCALE


@elementwise(derivative=_logish_slope)
def logish(x: ArrayLike) -> jax.Array:
    r"""Logish.

    .. math:: x \log(1 + \sigma(x))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> logish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2382,  0.    ,  1.2634], dtype=float32)

    References:
        Zhu et al., 2021, https://doi.org/10.1016/j.neucom.2021.06.067
    """
    return tails.times_scaled(x, _scaled_log1p(tails.scaled_sigmoid(x)))


def _gish_slope(x: jax.Array) -> jax.Array:
    g = tails.scaled_cloglog(x)
    gate_slope = tails.scaled_gumbel(x) / (1.0 + g * _UNSCALE)
    return (_scaled_log1p(g) + tails.bounded(x) * gate_slope) * _UNSCALE


@elementwise(derivative=_gish_slope)
def gish(x: ArrayLike) -> jax.Array:
    r"""Gish.

    .. math:: x \log(2 - e^{-e^x})

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2683,  0.    ,  1.3857], dtype=float32)

    References:
        Kaytan et al., 2023, https://doi.org/10.1007/s00521-023-09035-5
    """
    return tails.times_scaled(x, _scaled_log1p(tails.scaled_cloglog(x)))


def _loglogish_slope(x: jax.Array) -> jax.Array:
    return (tails.scaled_cloglog(x) + tails.bounded(x) * tails.scaled_gumbel(x)) * _UNSCALE


@elementwise(derivative=_loglogish_slope)
def loglogish(x: ArrayLike) -> jax.Array:
    r"""LogLogish, a unit gated by the complementary log-log function.

    .. math:: x \, (1 - e^{-e^x})

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> loglogish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.3078,  0.    ,  1.9988], dtype=float32)

    References:
        Kunc and Klema, 2024, https://arxiv.org/abs/2402.09092
    """
    return tails.times_scaled(x, tails.scaled_cloglog(x))
