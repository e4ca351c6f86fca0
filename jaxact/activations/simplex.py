"""Functions across an axis whose values form a probability distribution."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import array_function

Axis = int | tuple[int, ...] | None


@functools.partial(array_function, static=("axis",))
def softmax(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Softmax: logits to probabilities.

    .. math:: \frac{e^{x_i}}{\sum_j e^{x_j}}

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the values sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give 0. A
            slice with every entry masked gives zeros.

    Returns:
        Array with the shape and dtype of ``x``. Infinite entries take their limit: entries
        equal to an infinite maximum share the probability.

    Example:
        >>> softmax(jnp.array([2.0, 1.0, 0.1]))
        Array([0.659 , 0.2424, 0.0986], dtype=float32)

    References:
        Bridle, 1990, https://doi.org/10.1007/978-3-642-76153-9_28
    """
    x = jnp.asarray(x)
    return _lean_softmax(x, _mask(x, where), axis)


@functools.partial(array_function, static=("axis",))
def log_softmax(x: ArrayLike, axis: Axis = -1, where: ArrayLike | None = None) -> jax.Array:
    r"""Logarithm of softmax, without its underflow.

    .. math:: x_i - \log \sum_j e^{x_j}

    Args:
        x: input array, any shape.
        axis: the axis or axes along which the exponentials sum to 1; None for all.
        where: mask that broadcasts to ``x``; masked entries count for nothing and give minus
            infinity, with derivative 0.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> log_softmax(jnp.array([2.0, 1.0, 0.1]))
        Array([-0.417, -1.417, -2.317], dtype=float32)

    References:
        Bridle, 1990, https://doi.org/10.1007/978-3-642-76153-9_28
    """
    x = jnp.asarray(x)
    return _lean_log_softmax(x, _mask(x, where), axis)


def _mask(x: jax.Array, where: ArrayLike | None) -> jax.Array | None:
    return None if where is None else jnp.broadcast_to(jnp.asarray(where, bool), x.shape)


def _masked(x: jax.Array, mask: jax.Array | None, fill: float) -> jax.Array:
    return x if mask is None else jnp.where(mask, x, fill)


def _centred(x: jax.Array, axis: Axis, mask: jax.Array | None) -> jax.Array:
    """``x`` minus its maximum; entries at an infinite maximum become 0, other ones -inf."""
    x = _masked(x, mask, -jnp.inf)
    largest = jnp.max(x, axis, keepdims=True, initial=-jnp.inf)
    at_infinity = jnp.where(x == largest, 0.0, jnp.where(jnp.isnan(x), x, -jnp.inf))
    return _masked(jnp.where(jnp.isinf(largest), at_infinity, x - largest), mask, -jnp.inf)


def _with_output_rule(formula: Any, derivative: Any) -> Any:
    """``formula(x, mask, axis)`` whose derivative is computed from its output alone."""
    f = jax.custom_jvp(formula, nondiff_argnums=(2,))

    @f.defjvp
    def rule(axis: Axis, primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
        y, mask = f(*primals, axis), primals[1]
        tangent = _masked(tangents[0], mask, 0.0)
        return y, _masked(derivative(y, tangent, axis), mask, 0.0)

    return f


def _softmax_value(x: jax.Array, mask: jax.Array | None, axis: Axis) -> jax.Array:
    exponential = jnp.exp(_centred(x, axis, mask))
    total = exponential.sum(axis, keepdims=True)
    return exponential / jnp.where(total == 0, 1.0, total)


def _softmax_derivative(y: jax.Array, tangent: jax.Array, axis: Axis) -> jax.Array:
    return y * (tangent - (y * tangent).sum(axis, keepdims=True))


def _log_softmax_value(x: jax.Array, mask: jax.Array | None, axis: Axis) -> jax.Array:
    centred = _centred(x, axis, mask)
    total = jnp.exp(centred).sum(axis, keepdims=True)
    return centred - jnp.log(jnp.where(total == 0, 1.0, total))


def _log_softmax_derivative(y: jax.Array, tangent: jax.Array, axis: Axis) -> jax.Array:
    return tangent - (jnp.exp(y) * tangent).sum(axis, keepdims=True)


_lean_softmax = _with_output_rule(_softmax_value, _softmax_derivative)
_lean_log_softmax = _with_output_rule(_log_softmax_value, _log_softmax_derivative)
