"""Extreme inputs of the elementwise functions: infinities, NaN, huge and tiny numbers, chance."""

import functools

import hypothesis
import hypothesis.extra.numpy as hnp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st
from reference import REFERENCE, SLOPE
from rows import ELEMENTWISE, PARAMETERS, allowed, sampled

from experiments._ulp import oracle_of

SAMPLED = sampled(PARAMETERS, lambda p: f"{p[0].name}-{p[1]}", lambda p: p[0])
DTYPES = [
    "float32",
    *(pytest.param(d, marks=pytest.mark.exhaustive) for d in ("bfloat16", "float16", "float64")),
]
USUAL = [0, 1e-3, 0.5, 1, 3, 6, 10, 20, 60, 88, 89, 104, 300, 710, 750, 1e4, 1e19, 1e38, 3.4e38]


@pytest.fixture(scope="module", params=sampled(ELEMENTWISE.values(), mark=pytest.mark.slow))
def row(request):
    return request.param


@pytest.fixture(scope="module", params=sampled(ELEMENTWISE.values()))
def sample(request):
    return request.param


def points(dtype):
    """Minus and plus infinity, NaN, then finite numbers at which naive formulas break."""
    info = jnp.finfo(dtype)
    ends = [info.smallest_subnormal, info.tiny, info.eps, info.max**0.5, info.max / 4, info.max]
    sizes = np.minimum(np.array([*ends, *USUAL], np.float64), float(info.max))
    return np.concatenate([[-np.inf, np.inf, np.nan], sizes, -sizes]).astype(dtype)


def truth_of(row, dtype, table):
    """The oracle, with the parameters as the dtype of the computation rounds them."""
    plain = functools.partial(table[row.name], **row.settings)
    return plain if dtype == "float64" else oracle_of(row, table)


@functools.cache
def jet(fn):
    """Value, slope and curvature in forward mode, then slope and curvature in reverse mode."""

    def forward(x):
        return jax.jvp(lambda x: jax.jvp(fn, (x,), (one(x),)), (x,), (one(x),))

    def one(x):
        return jnp.ones_like(x)

    def orders(x):
        (value, slope), (_, curvature) = forward(x)
        return value, slope, curvature, *jax.value_and_grad(jax.grad(fn))(x)

    return jax.jit(jax.vmap(orders))


@functools.cache
def outcome(row, dtype):
    """The jet of a row at the points, in float64."""
    with jax.enable_x64(dtype == "float64"):
        return np.array([np.asarray(y, np.float64) for y in jet(row.plain)(points(dtype))])


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_are_the_declared_ones(row, dtype):
    value, forward, _, reverse, _ = outcome(row, dtype)[:, :2]
    with np.errstate(invalid="ignore"):
        limits, slopes = (
            np.array(claim).astype(dtype).astype(np.float64)
            for claim in (row.limits, row.slope_limits)
        )
    np.testing.assert_array_equal(value, limits)
    np.testing.assert_array_equal(forward, slopes)
    np.testing.assert_array_equal(reverse, slopes)


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_gives_nan(row, dtype):
    assert np.isnan(outcome(row, dtype)[0, 2])


@pytest.mark.parametrize("dtype", DTYPES)
@np.errstate(over="ignore")
def test_finite_inputs_are_exact_and_never_nan(row, dtype):
    x = points(dtype)[3:]
    exact = np.asarray(x, np.float64)
    value, forward, forward2, reverse, reverse2 = outcome(row, dtype)[:, 3:]
    close = functools.partial(
        np.testing.assert_allclose, rtol=1e-5 + float(jnp.finfo(dtype).eps), atol=1e-6
    )
    # Processors may flush subnormal numbers, so the side of a kink at zero is not known there.
    known = (x == 0) | (abs(x) >= jnp.finfo(dtype).tiny)
    truth = truth_of(row, dtype, REFERENCE)(exact).astype(dtype).astype(np.float64)
    close(*(y[known] if row.smoothness < 0 else y for y in (value, truth)))
    slope = truth_of(row, dtype, SLOPE)(exact)
    for kink, declared in zip(row.kinks, row.kink_slopes, strict=True):
        slope[exact == kink] = declared
    slope = slope.astype(dtype).astype(np.float64)
    assert np.isfinite([forward2, reverse2])[:, np.isfinite(slope)].all()
    assert not np.isnan([forward, forward2, reverse, reverse2]).any()
    close(forward[known], slope[known])
    close(reverse[known], slope[known])


@pytest.mark.parametrize("parameter", SAMPLED)
@pytest.mark.parametrize("dtype", DTYPES)
def test_slope_in_a_parameter_is_never_nan(parameter, dtype):
    row, name, default = parameter

    def slope_in_parameter(x, value):
        return jax.grad(lambda value: row.plain(x, **{name: value}))(value)

    orders = jax.jit(jax.vmap(jax.value_and_grad(slope_in_parameter, (0, 1)), (0, None)))
    with jax.enable_x64(dtype == "float64"):
        for value in [default, 0.0] if allowed(row, name, 0.0) else [default]:
            x = points(dtype)[3:]
            first, seconds = orders(x, jnp.array(value, dtype))
            assert not np.isnan(first).any()
            # Mixed derivatives grow like powers of x; those of huge inputs overflow.
            usual = abs(x.astype(np.float64)) <= 80
            assert not any(np.isnan(y[usual]).any() for y in seconds)


SIZE = points("float32").size
HUGE = 2.0**100


@hypothesis.given(hnp.arrays(np.float32, SIZE, elements=st.floats(-HUGE, HUGE, width=32)))
@hypothesis.settings(max_examples=25, deadline=None, derandomize=True)
def test_any_input_keeps_to_the_claims(sample, x):
    row = sample
    x = np.sort(x)
    value, forward, _, reverse, _ = np.array(jet(row.plain)(x), np.float64)
    low, high = row.value_range
    assert ((low - 1e-6 <= value) & (value <= high + 1e-6)).all()
    assert (abs(np.array([forward, reverse])) <= row.lipschitz * (1 + 1e-6)).all()
    if row.monotonic:
        assert (value[:-1] <= value[1:] + 1e-6 * (1 + abs(value[1:]))).all()
