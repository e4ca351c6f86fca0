"""``x`` times a sigmoid."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
from numpy import exp, expm1, maximum, minimum, where
from scipy.special import expit

from ._tools import FAR, quiet
from .exponential import softplus

HUGE = 1e100  # In place of infinity, whose product with zero is not a number.


def silu(x):
    x = maximum(x, -FAR)
    return x * expit(x)


def silu_slope(x):
    x = np.clip(x, -FAR, FAR)
    return expit(x) * (1 + x * expit(-x))


def silu_exact(x):
    return x / (1 + mp.exp(-x))


def quick_gelu(x):
    return swish_beta(x, 1.702)


def quick_gelu_slope(x):
    return swish_beta_slope(x, 1.702)


def quick_gelu_exact(x):
    return x / (1 + mp.exp(-mp.mpf("1.702") * x))


@quiet
def swish_beta(x, beta=1.0):
    gate = beta * np.clip(x, -HUGE, HUGE)
    return where(gate < -FAR, 0.0, x * expit(gate))


def swish_beta_slope(x, beta=1.0):
    return silu_slope(beta * np.clip(x, -HUGE, HUGE))


def swish_beta_exact(x, beta=1.0):
    return x / (1 + mp.exp(-beta * x))


@quiet
def e_swish(x, beta=1.5):
    return beta * silu(x)


def e_swish_slope(x, beta=1.5):
    return beta * silu_slope(x)


def e_swish_exact(x, beta=1.5):
    return beta * x / (1 + mp.exp(-x))


def elish(x):
    return where(x >= 0, silu(x), expm1(minimum(x, 0.0)) * expit(x))


def elish_slope(x):
    left = minimum(x, 0.0)
    left = expit(left) * (exp(left) + expm1(left) * expit(-left))
    return where(x >= 0, silu_slope(x), left)


def elish_exact(x):
    return (x if x >= 0 else mp.exp(x) - 1) / (1 + mp.exp(-x))


@quiet
def aria2(x, alpha=1.5, beta=2.0):
    gate = exp(-alpha * softplus(-beta * x))
    return where(gate == 0, 0.0, x * gate)


@quiet
def aria2_slope(x, alpha=1.5, beta=2.0):
    gate = np.clip(beta * x, -HUGE, FAR)
    return exp(-alpha * softplus(-gate)) * (1 + alpha * gate * expit(-gate))


def aria2_exact(x, alpha=1.5, beta=2.0):
    return x * (1 + mp.exp(-beta * x)) ** -alpha


VALUE: dict[str, Callable] = {
    "silu": silu,
    "quick_gelu": quick_gelu,
    "swish_beta": swish_beta,
    "e_swish": e_swish,
    "elish": elish,
    "aria2": aria2,
}
SLOPE: dict[str, Callable] = {
    "silu": silu_slope,
    "quick_gelu": quick_gelu_slope,
    "swish_beta": swish_beta_slope,
    "e_swish": e_swish_slope,
    "elish": elish_slope,
    "aria2": aria2_slope,
}
EXACT: dict[str, Callable] = {
    "silu": silu_exact,
    "quick_gelu": quick_gelu_exact,
    "swish_beta": swish_beta_exact,
    "e_swish": e_swish_exact,
    "elish": elish_exact,
    "aria2": aria2_exact,
}
