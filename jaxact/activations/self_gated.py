"""Self-gated units: the input times a sigmoidal function of itself."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import math

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact.activations.exponential import softplus
from jaxact.activations.sigmoidal import sigmoid, tanh

_CLOSED_GATE_TO_OPEN_GATE = ((0.0, 0.0), (1.0, 0.0))


def _normal_density(x: jax.Array) -> jax.Array:
    return jnp.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


@elementwise(derivative=_normal_density)
def _normal_cdf(x: jax.Array) -> jax.Array:
    return 0.5 * lax.erfc(-x / math.sqrt(2.0))


@elementwise(asymptotes=_CLOSED_GATE_TO_OPEN_GATE)
def gelu_exact(x: ArrayLike) -> jax.Array:
    r"""Gaussian error linear unit, by the error function.

    .. math:: x \, \Phi(x) = \frac{x}{2} \operatorname{erfc}\left(\frac{-x}{\sqrt 2}\right)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gelu_exact(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1587,  0.    ,  1.9545], dtype=float32)

    References:
        Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    return x * _normal_cdf(x)


@elementwise(asymptotes=_CLOSED_GATE_TO_OPEN_GATE)
def gelu_tanh(x: ArrayLike) -> jax.Array:
    r"""Gaussian error linear unit, by the tanh approximation of its paper.

    .. math:: \frac{x}{2} \left(1 + \tanh\left(\sqrt{2 / \pi} \, (x + 0.044715 x^3)\right)\right)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gelu_tanh(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1588,  0.    ,  1.9546], dtype=float32)

    References:
        Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    # (1 + tanh(u)) / 2 is sigmoid(2 u), which does not cancel in the left tail.
    u = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x * x * x)
    return x * sigmoid(2.0 * u)


def gelu(x: ArrayLike, approximate: bool = True) -> jax.Array:
    r"""Gaussian error linear unit, with the signature and the default of ``jax.nn.gelu``.

    .. math:: x \, \Phi(x)

    Args:
        x: input array, any shape.
        approximate: whether to use :func:`gelu_tanh`; else :func:`gelu_exact`.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1588,  0.    ,  1.9546], dtype=float32)
        >>> gelu(jnp.array([-1.0, 0.0, 2.0]), approximate=False)
        Array([-0.1587,  0.    ,  1.9545], dtype=float32)

    References:
        Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    return gelu_tanh(x) if approximate else gelu_exact(x)


@elementwise(asymptotes=_CLOSED_GATE_TO_OPEN_GATE)
def silu(x: ArrayLike) -> jax.Array:
    r"""Sigmoid linear unit, also called swish.

    .. math:: x \, \sigma(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> silu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2689,  0.    ,  1.7616], dtype=float32)

    References:
        Elfwing et al., 2018, https://arxiv.org/abs/1702.03118
    """
    return x * sigmoid(x)


swish = silu


@elementwise(asymptotes=_CLOSED_GATE_TO_OPEN_GATE)
def mish(x: ArrayLike) -> jax.Array:
    r"""Mish.

    .. math:: x \tanh(\log(1 + e^x))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> mish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.3034,  0.    ,  1.944 ], dtype=float32)

    References:
        Misra, 2019, https://arxiv.org/abs/1908.08681
    """
    return x * tanh(softplus(x))
