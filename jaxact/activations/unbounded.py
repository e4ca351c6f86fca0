"""Functions without bounds that are no rectifiers, made of roots, powers and logarithms."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._special.roots import isru, root

# Its square fits float32, and beside it 1 no longer counts.
_FAR = 2.0**60


@elementwise(derivative=lambda x: 1.0 + 0.5 * isru(x, 1.0))
def bent_identity(x: ArrayLike) -> jax.Array:
    r"""Identity with a bend: slope 1/2 to the left, 3/2 to the right.

    .. math:: \frac{\sqrt{x^2 + 1} - 1}{2} + x

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> bent_identity(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.7929,  0.    ,  2.618 ], dtype=float32)

    References:
        Martens et al., 2021, https://arxiv.org/abs/2110.01765
    """
    # sqrt(x^2 + 1) - 1 would cancel near 0; beyond the cut its ratio to x is 1 to every digit.
    near = jnp.clip(x, -_FAR, _FAR)
    return x * (1.0 + 0.5 * near / (1.0 + jnp.sqrt(near * near + 1.0)))


@elementwise(derivative=lambda x: 2.0 * x)
def square(x: ArrayLike) -> jax.Array:
    r"""Square, the activation of polynomial networks.

    .. math:: x^2

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> square(jnp.array([-1.0, 0.0, 2.0]))
        Array([1., 0., 4.], dtype=float32)

    References:
        Livni et al., 2014, https://arxiv.org/abs/1410.1141
    """
    return x * x


@elementwise(derivative=lambda x: _seagull_slope(x))
def seagull(x: ArrayLike) -> jax.Array:
    r"""Logarithm of one plus the square.

    .. math:: \log(1 + x^2)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> seagull(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.6931, 0.    , 1.6094], dtype=float32)

    References:
        Gao and Zhang, 2023, https://arxiv.org/abs/2301.06635
    """
    # Beyond the cut the 1 no longer counts, and the logarithm of |x| is doubled.
    far = jnp.abs(x) > _FAR
    near = jnp.where(far, 0.0, x)
    return jnp.where(far, 2.0, 1.0) * jnp.log1p(jnp.where(far, jnp.abs(x), near * near))


@elementwise(derivative=lambda x: _one_over_root(x))
def arcsinh(x: ArrayLike) -> jax.Array:
    r"""Inverse hyperbolic sine: a line near 0, a logarithm far away.

    .. math:: \operatorname{arsinh}(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> arcsinh(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.8814,  0.    ,  1.4436], dtype=float32)

    References:
        Martens et al., 2021, https://arxiv.org/abs/2110.01765
    """
    return jnp.arcsinh(x)


@elementwise(derivative=lambda x: 1.0 / (1.0 + jnp.abs(x)))
def signed_log(x: ArrayLike) -> jax.Array:
    r"""Symmetric logarithm: a line near 0, a logarithm far away.

    .. math:: \operatorname{sign}(x) \log(1 + |x|)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> signed_log(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.6931,  0.    ,  1.0986], dtype=float32)

    References:
        Hafner et al., 2023, https://arxiv.org/abs/2301.04104
    """
    return jnp.sign(x) * jnp.log1p(jnp.abs(x))


def _seagull_slope(x: jax.Array) -> jax.Array:
    far = jnp.abs(x) > _FAR
    near, beyond = jnp.where(far, 0.0, x), jnp.where(far, x, 1.0)
    return jnp.where(far, 2.0 / beyond, 2.0 * near / (1.0 + near * near))


def _one_over_root(x: jax.Array) -> jax.Array:
    return 1.0 / root(x, 1.0)
