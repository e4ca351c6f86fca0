"""Rectifiers: straight pieces, most with a corner at zero."""

import mpmath as mp
import numpy as np
from numpy import maximum, minimum, where

from ._tools import number, tables


def identity(x):
    return x


def identity_slope(x):
    return number(x, 1.0)


def identity_exact(x):
    return x


def relu(x):
    return maximum(x, 0.0)


def relu_slope(x):
    return np.heaviside(x, 0.0)


def relu_exact(x):
    return max(x, mp.mpf(0))


def relu6(x):
    return minimum(maximum(x, 0.0), 6.0)


def relu6_slope(x):
    return number(x, (x > 0) & (x < 6))


def relu6_exact(x):
    return min(relu_exact(x), mp.mpf(6))


def relu_n(x, n=6.0):
    return minimum(maximum(x, 0.0), n)


def relu_n_slope(x, n=6.0):
    return number(x, (x > 0) & (x < n))


def relu_n_exact(x, n=6.0):
    return min(relu_exact(x), n)


def leaky_relu(x, negative_slope=0.01):
    return where(x >= 0, x, negative_slope * minimum(x, 0.0))


def leaky_relu_slope(x, negative_slope=0.01):
    return number(x, where(x >= 0, 1.0, negative_slope))


def leaky_relu_exact(x, negative_slope=0.01):
    return x if x >= 0 else negative_slope * x


def absolute(x):
    return abs(x)


def absolute_slope(x):
    return np.sign(x)


def absolute_exact(x):
    return x if x >= 0 else -x


def shifted_relu(x, delta=1.0):
    return maximum(x, -np.asarray(delta))


def shifted_relu_slope(x, delta=1.0):
    return number(x, x > -np.asarray(delta))


def shifted_relu_exact(x, delta=1.0):
    return max(x, -delta)


def threshold(x, threshold=0.0, value=0.0):
    return where(x <= threshold, value, x)


def threshold_slope(x, threshold=0.0, value=0.0):
    return number(x, where(x > threshold, 1.0, 0.0 * value))


def threshold_exact(x, threshold=0.0, value=0.0):
    return x if x > threshold else value


def thresholded_relu(x, theta=1.0):
    return where(x <= theta, 0.0, x)


def thresholded_relu_slope(x, theta=1.0):
    return number(x, x > theta)


def thresholded_relu_exact(x, theta=1.0):
    return x if x > theta else mp.mpf(0)


def step(x, threshold=0.0):
    return number(x, x >= threshold)


def step_slope(x, threshold=0.0):
    return number(x, 0.0 * threshold)


def step_exact(x, threshold=0.0):
    return mp.mpf(1) if x >= threshold else mp.mpf(0)


def sign(x):
    return np.sign(x)


def sign_slope(x):
    return number(x, 0.0)


def sign_exact(x):
    return mp.mpf((x > 0) - (x < 0))


NAMES = (
    "identity",
    "relu",
    "relu6",
    "relu_n",
    "leaky_relu",
    "absolute",
    "shifted_relu",
    "threshold",
    "thresholded_relu",
    "step",
    "sign",
)
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
