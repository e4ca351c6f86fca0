"""The decorator that turns a formula into a public function with a lean derivative.

The backward pass keeps at most one array: a mask of one byte an element where the function is
piecewise linear, the output where the slope follows from it, else the input.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero

from jaxact import _mistakes
from jaxact._arrays import as_float, compute_dtype, wide, without_wrapping

# Under checkpoint a function's arguments are all that the backward pass keeps. Made on first use,
# so that importing stays quick.
_lean = functools.cache(jax.checkpoint)

Parameters = dict[str, Any]
"""Of each parameter its array; of a stacked one a tuple of arrays."""


def elementwise(
    formula: Callable[..., jax.Array] | None = None,
    *,
    derivative: Callable[..., jax.Array] | None = None,
    from_output: Callable[..., jax.Array] | None = None,
    pieces: Callable[..., tuple[jax.Array, tuple[Any, ...]]] | None = None,
    parameter_derivatives: Mapping[str, Callable[..., jax.Array]] | None = None,
) -> Any:
    """Turns ``formula(x, **parameters)`` into a jitted function with a lean derivative.

    The slope comes from JAX's own differentiation of ``formula`` unless one of the arguments
    gives it; either way it is differentiated by JAX in turn, so it must be exact itself.
    Parameters are numbers or arrays that broadcast against ``x``; they never change its dtype.
    One whose default is a tuple is stacked: its first axis counts coefficients, each of which
    broadcasts against ``x``; the formula gets a tuple of arrays.

    Args:
        formula: function of an array and parameters, one output per input.
        derivative: the slope as a function of the same arguments, where differentiating
            ``formula`` would lose digits or the value at a kink is a matter of convention.
        from_output: the slope as a function of the output and the parameters, where it is exact.
            The backward pass then keeps the output, which the next layer keeps anyway. Inputs of
            16 bits still go by ``derivative``, for their output is rounded.
        pieces: for piecewise linear functions, of the input, the output and the parameters: an
            array of booleans or int8 that says which piece an element is on, and the slopes of
            the pieces (for booleans: of False, then True). The backward pass keeps that array.
        parameter_derivatives: derivatives by a parameter, where JAX's own is not wanted.

    Returns:
        A plain function: it pickles by name and hashes by identity. Without ``formula``, a
        decorator.

    Raises:
        TypeError: when called with what is no array of real numbers.
        ValueError: when called with parameters that do not broadcast against ``x``.
    """
    if formula is None:
        return functools.partial(
            elementwise,
            derivative=derivative,
            from_output=from_output,
            pieces=pieces,
            parameter_derivatives=parameter_derivatives,
        )
    signature = inspect.signature(formula)

    def slope(x: jax.Array, parameters: Parameters) -> jax.Array:
        if derivative is not None:
            d = derivative(x, **parameters)
        else:
            d = jax.jvp(lambda x: formula(x, **parameters), (x,), (jnp.ones_like(x),))[1]
        return jnp.where(jnp.isnan(x), jnp.nan, d)

    def by_input(x: jax.Array, parameters: Parameters, tangent: jax.Array) -> jax.Array:
        return slope(wide(x), parameters).astype(x.dtype) * tangent

    def by_output(y: jax.Array, parameters: Parameters, tangent: jax.Array) -> jax.Array:
        assert from_output is not None
        return from_output(y, **parameters) * tangent

    def by_parameter(x: jax.Array, parameters: Parameters, tangents: Parameters) -> jax.Array:
        at = wide(x)
        terms = []
        for name, index, t in _leaves(tangents):
            if parameter_derivatives is not None and name in parameter_derivatives:
                s = parameter_derivatives[name](at, **parameters)
            else:
                s = _sensitivity(formula, at, parameters, name, index)
            terms.append(s.astype(x.dtype) * jnp.broadcast_to(t, x.shape).astype(x.dtype))
        return functools.reduce(jnp.add, terms)

    def computed(x: jax.Array, parameters: Parameters) -> jax.Array:
        return formula(wide(x), **parameters).astype(x.dtype)

    @jax.custom_jvp
    def lean(x: jax.Array, parameters: Parameters) -> jax.Array:
        # Under checkpoint the loop of a scan does not carry arrays of the formula's constants.
        return _lean(computed)(x, parameters)

    @functools.partial(lean.defjvp, symbolic_zeros=True)
    def rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
        (x, parameters), (tangent, parameter_tangents) = primals, tangents
        # The value by this rule again, so that its own derivatives are lean and exact too.
        y = lean(x, parameters)
        terms = []
        if not isinstance(tangent, SymbolicZero):
            if pieces is not None:
                y = lax.optimization_barrier(y)  # Else XLA keeps x, to compute y twice.
                which, slopes = pieces(wide(x), wide(y), **parameters)
                terms.append(_by_piece(which, slopes, tangent))
            elif from_output is not None and x.dtype.itemsize >= 4:
                terms.append(_lean(by_output)(y, parameters, tangent))
            else:
                terms.append(_lean(by_input)(x, parameters, tangent))
        moving = jax.tree.map(
            lambda t: None if isinstance(t, SymbolicZero) else t,
            parameter_tangents,
            is_leaf=lambda t: isinstance(t, SymbolicZero),
        )
        if jax.tree.leaves(moving):
            terms.append(_lean(by_parameter)(x, parameters, moving))
        return y, functools.reduce(jnp.add, terms)

    def typed(*args: Any, **kwargs: Any) -> jax.Array:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        first, *names = bound.arguments
        x = as_float(formula.__name__, bound.arguments[first])
        dtype = compute_dtype(x)
        parameters: Parameters = {}
        for name in names:
            subject = f"{name} of {formula.__name__}"
            p = as_float(subject, bound.arguments[name]).astype(dtype)
            stacked = isinstance(signature.parameters[name].default, tuple)
            if stacked and p.ndim == 0:
                raise TypeError(f"{subject} is stacked: give a tuple or an array, not one number")
            parameters[name] = tuple(p) if stacked else p
        shape = _common_shape(formula.__name__, x.shape, parameters)
        return lean(jnp.broadcast_to(x, shape), parameters)

    typed.__name__ = typed.__qualname__ = formula.__name__
    jitted = jax.jit(typed)

    # Jitted functions do not pickle; a function at the top of a module does, by its name.
    @functools.wraps(formula)
    def function(x: Any, *args: Any, **kwargs: Any) -> jax.Array:
        try:
            return jitted(without_wrapping(x), *args, **kwargs)
        except (TypeError, ValueError):
            _mistakes.explain(formula.__name__, signature, (), (x, *args), kwargs)
            raise

    return function


def _common_shape(function: str, shape: Any, parameters: Parameters) -> tuple[int, ...]:
    """The shape of the output for an input of that shape."""
    for name, p in parameters.items():
        for part in p if isinstance(p, tuple) else (p,):
            try:
                shape = jnp.broadcast_shapes(shape, part.shape)
            except ValueError:
                raise ValueError(
                    f"{name} of {function} has the shape {part.shape}, which does not broadcast "
                    f"against {shape}"
                ) from None
    return shape


def _by_piece(which: jax.Array, slopes: tuple[Any, ...], tangent: jax.Array) -> jax.Array:
    """The tangent times the slope of its piece, without 0 times an infinite tangent."""
    numbers = [s if isinstance(s, float | int) else None for s in slopes]

    @jax.checkpoint
    def pull(which: jax.Array, arrays: list[Any], tangent: jax.Array) -> jax.Array:
        def along(number: float | None, array: Any) -> jax.Array:
            if number == 0:
                return jnp.zeros_like(tangent)
            slope = array if number is None else jnp.array(number)
            return tangent if number == 1 else slope.astype(tangent.dtype) * tangent

        first, *rest = map(along, numbers, arrays)
        for i, other in enumerate(rest, start=1):
            first = jnp.where(which if which.dtype == bool else which == i, other, first)
        return first

    arrays = [s if n is None else None for n, s in zip(numbers, slopes, strict=True)]
    return pull(which, arrays, tangent)


def with_kink_slopes(
    fn: Callable[[jax.Array], jax.Array], slopes: tuple[tuple[float, float], ...]
) -> Callable[[jax.Array], jax.Array]:
    """``fn``, elementwise, with other slopes at some points: pairs of a point and its slope."""

    @jax.custom_jvp
    def function(x: jax.Array) -> jax.Array:
        return fn(x)

    @function.defjvp
    def rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
        (x,), (tangent,) = primals, tangents
        y, out = jax.jvp(fn, (x,), (tangent,))
        for point, slope in slopes:
            out = jnp.where(x == jnp.asarray(point, x.dtype), slope * tangent, out)
        return y, out

    return function


def _leaves(tangents: Parameters) -> list[tuple[str, int | None, jax.Array]]:
    """Name, index among stacked coefficients, and tangent of each parameter that moves."""
    leaves = []
    for name, t in tangents.items():
        if isinstance(t, tuple):
            leaves += [(name, i, part) for i, part in enumerate(t) if part is not None]
        elif t is not None:
            leaves.append((name, None, t))
    return leaves


def _sensitivity(
    formula: Callable[..., jax.Array],
    x: jax.Array,
    parameters: Parameters,
    name: str,
    index: int | None,
) -> jax.Array:
    """Derivative of ``formula`` by one parameter or coefficient, at every element of ``x``."""
    whole = parameters[name]

    def moved(p: jax.Array) -> jax.Array:
        new = p if index is None else (*whole[:index], p, *whole[index + 1 :])
        return formula(x, **{**parameters, name: new})

    everywhere = jnp.broadcast_to(whole if index is None else whole[index], x.shape)
    return jax.jvp(moved, (everywhere,), (jnp.ones_like(everywhere),))[1]
