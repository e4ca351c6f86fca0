"""Derivatives of the elementwise functions: slopes, kinks, curvature, parameters, memory."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from reference import GRID, REFERENCE, SLOPE
from rows import ELEMENTWISE, PARAMETERS

KINKS = [pytest.param(row, id=row.name) for row in ELEMENTWISE.values() if row.kinks]
STEP = 1e-5


@pytest.fixture(scope="module", params=ELEMENTWISE.values(), ids=list(ELEMENTWISE))
def row(request):
    return request.param


@pytest.fixture(scope="module", params=PARAMETERS, ids=lambda p: f"{p[0].name}-{p[1]}")
def parameter(request):
    return request.param


@functools.cache
def slope(fn):
    return jax.jit(jax.vmap(jax.grad(fn)))


def smooth_points(kinks, margin=2 * STEP):
    """The grid in float64 without the neighbourhoods of the kinks."""
    x = GRID.astype(np.float64)
    gaps = abs(x[:, None] - np.array([*kinks, np.inf]))
    return x[gaps.min(axis=1) > margin]


# --- First order -----------------------------------------------------------------------------


def test_slope_agrees_with_the_oracle(row):
    x = smooth_points(row.kinks, margin=0.0)
    np.testing.assert_allclose(
        slope(row.fn)(np.float32(x)), SLOPE[row.name](x), rtol=1e-5, atol=1e-6
    )


def test_float64_slope_agrees_with_the_oracle(row):
    x = smooth_points(row.kinks, margin=0.0)
    with jax.enable_x64(True):
        np.testing.assert_allclose(slope(row.fn)(x), SLOPE[row.name](x), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("row", KINKS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "float64"])
def test_slope_at_a_kink_is_the_declared_one(row, dtype):
    with jax.enable_x64(dtype == "float64"):
        kinks = jnp.array(row.kinks, dtype)
        np.testing.assert_array_equal(slope(row.fn)(kinks), jnp.array(row.kink_slopes, dtype))


# --- Second order ----------------------------------------------------------------------------


def test_four_second_orders_agree(row):
    fwd, rev = jax.jacfwd, jax.jacrev

    @jax.jit
    @jax.vmap
    def curvatures(x):
        return jnp.array([f(g(row.fn))(x) for f in (fwd, rev) for g in (fwd, rev)])

    x = smooth_points(row.kinks)
    quotient = (SLOPE[row.name](x + STEP) - SLOPE[row.name](x - STEP)) / (2 * STEP)
    for got in curvatures(np.float32(x)).T:
        np.testing.assert_allclose(got, quotient, rtol=2e-5, atol=2e-6)


def test_value_beside_a_slope_has_that_slope(row):
    # A loss may use value and slope together, as physics-informed networks do.
    def by_jvp(x):
        return jax.jvp(row.fn, (x,), (x,))[0]

    def by_vjp(x):
        return jax.vjp(row.fn, x)[0]

    @jax.jit
    @jax.vmap
    def nested(x):
        return jnp.array([d(f)(x) for d in (jax.jacfwd, jax.grad) for f in (by_jvp, by_vjp)])

    for got in nested(GRID).T:
        np.testing.assert_allclose(got, slope(row.fn)(GRID), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("family", sorted({row.family for row in ELEMENTWISE.values()}))
def test_numerical_derivatives_agree(family):
    # One program a family: to compile one a function takes thrice as long.
    rows = [row for row in ELEMENTWISE.values() if row.family == family]
    together = jax.jit(lambda x: [row.fn(x) for row in rows])
    x = smooth_points({kink for row in rows for kink in row.kinks}, margin=0.1)[::25]
    with jax.enable_x64(True):
        check_grads(together, (x,), order=2, atol=1e-6, rtol=1e-6)


# --- Parameters ------------------------------------------------------------------------------


def test_slope_in_a_parameter_agrees_with_the_oracle(parameter):
    row, name, default = parameter
    x = smooth_points(row.kinks)

    @jax.jit
    @functools.partial(jax.vmap, in_axes=(0, None))
    @functools.partial(jax.grad, argnums=1)
    def got(x, value):
        return row.fn(x, **{name: value})

    oracle = functools.partial(REFERENCE[row.name], x)
    for value in (default, default + 0.25):
        above, below = oracle(**{name: value + STEP}), oracle(**{name: value - STEP})
        quotient = (above - below) / (2 * STEP)
        np.testing.assert_allclose(got(np.float32(x), value), quotient, rtol=1e-5, atol=1e-6)


def test_parameter_broadcasts(parameter):
    row, name, default = parameter
    x = np.array([-2.3, -0.87, 0.41, 3.7])
    values = default + np.array([[0.0], [0.25], [0.5]])

    def fn(value):
        return row.fn(jnp.float32(x), **{name: value})

    y, pull = jax.vjp(fn, jnp.float32(values))
    np.testing.assert_allclose(y, REFERENCE[row.name](x, **{name: values}), rtol=1e-5, atol=1e-6)
    above = REFERENCE[row.name](x, **{name: values + STEP})
    below = REFERENCE[row.name](x, **{name: values - STEP})
    quotient = (above - below).sum(axis=1, keepdims=True) / (2 * STEP)
    np.testing.assert_allclose(pull(jnp.ones_like(y))[0], quotient, rtol=1e-5, atol=1e-6)


def test_numerical_derivatives_in_a_parameter_agree(parameter):
    row, name, default = parameter
    x = smooth_points(row.kinks, margin=0.1)[::50]
    with jax.enable_x64(True):
        fn = lambda x, value: row.fn(x, **{name: value})  # noqa: E731
        check_grads(fn, (x, np.full_like(x, default + 0.25)), order=2, atol=1e-6, rtol=1e-6)


# --- Memory ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_backward_pass_keeps_one_array(row, dtype):
    def pullback(x):
        return jax.vjp(row.fn, x)[1]

    x = jnp.zeros(1024, dtype)
    for kept in (pullback(x), jax.eval_shape(pullback, x)):
        assert sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(kept)) <= x.nbytes
