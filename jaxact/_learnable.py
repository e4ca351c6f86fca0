"""What the Flax modules share: their names, their initial values, positive parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxact._special import sigmoid, softplus
from jaxact.catalogue import Activation, Row, get

CLASSES = {
    "ACONB": "acon_b", "ACONC": "acon_c", "APL": "apl", "AReLU": "arelu", "Derf": "derf",
    "DyT": "dyt", "ESwish": "e_swish", "FlexibleReLU": "flexible_relu", "ISRLU": "isrlu",
    "ISRU": "isru", "JumpReLU": "jump_relu", "KAF": "kaf", "MPELU": "mpelu", "PDELU": "pdelu",
    "PELU": "pelu", "PReLU": "prelu", "PWLU": "pwlu", "ProbAct": "prob_act",
    "Rational": "rational", "SLAF": "slaf", "SMU": "smu", "SReLU": "s_relu", "SinLU": "sinlu",
    "Snake": "snake", "SoftExponential": "soft_exponential", "StarReLU": "star_relu",
    "Swish": "swish_beta", "XIELU": "xielu",
}  # fmt: skip
"""The names of the pointwise modules, with the activation of each."""

# Parameters that are larger than another one, not than 0.
_ABOVE = {("xielu", "alpha_n"): "beta"}
# Not in the rows, for these are trained in some networks only.
_TRAINED = {"e_swish": ("beta",)}


def trained(row: Row) -> tuple[str, ...]:
    """The parameters that its module trains.

    Raises:
        ValueError: if there are none.
    """
    names = row.learnable or _TRAINED.get(row.name, ())
    if not names:
        raise ValueError(f"{row.name} has no learnable parameters")
    return names


def chosen(activation: str | Activation, initial: Mapping[str, Any]) -> Activation:
    """The activation with its initial parameters, which have to be in their intervals."""
    if isinstance(activation, Activation):
        return get(activation.name, **{**dict(activation.parameters), **initial})
    return get(activation, **initial)


def as_shape(shape: int | Sequence[int]) -> tuple[int, ...]:
    """A number of channels as a shape."""
    return (shape,) if isinstance(shape, int) else tuple(shape)


def raw_values(activation: Activation, shape: tuple[int, ...], dtype: Any) -> dict[str, jax.Array]:
    """What a module stores at first: of positive parameters the inverse softplus.

    Raises:
        ValueError: if a parameter is not above the one that it has to be above.
    """
    row = activation.row
    values = {**row.parameters, **dict(activation.parameters)}
    raw = {}
    for name in trained(row):
        value = np.asarray(values[name], float)
        if _is_positive(row, name):
            above = value - _floor(row, name, values)
            if not above > 0:
                raise ValueError(f"{name} of {row.name} must be larger, got {value}")
            value = np.log(np.expm1(above))
        # A stacked parameter has its coefficients along the first axis.
        spread = value.reshape(value.shape + (1,) * len(shape))
        raw[name] = jnp.asarray(np.broadcast_to(spread, value.shape + shape), dtype)
    return raw


def apply(activation: Activation, raw: Mapping[str, Any], x: ArrayLike, **arguments: Any) -> Any:
    """The activation with stored parameters.

    Raises:
        ValueError: if a parameter would enlarge ``x``.
    """
    row = activation.row
    values = {**row.parameters, **dict(activation.parameters)}
    parameters = {}
    for name, value in raw.items():
        of_one = value.shape[isinstance(row.parameters[name], tuple) :]
        if not _broadcasts(of_one, jnp.shape(x)):
            raise ValueError(
                f"{name} of {row.name} has the shape {of_one}, which does not broadcast "
                f"against an input of shape {jnp.shape(x)}"
            )
        if _is_positive(row, name):
            value = _floor(row, name, values) + softplus(value)
        parameters[name] = value
    return activation(x, **parameters, **arguments)


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    pairs = zip(shape[::-1], to[::-1], strict=False)
    return len(shape) <= len(to) and all(n in (1, m) for n, m in pairs)


def pooled(x: jax.Array) -> jax.Array:
    """Means over all axes between the batch and the channels, which stay as axes of length 1."""
    return x.mean(tuple(range(1, x.ndim - 1)), keepdims=True)


def dynamic_lines(outputs: jax.Array, lines: int, width: int) -> tuple[jax.Array, jax.Array]:
    """Slopes and intercepts of dynamic relu, which differ from relu's by at most 1 and 0.5.

    Args:
        outputs: of the layers, of shape (..., 2 lines width).
        lines: how many.
        width: number of channels with lines of their own.
    """
    residuals = 2.0 * sigmoid(outputs) - 1.0
    parts = residuals.reshape(*outputs.shape[:-1], 2, lines, width)
    slopes, intercepts = jnp.moveaxis(parts, (-3, -2), (0, 1))
    first = (jnp.arange(lines) == 0).reshape(lines, *(1,) * (slopes.ndim - 1))
    return slopes + first.astype(slopes.dtype), 0.5 * intercepts


def describe(activation: str) -> str:
    """The docstring of a pointwise module."""
    row = get(activation).row
    names = trained(row)
    positive = [n for n in names if _is_positive(row, n)]
    lines = [
        f":func:`jaxact.{row.name}` with trained ``{'``, ``'.join(names)}``.",
        "",
        f"Initial values are those of the function, { ({n: row.parameters[n] for n in names}) },"
        " unless given.",
    ]
    if positive:
        lines.append(f"Positive by a softplus of what is stored: ``{'``, ``'.join(positive)}``.")
    return "\n".join([*lines, "", f"{row.paper}, {row.url}"])


def _is_positive(row: Row, name: str) -> bool:
    return row.constraints.get(name, (None,))[0] == 0.0


def _floor(row: Row, name: str, values: Mapping[str, Any]) -> float:
    other = _ABOVE.get((row.name, name))
    return values[other] if other else 0.0
