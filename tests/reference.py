"""The oracles: every function and its slope again, in NumPy float64, typed from the papers.

``REFERENCE[name]`` takes the parameters of the function of that name and ``SLOPE[name]`` is its
first derivative, for elementwise functions. Both keep their relative accuracy in the tails and
give the mathematical limit at plus and minus infinity. ``test_reference.py`` checks them with
mpmath; the other files check the library with them.
"""

from collections.abc import Callable

import numpy as np
from numpy import exp, expm1, inf, logaddexp, maximum, minimum, pi, sqrt, where
from scipy.special import erfc, expit

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
FAR = 1e3  # Where exp(-x) has long been below the smallest float64.

_MAGNITUDES = np.geomspace(1e-6, 80.0, 250)
GRID = np.concatenate([-_MAGNITUDES[::-1], [0.0], _MAGNITUDES]).astype(np.float32)
"""The points of comparison: 250 a sign, evenly over the exponents."""


def identity(x):
    return x


def identity_slope(x):
    return np.ones_like(x, float)


def relu(x):
    return maximum(x, 0.0)


def relu_slope(x):
    return np.heaviside(x, 0.0)


def leaky_relu(x, negative_slope=0.01):
    return where(x >= 0, x, negative_slope * minimum(x, 0.0))


def leaky_relu_slope(x, negative_slope=0.01):
    return where(x >= 0, 1.0, negative_slope)


def elu(x, alpha=1.0):
    return where(x > 0, x, alpha * expm1(minimum(x, 0.0)))


def elu_slope(x, alpha=1.0):
    return where(x > 0, 1.0, alpha * exp(minimum(x, 0.0)))


def selu(x):
    return SELU_SCALE * elu(x, SELU_ALPHA)


def selu_slope(x):
    return SELU_SCALE * elu_slope(x, SELU_ALPHA)


def softplus(x):
    return maximum(x, 0.0) + np.log1p(exp(-abs(x)))


def sigmoid(x):
    return expit(x)


def sigmoid_slope(x):
    decay = exp(-abs(x))
    return decay / (1 + decay) ** 2


def tanh(x):
    return np.tanh(x)


def tanh_slope(x):
    return 4 * sigmoid_slope(2 * x)  # tanh(x) = 2 sigmoid(2 x) - 1


def gelu_exact(x):
    x = maximum(x, -FAR)
    return x / 2 * erfc(-x / sqrt(2))


def gelu_exact_slope(x):
    x = np.clip(x, -FAR, FAR)
    return erfc(-x / sqrt(2)) / 2 + x * exp(-x * x / 2) / sqrt(2 * pi)


def gelu_tanh(x):
    x = maximum(x, -FAR)
    return x * expit(_gelu_gate(minimum(x, FAR)))


def gelu_tanh_slope(x):
    x = np.clip(x, -FAR, FAR)
    gate, gate_slope = _gelu_gate(x), sqrt(8 / pi) * (1 + 3 * 0.044715 * x**2)
    return expit(gate) * (1 + x * gate_slope * expit(-gate))


def _gelu_gate(x):
    return sqrt(8 / pi) * (x + 0.044715 * x**3)  # (1 + tanh(u)) / 2 = sigmoid(2 u)


def gelu(x, approximate=True):
    return gelu_tanh(x) if approximate else gelu_exact(x)


def gelu_slope(x, approximate=True):
    return gelu_tanh_slope(x) if approximate else gelu_exact_slope(x)


def silu(x):
    x = maximum(x, -FAR)
    return x * expit(x)


def silu_slope(x):
    x = np.clip(x, -FAR, FAR)
    return expit(x) * (1 + x * expit(-x))


def mish(x):
    x = maximum(x, -FAR)
    return x * np.tanh(softplus(x))


def mish_slope(x):
    x = np.clip(x, -FAR, FAR)
    return np.tanh(softplus(x)) + x * tanh_slope(softplus(x)) * expit(x)


def softmax(x):
    return exp(log_softmax(x))


def log_softmax(x):
    x = _gaps(np.asarray(x), np.max(x, axis=-1, keepdims=True))
    others = _gaps(x[..., None, :], x[..., :, None])
    others = where(np.eye(x.shape[-1], dtype=bool), -inf, others)
    return -logaddexp(0.0, np.logaddexp.reduce(others, axis=-1))


def _gaps(x, y):
    """``x - y``, where equal infinities differ by zero."""
    with np.errstate(invalid="ignore"):
        return where(x == y, 0.0, x - y)


REFERENCE: dict[str, Callable] = {
    "identity": identity,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "softplus": softplus,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "gelu": gelu,
    "gelu_exact": gelu_exact,
    "gelu_tanh": gelu_tanh,
    "silu": silu,
    "mish": mish,
    "softmax": softmax,
    "log_softmax": log_softmax,
}

SLOPE: dict[str, Callable] = {
    "identity": identity_slope,
    "relu": relu_slope,
    "leaky_relu": leaky_relu_slope,
    "elu": elu_slope,
    "selu": selu_slope,
    "softplus": sigmoid,
    "sigmoid": sigmoid_slope,
    "tanh": tanh_slope,
    "gelu": gelu_slope,
    "gelu_exact": gelu_exact_slope,
    "gelu_tanh": gelu_tanh_slope,
    "silu": silu_slope,
    "mish": mish_slope,
}
