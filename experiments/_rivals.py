"""The same functions in ``jax.nn`` and, where installed, PyTorch."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from jaxact import Row
from jaxact.conventions import CONVENTIONS

# Else PyTorch's threads go on spinning while the next library is timed.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
try:
    import torch
except ImportError:
    torch = None

_TORCH_ARGUMENTS: dict[str, dict[str, Any]] = {
    "gelu_tanh": {"approximate": "tanh"},
    "gelu": {"approximate": "tanh"},
    "softmax": {"dim": -1},
    "log_softmax": {"dim": -1},
    "softmin": {"dim": -1},
}
_JAX_ARGUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "gelu_exact": ("gelu", {"approximate": False}),
    "gelu_tanh": ("gelu", {"approximate": True}),
}


def in_jax_nn(row: Row) -> Callable[..., jax.Array] | None:
    """``jax.nn``'s function with the numbers of a row, if there is one."""
    name, arguments = _JAX_ARGUMENTS.get(row.name, (row.name, {}))
    fn = getattr(jax.nn, name, None)
    return fn and (lambda x: fn(x, **arguments))


def in_torch(row: Row) -> Callable[..., Any] | None:
    """PyTorch's function with the numbers of a row, if it is installed and has one."""
    if torch is None:
        return None
    arguments = _TORCH_ARGUMENTS.get(row.name, {})
    canonical = {"gelu": "gelu_exact", "gelu_tanh": "gelu_exact"}.get(row.name, row.name)
    for c in CONVENTIONS.values():
        plain = not c.parameters and not set(c.required) - set(arguments)
        if c.framework == "torch" and c.canonical == canonical and plain:
            fn = getattr(torch.nn.functional, c.name, None)
            if fn is not None:
                return lambda x: fn(x, **arguments)
    return None


def torch_jet(fn: Callable[..., Any]) -> Callable[[np.ndarray], list[np.ndarray]]:
    """Value and slope of an elementwise PyTorch function, of NumPy arrays."""

    def both(x: np.ndarray) -> list[np.ndarray]:
        dtype = getattr(torch, x.dtype.name)
        tensor = torch.from_numpy(x.astype(np.float32)).to(dtype).requires_grad_()
        y = fn(tensor)
        y.backward(torch.ones_like(y))
        return [t.detach().to(torch.float64).numpy() for t in (y, tensor.grad)]

    return both
