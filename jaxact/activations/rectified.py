"""Rectifiers: piecewise linear, one line on each side of zero."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import array_function, elementwise


@array_function
def identity(x: ArrayLike) -> jax.Array:
    r"""Identity, the activation of a linear layer.

    .. math:: x

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> identity(jnp.array([-1.0, 0.0, 2.0]))
        Array([-1.,  0.,  2.], dtype=float32)

    References:
        Widrow and Hoff, 1960,
        https://docs.jax.dev/en/latest/_autosummary/jax.nn.identity.html
    """
    return jnp.asarray(x)


@elementwise(derivative=lambda x: jnp.where(x > 0, 1.0, 0.0))
def relu(x: ArrayLike) -> jax.Array:
    r"""Rectified linear unit. Its slope at 0 is 0, as in ``jax.nn``.

    .. math:: \max(x, 0)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> relu(jnp.array([-1.0, 0.0, 2.0]))
        Array([0., 0., 2.], dtype=float32)

    References:
        Nair and Hinton, 2010, https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf
    """
    return jnp.maximum(x, 0.0)


@elementwise
def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.01) -> jax.Array:
    r"""Leaky rectified linear unit. Its slope at 0 is 1, as in ``jax.nn``.

    .. math:: x \text{ if } x \ge 0 \text{ else } a x

    Args:
        x: input array, any shape.
        negative_slope: the slope a for negative inputs; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> leaky_relu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.01,  0.  ,  2.  ], dtype=float32)

    References:
        Maas et al., 2013, https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf
    """
    return jnp.where(x >= 0, x, negative_slope * x)
