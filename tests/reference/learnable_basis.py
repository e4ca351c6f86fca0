"""Sums of basis functions with learnable weights; a coefficient per entry of a sequence."""

import mpmath as mp
import numpy as np
from numpy import exp, where

from ._tools import limits, tables

# The start that fits leaky_relu, of the authors' code.
NUMERATOR = (
    0.029792778657264946,
    0.6183735264987601,
    2.323309062531321,
    3.051936237265109,
    1.4854203263828845,
    0.2510244961111299,
)
DENOMINATOR = (-1.1419548357285474, 4.393159974992486, 0.8714712309957245, 0.34719662339598834)


def _polynomial(coefficients, x):
    """The value, lowest degree first."""
    total = 0.0 * x
    for coefficient in coefficients[::-1]:
        total = total * x + coefficient
    return total


def _without_power(coefficients, x):
    """The polynomial, outside of [-1, 1] over its highest power: nothing overflows."""
    inside = abs(x) <= 1
    near, far = where(inside, x, 0.0), 1 / where(inside, 1.0, x)
    return where(inside, _polynomial(coefficients, near), _polynomial(coefficients[::-1], far))


def _power(degree, x):
    """What ``_without_power`` left out."""
    return where(abs(x) <= 1, 1.0, x ** float(degree))


def _fraction(x, numerator, denominator):
    """Numerator and denominator as polynomials in x on its side of zero."""
    side = where(x < 0, -1.0, 1.0)
    absolute = [abs(np.asarray(b, float)) * side**j for j, b in enumerate(denominator, start=1)]
    return list(numerator), [1.0, *absolute]


@limits
def rational(x, numerator=NUMERATOR, denominator=DENOMINATOR):
    p, q = _fraction(x, numerator, denominator)
    return _without_power(p, x) / _without_power(q, x) * _power(len(p) - len(q), x)


@limits
def rational_slope(x, numerator=NUMERATOR, denominator=DENOMINATOR):
    p, q = _fraction(x, numerator, denominator)
    # The coefficients of p' q - p q', in which equal degrees cancel.
    w = [0.0] * (len(p) + len(q) - 2)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            if i != j:
                w[i + j - 1] = w[i + j - 1] + (i - j) * a * b
    power = _power(len(w) - 1 - 2 * (len(q) - 1), x)
    return _without_power(w, x) / _without_power(q, x) ** 2 * power


def rational_exact(x, numerator=NUMERATOR, denominator=DENOMINATOR):
    top = sum(a * x**i for i, a in enumerate(numerator))
    return top / (1 + sum(abs(b * x**i) for i, b in enumerate(denominator, start=1)))


@limits
def slaf(x, coefficients=(0.0, 1.0, 0.0, 0.0, 0.0)):
    return _polynomial(coefficients, x)


@limits
def slaf_slope(x, coefficients=(0.0, 1.0, 0.0, 0.0, 0.0)):
    return _polynomial([i * np.asarray(a, float) for i, a in enumerate(coefficients)][1:], x)


def slaf_exact(x, coefficients=(0.0, 1.0, 0.0, 0.0, 0.0)):
    return sum(a * x**i for i, a in enumerate(coefficients))


# Kernel ridge regression of elu at the centres: (K + 0.01 I)^-1 elu(d).
# fmt: off
WEIGHTS = (
    -1.2205, 0.8083, -0.6591, -0.2606, -0.0116, -0.24, -0.2441, -0.0708, 0.0145, -0.4071,
    0.3316, 0.096, -0.0131, 0.357, 0.6443, -0.2778, 0.6183, 2.3021, -3.2785, 4.4195,
)
# fmt: on


def _bells(x, weights, left, right, gamma):
    """The weighted bells, with the distance to their centres."""
    step = (np.asarray(right) - left) / (len(weights) - 1)
    for k, weight in enumerate(weights):
        distance = x - (left + k * step)
        yield weight * exp(-gamma * distance**2), distance


@limits
def kaf(x, weights=WEIGHTS, left=-3.0, right=3.0, gamma=1.6712962962962963):
    return sum(bell for bell, _ in _bells(x, weights, left, right, gamma))


@limits
def kaf_slope(x, weights=WEIGHTS, left=-3.0, right=3.0, gamma=1.6712962962962963):
    bells = _bells(x, weights, left, right, gamma)
    return sum(-2 * gamma * bell * distance for bell, distance in bells)


def kaf_exact(x, weights=WEIGHTS, left=-3.0, right=3.0, gamma=1.6712962962962963):
    step = (right - left) / (len(weights) - 1)
    centres = [left + k * step for k in range(len(weights))]
    pairs = zip(weights, centres, strict=True)
    return sum(weight * mp.exp(-gamma * (x - centre) ** 2) for weight, centre in pairs)


NAMES = ("rational", "slaf", "kaf")
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
