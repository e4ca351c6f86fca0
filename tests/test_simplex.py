"""Functions onto the simplex: softmax and its logarithm, their laws, axes, infinities and masks."""

import hypothesis
import hypothesis.extra.numpy as hnp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st
from jax.test_util import check_grads
from reference import REFERENCE

from jaxact import CATALOGUE, identity, log_softmax, softmax

SIMPLEX = {name: row for name, row in CATALOGUE.items() if row.family == "simplex"}
SHAPE = (4, 5)
X = np.random.default_rng(0).normal(scale=3.0, size=SHAPE).astype(np.float32)
MASK = np.random.default_rng(1).random(SHAPE) < 0.6
MASK[0], MASK[1] = False, True
inf, nan = np.inf, np.nan
INFINITE = np.array([[inf, 0, 1], [inf, inf, 0], [-inf, 0, 1], [inf, -inf, 0], [-inf, -inf, -inf]])

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


def test_numerical_derivatives_agree(row):
    with jax.enable_x64(True):
        check_grads(row.fn, (X[:2].astype(np.float64),), order=2, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, -2])
def test_one_axis(row, axis):
    expected = np.apply_along_axis(REFERENCE[row.name], axis, X.astype(np.float64))
    assert_close(row.fn(X, axis=axis), expected)
    assert_close(row.fn(X, axis=(axis,)), expected)


@pytest.mark.parametrize("axis", [(0, 1), (-1, 0), None])
def test_all_axes(row, axis):
    expected = REFERENCE[row.name](X.astype(np.float64).ravel()).reshape(SHAPE)
    assert_close(row.fn(X, axis=axis), expected)


# --- Extremes --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_infinite_maxima_share_the_probability(dtype):
    x = INFINITE.astype(dtype)
    p = REFERENCE["softmax"](INFINITE)
    tolerance = 2 * float(jnp.finfo(dtype).eps)
    np.testing.assert_allclose(np.float64(softmax(x)), p, tolerance)
    expected = REFERENCE["log_softmax"](INFINITE)
    np.testing.assert_allclose(np.float64(log_softmax(x)), expected, tolerance)


def test_slopes_at_infinity_are_those_of_the_shares():
    shares = REFERENCE["softmax"](INFINITE)
    for fn, row in ((softmax, shares[:, :, None]), (log_softmax, 1.0)):
        expected = row * (np.eye(3) - shares[:, None, :])
        for jacobian in (jax.jacrev, jax.jacfwd):
            assert_close(jax.vmap(jacobian(fn))(np.float32(INFINITE)), expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_huge_logits_are_finite(row, dtype):
    # Half of the largest number: log_softmax is the difference of two.
    huge = float(jnp.finfo(dtype).max) / 2
    x = np.array([[huge, -huge, 0], [huge, huge, huge], [-huge, -huge, 1]]).astype(dtype)
    jacobian = jax.vmap(jax.jacrev(row.fn))
    assert np.isfinite(row.fn(x).astype(np.float32)).all()
    assert np.isfinite(jacobian(x).astype(np.float32)).all()


def test_nan_gives_nan(row):
    assert np.isnan(row.fn(np.array([0.0, nan, 1.0], np.float32))).all()


# --- Masks -----------------------------------------------------------------------------------


def shares():
    """Probabilities of the entries that the mask keeps, slice by slice."""
    p = np.zeros(SHAPE)
    for x, kept, out in zip(X.astype(np.float64), MASK, p, strict=True):
        out[kept] = REFERENCE["softmax"](x[kept]) if kept.any() else 0.0
    return p


@pytest.mark.parametrize("hidden", [0.0, inf, -inf, nan, 3e38])
def test_masked_entries_do_not_exist(hidden):
    x = np.where(MASK, X, np.float32(hidden))
    assert_close(softmax(x, where=MASK), shares())
    assert_close(softmax(x.T, axis=0, where=MASK.T), shares().T)
    with np.errstate(divide="ignore"):
        expected = np.log(shares())
    assert_close(log_softmax(x, where=MASK), expected)
    assert_close(log_softmax(x.T, axis=0, where=MASK.T), expected.T)


@pytest.mark.parametrize("hidden", [0.0, inf, -inf, nan, 3e38])
def test_gradient_passes_masked_entries_by(hidden):
    x, p, weights = np.where(MASK, X, np.float32(hidden)), shares(), X[::-1] * MASK

    @jax.jit
    def gradients(x):
        def loss(x, fn):
            return (jnp.where(MASK, fn(x, where=MASK), 0.0) * weights).sum()

        return [jax.grad(loss)(x, fn) for fn in (softmax, log_softmax)]

    of_softmax, of_logarithm = gradients(x)
    assert (of_softmax[~MASK] == 0).all()
    assert (of_logarithm[~MASK] == 0).all()
    assert_close(of_softmax, p * (weights - (p * weights).sum(axis=-1, keepdims=True)))
    assert_close(of_logarithm, weights - p * weights.sum(axis=-1, keepdims=True))


def test_mask_broadcasts():
    column = np.array([True, False, True, True, False])
    expected = softmax(X, where=np.broadcast_to(column, SHAPE))
    np.testing.assert_array_equal(softmax(X, where=column), expected)


@pytest.mark.parametrize("f", [softmax, log_softmax])
def test_every_way_to_call_is_that_of_jax_nn(f):
    x = jnp.arange(6.0).reshape(2, 3)
    expected = getattr(jax.nn, f.__name__)(x, 0)
    np.testing.assert_allclose(f(x, 0), expected, rtol=1e-6)
    np.testing.assert_allclose(f(x=x, axis=0), expected, rtol=1e-6)
    np.testing.assert_allclose(f(x, 0, x > -1), expected, rtol=1e-6)
    np.testing.assert_allclose(f(x, [0]), expected, rtol=1e-6)
    np.testing.assert_array_equal(identity(x=x), x)
