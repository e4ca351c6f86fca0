"""Straight pieces in place of a sigmoid."""

import mpmath as mp
import numpy as np
from numpy import exp, expm1, maximum, minimum, where

from ._tools import number, quiet, tables


def hard_tanh(x):
    return np.clip(x, -1.0, 1.0)


def hard_tanh_slope(x):
    return number(x, abs(x) < 1)


def hard_tanh_exact(x):
    return clip_exact(x, mp.mpf(-1), mp.mpf(1))


def clip(x, minimum=-1.0, maximum=1.0):
    return np.clip(x, minimum, maximum)


def clip_slope(x, minimum=-1.0, maximum=1.0):
    return number(x, (x > minimum) & (x < maximum))


def clip_exact(x, minimum=-1.0, maximum=1.0):
    return max(minimum, min(x, maximum))


def hard_sigmoid(x):
    return np.clip(x + 3, 0.0, 6.0) / 6


def hard_sigmoid_slope(x):
    return number(x, where(abs(x) < 3, 1 / 6, 0.0))


def hard_sigmoid_exact(x):
    return clip_exact(x + 3, mp.mpf(0), mp.mpf(6)) / 6


@quiet
def linear_sigmoid(x, alpha=0.2, beta=0.5):
    return np.clip(alpha * x + beta, 0.0, 1.0)


@quiet
def linear_sigmoid_slope(x, alpha=0.2, beta=0.5):
    line = alpha * x + beta
    return number(x, where((line > 0) & (line < 1), alpha, 0.0))


def linear_sigmoid_exact(x, alpha=0.2, beta=0.5):
    return clip_exact(alpha * x + beta, mp.mpf(0), mp.mpf(1))


def sparse_sigmoid(x):
    return np.clip(x + 1, 0.0, 2.0) / 2


def sparse_sigmoid_slope(x):
    return number(x, where(abs(x) < 1, 0.5, 0.0))


def sparse_sigmoid_exact(x):
    return clip_exact((x + 1) / 2, mp.mpf(0), mp.mpf(1))


@quiet
def hard_silu(x):
    x = maximum(x, -3.0)
    return where(x >= 3, x, x * (minimum(x, 3.0) + 3) / 6)


@quiet
def hard_silu_slope(x):
    return number(x, where(abs(x) < 3, x / 3 + 0.5, x > 0))


def hard_silu_exact(x):
    return x * hard_sigmoid_exact(x)


@quiet
def hard_mish(x):
    x = maximum(x, -2.0)
    return where(x >= 0, x, x / 2 * (x + 2))


def hard_mish_slope(x):
    return where(x > 0, 1.0, maximum(x, -2.0) + 1) * where(x < -2, 0.0, 1.0)


def hard_mish_exact(x):
    return x / 2 * clip_exact(x + 2, mp.mpf(0), mp.mpf(2))


@quiet
def hard_elish(x):
    gate = np.clip(x + 1, 0.0, 2.0) / 2
    return where(x >= 0, x * gate, expm1(minimum(x, 0.0)) * gate)


@quiet
def hard_elish_slope(x):
    low = minimum(x, 0.0)
    left = where(x < -1, 0.0, exp(low) * (low + 1) / 2 + expm1(low) / 2)
    return where(x > 1, 1.0, where(x >= 0, x + 0.5, left))


def hard_elish_exact(x):
    gate = clip_exact((x + 1) / 2, mp.mpf(0), mp.mpf(1))
    return x * gate if x >= 0 else (mp.exp(x) - 1) * gate


NAMES = (
    "hard_tanh",
    "clip",
    "hard_sigmoid",
    "linear_sigmoid",
    "sparse_sigmoid",
    "hard_silu",
    "hard_mish",
    "hard_elish",
)
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
