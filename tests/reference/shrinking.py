"""Functions that flatten a neighbourhood of zero."""

import math

import mpmath as mp
import numpy as np
from numpy import where

from ._tools import number, quiet, tables


def hard_shrink(x, lambd=0.5):
    return where(abs(x) <= lambd, 0.0, x)


def hard_shrink_slope(x, lambd=0.5):
    return number(x, abs(x) > lambd)


def hard_shrink_exact(x, lambd=0.5):
    return x if abs(x) > lambd else mp.mpf(0)


def soft_shrink(x, lambd=0.5):
    return x - np.clip(x, -np.asarray(lambd), lambd)


def soft_shrink_slope(x, lambd=0.5):
    return number(x, abs(x) > lambd)


def soft_shrink_exact(x, lambd=0.5):
    return mp.sign(x) * max(abs(x) - lambd, mp.mpf(0))


def shrink(x, lambd=0.5, bias=0.0):
    return where(abs(x) <= lambd, 0.0, x - bias * np.sign(x))


def shrink_slope(x, lambd=0.5, bias=0.0):
    return number(x, where(abs(x) > lambd, 1.0, 0.0 * bias))


def shrink_exact(x, lambd=0.5, bias=0.0):
    if x < -lambd:
        return x + bias
    return x - bias if x > lambd else mp.mpf(0)


@quiet
def tanh_shrink(x):
    near = np.clip(x, -1.0, 1.0)
    # x cosh x - sinh x is the sum of 2 k x^(2 k + 1) / (2 k + 1)!, all of one sign.
    terms = [2 * k * near ** (2 * k + 1) / math.factorial(2 * k + 1) for k in range(1, 12)]
    return where(abs(x) < 1, sum(terms[::-1]) / np.cosh(near), x - np.tanh(x))


def tanh_shrink_slope(x):
    return np.tanh(x) ** 2


def tanh_shrink_exact(x):
    return x - mp.tanh(x)


NAMES = ("hard_shrink", "soft_shrink", "shrink", "tanh_shrink")
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
