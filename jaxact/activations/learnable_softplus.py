"""Learnable products of the input with a softplus or a logarithm of an exponential."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._special import exp, expm1, sech2, sigmoid, softplus, tanh
from jaxact._special.core import finite
from jaxact._tails import UNSCALE, scaled_power

_LOW = -64.0
_HIGH = 80.0


def _log_of_sum(x, delta):
    """``ln(delta + e^x)`` and its slope; ``x`` and 1 for delta 0."""
    alone = delta == 0
    offset = jnp.log(jnp.where(alone, 1.0, delta))
    rest = jnp.where(alone, 0.0, x - offset)
    value = jnp.where(alone, x, offset + softplus(rest))
    return value, jnp.where(alone, 1.0, sigmoid(rest))


def _tanh_soft_parts(x, alpha, beta, gamma):
    """A line, and beta e^{gamma x}: as such, and 2^24 of it where it is too small to be felt."""
    exponent = gamma * x
    small = exponent < _LOW
    line = alpha * x
    capped = jnp.where(small, _LOW, jnp.minimum(exponent, _HIGH))
    # Near 0, where all errors add up, the second has the smaller one.
    bulk = jnp.where(jnp.abs(capped) < 0.5, beta + beta * expm1(capped), beta * exp(capped))
    rest = beta * scaled_power(jnp.where(small, jnp.maximum(exponent, -1000.0), _LOW))
    return small, line, jnp.where(small, 0.0, bulk), jnp.where(small, rest, 0.0)


def _tanh_soft_slope(x, alpha, beta, gamma, delta):
    x = finite(x)
    logarithm, share = _log_of_sum(x, delta)
    small, line, bulk, rest = _tanh_soft_parts(x, alpha, beta, gamma)
    bell = sech2(line + bulk)
    felt = jnp.where(bell > 0, logarithm, 0.0)
    slope = tanh(line + bulk) * share + felt * bell * (alpha + gamma * bulk)
    # To first order in the rest, which is below 1e-27.
    factor = share + gamma * felt - 2.0 * tanh(line) * alpha * felt
    return slope + jnp.where(small, (bell * factor * rest) * UNSCALE, 0.0)


def _tanh_soft_by_delta(x, alpha, beta, gamma, delta):
    x = finite(x)
    logarithm, _ = _log_of_sum(x, delta)
    small, line, bulk, rest = _tanh_soft_parts(x, alpha, beta, gamma)
    # Half the power twice, and a clip, so that nothing overflows before the gate closes.
    half = exp(-0.5 * jnp.maximum(logarithm, -150.0))
    tail = (sech2(line) * rest * half) * half * UNSCALE
    return tanh(line + bulk) * half * half + jnp.where(small, tail, 0.0)


@elementwise(derivative=_tanh_soft_slope, parameter_derivatives={"delta": _tanh_soft_by_delta})
def tanh_soft(
    x: ArrayLike,
    alpha: ArrayLike = 0.0,
    beta: ArrayLike = 0.6,
    gamma: ArrayLike = 1.0,
    delta: ArrayLike = 0.0,
) -> jax.Array:
    r"""TanhSoft; the default is TanhSoft-2, x tanh(0.6 e^x).

    .. math:: \tanh(\alpha x + \beta e^{\gamma x}) \ln(\delta + e^x)

    Args:
        x: input array, any shape.
        alpha: slope of the line in the gate; broadcasts against ``x``.
        beta: weight of the exponential in the gate.
        gamma: its rate, positive.
        delta: what is added in the logarithm, not negative; 0 makes it ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> tanh_soft(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2172,  0.    ,  1.9994], dtype=float32)

    References:
        Biswas et al., 2020, https://arxiv.org/abs/2009.03863
    """
    inner = finite(x)
    logarithm, _ = _log_of_sum(inner, delta)
    small, line, bulk, rest = _tanh_soft_parts(inner, alpha, beta, gamma)
    gate = tanh(line + bulk)
    tail = (logarithm * (sech2(line) * rest)) * UNSCALE
    y = logarithm * gate + jnp.where(small, tail, 0.0)
    return jnp.where(jnp.isinf(x) & (jnp.abs(y) > 1e30), jnp.sign(y) * jnp.inf, y)


def _power_of_softplus(x, alpha):
    """``softplus(x)^alpha``, its logarithm by alpha, and its derivative by ``x`` over alpha."""
    tail = x < -80.0
    base = softplus(x)
    logarithm = jnp.where(tail, x, jnp.log(jnp.where(tail, 1.0, base)))
    rest = exp(jnp.where(tail, alpha * x, (alpha - 1.0) * logarithm))
    return jnp.where(tail, rest, base * rest), jnp.where(tail, rest, sigmoid(x) * rest)


def _eis_parts(x, beta, gamma, delta, theta):
    """Sizes over max(1, |x|): of x, of 1, of the root; and the exponential."""
    large = jnp.abs(x) > 1.0
    inverse = 1.0 / jnp.where(large, jnp.abs(x), 1.0)
    unit = jnp.where(large, jnp.sign(x), x)
    root = jnp.sqrt(beta * inverse * inverse + gamma * unit * unit)
    cap = 700.0 if x.dtype == jnp.float64 else _HIGH
    return unit, inverse, root, delta * exp(jnp.minimum(-theta * x, cap))


def _eis_slope(x, alpha, beta, gamma, delta, theta):
    x = finite(x)
    power, power_slope = _power_of_softplus(x, alpha)
    unit, inverse, root, growth = _eis_parts(x, beta, gamma, delta, theta)
    bottom = root + growth * inverse
    near = jnp.clip(x, -1e15, 1e15)
    rest = inverse * (beta * inverse / root + growth * (1.0 + theta * near)) / bottom
    return ((power * inverse) * rest + unit * (alpha * power_slope)) / bottom


@elementwise(derivative=_eis_slope)
def eis(
    x: ArrayLike,
    alpha: ArrayLike = 1.0,
    beta: ArrayLike = 1.0,
    gamma: ArrayLike = 1.0,
    delta: ArrayLike = 0.0,
    theta: ArrayLike = 1.0,
) -> jax.Array:
    r"""EIS: exponential, ISRU and softplus; the default is EIS-2.

    .. math:: x (\ln(1 + e^x))^\alpha / (\sqrt{\beta + \gamma x^2} + \delta e^{-\theta x})

    Args:
        x: input array, any shape.
        alpha: power of the softplus; broadcasts against ``x``.
        beta: constant under the root, positive.
        gamma: weight of the square under the root, positive.
        delta: weight of the exponential, not negative.
        theta: its rate.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> eis(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2215,  0.    ,  1.9024], dtype=float32)

    References:
        Biswas et al., 2020, https://arxiv.org/abs/2009.13501
    """
    inner = finite(x)
    power, _ = _power_of_softplus(inner, alpha)
    unit, inverse, root, growth = _eis_parts(inner, beta, gamma, delta, theta)
    y = unit * power / (root + growth * inverse)
    return jnp.where(jnp.isinf(x) & (y > 1e30), jnp.inf, y)
