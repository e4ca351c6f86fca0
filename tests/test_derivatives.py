"""Derivatives of the elementwise functions: slopes, kinks, curvature, parameters, memory."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from reference import GRID, REFERENCE, SLOPE
from rows import ELEMENTWISE, INEXACT, other, sampled
from rows import PARAMETERS as ALL_PARAMETERS

KINKS = [pytest.param(row, id=row.name) for row in ELEMENTWISE.values() if row.kinks]
STEP = 1e-5
DTYPES = [
    "float32",
    *(pytest.param(d, marks=pytest.mark.exhaustive) for d in ("bfloat16", "float16", "float64")),
]
# Where a surrogate stands for the derivative, numerical derivatives do not apply.
PARAMETERS = [p for p in ALL_PARAMETERS if p[1] not in p[0].surrogates]


@pytest.fixture(scope="module", params=sampled(ELEMENTWISE.values(), mark=pytest.mark.slow))
def row(request):
    return request.param


NAMED = {"ids": lambda p: f"{p[0].name}-{p[1]}", "row_of": lambda p: p[0]}


@pytest.fixture(scope="module", params=sampled(PARAMETERS, **NAMED, mark=pytest.mark.slow))
def parameter(request):
    return request.param


@pytest.fixture(
    scope="module",
    params=sampled(PARAMETERS, **NAMED),
)
def sample_parameter(request):
    return request.param


@pytest.fixture(scope="module", params=sampled(ELEMENTWISE.values()))
def sample(request):
    return request.param


@functools.cache
def slope(fn):
    return jax.jit(jax.vmap(jax.grad(fn)))


def smooth_points(kinks, margin=2 * STEP):
    """The grid in float64 without the neighbourhoods of the kinks."""
    x = GRID.astype(np.float64)
    gaps = abs(x[:, None] - np.array([*kinks, np.inf]))
    return x[gaps.min(axis=1) > margin]


def moderate(row, x):
    """Where a function oscillates, no points far out: a rounded frequency is another there."""
    return x[abs(x) <= 10] if np.isnan(row.slope_limits).any() else x


# --- First order -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", [row for row in INEXACT if row.elementwise], ids=lambda row: row.name
)
def test_slope_agrees_with_the_oracle(row):
    x = smooth_points(row.kinks, margin=0.0)
    np.testing.assert_allclose(
        slope(row.plain)(np.float32(x)), SLOPE[row.name](x), rtol=1e-5, atol=1e-6
    )


def test_float64_slope_agrees_with_the_oracle(sample):
    row = sample
    x = smooth_points(row.kinks, margin=0.0)
    with jax.enable_x64(True):
        np.testing.assert_allclose(slope(row.plain)(x), SLOPE[row.name](x), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("row", KINKS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_slope_at_a_kink_is_the_declared_one(row, dtype):
    with jax.enable_x64(dtype == "float64"):
        kinks, computed = np.array(row.kinks), dtype if dtype == "float64" else "float32"
        # A kink that is no number of the dtype cannot be met.
        there = kinks.astype(dtype).astype(computed) == kinks.astype(computed)
        slopes = jnp.array(row.kink_slopes, dtype)[there]
        np.testing.assert_array_equal(slope(row.plain)(jnp.array(kinks, dtype)[there]), slopes)


# --- Second order ----------------------------------------------------------------------------


def test_four_second_orders_agree(row):
    fwd, rev = jax.jacfwd, jax.jacrev

    @jax.jit
    @jax.vmap
    def curvatures(x):
        return jnp.array([f(g(row.plain))(x) for f in (fwd, rev) for g in (fwd, rev)])

    x = smooth_points(row.kinks)
    quotient = (SLOPE[row.name](x + STEP) - SLOPE[row.name](x - STEP)) / (2 * STEP)
    for got in curvatures(np.float32(x)).T:
        np.testing.assert_allclose(got, quotient, rtol=2e-5, atol=2e-6)


def test_value_beside_a_slope_has_that_slope(sample):
    row = sample

    # A loss may use value and slope together, as physics-informed networks do.
    def by_jvp(x):
        return jax.jvp(row.plain, (x,), (x,))[0]

    def by_vjp(x):
        return jax.vjp(row.plain, x)[0]

    @jax.jit
    @jax.vmap
    def nested(x):
        return jnp.array([d(f)(x) for d in (jax.jacfwd, jax.grad) for f in (by_jvp, by_vjp)])

    for got in nested(GRID).T:
        np.testing.assert_allclose(got, slope(row.plain)(GRID), rtol=1e-5, atol=1e-6)


@pytest.mark.exhaustive
@pytest.mark.parametrize("family", sorted({row.family for row in ELEMENTWISE.values()}))
def test_numerical_derivatives_agree(family):
    # One program a family: to compile one a function takes thrice as long.
    rows = [row for row in ELEMENTWISE.values() if row.family == family]
    rows = [row for row in rows if "x" not in row.surrogates]
    together = jax.jit(lambda x: [row.plain(x) for row in rows])
    x = smooth_points({kink for row in rows for kink in row.kinks}, margin=0.1)[::25]
    with jax.enable_x64(True):
        check_grads(together, (x,), order=2, atol=1e-6, rtol=1e-6)


# --- Parameters ------------------------------------------------------------------------------


def test_slope_in_a_parameter_agrees_with_the_oracle(parameter):
    row, name, default = parameter
    x = moderate(row, smooth_points(row.kinks))

    @jax.jit
    @functools.partial(jax.vmap, in_axes=(0, None))
    @functools.partial(jax.grad, argnums=1)
    def got(x, value):
        return row.plain(x, **{name: value})

    oracle = functools.partial(REFERENCE[row.name], x)
    # At 0, many a parameter ends, or bends the function.
    for value in {default, other(row, name)} - {0.0}:
        above, below = oracle(**{name: value + STEP}), oracle(**{name: value - STEP})
        quotient = (above - below) / (2 * STEP)
        np.testing.assert_allclose(got(np.float32(x), value), quotient, rtol=1e-5, atol=1e-6)


def test_parameter_broadcasts(sample_parameter):
    row, name, default = sample_parameter
    x = np.array([-2.3, -0.87, 0.41, 3.7])
    values = np.array([[default], [other(row, name)], [other(row, name, 0.5)]])

    def fn(value):
        return row.plain(jnp.float32(x), **{name: value})

    y, pull = jax.vjp(fn, jnp.float32(values))
    expected = np.broadcast_to(REFERENCE[row.name](x, **{name: values}), (3, 4))
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    for value, summed in zip(values[:, 0], pull(jnp.ones_like(y))[0][:, 0], strict=True):
        alone = jax.grad(lambda v: row.plain(jnp.float32(x), **{name: v}).sum())(value)
        np.testing.assert_allclose(summed, alone, rtol=1e-6, atol=1e-6)


@pytest.mark.exhaustive
def test_numerical_derivatives_in_a_parameter_agree(parameter):
    row, name, _ = parameter
    x = moderate(row, smooth_points(row.kinks, margin=0.1))[::50]
    with jax.enable_x64(True):
        fn = lambda x, value: row.plain(x, **{name: value})  # noqa: E731
        values = np.full_like(x, other(row, name))
        check_grads(fn, (x, values), order=2, atol=1e-6, rtol=1e-6, eps=STEP)


# --- Memory ----------------------------------------------------------------------------------

KEPT = {"nothing": 0.0, "mask": 1.0, "output": 4.0, "input": 4.0}


@pytest.mark.parametrize("dtype", DTYPES[:3])
def test_backward_pass_keeps_what_the_row_says(row, dtype):
    def pullback(x):
        return jax.vjp(row.plain, x)[1]

    x = jnp.zeros(4096, dtype)
    bytes_kept = KEPT[row.keeps] if row.keeps == "mask" else KEPT[row.keeps] * x.itemsize / 4
    for kept in (pullback(x), jax.eval_shape(pullback, x)):
        # Parameters, a few bytes in all, are no array of this size.
        large = [a for a in jax.tree.leaves(kept) if a.size >= x.size]
        assert sum(a.size * a.dtype.itemsize for a in large) == bytes_kept * x.size
