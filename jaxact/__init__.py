"""Activation functions for JAX: exact, lean, differentiated by ``jax.grad``."""

from jax.nn import (
    dot_product_attention,
    get_scaled_dot_general_config,
    initializers,
    log1mexp,
    logmeanexp,
    logsumexp,
    one_hot,
    scaled_dot_general,
    scaled_matmul,
    standardize,
)

from jaxact import activations
from jaxact.activations import *  # noqa: F403 - all that activations/__init__.py lists
from jaxact.catalogue import CATALOGUE, Activation, Row, get
from jaxact.conventions import equivalents

# fmt: off
__all__ = [
    "CATALOGUE", "Activation", "Row", "equivalents", "get",
    "dot_product_attention", "get_scaled_dot_general_config", "initializers", "log1mexp",
    "logmeanexp", "logsumexp", "one_hot", "scaled_dot_general", "scaled_matmul", "standardize",
]
# fmt: on
__all__ += activations.__all__
