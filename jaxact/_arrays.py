"""The library's rules about dtypes, and the decorator for functions that are not elementwise."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec

import jax
import jax.numpy as jnp
import numpy as np

from jaxact import _mistakes

P = ParamSpec("P")


def as_float(name: str, x: Any) -> jax.Array:
    """``x`` as a floating-point array: integers and booleans take the default float.

    Raises:
        TypeError: for complex numbers and for things that are no numbers; it begins with the name.
    """
    try:
        array = jnp.asarray(without_wrapping(x))
    except (TypeError, ValueError):
        _mistakes.check_numbers(name, x)
        raise
    _mistakes.check_numbers(name, array)
    if jnp.issubdtype(array.dtype, jnp.floating):
        return array
    return array.astype(jax.dtypes.canonicalize_dtype(float))


def compute_dtype(x: jax.Array) -> Any:
    """Float32 for narrower floats, so that they are rounded once, at the end."""
    return jnp.float32 if x.dtype.itemsize < 4 else x.dtype


def wide(x: jax.Array) -> jax.Array:
    """``x`` in the dtype to compute in."""
    return x.astype(compute_dtype(x))


def without_wrapping(x: Any) -> Any:
    """``x``, with NumPy's and Python's integers as floats: JAX would wrap those over 32 bits."""
    if isinstance(x, jax.Array):
        return x
    if isinstance(x, int) and not isinstance(x, bool):
        return float(x)
    if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "iu" and x.dtype.itemsize == 8:
        return x.astype(float)
    return x


def array_function(
    formula: Callable[P, jax.Array], *, static: tuple[str, ...] = ()
) -> Callable[P, jax.Array]:
    """Turns ``formula(x, ...)`` into a jitted function under the library's dtype rules.

    ``formula`` gets a floating-point array and gives one; its dtype is put back to that of
    ``x``, and integers are promoted to the default float before. A formula that computes in
    float32 does so itself, by :func:`compute_dtype`.

    Args:
        formula: function of an array and parameters, named in its signature.
        static: names of the parameters that are Python values, not arrays.

    Returns:
        A plain function: it pickles by name and hashes by identity.

    Raises:
        TypeError: when called with complex numbers or with things that are no numbers; with an
            axis, flag, key or mask that is none.
        ValueError: when called with an axis that ``x`` does not have.
    """
    name = formula.__name__.lstrip("_")
    signature = inspect.signature(formula)
    first, *others = signature.parameters
    defaults = {p: signature.parameters[p].default for p in others}

    def typed(**arguments: Any) -> jax.Array:
        x = as_float(name, arguments.pop(first))
        _mistakes.check_arguments(name, signature, static, {**defaults, **arguments}, x.shape)
        with _mistakes.named(name):
            return formula(x, **arguments).astype(x.dtype)  # pyright: ignore[reportCallIssue]

    typed.__name__ = typed.__qualname__ = formula.__name__
    jitted = jax.jit(typed, static_argnames=static)

    @functools.wraps(formula)
    def function(*args: P.args, **kwargs: P.kwargs) -> jax.Array:
        try:
            arguments = signature.bind(*args, **kwargs).arguments
            arguments[first] = without_wrapping(arguments[first])
            for p in static:
                if isinstance(arguments.get(p), list):
                    arguments[p] = tuple(arguments[p])
            return jitted(**arguments)
        except (TypeError, ValueError):
            _mistakes.explain(name, signature, static, args, kwargs)
            raise

    return function
