"""What functions with noise share: keys, draws, and a derivative that keeps one array."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero
from jax.typing import ArrayLike

from jaxact._arrays import compute_dtype


def together(x: ArrayLike, *parameters: ArrayLike) -> tuple[jax.Array, ...]:
    """``x`` in the common shape, for noise is drawn for every entry; and the parameters."""
    x = jnp.asarray(x)
    arrays = [jnp.asarray(p).astype(compute_dtype(x)) for p in parameters]
    shape = jnp.broadcast_shapes(x.shape, *(a.shape for a in arrays))
    return jnp.broadcast_to(x, shape), *arrays


def _from(sampler: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def draw(name: str, x: jax.Array, key: Any) -> jax.Array:
        if key is None:
            raise ValueError(
                f"{name} draws random numbers: pass key=jax.random.key(seed), or deterministic=True"
            )
        return sampler(key, x.shape, compute_dtype(x))

    return draw


uniform = _from(jax.random.uniform)
normal = _from(jax.random.normal)
logistic = _from(jax.random.logistic)
gumbel = _from(jax.random.gumbel)
"""Draws ``(name, x, key)``: one number for every entry, in the dtype to compute in."""


def keeps_slope(formula: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """``formula(x, noise, *parameters)``; the backward pass keeps its slopes, in ``x.dtype``."""

    @jax.custom_jvp
    def f(x: jax.Array, *arguments: jax.Array) -> jax.Array:
        return formula(x.astype(compute_dtype(x)), *arguments).astype(x.dtype)

    @functools.partial(f.defjvp, symbolic_zeros=True)
    def rule(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
        x, *arguments = primals
        terms = []
        for i, t in enumerate(tangents):
            if isinstance(t, SymbolicZero):
                continue
            every = [x.astype(compute_dtype(x)), *(jnp.broadcast_to(a, x.shape) for a in arguments)]

            def moved(entry: jax.Array, i: int = i, every: list[jax.Array] = every) -> jax.Array:
                return formula(*every[:i], entry, *every[i + 1 :])

            slope = jax.jvp(moved, (every[i],), (jnp.ones_like(every[i]),))[1].astype(x.dtype)
            terms.append(slope * jnp.broadcast_to(t, x.shape).astype(x.dtype))
        return f(*primals), functools.reduce(jnp.add, terms)

    return f
