"""What the Flax modules share: their names, their initial values, positive parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxact._arrays import as_float
from jaxact._mistakes import is_integer, shown
from jaxact._special import sigmoid, softplus
from jaxact.catalogue import Activation, Row, get

CLASSES = {
    "ACONB": "acon_b", "ACONC": "acon_c", "APL": "apl", "AReLU": "arelu", "Derf": "derf",
    "DyT": "dyt", "EIS": "eis", "ESwish": "e_swish", "FlexibleReLU": "flexible_relu",
    "ISRLU": "isrlu", "ISRU": "isru", "JumpReLU": "jump_relu", "KAF": "kaf", "MPELU": "mpelu",
    "PDELU": "pdelu", "PELU": "pelu", "PLU": "plu", "PReLU": "prelu", "PWLU": "pwlu",
    "ProbAct": "prob_act", "Rational": "rational", "SLAF": "slaf", "SMU": "smu", "SReLU": "s_relu",
    "SinLU": "sinlu", "Snake": "snake", "SoftExponential": "soft_exponential",
    "StarReLU": "star_relu", "Swish": "swish_beta", "TanhSoft": "tanh_soft", "XIELU": "xielu",
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
        raise ValueError(f"{row.name} has no learnable parameters, so it needs no module")
    return names


def chosen(activation: str | Activation, initial: Mapping[str, Any]) -> Activation:
    """The activation with its initial parameters, which have to be in their intervals.

    Raises:
        TypeError: if the initial parameters are no numbers by name.
    """
    if not isinstance(initial, Mapping) or not all(isinstance(name, str) for name in initial):
        name = getattr(activation, "name", activation)
        raise TypeError(f"initial of {name} must be a dict of names and numbers, got {initial!r}")
    if isinstance(activation, Activation):
        return get(activation.name, **{**dict(activation.parameters), **initial})
    return get(activation, **initial)


def as_shape(shape: Any, of: str = "an activation") -> tuple[int, ...]:
    """A number of channels, or several numbers, as a shape.

    Raises:
        TypeError: if it is no integer or sequence of integers.
    """
    sizes = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    if not all(is_integer(n) and n >= 0 for n in sizes):
        raise TypeError(
            f"shape of {of} must be an integer or a tuple of integers, got {shown(shape)}; "
            "initial values go by name"
        )
    return sizes


def raw_values(activation: Activation, shape: tuple[int, ...], dtype: Any) -> dict[str, jax.Array]:
    """What a module stores at first: of positive parameters the inverse softplus.

    Raises:
        TypeError: if the dtype is none of floating-point numbers.
        ValueError: if a parameter is not above the one that it has to be above.
    """
    row = activation.row
    if not _is_float(dtype):
        raise TypeError(f"param_dtype of {row.name} must be one of floats, got {dtype!r}")
    values = {**row.parameters, **dict(activation.parameters)}
    raw = {}
    for name in trained(row):
        value = np.asarray(values[name], float)
        if _is_positive(row, name):
            above = value - _floor(row, name, values)
            if not above > 0:
                bound = f"{_ABOVE[row.name, name]}={_floor(row, name, values)}"
                raise ValueError(f"{name} of {row.name} must be larger than {bound}, got {value}")
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


def as_channels(
    module: str, x: ArrayLike, features: int | None = None, images: bool = False
) -> jax.Array:
    """``x`` as an array of floats whose last axis are the channels.

    Raises:
        TypeError: if it is no array of real numbers.
        ValueError: if it has too few axes, or another number of channels.
    """
    x = as_float(module, x)
    if x.ndim < (3 if images else 1) or features not in (None, x.shape[-1]):
        sizes = f"..., {'height, width, ' if images else ''}{features or 'channels'}"
        raise ValueError(f"{module} takes an array of shape ({sizes}), got shape {x.shape}")
    return x


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


def _is_float(dtype: Any) -> bool:
    try:
        return jnp.issubdtype(jnp.dtype(dtype), jnp.floating)
    except TypeError:
        return False


def _is_positive(row: Row, name: str) -> bool:
    return row.constraints.get(name, (None,))[0] == 0.0


def _floor(row: Row, name: str, values: Mapping[str, Any]) -> float:
    other = _ABOVE.get((row.name, name))
    return values[other] if other else 0.0
