"""Self-gated functions with learnable parameters."""

import mpmath as mp
import numpy as np
from numpy import clip, sqrt
from scipy.special import expit

from ._tools import limits, tables


@limits
def acon_b(x, beta=1.0, p=0.25):
    return acon_c(x, 1.0, p, beta)


@limits
def acon_b_slope(x, beta=1.0, p=0.25):
    return acon_c_slope(x, 1.0, p, beta)


def acon_b_exact(x, beta=1.0, p=0.25):
    return (1 - p) * x / (1 + mp.exp(-beta * (1 - p) * x)) + p * x


@limits
def acon_c(x, p1=1.0, p2=0.0, beta=1.0):
    gap = np.subtract(p1, p2)
    return gap * x * expit(beta * gap * x) + p2 * x


@limits
def acon_c_slope(x, p1=1.0, p2=0.0, beta=1.0):
    gap = np.subtract(p1, p2)
    gate = clip(beta * gap * x, -1e300, 1e300)
    return gap * expit(gate) * (1 + gate * expit(-gate)) + p2


def acon_c_exact(x, p1=1.0, p2=0.0, beta=1.0):
    gap = p1 - p2
    return gap * x / (1 + mp.exp(-beta * gap * x)) + p2 * x


@limits
def dice(x, mean=0.0, variance=1.0, alpha=0.0, epsilon=1e-8):
    z = (x - np.asarray(mean)) / sqrt(variance + np.asarray(epsilon))
    return x * expit(z) + alpha * x * expit(-z)


@limits
def dice_slope(x, mean=0.0, variance=1.0, alpha=0.0, epsilon=1e-8):
    spread = sqrt(variance + np.asarray(epsilon))
    z = (x - np.asarray(mean)) / spread
    bell = expit(z) * (x / spread * expit(-z))
    return expit(z) + bell * (1 - alpha) + alpha * expit(-z)


def dice_exact(x, mean=0.0, variance=1.0, alpha=0.0, epsilon=1e-8):
    p = 1 / (1 + mp.exp(-(x - mean) / mp.sqrt(variance + epsilon)))
    return p * x + (1 - p) * alpha * x


NAMES = ("acon_b", "acon_c", "dice")
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
