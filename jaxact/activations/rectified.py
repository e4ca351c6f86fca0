"""Rectifiers: piecewise linear and continuous."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._arrays import array_function
from jaxact._elementwise import elementwise
from jaxact._lines import times


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
        https://isl.stanford.edu/~widrow/papers/c1960adaptiveswitching.pdf
    """
    return jnp.asarray(x)


@elementwise(pieces=lambda x, y: (y > 0, (0.0, 1.0)))
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


@elementwise(pieces=lambda x, y, negative_slope: (x >= 0, (negative_slope, 1.0)))
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
    return jnp.where(x >= 0, x, times(negative_slope, x))


@elementwise(pieces=lambda x, y: ((y > 0) & (y < 6), (0.0, 1.0)))
def relu6(x: ArrayLike) -> jax.Array:
    r"""Relu cut off at 6. Its slope at 0 and at 6 is 0, as in ``jax.nn``.

    .. math:: \min(\max(x, 0), 6)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> relu6(jnp.array([-1.0, 2.0, 8.0]))
        Array([0., 2., 6.], dtype=float32)

    References:
        Krizhevsky, 2010, https://www.cs.toronto.edu/~kriz/conv-cifar10-aug2010.pdf
    """
    return jnp.minimum(jnp.maximum(x, 0.0), 6.0)


@elementwise(pieces=lambda x, y, n: ((x > 0) & (x < n), (0.0, 1.0)))
def relu_n(x: ArrayLike, n: ArrayLike = 6.0) -> jax.Array:
    r"""Relu cut off at a level. Its slope at 0 and at n is 0.

    .. math:: \min(\max(x, 0), n)

    Args:
        x: input array, any shape.
        n: the largest value; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> relu_n(jnp.array([-1.0, 2.0, 8.0]), n=4.0)
        Array([0., 2., 4.], dtype=float32)

    References:
        Krizhevsky, 2010, https://www.cs.toronto.edu/~kriz/conv-cifar10-aug2010.pdf
    """
    return jnp.where(jnp.maximum(x, 0.0) >= n, n, jnp.maximum(x, 0.0))


@elementwise(pieces=lambda x, y: (_side(x), (-1.0, 0.0, 1.0)))
def absolute(x: ArrayLike) -> jax.Array:
    r"""Absolute value, the rectification of early convolutional networks. Its slope at 0 is 0.

    .. math:: |x|

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> absolute(jnp.array([-1.0, 0.0, 2.0]))
        Array([1., 0., 2.], dtype=float32)

    References:
        Jarrett et al., 2009, https://doi.org/10.1109/ICCV.2009.5459469
    """
    return jnp.abs(x)


@elementwise(pieces=lambda x, y, delta: (x > -delta, (0.0, 1.0)))
def shifted_relu(x: ArrayLike, delta: ArrayLike = 1.0) -> jax.Array:
    r"""Relu shifted down and left, also called displaced. Its slope at the kink is 0.

    .. math:: \max(x, -\delta)

    Args:
        x: input array, any shape.
        delta: minus the smallest value; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> shifted_relu(jnp.array([-4.0, -0.5, 2.0]))
        Array([-1. , -0.5,  2. ], dtype=float32)

    References:
        Clevert et al., 2016, https://arxiv.org/abs/1511.07289
    """
    return jnp.where(x <= -delta, -delta, x)


def _side(x: jax.Array) -> jax.Array:
    """0, 1 or 2 as int8: below, at or above zero."""
    return jnp.where(x > 0, 2, jnp.where(x < 0, 0, 1)).astype(jnp.int8)
