"""Hard sigmoids and what they gate: straight pieces in place of an exponential."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._special import exp, expm1
from jaxact._special.core import finite, leading


@elementwise(pieces=lambda x, y: (jnp.abs(x) <= 1, (0.0, 1.0)))
def hard_tanh(x: ArrayLike) -> jax.Array:
    r"""Hard tanh. Its slope at -1 and at 1 is 1, as in ``jax.nn``.

    .. math:: \max(-1, \min(x, 1))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hard_tanh(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-1., -1.,  0.,  1.,  1.], dtype=float32)

    References:
        Collobert et al., 2011, https://arxiv.org/abs/1103.0398
    """
    return jnp.where(x > 1, 1.0, jnp.where(x < -1, -1.0, x))


@elementwise(pieces=lambda x, y, minimum, maximum: ((x > minimum) & (x < maximum), (0.0, 1.0)))
def clip(x: ArrayLike, minimum: ArrayLike = -1.0, maximum: ArrayLike = 1.0) -> jax.Array:
    r"""Identity between two bounds. Its slope at the bounds is 0, as in PyTorch.

    .. math:: \max(a, \min(x, b))

    Args:
        x: input array, any shape.
        minimum: the smallest value; broadcasts against ``x``.
        maximum: the largest value; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> clip(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]), minimum=-2.0)
        Array([-2., -1.,  0.,  1.,  1.], dtype=float32)

    References:
        Collobert et al., 2011, https://arxiv.org/abs/1103.0398
    """
    return jnp.where(x <= minimum, minimum, jnp.where(x >= maximum, maximum, x))


@elementwise(pieces=lambda x, y: (jnp.abs(x) < 3, (0.0, 1.0 / 6.0)))
def hard_sigmoid(x: ArrayLike) -> jax.Array:
    r"""Hard sigmoid. Its slope at -3 and at 3 is 0, as in ``jax.nn``.

    .. math:: \frac{\max(0, \min(x + 3, 6))}{6}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hard_sigmoid(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([0.    , 0.3333, 0.5   , 0.8333, 1.    ], dtype=float32)

    References:
        Howard et al., 2019, https://arxiv.org/abs/1905.02244
    """
    return jnp.clip(x + 3.0, 0.0, 6.0) / 6.0


@elementwise(
    pieces=lambda x, y, alpha, beta: (_inside(x, alpha, beta), (0.0, alpha)),
    parameter_derivatives={
        "alpha": lambda x, alpha, beta: jnp.where(_inside(x, alpha, beta), x, 0.0),
        "beta": lambda x, alpha, beta: jnp.where(_inside(x, alpha, beta), 1.0, 0.0),
    },
)
def linear_sigmoid(x: ArrayLike, alpha: ArrayLike = 0.2, beta: ArrayLike = 0.5) -> jax.Array:
    r"""Hard sigmoid of Theano and ONNX. Its slope at the kinks is 0.

    .. math:: \max(0, \min(\alpha x + \beta, 1))

    Args:
        x: input array, any shape.
        alpha: the slope; broadcasts against ``x``.
        beta: the value at 0; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> linear_sigmoid(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([0. , 0.3, 0.5, 0.9, 1. ], dtype=float32)

    References:
        Al-Rfou et al., 2016, https://arxiv.org/abs/1605.02688
    """
    return jnp.clip(_line(x, alpha, beta), 0.0, 1.0)


@elementwise(pieces=lambda x, y: (_sparse_side(x), (0.0, 0.5, 0.25)))
def sparse_sigmoid(x: ArrayLike) -> jax.Array:
    r"""Hard sigmoid, the slope of sparse_plus. Its slope at -1 and at 1 is 1/4, as in ``jax.nn``.

    .. math:: \max\left(0, \min\left(\frac{x + 1}{2}, 1\right)\right)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sparse_sigmoid(jnp.array([-1.0, 0.0, 2.0]))
        Array([0. , 0.5, 1. ], dtype=float32)

    References:
        Blondel et al., 2020, https://arxiv.org/abs/1901.02324
    """
    return 0.5 * jnp.clip(x + 1.0, 0.0, 2.0)


@elementwise(
    derivative=lambda x: jnp.where(x <= -3, 0.0, jnp.where(x >= 3, 1.0, (2.0 * x + 3.0) / 6.0))
)
def hard_silu(x: ArrayLike) -> jax.Array:
    r"""Hard silu, or hard swish. Its slope is 0 at -3 and 1 at 3, as in ``jax.nn``.

    .. math:: x \, \frac{\max(0, \min(x + 3, 6))}{6}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hard_silu(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-0.    , -0.3333,  0.    ,  1.6667,  4.    ], dtype=float32)

    References:
        Howard et al., 2019, https://arxiv.org/abs/1905.02244
    """
    return jnp.maximum(x, -3.0) * (jnp.clip(x + 3.0, 0.0, 6.0) / 6.0)


hard_swish = hard_silu


@elementwise(derivative=lambda x: jnp.where(x <= -2, 0.0, jnp.minimum(x + 1.0, 1.0)))
def hard_mish(x: ArrayLike) -> jax.Array:
    r"""Hard mish. Its slope at -2 is 0.

    .. math:: \frac{x}{2} \max(0, \min(x + 2, 2))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hard_mish(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-0. , -0.5,  0. ,  2. ,  4. ], dtype=float32)

    References:
        Misra, 2020, https://github.com/digantamisra98/H-Mish
    """
    return jnp.maximum(x, -2.0) * (0.5 * jnp.clip(x + 2.0, 0.0, 2.0))


@elementwise(derivative=lambda x: _hard_elish_slope(x))
def hard_elish(x: ArrayLike) -> jax.Array:
    r"""Hard elish: a hard sigmoid gates the identity or an exponential.

    .. math:: x \, h(x) \text{ if } x \ge 0 \text{ else } (e^x - 1) \, h(x)

    with :math:`h(x) = \max(0, \min((x + 1) / 2, 1))`. Its slope is 0 at -1 and 1 at 1.

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hard_elish(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-0., -0.,  0.,  2.,  4.], dtype=float32)

    References:
        Basirat and Roth, 2018, https://arxiv.org/abs/1808.00783
    """
    h = 0.5 * jnp.clip(x + 1.0, 0.0, 2.0)
    return jnp.where(x >= 0, x, expm1(jnp.clip(x, -1.0, 0.0))) * h


def _line(x: Any, alpha: Any, beta: Any) -> jax.Array:
    """``alpha x + beta``, whose last bits count in float32 where the two terms all but cancel."""
    x = finite(x)
    if x.dtype != jnp.float32:
        return alpha * x + beta
    # Products of halves of 12 bits are exact.
    a, u = leading(alpha, 12), leading(x, 12)
    b, v = alpha - a, x - u
    return (((a * u + beta) + a * v) + b * u) + b * v


def _inside(x: jax.Array, alpha: jax.Array, beta: jax.Array) -> jax.Array:
    """Whether ``alpha x + beta`` lies between 0 and 1."""
    ends = -beta / alpha, (1.0 - beta) / alpha
    return (x > jnp.minimum(*ends)) & (x < jnp.maximum(*ends))


def _sparse_side(x: jax.Array) -> jax.Array:
    """0, 1 or 2 as int8: beyond, between or at -1 and 1."""
    return jnp.where(jnp.abs(x) == 1, 2, jnp.where(jnp.abs(x) < 1, 1, 0)).astype(jnp.int8)


def _hard_elish_slope(x: jax.Array) -> jax.Array:
    low = jnp.clip(x, -1.0, 0.0)
    bent = 0.5 * (exp(low) * (low + 1.0) + expm1(low))
    return jnp.where(x >= 0, jnp.where(x >= 1, 1.0, x + 0.5), jnp.where(x <= -1, 0.0, bent))
