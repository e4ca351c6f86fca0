"""Activation functions for JAX: exact, lean, differentiated by ``jax.grad``."""

from jaxact.activations import (
    elu,
    gelu,
    gelu_exact,
    gelu_tanh,
    identity,
    leaky_relu,
    log_softmax,
    mish,
    relu,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    swish,
    tanh,
)
from jaxact.catalogue import CATALOGUE, Activation, Row, get

__all__ = [
    "CATALOGUE",
    "Activation",
    "Row",
    "elu",
    "gelu",
    "gelu_exact",
    "gelu_tanh",
    "get",
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
