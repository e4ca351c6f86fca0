"""Activation functions, one file per family of formulas."""

from jaxact.activations.exponential import elu, selu, softplus
from jaxact.activations.rectified import identity, leaky_relu, relu
from jaxact.activations.self_gated import gelu, gelu_exact, gelu_tanh, mish, silu, swish
from jaxact.activations.sigmoidal import sigmoid, tanh
from jaxact.activations.simplex import log_softmax, softmax

__all__ = [
    "elu",
    "gelu",
    "gelu_exact",
    "gelu_tanh",
    "identity",
    "leaky_relu",
    "log_softmax",
    "mish",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "swish",
    "tanh",
]
