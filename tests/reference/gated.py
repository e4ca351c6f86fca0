"""Gated linear units: one half of an axis gates the other, or one array another."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
from scipy.special import expit

from ._tools import quiet
from .gaussian import gelu_exact, gelu_exact_exact
from .rectified import identity, relu, relu_exact
from .sigmoid_gated import silu, silu_exact, swish_beta, swish_beta_exact
from .sigmoidal import sigmoid_exact, tanh, tanh_exact


def split(x, gate_input, axis, gate):
    """The gate and what it multiplies."""
    if gate_input is not None:
        return np.asarray(gate_input), np.asarray(x)
    first, second = np.split(np.asarray(x), 2, axis)
    return (first, second) if gate == "first" else (second, first)


def split_exact(x, gate_input, gate):
    if gate_input is not None:
        return gate_input, x
    half = len(x) // 2
    return (x[:half], x[half:]) if gate == "first" else (x[half:], x[:half])


def unit(gate_of: Callable, value_of: Callable = identity, default: str = "second") -> Callable:
    """The unit ``value_of(value) * gate_of(gate)``."""

    @quiet
    def value(x, gate_input=None, axis=-1, gate=default):
        gates, values = split(x, gate_input, axis, gate)
        return value_of(values) * gate_of(gates)

    return value


def unit_exact(
    gate_of: Callable, value_of: Callable = identity, default: str = "second"
) -> Callable:
    def exact(x, gate_input=None, axis=-1, gate=default):
        pairs = zip(*split_exact(x, gate_input, gate), strict=True)
        return [value_of(v) * gate_of(g) for g, v in pairs]

    return exact


@quiet
def clipped_swiglu(x, gate_input=None, axis=-1, gate="first", alpha=1.702, limit=7.0):
    gates, values = split(x, gate_input, axis, gate)
    return (np.clip(values, -limit, limit) + 1) * swish_beta(np.minimum(gates, limit), alpha)


def clipped_swiglu_exact(x, gate_input=None, axis=-1, gate="first", alpha=1.702, limit=7.0):
    top = mp.mpf(limit)
    return [
        (max(min(v, top), -top) + 1) * swish_beta_exact(min(g, top), alpha)
        for g, v in zip(*split_exact(x, gate_input, gate), strict=True)
    ]


VALUE: dict[str, Callable] = {
    "glu": unit(expit),
    "bilinear": unit(identity),
    "reglu": unit(relu),
    "geglu": unit(gelu_exact),
    "swiglu": unit(silu, default="first"),
    "gtu": unit(expit, tanh),
    "clipped_swiglu": clipped_swiglu,
}
SLOPE: dict[str, Callable] = {}
EXACT: dict[str, Callable] = {
    "glu": unit_exact(sigmoid_exact),
    "bilinear": unit_exact(identity),
    "reglu": unit_exact(relu_exact),
    "geglu": unit_exact(gelu_exact_exact),
    "swiglu": unit_exact(silu_exact, default="first"),
    "gtu": unit_exact(sigmoid_exact, tanh_exact),
    "clipped_swiglu": clipped_swiglu_exact,
}
