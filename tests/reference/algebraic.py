"""Sigmoidal functions without an exponential."""

import mpmath as mp
import numpy as np
from numpy import hypot, log1p, sqrt, where

from ._tools import limits, tables


@limits
def soft_sign(x):
    return x / (1 + abs(x))


@limits
def soft_sign_slope(x):
    return 1 / (1 + abs(x)) ** 2


def soft_sign_exact(x):
    return x / (1 + abs(x))


@limits
def elliott(x):
    tail = 0.5 / (1 + abs(x))
    return where(x < 0, tail, 1 - tail)


@limits
def elliott_slope(x):
    return 0.5 / (1 + abs(x)) ** 2


def elliott_exact(x):
    return x / (2 * (1 + abs(x))) + mp.mpf(1) / 2


@limits
def isru(x, alpha=1.0):
    return x / hypot(1.0, sqrt(alpha) * x)


@limits
def isru_slope(x, alpha=1.0):
    return hypot(1.0, sqrt(alpha) * x) ** -3.0


def isru_exact(x, alpha=1.0):
    return x / mp.sqrt(1 + alpha * x**2)


@limits
def rootsig(x):
    return x / (1 + hypot(1.0, x))


@limits
def rootsig_slope(x):
    root = hypot(1.0, x)
    return 1 / root / (1 + root)


def rootsig_exact(x):
    return x / (1 + mp.sqrt(1 + x**2))


def arctan(x):
    return np.arctan(x)


@limits
def arctan_slope(x):
    return 1 / (1 + x * x)


def arctan_exact(x):
    return mp.atan(x)


def arcsinh(x):
    return np.arcsinh(x)


@limits
def arcsinh_slope(x):
    return 1 / hypot(1.0, x)


def arcsinh_exact(x):
    return mp.sign(x) * mp.log(abs(x) + mp.sqrt(x**2 + 1))


def sqnl(x):
    x = np.clip(x, -2.0, 2.0)
    return x - x * abs(x) / 4


def sqnl_slope(x):
    return 1 - abs(np.clip(x, -2.0, 2.0)) / 2


def sqnl_exact(x):
    if abs(x) > 2:
        return mp.sign(x)
    return x + x**2 / 4 if x < 0 else x - x**2 / 4


@limits
def smooth_step(x, gamma=1.0):
    gamma = np.asarray(gamma)
    rise = (np.clip(x, -gamma / 2, gamma / 2) + gamma / 2) / gamma
    return rise**2 * (3 - 2 * rise)  # The cubic, about its double root at the left end.


@limits
def smooth_step_slope(x, gamma=1.0):
    gamma = np.asarray(gamma)
    x = np.clip(x, -gamma / 2, gamma / 2)
    return 6 * (gamma / 2 + x) * (gamma / 2 - x) / gamma**3


def smooth_step_exact(x, gamma=1.0):
    if abs(x) > gamma / 2:
        return mp.mpf(x > 0)
    return -2 * x**3 / gamma**3 + 3 * x / (2 * gamma) + mp.mpf(1) / 2


def signed_log(x):
    return np.sign(x) * log1p(abs(x))


def signed_log_slope(x):
    return 1 / (1 + abs(x))


def signed_log_exact(x):
    return mp.sign(x) * mp.log(1 + abs(x))


NAMES = (
    "soft_sign",
    "elliott",
    "isru",
    "rootsig",
    "arctan",
    "arcsinh",
    "sqnl",
    "smooth_step",
    "signed_log",
)
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
