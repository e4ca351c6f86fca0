"""Units made of one exponential: elu and its kin, and softplus."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact.activations.sigmoidal import sigmoid

# Klambauer et al., 2017, equation 14: the fixed point with mean 0 and variance 1.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


# expm1 differentiates to expm1(x) + 1, which is 0 long before exp(x) is.
@elementwise(derivative=lambda x, alpha: jnp.where(x > 0, 1.0, alpha * _exp_nonpositive(x)))
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
    # The inner where keeps expm1 finite on the branch it does not serve.
    return jnp.where(x > 0, x, alpha * jnp.expm1(jnp.where(x > 0, 0.0, x)))


@elementwise(
    derivative=lambda x: _SELU_SCALE * jnp.where(x > 0, 1.0, _SELU_ALPHA * _exp_nonpositive(x))
)
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
    return _SELU_SCALE * jnp.where(x > 0, x, _SELU_ALPHA * jnp.expm1(jnp.where(x > 0, 0.0, x)))


@elementwise(derivative=sigmoid)
def softplus(x: ArrayLike) -> jax.Array:
    r"""Softplus, a smooth rectifier.

    .. math:: \log(1 + e^x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> softplus(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.3133, 0.6931, 2.1269], dtype=float32)

    References:
        Dugas et al., 2001,
        https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing
    """
    return jnp.maximum(x, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


def _exp_nonpositive(x: jax.Array) -> jax.Array:
    """``exp`` of the negative part, so that the unused branch of a where stays finite."""
    return jnp.exp(jnp.minimum(x, 0.0))
