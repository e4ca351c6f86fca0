"""Exponential units with learnable parameters."""

import math

import mpmath as mp
import numpy as np
from numpy import clip, exp, expm1, hypot, log1p, logaddexp, maximum, minimum, sqrt, tanh, where
from scipy.special import expit

from ._tools import hyperbolic_bell, limits, number, quiet, tables


@limits
def pelu(x, alpha=1.0, beta=1.0):
    return where(x >= 0, np.divide(alpha, beta) * x, alpha * expm1(minimum(x, 0.0) / beta))


@limits
def pelu_slope(x, alpha=1.0, beta=1.0):
    return np.divide(alpha, beta) * exp(minimum(x, 0.0) / beta)


def pelu_exact(x, alpha=1.0, beta=1.0):
    return alpha / beta * x if x >= 0 else alpha * (mp.exp(x / beta) - 1)


@limits
def mpelu(x, alpha=1.0, beta=1.0):
    return where(x > 0, x, alpha * expm1(beta * minimum(x, 0.0)))


@limits
def mpelu_slope(x, alpha=1.0, beta=1.0):
    return where(x > 0, 1.0, alpha * beta * exp(beta * minimum(x, 0.0)))


def mpelu_exact(x, alpha=1.0, beta=1.0):
    return x if x > 0 else alpha * (mp.exp(beta * x) - 1)


@limits
def pdelu(x, alpha=1.0, t=0.9):
    return where(x > 0, x, alpha * expm1(_deformed(x, t)))


@limits
def pdelu_slope(x, alpha=1.0, t=0.9):
    # The slope of u^(1 / (1 - t)) for u = 1 + (1 - t) x is its power t.
    logarithm = _deformed(x, t)
    power = where(logarithm == -np.inf, 0.0, exp(t * logarithm))
    return number(x, where(x > 0, 1.0, alpha * power))


def _deformed(x, t):
    """The logarithm of the deformed exponential of x."""
    x = minimum(x, 0.0)
    rate = where(t == 1, 1.0, 1 - np.asarray(t))
    return where(t == 1, x, log1p(maximum(rate * x, -1.0)) / rate)


def pdelu_exact(x, alpha=1.0, t=0.9):
    if x > 0:
        return x
    power = mp.exp(x) if t == 1 else max(1 + (1 - t) * x, mp.mpf(0)) ** (1 / (1 - t))
    return alpha * (power - 1)


@quiet
def soft_exponential(x, alpha=0.0):
    rate = where(alpha == 0, 1.0, alpha)
    left = -log1p(-rate * (x + rate)) / rate
    right = expm1(rate * x) / rate + rate
    return where(alpha == 0, x, where(np.asarray(alpha) < 0, left, right))


@quiet
def soft_exponential_slope(x, alpha=0.0):
    argument = 1 - alpha * (x + np.asarray(alpha))
    left = where(argument >= 0, 1 / argument, np.nan)
    return number(x, where(alpha == 0, 1.0, where(np.asarray(alpha) < 0, left, exp(alpha * x))))


def soft_exponential_exact(x, alpha=0.0):
    if alpha == 0:
        return x
    if alpha > 0:
        return (mp.exp(alpha * x) - 1) / alpha + alpha
    argument = 1 - alpha * (x + alpha)
    return mp.nan if argument < 0 else -mp.log(argument) / alpha


@limits
def xielu(x, alpha_p=0.8, alpha_n=0.8, beta=0.5, eps=0.0):
    near = clip(minimum(x, eps), -0.5, 0.5)
    series = sum(near**k / math.factorial(k) for k in range(18, 1, -1))  # e^x - 1 - x
    low = minimum(x, eps)
    left = alpha_n * series + alpha_n * (low - x) + beta * x
    far = alpha_n * expm1(low) + (beta - np.asarray(alpha_n)) * x
    return where(x > 0, (alpha_p * x + beta) * x, where(abs(low) < 0.5, left, far))


@limits
def xielu_slope(x, alpha_p=0.8, alpha_n=0.8, beta=0.5, eps=0.0):
    near = alpha_n * expm1(minimum(x, eps)) + beta
    far = alpha_n * exp(minimum(x, eps)) + (beta - np.asarray(alpha_n))
    left = where(x < eps, where(x < -0.5, far, near), beta - np.asarray(alpha_n))
    return where(x > 0, 2 * alpha_p * x + beta, number(x, left))


def xielu_exact(x, alpha_p=0.8, alpha_n=0.8, beta=0.5, eps=0.0):
    if x > 0:
        return alpha_p * x**2 + beta * x
    return alpha_n * (mp.exp(min(x, eps)) - 1 - x) + beta * x


def _softplus_with(delta, x):
    """The logarithm of ``delta + e^x``."""
    return logaddexp(np.log(delta), x)


@limits
def tanh_soft(x, alpha=0.0, beta=0.6, gamma=1.0, delta=0.0):
    power = exp(minimum(gamma * x, 600.0))
    return tanh(alpha * x + beta * power) * _softplus_with(delta, x)


@limits
def tanh_soft_slope(x, alpha=0.0, beta=0.6, gamma=1.0, delta=0.0):
    power = exp(minimum(gamma * x, 600.0))
    argument = alpha * x + beta * power
    rate = hyperbolic_bell(argument) * (alpha + beta * gamma * power)
    share = where(delta == 0, 1.0, 1 / (1 + delta * exp(-x)))
    return rate * _softplus_with(delta, x) + tanh(argument) * share


def tanh_soft_exact(x, alpha=0.0, beta=0.6, gamma=1.0, delta=0.0):
    power = mp.exp(min(gamma * x, 10**4))
    logarithm = x if delta == 0 else mp.log(delta + mp.exp(x))
    return mp.tanh(alpha * x + beta * power) * logarithm


def _eis_parts(x, alpha, beta, gamma, delta, theta):
    """The numerator without x, then the root and the exponential of the denominator."""
    growth = where(delta == 0, 0.0, delta * exp(-theta * x))
    return logaddexp(0.0, x) ** alpha, hypot(sqrt(beta), sqrt(gamma) * x), growth


@limits
def eis(x, alpha=1.0, beta=1.0, gamma=1.0, delta=0.0, theta=1.0):
    power, root, growth = _eis_parts(x, alpha, beta, gamma, delta, theta)
    return x / (root + growth) * power


@limits
def eis_slope(x, alpha=1.0, beta=1.0, gamma=1.0, delta=0.0, theta=1.0):
    power, root, growth = _eis_parts(x, alpha, beta, gamma, delta, theta)
    low = maximum(x, -700.0)  # Where sigmoid over softplus has long been one.
    of_power = alpha * x * expit(low) / logaddexp(0.0, low)
    # With share = growth / denominator, one minus x times the denominator's relative slope.
    share = 1 / (1 + root / growth)
    rest = share * (1 + theta * x) + beta / root / root * (1 - share)
    return power / (root + growth) * (of_power + rest)


def eis_exact(x, alpha=1.0, beta=1.0, gamma=1.0, delta=0.0, theta=1.0):
    denominator = mp.sqrt(beta + gamma * x**2) + delta * mp.exp(-theta * x)
    return x * mp.log(1 + mp.exp(x)) ** alpha / denominator


NAMES = ("pelu", "mpelu", "pdelu", "soft_exponential", "xielu", "tanh_soft", "eis")
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
