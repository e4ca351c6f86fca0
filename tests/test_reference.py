"""The oracles against mpmath, which computes the papers' formulas naively with 400 digits."""

import mpmath as mp
import numpy as np
import pytest
from reference import GRID, REFERENCE, SLOPE

from jaxact import CATALOGUE

TINY = float(np.finfo(np.float64).tiny)
MAGNITUDES = np.append(np.geomspace(1e-6, 80.0, 40), [0.5, 1, 2, 3, 6, 20, 37.5, 60])
POINTS = np.concatenate([-MAGNITUDES, MAGNITUDES])


@pytest.fixture(autouse=True)
def _digits():
    with mp.workdps(400):
        yield


def _relu(x):
    return max(x, mp.mpf(0))


def _elu(x, alpha=1):
    return x if x > 0 else alpha * (mp.exp(x) - 1)


def _selu(x):
    # Equation 14 of Klambauer et al.: the closed form of alpha and lambda.
    e, a, b = mp.sqrt(mp.e), mp.erfc(mp.sqrt(0.5)), mp.erfc(mp.sqrt(2))
    alpha = -mp.sqrt(2 / mp.pi) / (a * e - 1)
    inner = 2 * b * mp.e**2 + mp.pi * a**2 * mp.e - 2 * (2 + mp.pi) * a * e + mp.pi + 2
    return (1 - a * e) * mp.sqrt(2 * mp.pi) / mp.sqrt(inner) * _elu(x, alpha)


def _gelu_tanh(x):
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


NAIVE = {
    "identity": lambda x: x,
    "relu": _relu,
    "leaky_relu": lambda x: x if x >= 0 else mp.mpf("0.01") * x,
    "elu": _elu,
    "selu": _selu,
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "tanh": lambda x: (mp.exp(x) - mp.exp(-x)) / (mp.exp(x) + mp.exp(-x)),
    "gelu": _gelu_tanh,
    "gelu_exact": lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2,
    "gelu_tanh": _gelu_tanh,
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
}

LOGITS = np.array([[0, 1, 2], [-80, 40, 80], [1e-6, -1e-6, 0], [7, 7, 7], [300, -300, 299.5]])


def _assert_exact(got, true):
    for g, t in zip(got, true, strict=True):
        assert abs(mp.mpf(float(g)) - t) <= 1e-12 * abs(t) + TINY, (float(g), mp.nstr(t))


@pytest.mark.parametrize("name", NAIVE)
def test_value_has_twelve_digits(name):
    points = np.append(POINTS, 0.0)
    _assert_exact(REFERENCE[name](points), [NAIVE[name](mp.mpf(x)) for x in points])


@pytest.mark.parametrize("name", NAIVE)
def test_slope_has_twelve_digits(name):
    _assert_exact(SLOPE[name](POINTS), [mp.diff(NAIVE[name], mp.mpf(x)) for x in POINTS])


@pytest.mark.parametrize("row", LOGITS, ids=str)
def test_softmax_and_its_logarithm_have_twelve_digits(row):
    weights = [mp.exp(mp.mpf(x)) for x in row]
    true = [w / sum(weights) for w in weights]
    _assert_exact(REFERENCE["softmax"](row), true)
    _assert_exact(REFERENCE["log_softmax"](row), [mp.log(p) for p in true])


@pytest.mark.parametrize("name", SLOPE)
def test_slope_is_the_difference_quotient_of_the_value(name):
    x, step = GRID.astype(np.float64), 1e-6
    gaps = np.abs(x[:, None] - np.array([*CATALOGUE[name].kinks, np.inf])).min(axis=1)
    x = x[gaps > step]
    quotient = (REFERENCE[name](x + step) - REFERENCE[name](x - step)) / (2 * step)
    np.testing.assert_allclose(SLOPE[name](x), quotient, rtol=1e-7, atol=1e-8)
