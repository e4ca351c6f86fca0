"""An activation with its parameters as one value, and ``get``, which turns text into it."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import math
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax.typing import ArrayLike

from jaxact import _mistakes
from jaxact._arrays import as_float
from jaxact._elementwise import with_kink_slopes
from jaxact.catalogue.row import Number, Row
from jaxact.catalogue.rows import ALIASES, CATALOGUE

Value = Number | str | tuple[float, ...] | None
Slopes = tuple[tuple[float, float], ...]


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, repr=False)
class Activation:
    """An activation with its parameters: callable, hashable, picklable, a pytree without leaves.

    Two are equal if they are the same function with the same parameters, so ``jax.jit`` does
    not trace again for an equal one. Made by :func:`get`.

    Attributes:
        name: canonical name in the catalogue.
        parameters: pairs of names and values, those that differ from the defaults.
        kink_slopes: pairs of a point and its slope, where a framework's differ from the row's.
    """

    name: str
    parameters: tuple[tuple[str, Value], ...] = ()
    kink_slopes: Slopes = ()

    def __call__(self, x: ArrayLike, **arguments: Any) -> jax.Array:
        """Applies the function to an array.

        Args:
            x: array of any shape the function takes.
            **arguments: further arguments for this call: a random ``key``, a mask ``where``, an
                ``axis``, arrays in place of parameters.
        """
        settings = {**dict(self.parameters), **arguments}
        if not self.kink_slopes:
            return self.row.fn(x, **settings)
        fn = with_kink_slopes(lambda x: self.row.fn(x, **settings), self.kink_slopes)
        return fn(as_float(self.name, x))

    def __repr__(self) -> str:
        words = [repr(self.name), *(f"{k}={v!r}" for k, v in self.parameters)]
        if self.kink_slopes:
            words.append(f"kink_slopes={self.kink_slopes!r}")
        return f"jaxact.get({', '.join(words)})"

    @property
    def row(self) -> Row:
        """The catalogue's row."""
        return CATALOGUE[self.name]


def get(name: str, *, kink_slopes: Slopes = (), **parameters: Any) -> Activation:
    """The activation of a name, with parameters in place of its defaults.

    Args:
        name: a key of :data:`CATALOGUE` or an alias, such as ``"gelu"`` or ``"swish"``; or a
            framework's name, such as ``"torch.GELU"`` or ``"keras.leaky_relu"``, which brings
            that framework's defaults.
        kink_slopes: pairs of a point and the slope that ``jax.grad`` shall return there.
        **parameters: numbers, or tuples of numbers for stacked parameters, or what else an
            ``axis`` or a ``gate`` may be; they become part of the activation's identity. After a
            framework's name, that framework's words for them are understood too.

    Returns:
        A callable of one array.

    Raises:
        KeyError: if nothing has that name, or several things have it; the message names them.
        TypeError: if the name is no text, the function has no such parameter, or a value is not
            of the parameter's kind.
        ValueError: if a value is not finite or outside the parameter's interval.

    Example:
        >>> act = get("leaky_relu", negative_slope=0.2)
        >>> act
        jaxact.get('leaky_relu', negative_slope=0.2)
        >>> act(jnp.array([-1.0, 2.0]))
        Array([-0.2,  2. ], dtype=float32)
        >>> get("torch.LeakyReLU").kink_slopes
        ((0.0, 0.01),)
    """
    canonical = ALIASES.get(name) if isinstance(name, str) else None
    if canonical is None:
        # Conventions stand on the catalogue, so they are asked only when it has no answer.
        from jaxact import conventions

        if conventions.knows(name):
            canonical, parameters, slopes = conventions.resolve(name, parameters)
            kink_slopes = kink_slopes or slopes
    if canonical is None:
        raise unknown(name)
    row = CATALOGUE[canonical]
    return Activation(canonical, checked(row, parameters), _as_slopes(row, kink_slopes))


def unknown(name: Any) -> Exception:
    """The error for a name that nothing has."""
    if not isinstance(name, str):
        kind = type(name).__name__
        return TypeError(
            f"an activation's name is text, such as 'gelu' or 'torch.GELU', got {kind}"
        )
    return KeyError(f"no activation {name!r}; {_suggestion(name)}")


def _suggestion(name: str) -> str:
    near = [name.lower()] if name.lower() in ALIASES else []
    near = near or difflib.get_close_matches(name.lower(), ALIASES, n=5)
    return f"did you mean {near}?" if near else f"known are {sorted(CATALOGUE)}"


def checked(row: Row, parameters: Mapping[str, Any]) -> tuple[tuple[str, Value], ...]:
    """The parameters that differ from the defaults, checked."""
    defaults = row.parameters
    pairs = []
    for key, value in sorted(parameters.items()):
        if key not in defaults:
            raise TypeError(f"{row.name} has no parameter {key!r}; it has {list(defaults)}")
        value = _as_value(row, key, value, defaults[key])
        if value != defaults[key]:
            pairs.append((key, value))
    return tuple(pairs)


def _as_slopes(row: Row, slopes: Any) -> Slopes:
    try:
        pairs = tuple((float(point), float(slope)) for point, slope in slopes)
    except (TypeError, ValueError):
        pairs = ((math.nan, math.nan),)
    if not all(math.isfinite(number) for pair in pairs for number in pair):
        raise TypeError(
            f"kink_slopes of {row.name} must be pairs of a point and a slope, such as "
            f"((0.0, 0.5),), got {slopes!r}"
        )
    if pairs and not row.elementwise:
        raise ValueError(f"{row.name} works along an axis, so it takes no kink_slopes")
    return pairs


def _as_value(row: Row, key: str, value: Any, default: Any) -> Value:
    if default is None:
        raise TypeError(f"{key} of {row.name} is for the call: get({row.name!r})(x, {key}=...)")
    if isinstance(default, tuple):
        if not isinstance(value, tuple | list | np.ndarray) or np.ndim(value) == 0:
            raise TypeError(f"{key} of {row.name} must be a tuple of numbers, got {value!r}")
        return tuple(float(_as_number(row, key, v)) for v in value)
    value = _plain(value)
    if key == "axis":
        _mistakes.check_axis(row.name, value, _mistakes.takes_axes(inspect.signature(row.fn)))
        return tuple(int(v) for v in value) if isinstance(value, tuple | list) else value
    if isinstance(default, int | str):
        _mistakes.check_setting(row.name, key, value, default)
        return value
    return _as_number(row, key, value)


def _as_number(row: Row, key: str, value: Any) -> Number:
    value = _plain(value)
    if not isinstance(value, Number):
        raise TypeError(
            f"{key} of {row.name} must be a number, got {type(value).__name__}; "
            f"pass arrays to jaxact.{row.name} itself"
        )
    if not math.isfinite(value):
        raise ValueError(f"{key} of {row.name} must be finite, got {value}")
    low, high = row.constraints.get(key, (-math.inf, math.inf))
    if not low < value < high:
        raise ValueError(
            f"{key} of {row.name} must lie strictly between {low} and {high}, got {value}"
        )
    return value


def _plain(value: Any) -> Any:
    """A NumPy scalar as a value of Python."""
    scalar = isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0)
    return value.item() if scalar else value
