"""The decorators that turn a formula into a public function.

``array_function`` gives a formula jit and the library's dtype rules; ``elementwise``
adds a derivative that keeps one array for the backward pass.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

P = ParamSpec("P")
Line = tuple[float, float]

# exp(-x) is 0 and 1 + exp(-x) is 1 beyond this in every dtype, float64 included, while
# its cube still fits float32.
_FAR = 1000.0


def _as_float(name: str, x: Any) -> jax.Array:
    """``x`` as a floating-point array: integers and booleans take the default float."""
    array = jnp.asarray(x)
    if jnp.issubdtype(array.dtype, jnp.floating):
        return array
    if jnp.issubdtype(array.dtype, jnp.integer) or array.dtype == jnp.bool_:
        return array.astype(jax.dtypes.canonicalize_dtype(float))
    raise TypeError(f"{name} takes real numbers, got dtype {array.dtype}")


def _compute_dtype(x: jax.Array) -> Any:
    """Float32 for narrower floats, so that they are rounded once, at the end."""
    return jnp.float32 if x.dtype.itemsize < 4 else x.dtype


def array_function(
    formula: Callable[P, jax.Array], *, static: tuple[str, ...] = ()
) -> Callable[P, jax.Array]:
    """Turns ``formula(x, ...)`` into a jitted function under the library's dtype rules.

    The result has the shape ``formula`` gives and the dtype of ``x``; float16 and bfloat16
    are computed in float32, integers are promoted to the default float.

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
        x = _as_float(formula.__name__, arguments.pop(first))
        return formula(x.astype(_compute_dtype(x)), **arguments).astype(x.dtype)  # pyright: ignore[reportCallIssue]

    typed.__name__ = typed.__qualname__ = formula.__name__
    jitted = jax.jit(typed, static_argnames=static)

    @functools.wraps(formula)
    def function(*args: P.args, **kwargs: P.kwargs) -> jax.Array:
        arguments = signature.bind(*args, **kwargs).arguments
        for name in static:
            if isinstance(arguments.get(name), list):
                arguments[name] = tuple(arguments[name])
        return jitted(**arguments)

    return function


def elementwise(
    formula: Callable[P, jax.Array] | None = None,
    *,
    derivative: Callable[..., jax.Array] | None = None,
    asymptotes: tuple[Line, Line] | None = None,
) -> Any:
    """Turns ``formula(x, **parameters)`` into a jitted function with a lean derivative.

    The backward pass keeps one array, the slope, in the dtype of ``x``. The slope comes from
    JAX's own differentiation of ``formula``, so forward mode and higher orders follow.
    Parameters are arrays or numbers that broadcast against ``x``; they never change its dtype.

    Args:
        formula: function of an array and parameters, one output per input.
        derivative: the slope as a function of the same arguments, where differentiating
            ``formula`` would lose digits or the value at a kink is a matter of convention.
        asymptotes: lines ``(slope, intercept)`` that the function equals, to every digit, from
            -1000 downwards and from 1000 upwards. They give the limits at infinity.

    Returns:
        A plain function: it pickles by name and hashes by identity. Without ``formula``, a
        decorator.
    """
    if formula is None:
        return functools.partial(elementwise, derivative=derivative, asymptotes=asymptotes)
    value: Callable[..., jax.Array] = formula
    signature = inspect.signature(formula)
    if asymptotes is not None:
        value = _with_asymptotes(formula, *asymptotes)

    def slope(x: jax.Array, parameters: dict[str, jax.Array]) -> jax.Array:
        if derivative is not None:
            d = derivative(x, **parameters)
        else:
            d = jax.jvp(lambda x: value(x, **parameters), (x,), (jnp.ones_like(x),))[1]
        return jnp.where(jnp.isnan(x), jnp.nan, d)

    @jax.custom_jvp
    def lean(x: jax.Array, parameters: dict[str, jax.Array]) -> jax.Array:
        return value(x.astype(_compute_dtype(x)), **parameters).astype(x.dtype)

    @functools.partial(lean.defjvp, symbolic_zeros=True)
    def rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
        (x, parameters), (tangent, parameter_tangents) = primals, tangents
        wide = x.astype(_compute_dtype(x))
        terms = []
        if not isinstance(tangent, SymbolicZero):
            terms.append(slope(wide, parameters).astype(x.dtype) * tangent)
        for name, t in parameter_tangents.items():
            if not isinstance(t, SymbolicZero):
                s = _sensitivity(value, wide, parameters, name)
                terms.append(s.astype(x.dtype) * jnp.broadcast_to(t, x.shape).astype(x.dtype))
        # The value by this rule again, so that its own derivatives are lean and exact too.
        return lean(x, parameters), functools.reduce(jnp.add, terms)

    def typed(*args: P.args, **kwargs: P.kwargs) -> jax.Array:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        first, *names = bound.arguments
        x = _as_float(formula.__name__, bound.arguments[first])
        dtype = _compute_dtype(x)
        parameters = {n: _as_float(n, bound.arguments[n]).astype(dtype) for n in names}
        shape = jnp.broadcast_shapes(x.shape, *(p.shape for p in parameters.values()))
        return lean(jnp.broadcast_to(x, shape), parameters)

    typed.__name__ = typed.__qualname__ = formula.__name__
    jitted = jax.jit(typed)

    # Jitted functions do not pickle; a function at the top of a module does, by its name.
    @functools.wraps(formula)
    def function(*args: P.args, **kwargs: P.kwargs) -> jax.Array:
        return jitted(*args, **kwargs)

    return function


def _with_asymptotes(formula: Callable[..., jax.Array], left: Line, right: Line) -> Any:
    """``formula`` where it is finite, its asymptotes outside: no inf times 0, no overflow."""

    def value(x: jax.Array, **parameters: jax.Array) -> jax.Array:
        inside = jnp.abs(x) < _FAR
        near = formula(jnp.where(inside | jnp.isnan(x), x, 0.0), **parameters)
        for (a, b), side in ((left, x <= -_FAR), (right, x >= _FAR)):
            near = jnp.where(side, a * x + b if a else b, near)
        return near

    return value


def _sensitivity(
    value: Callable[..., jax.Array], x: jax.Array, parameters: dict[str, jax.Array], name: str
) -> jax.Array:
    """Derivative of ``value`` by the parameter ``name``, at every element of ``x``."""
    wide = jnp.broadcast_to(parameters[name], x.shape)
    return jax.jvp(lambda p: value(x, **{**parameters, name: p}), (wide,), (jnp.ones_like(wide),))[
        1
    ]
