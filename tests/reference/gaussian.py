"""Functions of the normal distribution."""

from collections.abc import Callable

import mpmath as mp
import scipy.special
from numpy import clip, exp, maximum, minimum, pi, sqrt, where
from scipy.special import erfc, expit

from ._tools import FAR, quiet


def gaussian(x):
    return exp(-(clip(x, -FAR, FAR) ** 2))


def gaussian_slope(x):
    x = clip(x, -FAR, FAR)
    return -2 * x * exp(-x * x)


def gaussian_exact(x):
    return mp.exp(-(x**2))


def erf(x):
    return scipy.special.erf(x)


def erf_slope(x):
    return 2 / sqrt(pi) * gaussian(x)


@quiet
def laplace(x, mu=0.707107, sigma=0.282095):
    return erfc(-(x - mu) / (sigma * sqrt(2))) / 2


@quiet
def laplace_slope(x, mu=0.707107, sigma=0.282095):
    return gaussian((x - mu) / (sigma * sqrt(2))) / (sigma * sqrt(2 * pi))


def laplace_exact(x, mu=0.707107, sigma=0.282095):
    return (1 + mp.erf((x - mu) / (sigma * mp.sqrt(2)))) / 2


def gelu_exact(x):
    x = maximum(x, -FAR)
    return x / 2 * erfc(-x / sqrt(2))


def gelu_exact_slope(x):
    x = clip(x, -FAR, FAR)
    return erfc(-x / sqrt(2)) / 2 + x * exp(-x * x / 2) / sqrt(2 * pi)


def gelu_exact_exact(x):
    return x * (1 + mp.erf(x / mp.sqrt(2))) / 2


def gelu_tanh(x):
    x = maximum(x, -FAR)
    return x * expit(_gelu_gate(minimum(x, FAR)))


def gelu_tanh_slope(x):
    x = clip(x, -FAR, FAR)
    gate, gate_slope = _gelu_gate(x), sqrt(8 / pi) * (1 + 3 * 0.044715 * x**2)
    return expit(gate) * (1 + x * gate_slope * expit(-gate))


def gelu_tanh_exact(x):
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


def _gelu_gate(x):
    return sqrt(8 / pi) * (x + 0.044715 * x**3)  # (1 + tanh(u)) / 2 = sigmoid(2 u)


def gelu(x, approximate=True):
    return gelu_tanh(x) if approximate else gelu_exact(x)


def gelu_slope(x, approximate=True):
    return gelu_tanh_slope(x) if approximate else gelu_exact_slope(x)


def gelu_of_exact(x, approximate=True):
    return gelu_tanh_exact(x) if approximate else gelu_exact_exact(x)


def clipped_gelu(x, minimum=-10.0, maximum=10.0):
    return clip(gelu_exact(x), minimum, maximum)


def clipped_gelu_slope(x, minimum=-10.0, maximum=10.0):
    value, slope = gelu_exact(x), gelu_exact_slope(x)
    # gelu(10) rounds to 10 but is less: the corner lies to the right of 10.
    return where((value <= minimum) | (value > maximum), 0.0, slope)


def clipped_gelu_exact(x, minimum=-10.0, maximum=10.0):
    return min(max(gelu_exact_exact(x), mp.mpf(minimum)), mp.mpf(maximum))


@quiet
def smu(x, alpha=0.25, mu=1.0):
    gate = erfc(-mu * (1 - alpha) * clip(x, -1e100, 1e100)) / 2
    leak = where(alpha == 0, 0.0, alpha * x)
    return leak + (1 - alpha) * where(gate == 0, 0.0, x * gate)


def smu_slope(x, alpha=0.25, mu=1.0):
    gate = clip(mu * (1 - alpha) * x, -FAR, FAR)
    return alpha + (1 - alpha) * (erfc(-gate) / 2 + gate * exp(-gate * gate) / sqrt(pi))


def smu_exact(x, alpha=0.25, mu=1.0):
    return ((1 + alpha) * x + (1 - alpha) * x * mp.erf(mu * (1 - alpha) * x)) / 2


VALUE: dict[str, Callable] = {
    "gaussian": gaussian,
    "erf": erf,
    "laplace": laplace,
    "gelu": gelu,
    "gelu_exact": gelu_exact,
    "gelu_tanh": gelu_tanh,
    "clipped_gelu": clipped_gelu,
    "smu": smu,
}
SLOPE: dict[str, Callable] = {
    "gaussian": gaussian_slope,
    "erf": erf_slope,
    "laplace": laplace_slope,
    "gelu": gelu_slope,
    "gelu_exact": gelu_exact_slope,
    "gelu_tanh": gelu_tanh_slope,
    "clipped_gelu": clipped_gelu_slope,
    "smu": smu_slope,
}
EXACT: dict[str, Callable] = {
    "gaussian": gaussian_exact,
    "erf": mp.erf,
    "laplace": laplace_exact,
    "gelu": gelu_of_exact,
    "gelu_exact": gelu_exact_exact,
    "gelu_tanh": gelu_tanh_exact,
    "clipped_gelu": clipped_gelu_exact,
    "smu": smu_exact,
}
