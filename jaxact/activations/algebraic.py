"""Sigmoids without an exponential: quotients, roots, polynomials, the arctangent."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._special.core import differentiable, finite, soft_sign_slope
from jaxact._special.roots import isru as isru_value
from jaxact._special.roots import isru_slope, root


@elementwise(derivative=soft_sign_slope)
def soft_sign(x: ArrayLike) -> jax.Array:
    r"""Softsign.

    .. math:: \frac{x}{1 + |x|}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> soft_sign(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.5   ,  0.    ,  0.6667], dtype=float32)

    References:
        Turian et al., 2009, https://aclanthology.org/N09-2062/
    """
    # Beyond 1e20 the quotient is 1 to every digit.
    near = jnp.clip(x, -1e20, 1e20)
    return near / (1.0 + jnp.abs(near))


@elementwise(derivative=lambda x: 0.5 * soft_sign_slope(x))
def elliott(x: ArrayLike) -> jax.Array:
    r"""Elliott's sigmoid: softsign between 0 and 1.

    .. math:: \frac{x}{2 (1 + |x|)} + \frac{1}{2}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> elliott(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.25  , 0.5   , 0.8333], dtype=float32)

    References:
        Elliott, 1993, https://drum.lib.umd.edu/handle/1903/5355
    """
    tail = 0.5 / (1.0 + jnp.abs(x))
    return jnp.where(x < 0, tail, 1.0 - tail)


@elementwise(derivative=lambda x, alpha: isru_slope(x, alpha))
def isru(x: ArrayLike, alpha: ArrayLike = 1.0) -> jax.Array:
    r"""Inverse square root unit.

    .. math:: \frac{x}{\sqrt{1 + \alpha x^2}}

    Args:
        x: input array, any shape.
        alpha: inverse square of the limit at infinity, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> isru(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.7071,  0.    ,  0.8944], dtype=float32)

    References:
        Carlile et al., 2017, https://arxiv.org/abs/1710.09967
    """
    return isru_value(x, alpha)


@elementwise(derivative=lambda x: (1.0 / root(x, 1.0)) * (1.0 / (1.0 + root(x, 1.0))))
def rootsig(x: ArrayLike) -> jax.Array:
    r"""Rootsig.

    .. math:: \frac{x}{1 + \sqrt{1 + x^2}}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> rootsig(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4142,  0.    ,  0.618 ], dtype=float32)

    References:
        Kunc and Klema, 2024, https://arxiv.org/abs/2402.09092
    """
    # Beyond 2^60 the quotient is 1 to every digit.
    near = jnp.clip(x, -(2.0**60), 2.0**60)
    return near / (1.0 + jnp.sqrt(near * near + 1.0))


@elementwise(derivative=lambda x: _arctan_slope(x))
def arctan(x: ArrayLike) -> jax.Array:
    r"""Arctangent.

    .. math:: \arctan(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> arctan(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.7854,  0.    ,  1.1071], dtype=float32)

    References:
        Martens et al., 2021, https://arxiv.org/abs/2110.01765
    """
    return jnp.arctan(x)


@elementwise(derivative=lambda x: jnp.maximum(1.0 - 0.5 * jnp.abs(x), 0.0))
def sqnl(x: ArrayLike) -> jax.Array:
    r"""Square nonlinearity: two parabolas between -2 and 2.

    .. math:: x - \frac{x |x|}{4} \text{ if } |x| \le 2 \text{ else } \operatorname{sign}(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sqnl(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-1.  , -0.75,  0.  ,  1.  ,  1.  ], dtype=float32)

    References:
        Wuraola and Patel, 2018, https://doi.org/10.1109/IJCNN.2018.8489043
    """
    near = jnp.clip(x, -2.0, 2.0)
    return near * (1.0 - 0.25 * jnp.abs(near))


@elementwise(
    derivative=lambda x, gamma: _smooth_step_slope(x, gamma),
    parameter_derivatives={
        "gamma": lambda x, gamma: -_inner(x, gamma) / gamma * _smooth_step_slope(x, gamma)
    },
)
def smooth_step(x: ArrayLike, gamma: ArrayLike = 1.0) -> jax.Array:
    r"""Cubic step that is exactly 0 or 1 outside its width.

    .. math:: -2 t^3 + 1.5 t + 0.5, \quad t = \max(-0.5, \min(x / \gamma, 0.5))

    Args:
        x: input array, any shape.
        gamma: width of the step, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> smooth_step(jnp.array([-1.0, -0.25, 0.0, 0.25, 1.0]))
        Array([0.    , 0.1562, 0.5   , 0.8438, 1.    ], dtype=float32)

    References:
        Hazimeh et al., 2020, https://arxiv.org/abs/2002.07772
    """
    # The same cubic about its double root, where its terms would cancel.
    p = (_inner(x, gamma) + 0.5 * gamma) / gamma
    return p * p * (3.0 - 2.0 * p)


def _arctan_curvature(x: jax.Array) -> jax.Array:
    return -2.0 * (finite(x) * _arctan_slope(x)) * _arctan_slope(x)


@differentiable(_arctan_curvature)
def _arctan_slope(x: Any) -> jax.Array:
    return 1.0 / (1.0 + x * x)


def _inner(x: Any, gamma: Any) -> jax.Array:
    return jnp.clip(x, -0.5 * gamma, 0.5 * gamma)


def _smooth_step_slope(x: jax.Array, gamma: jax.Array) -> jax.Array:
    inner = _inner(x, gamma)
    left, right = (0.5 * gamma + inner) / gamma, (0.5 * gamma - inner) / gamma
    return 6.0 * left * right / gamma
