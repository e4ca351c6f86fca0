"""Errors for wrong calls: they name function and argument, and say what would be right.

All of it runs while JAX traces a function, or after a call has failed. Of arrays only dtype and
shape count, so traced ones pass as others do.
"""

from __future__ import annotations

import contextlib
import inspect
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

_NUMBERS = jax.Array | np.ndarray | np.generic | bool | int | float | complex
_GATES = ("first", "second")


def explain(
    function: str,
    signature: inspect.Signature,
    static: Sequence[str],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> None:
    """After a failed call: raises what is wrong with its arguments, if anything is.

    Raises:
        TypeError: if the arguments do not fit the signature or are of a wrong kind.
        ValueError: if a word is none of those that the function knows.
    """
    try:
        arguments = signature.bind(*args, **kwargs).arguments
    except TypeError as error:
        known = ", ".join(signature.parameters)
        raise TypeError(f"{function}: {error}; it takes {known}") from None
    check_arguments(function, signature, static, arguments)


@contextlib.contextmanager
def named(function: str) -> Iterator[None]:
    """Puts the function's name before errors that lack it."""
    try:
        yield
    except (TypeError, ValueError) as error:
        # Errors of JAX's own types cannot be rewritten, and name the place themselves.
        if type(error) in (TypeError, ValueError) and function not in str(error):
            error.args = (f"{function}: {error}",)
        raise


def check_arguments(
    function: str,
    signature: inspect.Signature,
    static: Sequence[str],
    arguments: Mapping[str, Any],
    shape: tuple[int, ...] | None = None,
) -> None:
    """Refuses arguments of a wrong kind.

    Args:
        function: its name.
        signature: of the function.
        static: names of the parameters that are Python values.
        arguments: by name.
        shape: of the input, if axes and masks have to fit it.

    Raises:
        TypeError: if an argument is of a wrong kind.
        ValueError: if a word is unknown, an axis does not exist, or a mask does not broadcast.
    """
    first = next(iter(signature.parameters))
    for parameter, value in arguments.items():
        default = signature.parameters[parameter].default
        if parameter == "axis":
            # The axis has no meaning where the gate is an array of its own.
            halved = shape if arguments.get("gate_input") is None else None
            check_axis(function, value, takes_axes(signature), halved)
        elif parameter in static:
            check_setting(function, parameter, value, default)
        elif value is None and default is None:
            continue
        elif parameter == "where":
            _check_mask(function, value, shape)
        elif parameter == "key":
            _check_key(function, value)
        else:
            subject = function if parameter == first else f"{parameter} of {function}"
            check_numbers(subject, value)


def check_numbers(subject: str, value: Any) -> None:
    """Refuses what is no array of real numbers.

    Raises:
        TypeError: with the subject and what was got.
    """
    flaw = _flaw(value)
    if flaw:
        raise TypeError(f"{subject} takes real numbers, got {flaw}")


def check_setting(function: str, parameter: str, value: Any, default: Any) -> None:
    """Refuses a value that is not of the default's kind: a flag, an integer, a word.

    Raises:
        TypeError: if a flag or an integer is something else.
        ValueError: if a word is unknown.
    """
    subject = f"{parameter} of {function}"
    if isinstance(default, bool):
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{subject} must be True or False, got {shown(value)}")
    elif isinstance(default, int):
        if not is_integer(value):
            raise TypeError(f"{subject} must be an integer, got {shown(value)}")
    elif isinstance(default, str) and not (isinstance(value, str) and value in _GATES):
        raise ValueError(f"{subject} must be 'first' or 'second', got {shown(value)}")


def check_axis(
    function: str, axis: Any, several: bool, shape: tuple[int, ...] | None = None
) -> None:
    """Refuses what is no axis, or none of an array of that shape.

    Raises:
        TypeError: if it is no integer, nor, where ``several`` may be given, a tuple or None.
        ValueError: if the array has no such axis, or an axis is named twice.
    """
    many = several and isinstance(axis, tuple | list)
    axes: tuple[Any, ...] = tuple(axis) if many else (axis,)
    if not (several and axis is None) and not all(map(is_integer, axes)):
        kinds = "an integer, a tuple of integers or None" if several else "an integer"
        raise TypeError(f"axis of {function} must be {kinds}, got {shown(axis)}")
    if shape is None or axis is None:
        return
    n = len(shape)
    if n == 0 and axes:
        raise ValueError(f"{function} works along an axis, but x has the shape ()")
    if not all(-n <= a < n for a in axes):
        raise ValueError(
            f"axis of {function} must be from {-n} to {n - 1} for x of shape {shape}, got {axis}"
        )
    if len({a % n for a in axes}) < len(axes):
        raise ValueError(f"axis of {function} names an axis twice: {axis}")


def check_lengths(function: str, least: int = 1, **stacks: Sequence[Any]) -> None:
    """Refuses stacked parameters that belong together and are not equally many, or too few.

    Raises:
        ValueError: with the parameters' names and lengths.
    """
    lengths = [len(stack) for stack in stacks.values()]
    if len({*lengths}) > 1 or lengths[0] < least:
        equal = "equally many, " if len(lengths) > 1 else ""
        raise ValueError(
            f"{' and '.join(stacks)} of {function} must be {equal}at least {least}, "
            f"got {' and '.join(map(str, lengths))}"
        )


def check_counts(function: str, **counts: Any) -> None:
    """Refuses numbers of things that are no integers of at least 1.

    Raises:
        TypeError: if one is no integer.
        ValueError: if one is less than 1.
    """
    for name, count in counts.items():
        if not is_integer(count):
            raise TypeError(f"{name} of {function} must be an integer, got {shown(count)}")
        if count < 1:
            raise ValueError(f"{name} of {function} must be at least 1, got {count}")


def is_integer(value: Any) -> bool:
    """Whether it is an integer of Python or NumPy, and no boolean."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def takes_axes(signature: inspect.Signature) -> bool:
    """Whether the function's axis may be several."""
    return signature.parameters["axis"].annotation not in (int, "int")


def _check_mask(function: str, where: Any, shape: tuple[int, ...] | None) -> None:
    flaw = _flaw(where)
    mask = jnp.asarray(False if flaw else where)
    if flaw or mask.dtype != bool:
        raise TypeError(f"where of {function} must be booleans, got {flaw or mask.dtype}")
    if shape is None:
        return
    try:
        fits = jnp.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"where of {function} has the shape {mask.shape}, which does not broadcast to {shape}"
        )


def _check_key(function: str, key: Any) -> None:
    dtype, shape = getattr(key, "dtype", None), np.shape(key) if _is_array(key) else None
    if dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key):
        good = shape == ()
    else:
        good = dtype == jnp.uint32 and shape is not None and len(shape) == 1
    if not good:
        got = shown(key) if shape is None else f"{dtype} of shape {shape}"
        raise TypeError(
            f"key of {function} must be one random key, such as jax.random.key(0), got {got}"
        )


def _is_array(value: Any) -> bool:
    return isinstance(value, jax.Array | np.ndarray)


def _flaw(value: Any) -> str:
    """What a value is, if it is no array of real numbers; else nothing."""
    if isinstance(value, list | tuple):
        inner = next(filter(None, map(_flaw, value)), "")
        if inner:
            return f"a {type(value).__name__} with {inner}"
        try:
            jnp.asarray(value)
        except (TypeError, ValueError):
            return f"a {type(value).__name__} with parts of several shapes"
        return ""
    if not isinstance(value, _NUMBERS):
        if hasattr(value, "__jax_array__"):
            return ""
        return "None" if value is None else type(value).__name__
    dtype = getattr(value, "dtype", None) or np.result_type(value)
    real = any(jnp.issubdtype(dtype, kind) for kind in (jnp.floating, jnp.integer, jnp.bool_))
    return "" if real else f"dtype {dtype}"


def shown(value: Any) -> str:
    """A value in an error's words."""
    if isinstance(value, Tracer):
        return "a traced array; give it as a static argument"
    return "an array" if _is_array(value) else reprlib.repr(value)
