"""Functions onto the simplex: their laws, axes, derivatives, memory and parameters."""

import itertools

import hypothesis
import hypothesis.extra.numpy as hnp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st
from jax.test_util import check_grads
from reference import REFERENCE
from rows import SIMPLEX, first_by_default

from jaxact import (
    entmax,
    entmax15,
    identity,
    log_softmax,
    softmax,
    softmax_1,
    sparsemax,
    taylor_softmax,
)

SHAPE = (4, 5)
X = np.random.default_rng(0).normal(scale=3.0, size=SHAPE).astype(np.float32)

chance = hypothesis.settings(max_examples=25, deadline=None, derandomize=True)
finite = hnp.arrays(np.float32, SHAPE, elements=st.floats(-(2.0**127), 2.0**127, width=32))
whole = hnp.arrays(np.float32, SHAPE, elements=st.integers(-60, 60).map(float))


@pytest.fixture(scope="module", params=SIMPLEX.values(), ids=list(SIMPLEX))
def row(request):
    return request.param


def assert_close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-6)


# --- Laws ------------------------------------------------------------------------------------


@hypothesis.given(finite)
@chance
def test_softmax_is_a_distribution(x):
    y = softmax(x)
    assert (y >= 0).all()
    assert_close(y.sum(axis=-1), 1.0)


@hypothesis.given(whole, st.integers(-1000, 1000))
@chance
def test_a_shift_changes_nothing(x, shift):
    assert_close(softmax(x + np.float32(shift)), softmax(x))
    assert_close(log_softmax(x + np.float32(shift)), log_softmax(x))


@hypothesis.given(whole, st.permutations(range(SHAPE[-1])))
@chance
def test_a_permutation_commutes(x, order):
    assert_close(softmax(x[:, order]), softmax(x)[:, order])
    assert_close(log_softmax(x[:, order]), log_softmax(x)[:, order])


@hypothesis.given(whole)
@chance
def test_log_softmax_is_the_logarithm_of_softmax(x):
    y, log_y = np.array(softmax(x)), np.array(log_softmax(x))
    assert_close(log_y[y > 1e-30], np.log(y[y > 1e-30]))
    assert_close(np.exp(log_y), y)


# --- Derivatives and axes --------------------------------------------------------------------


def test_gradient_agrees_with_the_oracle(row):
    f, weights, step = REFERENCE[row.name], np.cos(np.arange(5.0)), 1e-5
    steps = step * np.eye(5)[:, None]
    quotient = ((f(X + steps) - f(X - steps)) @ weights).T / (2 * step)
    got = jax.grad(lambda x: row.fn(x) @ jnp.float32(weights) @ jnp.ones(4))(X)
    np.testing.assert_allclose(got, quotient, rtol=1e-5, atol=1e-6)


@pytest.mark.exhaustive
def test_numerical_derivatives_agree(row):
    with jax.enable_x64(True):
        check_grads(row.fn, (X[:2].astype(np.float64),), order=2, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("axis", first_by_default(0, 1, -2))
def test_one_axis(row, axis):
    expected = np.apply_along_axis(REFERENCE[row.name], axis, X.astype(np.float64))
    assert_close(row.fn(X, axis=axis), expected)
    assert_close(row.fn(X, axis=(axis,)), expected)


@pytest.mark.parametrize("axis", first_by_default((-1, 0), (0, 1), None))
def test_all_axes(row, axis):
    expected = REFERENCE[row.name](X.astype(np.float64).ravel()).reshape(SHAPE)
    assert_close(row.fn(X, axis=axis), expected)


@pytest.mark.parametrize("order", first_by_default("fwd-rev", "fwd-fwd", "rev-fwd", "rev-rev"))
def test_four_second_orders_agree(row, order):
    by = {"fwd": jax.jacfwd, "rev": jax.jacrev}
    outer, inner = (by[name] for name in order.split("-"))
    step = 1e-5
    with jax.enable_x64(True):
        x = X[2].astype(np.float64)
        got = np.asarray(outer(inner(row.fn))(x))
        ends = [
            [np.asarray(jax.jacfwd(row.fn)(x + s * e)) for e in step * np.eye(5)] for s in (1, -1)
        ]
    quotient = (np.array(ends[0]) - np.array(ends[1])) / (2 * step)
    np.testing.assert_allclose(got, np.moveaxis(quotient, 0, -1), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_backward_pass_keeps_what_the_row_says(row, dtype):
    x = jnp.zeros((4, 1024), dtype)
    pull = jax.eval_shape(lambda x: jax.vjp(row.fn, x)[1], x)
    kept = sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(pull))
    statistics = 2 * 4 * 4 + 4  # Two numbers a slice, and a parameter.
    assert kept <= (x.size if row.keeps == "mask" else x.nbytes) + statistics


# --- One function each -----------------------------------------------------------------------


@pytest.mark.parametrize("f", [softmax, log_softmax])
def test_every_way_to_call_is_that_of_jax_nn(f):
    x = jnp.arange(6.0).reshape(2, 3)
    expected = getattr(jax.nn, f.__name__)(x, 0)
    np.testing.assert_allclose(f(x, 0), expected, rtol=1e-6)
    np.testing.assert_allclose(f(x=x, axis=0), expected, rtol=1e-6)
    np.testing.assert_allclose(f(x, 0, x > -1), expected, rtol=1e-6)
    np.testing.assert_allclose(f(x, [0]), expected, rtol=1e-6)
    np.testing.assert_array_equal(identity(x=x), x)


def test_log_softmax_keeps_the_digits_of_small_losses():
    x = np.float32([[0.0, -20.0], [0.0, -40.0], [3.0, -60.0]])
    expected = REFERENCE["log_softmax"](x.astype(np.float64))
    np.testing.assert_allclose(log_softmax(x), expected, rtol=5e-6)


def test_softmax_1_may_choose_nothing():
    np.testing.assert_array_equal(softmax_1(np.full(2, -np.inf, np.float32)), [0.0, 0.0])
    assert softmax_1(np.float32([-30.0, -40.0])).sum() < 1e-12


@pytest.mark.parametrize("order", [0, 2, 4, 8])
@pytest.mark.parametrize("scale", [1.0, 1e10, 1e25, 3e37])
def test_taylor_softmax_of_every_even_order(order, scale):
    x = np.float32(X * np.float32(scale))
    expected = REFERENCE["taylor_softmax"](x.astype(np.float64), order=order)
    np.testing.assert_allclose(taylor_softmax(x, order=order), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("order", [-2, 1, 3])
def test_taylor_softmax_of_odd_order_is_refused(order):
    with pytest.raises(ValueError, match=f"must be even, got {order}"):
        taylor_softmax(X, order=order)


ALPHAS = [1.0, 1.0000001, 1.01, 1.25, 1.5, 1.9, 2.0, 2.5, 4.0]
FEW = [(1.0000001, 2), (1.25, 300), (2.0, 1)]
OTHERS = [pair for pair in itertools.product(ALPHAS, [1, 2, 5, 300]) if pair not in FEW]


@pytest.mark.parametrize(
    ("alpha", "length"), [*FEW, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in OTHERS)]
)
def test_entmax_of_every_alpha(alpha, length):
    x = np.random.default_rng(length).normal(size=(7, length)).astype(np.float32)
    # Beyond 2 the share grows like a root above the threshold: rounding grows with it.
    tolerance = 2e-6 if alpha <= 2 else 2e-2 if alpha > 3 else 2e-3
    expected = REFERENCE["entmax"](x.astype(np.float64), alpha)
    np.testing.assert_allclose(entmax(x, alpha), expected, rtol=2e-5, atol=tolerance)
    traced = jax.jit(entmax)(x, jnp.float32(alpha))
    np.testing.assert_allclose(traced, entmax(x, alpha), rtol=1e-5, atol=tolerance)
    with jax.enable_x64(True):
        y = entmax(x.astype(np.float64), alpha)
        np.testing.assert_allclose(np.asarray(y), expected, rtol=1e-8, atol=1e-8)


def test_entmax_is_the_others_at_their_alpha():
    for alpha, fn in ((1.0, softmax), (1.5, entmax15), (2.0, sparsemax)):
        assert_close(entmax(X, alpha), fn(X))
        slopes = [
            jax.grad(lambda x, f=f: (f(x) * X[::-1]).sum())
            for f in (fn, lambda x, a=alpha: entmax(x, a))
        ]
        np.testing.assert_allclose(slopes[0](X), slopes[1](X), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("alpha", first_by_default(1.0, 1.0001, 1.3, 1.5, 2.0))
def test_entmax_has_a_slope_in_alpha(alpha):
    step = 1e-6
    with jax.enable_x64(True):
        x = X.astype(np.float64)
        got = np.asarray(jax.jacfwd(lambda a: entmax(x, a))(alpha))
        sides = (alpha + step, alpha) if alpha == 1 else (alpha + step, alpha - step)
        ends = [np.asarray(entmax(x, side)) for side in sides]
    quotient = (ends[0] - ends[1]) / (sides[0] - sides[1])
    np.testing.assert_allclose(got, quotient, rtol=1e-4, atol=1e-5)


def test_entmax_of_several_alphas():
    together = jax.vmap(lambda a: entmax(X, a))(jnp.float32([1.0, 1.5, 2.0]))
    for got, fn in zip(together, (softmax, entmax15, sparsemax), strict=True):
        assert_close(got, fn(X))


@pytest.mark.parametrize("alpha", [0.5, -1.0, np.nan, np.float32(0.9)])
def test_entmax_below_one_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha of entmax must be at least 1"):
        entmax(X, alpha)
    assert np.isnan(jax.jit(entmax)(X, jnp.float32(alpha))).all()
