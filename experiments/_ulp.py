"""Errors in units in the last place (ULP), over inputs spread over every exponent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxact import Row

DTYPES = ("float32", "bfloat16", "float16")
LIMITS = {
    ("float32", "value"): 4.0,
    ("float32", "slope"): 8.0,
    ("bfloat16", "value"): 1.0,
    ("bfloat16", "slope"): 1.0,
    ("float16", "value"): 1.0,
    ("float16", "slope"): 1.0,
}
"""The largest error allowed, by dtype and quantity."""

_TINY = float(np.finfo(np.float32).tiny)
# A slope near its own zero crossing is judged as if it were this large, in float32.
SLOPE_FLOOR = 2.0**-3


@dataclasses.dataclass(frozen=True)
class Error:
    """The error of one quantity in one dtype.

    Attributes:
        largest: ULP; infinity if a number is missing or infinite where it should not be.
        mean: ULP, over the inputs whose true result is a normal number.
        worst_input: where the error is largest.
        n: the number of those inputs.
    """

    largest: float
    mean: float
    worst_input: float
    n: int


def patterns(dtype: str, n: int, seed: int = 0) -> np.ndarray:
    """About ``n`` finite inputs: all of a 16-bit dtype, or float32 at random in equal strata.

    The strata divide the bit patterns of normal numbers evenly, so that every exponent of each
    sign gets the same share; zeros and the smallest and largest normal numbers are there too.
    """
    if dtype != "float32":
        every = np.arange(2**16, dtype=np.uint16).view(jnp.dtype(dtype))
        return every[np.isfinite(every.astype(np.float32))]
    first, last = (np.array(x, np.float32).view(np.uint32) for x in (2.0**-126, np.inf))
    edges = np.linspace(int(first), int(last), n // 2 - 1)
    draws = np.random.default_rng(seed).uniform(edges[:-1], edges[1:]).astype(np.uint32)
    positive = np.append(draws, [first, last - 1]).astype(np.uint32).view(np.float32)
    return np.concatenate([-positive, [0.0, -0.0], positive]).astype(np.float32)


def ulps(got: ArrayLike, truth: np.ndarray, dtype: str, floor: float = 0.0) -> np.ndarray:
    """Errors in ULP of ``dtype``; NaN where the truth is no normal number, so not judged.

    Args:
        got: results in ``dtype``.
        truth: the same in float64.
        dtype: name of a float dtype.
        floor: magnitude below which an ULP does not shrink further.
    """
    info = jnp.finfo(dtype)
    size = abs(truth)
    judged = ((size >= float(info.tiny)) & (size <= float(info.max))) | (truth == 0)
    exponent = np.floor(np.log2(np.maximum(size, max(floor, float(info.tiny)))))
    with np.errstate(invalid="ignore", over="ignore"):
        error = abs(np.asarray(got, np.float64) - truth) / 2.0 ** (exponent - info.nmant)
    return np.where(judged, np.where(np.isnan(error), np.inf, error), np.nan)


def summary(errors: np.ndarray, x: np.ndarray) -> Error:
    """Largest and mean error, and where it is largest."""
    judged = ~np.isnan(errors)
    worst = int(np.argmax(np.where(judged, errors, -1.0)))
    return Error(
        largest=float(errors[worst]),
        mean=float(np.mean(errors[judged])),
        worst_input=float(x[worst]),
        n=int(judged.sum()),
    )


def jax_jet(fn: Callable[[jax.Array], jax.Array]) -> Callable[[np.ndarray], list[np.ndarray]]:
    """Value and slope of an elementwise JAX function, as one jitted program of NumPy arrays."""

    @jax.jit
    def both(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        y, pull = jax.vjp(fn, x)
        return y, pull(jnp.ones_like(y))[0]

    return lambda x: [np.asarray(y).astype(np.float64) for y in both(jnp.asarray(x))]


def oracle_of(row: Row, table: Mapping[str, Callable[..., np.ndarray]]) -> Callable[..., Any]:
    """The oracle, with default parameters as float32 rounds them, for so the function gets them."""

    def rounded(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(float(np.float32(v)) for v in value)
        return float(np.float32(value)) if type(value) is float else value

    parameters = {k: rounded(v) for k, v in row.parameters.items() if k not in row.settings}
    return lambda x: table[row.name](x, **parameters, **row.settings)


def errors(
    jet: Callable[[np.ndarray], list[np.ndarray]],
    truth: tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]],
    kinks: tuple[float, ...],
    dtype: str,
    x: np.ndarray,
) -> dict[str, Error]:
    """Errors of value and slope.

    Slopes at kinks, where they are a convention, do not count; nor does what comes of inputs
    that are subnormal in float32, for processors may flush them to zero.
    """
    exact = x.astype(np.float64)
    found = {}
    for quantity, got, oracle in zip(("value", "slope"), jet(x), truth, strict=True):
        floor = SLOPE_FLOOR if (dtype, quantity) == ("float32", "slope") else 0.0
        each = ulps(got, np.broadcast_to(oracle(exact), exact.shape), dtype, floor)
        each[(exact != 0) & (abs(exact) < _TINY)] = np.nan
        if quantity == "slope":
            each[np.isin(exact, np.asarray(kinks).astype(x.dtype).astype(np.float64))] = np.nan
        found[quantity] = summary(each, exact)
    return found
