"""Functions that take the place of a normalisation layer."""

import mpmath as mp
from numpy import exp, pi, sqrt, tanh
from scipy.special import erf

from ._tools import hyperbolic_bell, quiet, tables


@quiet
def dyt(x, alpha=0.5, gamma=1.0, beta=0.0):
    return gamma * tanh(alpha * x) + beta


@quiet
def dyt_slope(x, alpha=0.5, gamma=1.0, beta=0.0):
    return gamma * alpha * hyperbolic_bell(alpha * x) + 0.0 * beta


def dyt_exact(x, alpha=0.5, gamma=1.0, beta=0.0):
    return gamma * mp.tanh(alpha * x) + beta


@quiet
def derf(x, alpha=0.5, shift=0.0, gamma=1.0, beta=0.0):
    return gamma * erf(alpha * x + shift) + beta


@quiet
def derf_slope(x, alpha=0.5, shift=0.0, gamma=1.0, beta=0.0):
    return gamma * alpha * 2 / sqrt(pi) * exp(-((alpha * x + shift) ** 2)) + 0.0 * beta


def derf_exact(x, alpha=0.5, shift=0.0, gamma=1.0, beta=0.0):
    return gamma * mp.erf(alpha * x + shift) + beta


NAMES = ("dyt", "derf")
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
