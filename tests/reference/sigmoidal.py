"""Sigmoidal functions: flat at both ends, by the exponential."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
from numpy import exp, expm1, maximum, minimum, where
from scipy.special import expit

from ._tools import FAR, quiet
from .exponential import softplus


def sigmoid(x):
    return expit(x)


def sigmoid_slope(x):
    decay = exp(-abs(x))
    return decay / (1 + decay) ** 2


def sigmoid_exact(x):
    return 1 / (1 + mp.exp(-x))


def tanh(x):
    return np.tanh(x)


def tanh_slope(x):
    # tanh(x) = 2 sigmoid(2 x) - 1
    return 4 * sigmoid_slope(2 * np.clip(x, -FAR, FAR))


def tanh_exact(x):
    return (mp.exp(x) - mp.exp(-x)) / (mp.exp(x) + mp.exp(-x))


def bipolar_sigmoid(x):
    return np.tanh(x / 2)


def bipolar_sigmoid_slope(x):
    return 2 * sigmoid_slope(x)


def bipolar_sigmoid_exact(x):
    return (1 - mp.exp(-x)) / (1 + mp.exp(-x))


def lecun_tanh(x):
    return 1.7159 * np.tanh(x / 1.5)


def lecun_tanh_slope(x):
    return 1.7159 / 1.5 * tanh_slope(x / 1.5)


def lecun_tanh_exact(x):
    return mp.mpf("1.7159") * mp.tanh(2 * x / 3)


def penalized_tanh(x):
    return where(x > 0, 1.0, 0.25) * np.tanh(x)


def penalized_tanh_slope(x):
    return where(x > 0, 1.0, 0.25) * tanh_slope(x)


def penalized_tanh_exact(x):
    return mp.tanh(x) if x > 0 else mp.tanh(x) / 4


def soft_cap(x, cap=30.0):
    return cap * np.tanh(x / cap)


def soft_cap_slope(x, cap=30.0):
    return tanh_slope(x / cap)


def soft_cap_exact(x, cap=30.0):
    return cap * mp.tanh(x / cap)


def cloglog(x):
    return -expm1(-exp(minimum(x, 100.0)))


def cloglog_slope(x):
    x = minimum(x, 100.0)
    return exp(x - exp(x))


def cloglog_exact(x):
    return 1 - gompertz_exact(x)


def gompertz_exact(x):
    # Beyond 100 this is zero to any precision, and would fill the memory.
    return mp.exp(-mp.exp(min(x, mp.mpf(100))))


@quiet
def soft_clipping(x, alpha=1.0):
    # (1 + e^u) / (1 + e^(u - a)) = 1 + (e^a - 1) sigmoid(u - a)
    gate = _log_expm1(alpha) - softplus(-alpha * (x - 1))
    return softplus(gate) / alpha


@quiet
def soft_clipping_slope(x, alpha=1.0):
    # sigmoid(u) - sigmoid(u - a) = (e^a - 1) sigmoid(u - a) sigmoid(-u)
    return exp(_log_expm1(alpha) - softplus(-alpha * (x - 1)) - softplus(alpha * x))


def _log_expm1(x):
    return x + np.log(-expm1(-x))


def soft_clipping_exact(x, alpha=1.0):
    # Where it is one, what is left of its slope lies far below the digits of the rest.
    with mp.extradps(400):
        return mp.log((1 + mp.exp(alpha * x)) / (1 + mp.exp(alpha * (x - 1)))) / alpha


def hexpo(x, a=1.0, b=1.0, c=1.0, d=1.0):
    right, left = -a * expm1(-maximum(x, 0.0) / b), c * expm1(minimum(x, 0.0) / d)
    return where(x >= 0, right, left)


def hexpo_slope(x, a=1.0, b=1.0, c=1.0, d=1.0):
    right, left = a / b * exp(-maximum(x, 0.0) / b), c / d * exp(minimum(x, 0.0) / d)
    return where(x >= 0, right, left)


def hexpo_exact(x, a=1.0, b=1.0, c=1.0, d=1.0):
    return -a * (mp.exp(-x / b) - 1) if x >= 0 else c * (mp.exp(x / d) - 1)


def gudermannian(x):
    return 2 * np.arctan(np.tanh(x / 2))


def gudermannian_slope(x):
    decay = exp(-abs(x))
    return 2 * decay / (1 + decay**2)


def gudermannian_exact(x):
    return 2 * mp.atan(mp.tanh(x / 2))


VALUE: dict[str, Callable] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "bipolar_sigmoid": bipolar_sigmoid,
    "lecun_tanh": lecun_tanh,
    "penalized_tanh": penalized_tanh,
    "soft_cap": soft_cap,
    "cloglog": cloglog,
    "soft_clipping": soft_clipping,
    "hexpo": hexpo,
    "gudermannian": gudermannian,
}
SLOPE: dict[str, Callable] = {
    "sigmoid": sigmoid_slope,
    "tanh": tanh_slope,
    "bipolar_sigmoid": bipolar_sigmoid_slope,
    "lecun_tanh": lecun_tanh_slope,
    "penalized_tanh": penalized_tanh_slope,
    "soft_cap": soft_cap_slope,
    "cloglog": cloglog_slope,
    "soft_clipping": soft_clipping_slope,
    "hexpo": hexpo_slope,
    "gudermannian": gudermannian_slope,
}
EXACT: dict[str, Callable] = {
    "sigmoid": sigmoid_exact,
    "tanh": tanh_exact,
    "bipolar_sigmoid": bipolar_sigmoid_exact,
    "lecun_tanh": lecun_tanh_exact,
    "penalized_tanh": penalized_tanh_exact,
    "soft_cap": soft_cap_exact,
    "cloglog": cloglog_exact,
    "soft_clipping": soft_clipping_exact,
    "hexpo": hexpo_exact,
    "gudermannian": gudermannian_exact,
}
