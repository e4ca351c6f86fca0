"""Units made of one exponential, to the left of zero: elu and its kin."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact import _tails as tails
from jaxact._elementwise import elementwise

# Klambauer et al., 2017, equation 14: the fixed point with mean 0 and variance 1.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def _negative(x: jax.Array) -> jax.Array:
    """The negative part, so that the unused branch of a where stays finite."""
    return jnp.where(x > 0, 0.0, x)


def _elu_slope(x: jax.Array, alpha: jax.Array) -> jax.Array:
    left = (alpha * tails.scaled_power(_negative(x))) * tails.UNSCALE
    return jnp.where(x > 0, 1.0, left)


@elementwise(derivative=_elu_slope)
def elu(x: ArrayLike, alpha: ArrayLike = 1.0) -> jax.Array:
    r"""Exponential linear unit. Its slope at 0 is alpha.

    .. math:: x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)

    Args:
        x: input array, any shape.
        alpha: minus the limit at minus infinity; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> elu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.6321,  0.    ,  2.    ], dtype=float32)

    References:
        Clevert et al., 2016, https://arxiv.org/abs/1511.07289
    """
    return jnp.where(x > 0, x, alpha * special.expm1(_negative(x)))


def _celu_slope(x: jax.Array, alpha: jax.Array) -> jax.Array:
    inside, near, scale = tails.within(_negative(x), alpha)
    left = tails.scaled_power(*tails.quotient(near, scale)) * tails.UNSCALE
    return jnp.where(inside, jnp.where(x > 0, 1.0, left), 0.0)


@elementwise(derivative=_celu_slope)
def celu(x: ArrayLike, alpha: ArrayLike = 1.0) -> jax.Array:
    r"""Continuously differentiable exponential linear unit.

    .. math:: x \text{ if } x > 0 \text{ else } \alpha (e^{x / \alpha} - 1)

    Args:
        x: input array, any shape.
        alpha: minus the limit at minus infinity, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> celu(jnp.array([-1.0, 0.0, 2.0]), alpha=2.0)
        Array([-0.7869,  0.    ,  2.    ], dtype=float32)

    References:
        Barron, 2017, https://arxiv.org/abs/1704.07483
    """
    inside, near, scale = tails.within(_negative(x), alpha)
    left = alpha * jnp.where(inside, special.expm1(near / scale), -1.0)
    return jnp.where(x > 0, x, left)


def _selu_slope(x: jax.Array) -> jax.Array:
    left = ((_SELU_SCALE * _SELU_ALPHA) * tails.scaled_power(_negative(x))) * tails.UNSCALE
    return jnp.where(x > 0, _SELU_SCALE, left)


@elementwise(derivative=_selu_slope)
def selu(x: ArrayLike) -> jax.Array:
    r"""Self-normalising exponential linear unit. Its slope at 0 is the left one, 1.7581.

    .. math:: \lambda x \text{ if } x > 0 \text{ else } \lambda \alpha (e^x - 1)

    with :math:`\lambda = 1.0507009873554805` and :math:`\alpha = 1.6732632423543772`.

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> selu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-1.1113,  0.    ,  2.1014], dtype=float32)

    References:
        Klambauer et al., 2017, https://arxiv.org/abs/1706.02515
    """
    left = (_SELU_SCALE * _SELU_ALPHA) * special.expm1(_negative(x))
    return jnp.where(x > 0, _SELU_SCALE * x, left)


@elementwise(derivative=special.exp, from_output=lambda y: y)
def exponential(x: ArrayLike) -> jax.Array:
    r"""Exponential function.

    .. math:: e^x

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> exponential(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.3679, 1.    , 7.3891], dtype=float32)

    References:
        Kunc and Klema, 2024, https://arxiv.org/abs/2402.09092
    """
    return special.exp(x)
