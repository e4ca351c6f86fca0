"""Exponential units with learnable parameters."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import functools
from math import factorial

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._lines import times
from jaxact._special import exp, expm1
from jaxact._tails import FAR


def _pelu_exponent(x, beta):
    return jnp.where(x > 0, 0.0, jnp.maximum(x, -FAR * beta)) / beta


@elementwise(derivative=lambda x, alpha, beta: alpha / beta * exp(_pelu_exponent(x, beta)))
def pelu(x: ArrayLike, alpha: ArrayLike = 1.0, beta: ArrayLike = 1.0) -> jax.Array:
    r"""Parametric exponential linear unit, smooth at 0 for all parameters.

    .. math:: \alpha x / \beta \text{ if } x \ge 0 \text{ else } \alpha (e^{x / \beta} - 1)

    Args:
        x: input array, any shape.
        alpha: minus the limit at minus infinity, positive; broadcasts against ``x``.
        beta: width of the exponential, positive.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> pelu(jnp.array([-1.0, 0.0, 2.0]), alpha=2.0)
        Array([-1.2642,  0.    ,  4.    ], dtype=float32)

    References:
        Trottier et al., 2017, https://arxiv.org/abs/1605.09332
    """
    return jnp.where(x >= 0, alpha / beta * x, alpha * expm1(_pelu_exponent(x, beta)))


def _mpelu_exponent(x, beta):
    return jnp.maximum(beta * jnp.where(x > 0, 0.0, x), -FAR)


@elementwise(
    derivative=lambda x, alpha, beta: jnp.where(
        x > 0, 1.0, alpha * beta * exp(_mpelu_exponent(x, beta))
    )
)
def mpelu(x: ArrayLike, alpha: ArrayLike = 1.0, beta: ArrayLike = 1.0) -> jax.Array:
    r"""Multiple parametric exponential linear unit. Its slope at 0 is the left one.

    .. math:: x \text{ if } x > 0 \text{ else } \alpha (e^{\beta x} - 1)

    Args:
        x: input array, any shape.
        alpha: minus the limit at minus infinity; broadcasts against ``x``.
        beta: rate of the exponential, positive.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> mpelu(jnp.array([-1.0, 0.0, 2.0]), alpha=2.0)
        Array([-1.2642,  0.    ,  2.    ], dtype=float32)

    References:
        Li et al., 2016, https://arxiv.org/abs/1606.00305
    """
    return jnp.where(x > 0, x, alpha * expm1(_mpelu_exponent(x, beta)))


def _deformed(x, t):
    """Whether the deformed exponential of the negative part is above 0, and its logarithm."""
    rate = 1.0 - t
    inside = rate * x > -1.0
    u = jnp.where(inside & (x <= 0), x, 0.0)
    # The rate times a tiny number might be below the normal numbers.
    still = (rate == 0) | (jnp.abs(u) < 1e-30)
    return inside, jnp.where(still, u, jnp.log1p(rate * u) / jnp.where(still, 1.0, rate))


def _pdelu_slope(x, alpha, t):
    inside, logarithm = _deformed(x, t)
    return jnp.where(x > 0, 1.0, jnp.where(inside, alpha * exp(t * logarithm), 0.0))


@elementwise(derivative=_pdelu_slope)
def pdelu(x: ArrayLike, alpha: ArrayLike = 1.0, t: ArrayLike = 0.9) -> jax.Array:
    r"""Parametric deformable exponential linear unit. Its slope at 0 is alpha.

    .. math:: x \text{ if } x > 0 \text{ else } \alpha (\max(1 + (1 - t) x, 0)^{1 / (1 - t)} - 1)

    where :math:`t = 1` is the limit, an elu.

    Args:
        x: input array, any shape.
        alpha: minus the limit at minus infinity; broadcasts against ``x``.
        t: the deformation, positive: an exponential at 1.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> pdelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.6513,  0.    ,  2.    ], dtype=float32)

    References:
        Cheng et al., 2020, https://doi.org/10.1016/j.neunet.2020.02.012
    """
    inside, logarithm = _deformed(x, t)
    left = jnp.where(inside, alpha * expm1(logarithm), -alpha)
    return jnp.where((x > 0) | jnp.isnan(x), x, left)


def _by_sign(x, alpha):
    """For positive alpha alpha x, for negative 1 - alpha (x + alpha) less 1; 0 elsewhere."""
    right = jnp.where(alpha > 0, alpha * x, 0.0)
    left = jnp.where(alpha < 0, -alpha * (x + alpha), 0.0)
    return right, left


def _soft_exponential_slope(x, alpha):
    right, left = _by_sign(x, alpha)
    root = 1.0 / jnp.where(left < -1.0, jnp.nan, 1.0 + left)
    return jnp.where(alpha < 0, root, exp(right))


def _soft_exponential_by_alpha(x, alpha):
    right, left = _by_sign(x, alpha)
    # Series where the closed forms cancel; their first terms join at 0.
    near = jnp.abs(right) < 1.0
    rising = _series(jnp.where(near, right, 0.0), [(n + 1) / factorial(n + 2) for n in range(13)])
    a = jnp.where(near, 1.0, alpha)
    growth = ((right - 1.0) * exp(right) + 1.0) / (a * a)
    positive = jnp.where(near, x * (x * rising), growth) + 1.0
    near = jnp.abs(left) < 0.2
    signed = [(-1) ** n * (n + 1) / (n + 2) for n in range(16)]
    falling = _series(jnp.where(near, left, 0.0), signed)
    far = jnp.where(near, 0.0, left)
    a = jnp.where(near, 1.0, alpha)
    decline = (jnp.log1p(far) - far / (1.0 + far)) / (a * a)
    y = x + alpha
    negative = jnp.where(near, y * (y * falling), decline) + 1.0 / (1.0 + left)
    return jnp.where(alpha < 0, negative, positive)


def _series(x, coefficients):
    return functools.reduce(lambda y, c: y * x + c, coefficients[::-1], jnp.zeros_like(x))


@elementwise(
    derivative=_soft_exponential_slope,
    parameter_derivatives={"alpha": _soft_exponential_by_alpha},
)
def soft_exponential(x: ArrayLike, alpha: ArrayLike = 0.0) -> jax.Array:
    r"""Soft exponential, between a logarithm at alpha -1 and an exponential at 1.

    .. math:: (e^{\alpha x} - 1) / \alpha + \alpha \text{ if } \alpha > 0

    It is ``x`` for alpha 0, and for negative alpha

    .. math:: -\ln(1 - \alpha (x + \alpha)) / \alpha \text{ if } \alpha < 0

    Args:
        x: input array, any shape.
        alpha: from -1 to 1; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``. NaN outside of the logarithm's domain.

    Example:
        >>> soft_exponential(jnp.array([-1.0, 0.0, 2.0]), alpha=1.0)
        Array([0.3679, 1.    , 7.3891], dtype=float32)

    References:
        Godfrey and Gashler, 2015, https://arxiv.org/abs/1602.01321
    """
    right, left = _by_sign(x, alpha)
    rate = jnp.where(alpha == 0, 1.0, alpha)
    curved = jnp.where(alpha < 0, -jnp.log1p(left), expm1(right)) / rate
    return jnp.where(alpha == 0, x, curved + jnp.where(alpha > 0, alpha, 0.0))


def _expm1_less_argument(x):
    """``e^x - 1 - x`` over ``x``, of negative arguments near zero."""
    return x * _series(x, [1.0 / factorial(n + 2) for n in range(14)])


def _xielu_slope(x, alpha_p, alpha_n, beta, eps):
    curved = alpha_n * expm1(jnp.minimum(x, 0.0))
    # Without an interval between eps and 0 the curve reaches 0 itself.
    left = jnp.where((x < eps) | (eps >= 0), curved, -alpha_n)
    return beta + jnp.where(x > 0, 2.0 * alpha_p * x, left)


@elementwise(derivative=_xielu_slope)
def xielu(
    x: ArrayLike,
    alpha_p: ArrayLike = 0.8,
    alpha_n: ArrayLike = 0.8,
    beta: ArrayLike = 0.5,
    eps: ArrayLike = 0.0,
) -> jax.Array:
    r"""Expanded integral of the exponential linear unit.

    .. math:: \beta x + (\alpha_p x^2 \text{ if } x > 0 \text{ else } \alpha_n (e^x - 1 - x))

    where the exponential is of the smaller of ``x`` and ``eps``.

    Args:
        x: input array, any shape.
        alpha_p: curvature of positive inputs, positive; broadcasts against ``x``.
        alpha_n: curvature of negative inputs, positive.
        beta: slope at 0.
        eps: largest argument of the exponential; 0 gives the paper's formula, -1e-6 that of
            transformers, which has a slope of beta - alpha_n from there to 0.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> xielu(jnp.array([-1.0, 0.5, 2.0]))
        Array([-0.2057,  0.45  ,  4.2   ], dtype=float32)

    References:
        Huang and Schlag, 2024, https://arxiv.org/abs/2411.13010
    """
    low = jnp.minimum(x, eps)
    tiny = jnp.maximum(low, -1.0)
    near = x * (alpha_n * _expm1_less_argument(tiny) + beta)
    far = alpha_n * expm1(low) + times(beta - alpha_n, x)
    left = jnp.where(x < eps, jnp.where(x > -1.0, near, far), far)
    return jnp.where(x > 0, x * (alpha_p * x + beta), left)
