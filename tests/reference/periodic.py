"""Functions with a sine or a cosine."""

import mpmath as mp
import numpy as np
from numpy import cos, isinf, maximum, sin, where
from scipy.special import expit

from ._tools import FAR, number, quiet, tables


@quiet
def sine(x, omega=1.0):
    return sin(omega * x)


@quiet
def sine_slope(x, omega=1.0):
    return omega * cos(omega * x)


def sine_exact(x, omega=1.0):
    return mp.sin(omega * x)


@quiet
def cosine(x):
    return cos(x)


@quiet
def cosine_slope(x):
    return -sin(x)


def cosine_exact(x):
    return mp.cos(x)


@quiet
def gcu(x):
    return x * cos(x)


@quiet
def gcu_slope(x):
    return cos(x) - x * sin(x)


def gcu_exact(x):
    return x * mp.cos(x)


@quiet
def snake(x, alpha=1.0):
    wave = where(alpha == 0, 0.0, sin(alpha * x) ** 2 / where(alpha == 0, 1.0, alpha))
    return where(isinf(x), x, x + wave)


@quiet
def snake_slope(x, alpha=1.0):
    wave = where(alpha == 0, 0.0, 2 * sin(alpha * x) * cos(alpha * x))
    return number(x, 1 + wave)


def snake_exact(x, alpha=1.0):
    return x if alpha == 0 else x + mp.sin(alpha * x) ** 2 / alpha


@quiet
def sinlu(x, a=1.0, b=1.0):
    x = maximum(x, -FAR)
    return where(isinf(x), x, (x + a * sin(b * x)) * expit(x))


@quiet
def sinlu_slope(x, a=1.0, b=1.0):
    x = np.asarray(maximum(x, -FAR))
    wave = x + a * sin(b * x)
    return expit(x) * (1 + a * b * cos(b * x) + wave * expit(-x))


def sinlu_exact(x, a=1.0, b=1.0):
    return (x + a * mp.sin(b * x)) / (1 + mp.exp(-x))


NAMES = ("sine", "cosine", "gcu", "snake", "sinlu")
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
