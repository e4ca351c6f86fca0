"""The core of gated units: one part of the input decides how much of the other passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._arrays import as_float, compute_dtype

Gate = Literal["first", "second"]


def gated(
    x: ArrayLike,
    gate_input: ArrayLike | None,
    unit: Callable[..., jax.Array],
    axis: int = -1,
    gate: Gate = "second",
    **parameters: Any,
) -> jax.Array:
    """``unit(value, gate)`` of the halves of an axis, or of two arrays.

    The backward pass keeps the inputs and nothing else.

    Args:
        x: array with value and gate side by side; the value alone where ``gate_input`` is given.
        gate_input: the gate, an array that broadcasts against ``x``.
        unit: function of value, gate and parameters, in float32 or wider.
        axis: the axis that is halved; without meaning where ``gate_input`` is given.
        gate: which half is the gate.
        **parameters: numbers or arrays, further arguments of ``unit``.

    Returns:
        Array with the dtype of ``x``.

    Raises:
        ValueError: if the axis does not halve, or the arrays do not broadcast.
    """
    x = jnp.asarray(x)
    dtype = compute_dtype(x)
    if gate_input is None:
        inputs = (x,)
        _check_halves(x, axis)
    else:
        inputs = (x, as_float("gate_input", gate_input))
        _check_shapes(*inputs)

    # Under checkpoint the arguments are all that the backward pass keeps.
    @jax.checkpoint
    def of_inputs(inputs: tuple[jax.Array, ...], parameters: dict[str, jax.Array]) -> jax.Array:
        if gate_input is None:
            first, second = jnp.split(inputs[0].astype(dtype), 2, axis)
            value, gates = (second, first) if gate == "first" else (first, second)
        else:
            value, gates = (array.astype(dtype) for array in inputs)
        return unit(value, gates, **parameters).astype(x.dtype)

    numbers = {name: jnp.asarray(p).astype(dtype) for name, p in parameters.items()}
    return of_inputs(inputs, numbers)


def _check_halves(x: jax.Array, axis: int) -> None:
    size = x.shape[axis]
    if size % 2:
        raise ValueError(
            f"axis {axis} of shape {x.shape} has odd length {size}: "
            f"its halves would have sizes {size // 2} and {size - size // 2}"
        )


def _check_shapes(x: jax.Array, gate_input: jax.Array) -> None:
    try:
        jnp.broadcast_shapes(x.shape, gate_input.shape)
    except ValueError:
        raise ValueError(
            f"x of shape {x.shape} and gate_input of shape {gate_input.shape} do not broadcast"
        ) from None
