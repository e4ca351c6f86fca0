"""Exponential units and the logarithms that invert them."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
from numpy import exp, expm1, log1p, maximum, minimum, sqrt, where
from scipy.special import expit

from ._tools import quiet

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def elu(x, alpha=1.0):
    return where(x > 0, x, alpha * expm1(minimum(x, 0.0)))


def elu_slope(x, alpha=1.0):
    return where(x > 0, 1.0, alpha * exp(minimum(x, 0.0)))


def elu_exact(x, alpha=1.0):
    return x if x > 0 else alpha * (mp.exp(x) - 1)


def celu(x, alpha=1.0):
    return where(x > 0, x, alpha * expm1(minimum(x, 0.0) / alpha))


def celu_slope(x, alpha=1.0):
    return exp(minimum(x, 0.0) / alpha)


def celu_exact(x, alpha=1.0):
    return x if x > 0 else alpha * (mp.exp(x / alpha) - 1)


def selu(x):
    return SELU_SCALE * elu(x, SELU_ALPHA)


def selu_slope(x):
    return SELU_SCALE * elu_slope(x, SELU_ALPHA)


def selu_exact(x):
    # Equation 14 of Klambauer et al.: the closed form of alpha and lambda.
    e, a, b = mp.sqrt(mp.e), mp.erfc(mp.sqrt(0.5)), mp.erfc(mp.sqrt(2))
    alpha = -mp.sqrt(2 / mp.pi) / (a * e - 1)
    inner = 2 * b * mp.e**2 + mp.pi * a**2 * mp.e - 2 * (2 + mp.pi) * a * e + mp.pi + 2
    return (1 - a * e) * mp.sqrt(2 * mp.pi) / mp.sqrt(inner) * elu_exact(x, alpha)


@quiet
def exponential(x):
    return exp(x)


def softplus(x):
    return maximum(x, 0.0) + log1p(exp(-abs(x)))


def softplus_exact(x):
    return mp.log(1 + mp.exp(x))


@quiet
def smooth_relu(x, beta=1.0):
    return maximum(x, 0.0) + log1p(exp(-abs(beta * x))) / beta


@quiet
def smooth_relu_slope(x, beta=1.0):
    return expit(beta * x)


def smooth_relu_exact(x, beta=1.0):
    return mp.log(1 + mp.exp(beta * x)) / beta


def log_sigmoid(x):
    return -softplus(-x)


def log_sigmoid_slope(x):
    return expit(-x)


def log_sigmoid_exact(x):
    return mp.log(1 / (1 + mp.exp(-x)))


def sqrt_softplus(x):
    # Far left softplus is e^x, whose root outlives it.
    return where(x < -40, exp(minimum(x, 0.0) / 2), sqrt(softplus(x)))


def sqrt_softplus_slope(x):
    root = sqrt(softplus(maximum(x, -40.0)))
    return where(x < -40, exp(minimum(x, 0.0) / 2) / 2, expit(x) / (2 * root))


def sqrt_softplus_exact(x):
    return mp.sqrt(mp.log(1 + mp.exp(x)))


def log_cosh(x):
    size = abs(x)
    # cosh x = 1 + 2 sinh(x/2)^2
    near = log1p(2 * np.sinh(minimum(size, 1.0) / 2) ** 2)
    return where(size < 1, near, size + log1p(exp(-size) ** 2) - np.log(2))


def log_cosh_exact(x):
    return mp.log(mp.cosh(x))


VALUE: dict[str, Callable] = {
    "elu": elu,
    "celu": celu,
    "selu": selu,
    "exponential": exponential,
    "softplus": softplus,
    "smooth_relu": smooth_relu,
    "log_sigmoid": log_sigmoid,
    "sqrt_softplus": sqrt_softplus,
    "log_cosh": log_cosh,
}
SLOPE: dict[str, Callable] = {
    "elu": elu_slope,
    "celu": celu_slope,
    "selu": selu_slope,
    "exponential": exponential,
    "softplus": expit,
    "smooth_relu": smooth_relu_slope,
    "log_sigmoid": log_sigmoid_slope,
    "sqrt_softplus": sqrt_softplus_slope,
    "log_cosh": np.tanh,
}
EXACT: dict[str, Callable] = {
    "elu": elu_exact,
    "celu": celu_exact,
    "selu": selu_exact,
    "exponential": mp.exp,
    "softplus": softplus_exact,
    "smooth_relu": smooth_relu_exact,
    "log_sigmoid": log_sigmoid_exact,
    "sqrt_softplus": sqrt_softplus_exact,
    "log_cosh": log_cosh_exact,
}
