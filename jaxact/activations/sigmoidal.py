"""S-shaped functions, bounded on both sides."""

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise


def _sigmoid_slope(x: jax.Array) -> jax.Array:
    # y (1 - y) would be 0 from x = 17 on, in float32; this keeps both tails, at every order.
    return sigmoid(x) * sigmoid(-x)


@elementwise(derivative=_sigmoid_slope)
def sigmoid(x: ArrayLike) -> jax.Array:
    r"""Logistic sigmoid.

    .. math:: \frac{1}{1 + e^{-x}}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sigmoid(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.2689, 0.5   , 0.8808], dtype=float32)

    References:
        Verhulst, 1845; as a unit Rumelhart et al., 1986, https://doi.org/10.1038/323533a0
    """
    return lax.logistic(jnp.asarray(x))


@elementwise(derivative=lambda x: 4.0 * _sigmoid_slope(2.0 * x))
def tanh(x: ArrayLike) -> jax.Array:
    r"""Hyperbolic tangent.

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
    return jnp.tanh(x)
