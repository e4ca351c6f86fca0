"""Functions with noise: without it, and at given noise.

``VALUE``, ``SLOPE`` and ``EXACT`` are the deterministic mode. ``NOISY`` takes the noise in place
of a key: the random slope or share itself, a standard normal, a standard Gumbel or, for the
binary unit, a standard uniform number for every entry.
"""

from collections.abc import Callable

import mpmath as mp
import numpy as np
from numpy import maximum, minimum, where
from scipy.special import expit

from .axiswise import hardmax, hardmax_exact
from .exponential import softplus, softplus_exact
from .rectified import relu, relu_exact, relu_slope
from .sigmoidal import sigmoid_slope
from .simplex import softmax, softmax_exact

LOWER, UPPER = 0.125, 0.3333333333333333


def rrelu(x, key=None, lower=LOWER, upper=UPPER, deterministic=True):
    return rrelu_noisy(x, (lower + upper) / 2)


def rrelu_slope(x, key=None, lower=LOWER, upper=UPPER, deterministic=True):
    return where(np.isnan(x), x, where(x >= 0, 1.0, (lower + upper) / 2))


def rrelu_exact(x, key=None, lower=LOWER, upper=UPPER, deterministic=True):
    return x if x >= 0 else (mp.mpf(lower) + upper) / 2 * x


def rrelu_noisy(x, noise):
    return where(x >= 0, x, noise * minimum(x, 0.0))


def noisy_relu(x, key=None, sigma=1.0, deterministic=True):
    return relu(x)


def noisy_relu_slope(x, key=None, sigma=1.0, deterministic=True):
    return relu_slope(x)


def noisy_relu_exact(x, key=None, sigma=1.0, deterministic=True):
    return relu_exact(x)


def noisy_relu_noisy(x, noise, sigma=1.0):
    return maximum(x + sigma * noise, 0.0)


def prob_act_noisy(x, noise, sigma=1.0):
    return relu(x) + sigma * noise


def elastic_relu(x, key=None, alpha=0.5, deterministic=True):
    return relu(x)


def elastic_relu_slope(x, key=None, alpha=0.5, deterministic=True):
    return relu_slope(x)


def elastic_relu_exact(x, key=None, alpha=0.5, deterministic=True):
    return relu_exact(x)


def elastic_relu_noisy(x, noise, alpha=0.5):
    return relu(noise * x)


def rand_softplus(x, key=None, lower=0.0, upper=1.0, deterministic=True):
    return rand_softplus_noisy(x, (lower + upper) / 2)


def rand_softplus_slope(x, key=None, lower=0.0, upper=1.0, deterministic=True):
    share = (lower + upper) / 2
    return (1 - share) * relu_slope(x) + share * expit(x)


def rand_softplus_exact(x, key=None, lower=0.0, upper=1.0, deterministic=True):
    share = (mp.mpf(lower) + upper) / 2
    return (1 - share) * relu_exact(x) + share * softplus_exact(x)


def rand_softplus_noisy(x, noise):
    return (1 - noise) * relu(x) + noise * softplus(x)


def gumbel_softmax(x, key=None, temperature=1.0, axis=-1, hard=False, deterministic=True):
    return gumbel_softmax_noisy(x, np.zeros_like(x), temperature, axis, hard)


def gumbel_softmax_exact(x, key=None, temperature=1.0, axis=-1, hard=False, deterministic=True):
    return hardmax_exact(x) if hard else softmax_exact([entry / temperature for entry in x])


def gumbel_softmax_noisy(x, noise, temperature=1.0, axis=-1, hard=False):
    scores = (x + noise) / temperature
    return hardmax(scores, axis) if hard else softmax(scores, axis)


def stochastic_binary(x, key=None, deterministic=True):
    return np.heaviside(x, 1.0)


def stochastic_binary_slope(x, key=None, deterministic=True):
    """The slope of the probability, which passes straight through the draw."""
    return sigmoid_slope(x)


def stochastic_binary_exact(x, key=None, deterministic=True):
    return mp.mpf(1 / (1 + mp.exp(-x)) >= 0.5)


def stochastic_binary_noisy(x, noise):
    return where(np.isnan(x), x, noise < expit(x))


VALUE: dict[str, Callable] = {
    "rrelu": rrelu,
    "noisy_relu": noisy_relu,
    "prob_act": noisy_relu,
    "elastic_relu": elastic_relu,
    "rand_softplus": rand_softplus,
    "gumbel_softmax": gumbel_softmax,
    "stochastic_binary": stochastic_binary,
}
SLOPE: dict[str, Callable] = {
    "rrelu": rrelu_slope,
    "noisy_relu": noisy_relu_slope,
    "prob_act": noisy_relu_slope,
    "elastic_relu": elastic_relu_slope,
    "rand_softplus": rand_softplus_slope,
    "stochastic_binary": stochastic_binary_slope,
}
EXACT: dict[str, Callable] = {
    "rrelu": rrelu_exact,
    "noisy_relu": noisy_relu_exact,
    "prob_act": noisy_relu_exact,
    "elastic_relu": elastic_relu_exact,
    "rand_softplus": rand_softplus_exact,
    "gumbel_softmax": gumbel_softmax_exact,
    "stochastic_binary": stochastic_binary_exact,
}
NOISY: dict[str, Callable] = {
    "rrelu": rrelu_noisy,
    "noisy_relu": noisy_relu_noisy,
    "prob_act": prob_act_noisy,
    "elastic_relu": elastic_relu_noisy,
    "rand_softplus": rand_softplus_noisy,
    "gumbel_softmax": gumbel_softmax_noisy,
    "stochastic_binary": stochastic_binary_noisy,
}
