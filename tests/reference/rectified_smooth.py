"""Rectifiers with a bend in place of the corner."""

import mpmath as mp
import numpy as np
from numpy import clip, heaviside, hypot, log, log1p, maximum, sqrt, where

from ._tools import limits, number, quiet, tables


@quiet
def relu_squared(x):
    return maximum(x, 0.0) ** 2


@quiet
def relu_squared_slope(x):
    return 2 * maximum(x, 0.0)


def relu_squared_exact(x):
    return max(x, 0) ** 2


@quiet
def star_relu(x, scale=0.8944, bias=-0.4472):
    return scale * maximum(x, 0.0) ** 2 + bias


@quiet
def star_relu_slope(x, scale=0.8944, bias=-0.4472):
    return 2 * scale * maximum(x, 0.0) + 0.0 * bias


def star_relu_exact(x, scale=0.8944, bias=-0.4472):
    return scale * max(x, 0) ** 2 + bias


@quiet
def nlrelu(x, beta=1.0):
    return log1p(beta * maximum(x, 0.0))


@quiet
def nlrelu_slope(x, beta=1.0):
    return beta * heaviside(x, 0.0) / (1 + beta * maximum(x, 0.0))


def nlrelu_exact(x, beta=1.0):
    return mp.log(1 + beta * max(x, 0))


@limits
def sign_relu(x, alpha=1.0):
    return where(x >= 0, x, alpha * (x / (1 + abs(x))))


@limits
def sign_relu_slope(x, alpha=1.0):
    return number(x, where(x >= 0, 1.0, alpha / (1 + abs(x)) ** 2))


def sign_relu_exact(x, alpha=1.0):
    return x if x >= 0 else alpha * x / (1 + abs(x))


@limits
def isrlu(x, alpha=1.0):
    return where(x >= 0, x, x / hypot(1.0, sqrt(alpha) * x))


@limits
def isrlu_slope(x, alpha=1.0):
    return number(x, where(x >= 0, 1.0, hypot(1.0, sqrt(alpha) * x) ** -3.0))


def isrlu_exact(x, alpha=1.0):
    return x if x >= 0 else x / mp.sqrt(1 + alpha * x**2)


@quiet
def sparse_plus(x):
    return where(x >= 1, x, (clip(x, -1.0, 1.0) + 1) ** 2 / 4)


def sparse_plus_slope(x):
    return clip(x / 2 + 0.5, 0.0, 1.0)


def sparse_plus_exact(x):
    if x <= -1:
        return mp.mpf(0)
    return x if x >= 1 else (x + 1) ** 2 / 4


@quiet
def smelu(x, beta=1.0):
    inner = clip(x, -np.asarray(beta), beta)
    return where(x >= beta, x, (inner + beta) ** 2 / (4 * beta))


@quiet
def smelu_slope(x, beta=1.0):
    return clip((clip(x, -np.asarray(beta), beta) + beta) / (2 * beta), 0.0, 1.0)


def smelu_exact(x, beta=1.0):
    if x <= -beta:
        return mp.mpf(0)
    return x if x >= beta else (x + beta) ** 2 / (4 * beta)


@limits
def squareplus(x, b=4.0):
    root = hypot(x, sqrt(b))
    return where(x >= 0, x / 2 + root / 2, b / (root - x) / 2)


@limits
def squareplus_slope(x, b=4.0):
    root = hypot(x, sqrt(b))
    return where(x >= 0, (1 + x / root) / 2, b / root / (root - x) / 2)


def squareplus_exact(x, b=4.0):
    return (x + mp.sqrt(x**2 + b)) / 2


@limits
def bent_identity(x):
    return x * (1 + x / (hypot(x, 1.0) + 1) / 2)


@limits
def bent_identity_slope(x):
    return x / hypot(x, 1.0) / 2 + 1


def bent_identity_exact(x):
    return (mp.sqrt(x**2 + 1) - 1) / 2 + x


@quiet
def square(x):
    return np.square(x)


@quiet
def square_slope(x):
    return 2 * x


def square_exact(x):
    return x**2


@quiet
def seagull(x):
    return where(abs(x) > 1e100, 2 * log(abs(x)), log1p(np.square(x)))


@quiet
def seagull_slope(x):
    return where(abs(x) > 1, 2 / (x + 1 / x), 2 * x / (1 + np.square(x)))


def seagull_exact(x):
    return mp.log(1 + x**2)


NAMES = (
    "relu_squared",
    "star_relu",
    "nlrelu",
    "sign_relu",
    "isrlu",
    "sparse_plus",
    "smelu",
    "squareplus",
    "bent_identity",
    "square",
    "seagull",
)
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
