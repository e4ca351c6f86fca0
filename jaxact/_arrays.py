"""The library's rules about dtypes, and the decorator for functions that are not elementwise."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec

import jax
import jax.numpy as jnp
import numpy as np

P = ParamSpec("P")


def as_float(name: str, x: Any) -> jax.Array:
    """``x`` as a floating-point array: integers and booleans take the default float.

    Raises:
        TypeError: for complex numbers.
    """
    array = jnp.asarray(x)
    if jnp.issubdtype(array.dtype, jnp.floating):
        return array
    if jnp.issubdtype(array.dtype, jnp.integer) or array.dtype == jnp.bool_:
        return array.astype(jax.dtypes.canonicalize_dtype(float))
    raise TypeError(f"{name} takes real numbers, got dtype {array.dtype}")


def compute_dtype(x: jax.Array) -> Any:
    """Float32 for narrower floats, so that they are rounded once, at the end."""
    return jnp.float32 if x.dtype.itemsize < 4 else x.dtype


def wide(x: jax.Array) -> jax.Array:
    """``x`` in the dtype to compute in."""
    return x.astype(compute_dtype(x))


def without_wrapping(name: str, x: Any) -> Any:
    """``x``, with NumPy's and Python's integers as floats: JAX would wrap those over 32 bits.

    Raises:
        TypeError: for things that are no array of numbers.
    """
    if isinstance(x, jax.Array):
        return x
    if x is None or isinstance(x, str | bytes):
        raise TypeError(f"{name} takes an array of real numbers, got {type(x).__name__}")
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
        TypeError: when called with complex numbers or with things that are no numbers.
    """
    signature = inspect.signature(formula)
    first = next(iter(signature.parameters))

    def typed(**arguments: Any) -> jax.Array:
        x = as_float(formula.__name__, arguments.pop(first))
        return formula(x, **arguments).astype(x.dtype)  # pyright: ignore[reportCallIssue]

    typed.__name__ = typed.__qualname__ = formula.__name__
    jitted = jax.jit(typed, static_argnames=static)

    @functools.wraps(formula)
    def function(*args: P.args, **kwargs: P.kwargs) -> jax.Array:
        arguments = signature.bind(*args, **kwargs).arguments
        arguments[first] = without_wrapping(formula.__name__, arguments[first])
        for name in static:
            if isinstance(arguments.get(name), list):
                arguments[name] = tuple(arguments[name])
        return jitted(**arguments)

    return function
