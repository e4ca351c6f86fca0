"""``x`` times a hyperbolic tangent or an error function."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
from numpy import clip, exp, maximum, minimum, pi, sqrt
from scipy.special import erf, expit

from ._tools import FAR
from .exponential import softplus
from .gaussian import gelu_exact, gelu_exact_slope
from .sigmoidal import tanh_slope


def mish(x):
    x = maximum(x, -FAR)
    return x * np.tanh(softplus(x))


def mish_slope(x):
    x = clip(x, -FAR, FAR)
    return np.tanh(softplus(x)) + x * tanh_slope(softplus(x)) * expit(x)


def mish_exact(x):
    return x * mp.tanh(mp.log(1 + mp.exp(x)))


def tanhexp(x):
    x = maximum(x, -FAR)
    return x * np.tanh(exp(minimum(x, 100.0)))


def tanhexp_slope(x):
    x = clip(x, -FAR, 100.0)
    return np.tanh(exp(x)) + x * exp(x) * tanh_slope(exp(x))


def tanhexp_exact(x):
    # The tangent of e^100 is one to any precision; larger powers would fill the memory.
    return x * mp.tanh(mp.exp(min(x, mp.mpf(100))))


def smish(x):
    x = maximum(x, -FAR)
    s = expit(x)
    return x * (s * (2 + s) / _smish_norm(s))  # tanh(ln u) = (u^2 - 1) / (u^2 + 1)


def smish_slope(x):
    x = clip(x, -FAR, FAR)
    s = expit(x)
    gate_slope = 4 * (1 + s) * s * expit(-x) / _smish_norm(s) ** 2
    return s * (2 + s) / _smish_norm(s) + x * gate_slope


def smish_exact(x):
    return x * mp.tanh(mp.log(1 + 1 / (1 + mp.exp(-x))))


def _smish_norm(s):
    return (1 + s) ** 2 + 1


def phish(x):
    x = maximum(x, -FAR)
    return x * np.tanh(gelu_exact(x))


def phish_slope(x):
    x = clip(x, -FAR, FAR)
    gelu = gelu_exact(x)
    return np.tanh(gelu) + x * tanh_slope(gelu) * gelu_exact_slope(x)


def phish_exact(x):
    return x * mp.tanh(x * mp.ncdf(x))


def lisht(x):
    return x * np.tanh(x)


def lisht_slope(x):
    x = clip(x, -FAR, FAR)
    return np.tanh(x) + x * tanh_slope(x)


def lisht_exact(x):
    return x * mp.tanh(x)


def serf(x):
    x = maximum(x, -FAR)
    return x * erf(softplus(x))


def serf_slope(x):
    x = clip(x, -FAR, FAR)
    gate_slope = 2 / sqrt(pi) * exp(-(softplus(x) ** 2)) * expit(x)
    return erf(softplus(x)) + x * gate_slope


def serf_exact(x):
    return x * mp.erf(mp.log(1 + mp.exp(x)))


VALUE: dict[str, Callable] = {
    "mish": mish,
    "tanhexp": tanhexp,
    "smish": smish,
    "phish": phish,
    "lisht": lisht,
    "serf": serf,
}
SLOPE: dict[str, Callable] = {
    "mish": mish_slope,
    "tanhexp": tanhexp_slope,
    "smish": smish_slope,
    "phish": phish_slope,
    "lisht": lisht_slope,
    "serf": serf_slope,
}
EXACT: dict[str, Callable] = {
    "mish": mish_exact,
    "tanhexp": tanhexp_exact,
    "smish": smish_exact,
    "phish": phish_exact,
    "lisht": lisht_exact,
    "serf": serf_exact,
}
