"""Logarithms of sums of exponentials: softplus and its kin."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact._elementwise import elementwise
from jaxact._special.core import horner


@elementwise(derivative=special.sigmoid, from_output=lambda y: -special.expm1(-y))
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
    return special.softplus(x)


@elementwise(
    derivative=lambda x, beta: special.sigmoid(beta * x),
    from_output=lambda y, beta: -special.expm1(-beta * y),
)
def smooth_relu(x: ArrayLike, beta: ArrayLike = 1.0) -> jax.Array:
    r"""Softplus with a sharpness, the rectifier in the limit.

    .. math:: \frac{1}{\beta} \log(1 + e^{\beta x})

    Args:
        x: input array, any shape.
        beta: the sharpness of the bend, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> smooth_relu(jnp.array([-1.0, 0.0, 2.0]), beta=2.0)
        Array([0.0635, 0.3466, 2.0091], dtype=float32)

    References:
        Chen and Mangasarian, 1996, https://doi.org/10.1007/BF00249052
    """
    return jnp.where(x > 0, x, 0.0) + special.softplus(-beta * jnp.abs(x)) / beta


@elementwise(derivative=lambda x: special.sigmoid(-x), from_output=lambda y: -special.expm1(y))
def log_sigmoid(x: ArrayLike) -> jax.Array:
    r"""Logarithm of the sigmoid.

    .. math:: \log \frac{1}{1 + e^{-x}}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> log_sigmoid(jnp.array([-1.0, 0.0, 2.0]))
        Array([-1.3133, -0.6931, -0.1269], dtype=float32)

    References:
        Mikolov et al., 2013, https://arxiv.org/abs/1310.4546
    """
    return -special.softplus(-x)


def _sqrt_softplus_slope(y: jax.Array) -> jax.Array:
    # sigmoid(x) / (2 y) where y^2 = log(1 + e^x)
    tiny = y < 1e-9
    safe = jnp.where(tiny, 1.0, y)
    return jnp.where(tiny, 0.5 * y, -special.expm1(-safe * safe) / (2.0 * safe))


def _sqrt_softplus(x: Any) -> jax.Array:
    # Far to the left the root of e^x outlives e^x.
    far = x < -40.0
    e = special.exp(jnp.where(far, 0.5 * x, -jnp.abs(x)))
    return jnp.where(far, e, jnp.sqrt(jnp.where(far, 1.0, jnp.maximum(x, 0.0) + special.log1p(e))))


@elementwise(
    derivative=lambda x: _sqrt_softplus_slope(_sqrt_softplus(x)), from_output=_sqrt_softplus_slope
)
def sqrt_softplus(x: ArrayLike) -> jax.Array:
    r"""Square root of softplus.

    .. math:: \sqrt{\log(1 + e^x)}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sqrt_softplus(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.5597, 0.8326, 1.4584], dtype=float32)

    References:
        DeepSeek-AI, 2026, https://huggingface.co/deepseek-ai/DeepSeek-V4-Flash
    """
    return _sqrt_softplus(x)


@elementwise(derivative=special.tanh)
def log_cosh(x: ArrayLike) -> jax.Array:
    r"""Logarithm of the hyperbolic cosine, an absolute value with a round bottom.

    .. math:: \log \cosh x

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> log_cosh(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.4338, 0.    , 1.325 ], dtype=float32)

    References:
        Saleh and Saleh, 2022, https://arxiv.org/abs/2208.04564
    """
    t = jnp.abs(x)
    outer = (t - math.log(2.0)) + special.log1p(special.exp(-2.0 * t))
    return jnp.where(t < 1.0, _log_cosh_near(jnp.minimum(t, 1.0)), outer)


def _log_cosh_near(t: jax.Array) -> jax.Array:
    """``ln cosh(t)`` for ``t`` in [0, 1], where the sum of the other terms cancels."""
    if t.dtype == jnp.float64:
        # cosh(t) - 1 = (e^t - 1)^2 / (2 e^t)
        m = special.expm1(t)
        return special.log1p(0.5 * m * m / (1.0 + m))
    z = t * t
    # Degree 16, relative error 4e-9.
    q = horner(
        z, -0.0833332986, 0.0222214945, -0.00673997588, 0.00216179062, -0.000680135505,
        0.000176722882, -2.57662668e-05,
    )  # fmt: skip
    return z * (0.5 + z * q)
