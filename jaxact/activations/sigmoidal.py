"""S-shaped functions, bounded on both sides."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact import _tails as tails
from jaxact._elementwise import elementwise

_UNSCALE = tails.UNSCALE


@elementwise(derivative=special.sigmoid_slope)
def sigmoid(x: ArrayLike) -> jax.Array:
    r"""Logistic sigmoid.

    The backward pass keeps the input: from an output near 1 the slope's last digits are gone.

    .. math:: \frac{1}{1 + e^{-x}}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sigmoid(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.2689, 0.5   , 0.8808], dtype=float32)

    References:
        Rumelhart et al., 1986, https://doi.org/10.1038/323533a0
    """
    return special.sigmoid(x)


@elementwise(derivative=special.sech2)
def tanh(x: ArrayLike) -> jax.Array:
    r"""Hyperbolic tangent.

    The backward pass keeps the input: from an output near 1 or -1 the slope's last digits are gone.

    .. math:: \frac{e^x - e^{-x}}{e^x + e^{-x}}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> tanh(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.7616,  0.    ,  0.964 ], dtype=float32)

    References:
        LeCun et al., 1998, https://doi.org/10.1007/3-540-49430-8_2
    """
    return special.tanh(x)


@elementwise(derivative=lambda x: (2.0 * tails.scaled_bell(x)) * _UNSCALE)
def bipolar_sigmoid(x: ArrayLike) -> jax.Array:
    r"""Bipolar sigmoid, the logistic sigmoid stretched to the interval from -1 to 1.

    .. math:: \tanh(x / 2) = \frac{1 - e^{-x}}{1 + e^{-x}}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> bipolar_sigmoid(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4621,  0.    ,  0.7616], dtype=float32)

    References:
        Kunc and Klema, 2024, https://arxiv.org/abs/2402.09092
    """
    return special.tanh(0.5 * x)


# The names of LeCun et al. are A = 1.7159 and S = 2/3.
_A, _S = 1.7159, 2.0 / 3.0


def _lecun_slope(x: jax.Array) -> jax.Array:
    bell = tails.scaled_bell(*tails.product(2.0 * _S, tails.bounded(x)))
    return ((4.0 * _A * _S) * bell) * _UNSCALE


@elementwise(derivative=_lecun_slope)
def lecun_tanh(x: ArrayLike) -> jax.Array:
    r"""Hyperbolic tangent scaled to be about 1 at 1 and -1 at -1.

    .. math:: 1.7159 \tanh\left(\frac{2}{3} x\right)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> lecun_tanh(jnp.array([-1.0, 0.0, 2.0]))
        Array([-1.    ,  0.    ,  1.4929], dtype=float32)

    References:
        LeCun et al., 1998, https://doi.org/10.1007/3-540-49430-8_2
    """
    # Below the normal numbers two thirds of x would be lost.
    return jnp.where(jnp.abs(x) < 1e-10, (_A * _S) * x, _A * special.tanh(_S * x))


@elementwise(derivative=lambda x: jnp.where(x > 0, 1.0, 0.25) * special.sech2(x))
def penalized_tanh(x: ArrayLike) -> jax.Array:
    r"""Hyperbolic tangent that is a quarter as high on the left. Its slope at 0 is 1/4.

    .. math:: \tanh x \text{ if } x > 0 \text{ else } \frac{1}{4} \tanh x

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> penalized_tanh(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1904,  0.    ,  0.964 ], dtype=float32)

    References:
        Xu et al., 2016, https://arxiv.org/abs/1602.05980
    """
    return jnp.where(x > 0, 1.0, 0.25) * special.tanh(x)


def _soft_cap_slope(x: jax.Array, cap: jax.Array) -> jax.Array:
    inside, near, scale = tails.within(x, cap)
    slope = (4.0 * tails.scaled_bell(*tails.quotient(2.0 * near, scale))) * _UNSCALE
    return jnp.where(inside, slope, 0.0)


@elementwise(derivative=_soft_cap_slope)
def soft_cap(x: ArrayLike, cap: ArrayLike = 30.0) -> jax.Array:
    r"""Soft cap of logits: the identity near 0, never beyond the cap.

    .. math:: c \tanh(x / c)

    Args:
        x: input array, any shape.
        cap: the limit c at plus infinity, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> soft_cap(jnp.array([-100.0, 0.0, 2.0]))
        Array([-29.9237,   0.    ,   1.997 ], dtype=float32)

    References:
        Gemma Team, 2024, https://arxiv.org/abs/2408.00118
    """
    inside, near, scale = tails.within(x, cap)
    # XLA would multiply by the reciprocal of a number.
    scale = jnp.where(inside, scale, 1.0)
    # Below the normal numbers x / cap would be lost.
    tiny = jnp.abs(x) < 1e-10 * cap
    y = cap * jnp.where(inside, special.tanh(near / scale), jnp.sign(x))
    return jnp.where(tiny, x, y)
