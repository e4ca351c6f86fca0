"""Functions that choose, pair or scale entries of an axis: values, ties, slopes, extremes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from reference import REFERENCE

from jaxact import CATALOGUE, bipolar_relu, crelu, hardmax, kwta, l2_normalize, maxout

AXISWISE = {name: row for name, row in CATALOGUE.items() if row.family == "axiswise"}
X = np.random.default_rng(0).normal(scale=3.0, size=(4, 6)).astype(np.float32)
MASK = np.random.default_rng(1).random(X.shape) < 0.6
MASK[0], MASK[1] = False, True
inf, nan = np.inf, np.nan


@pytest.fixture(scope="module", params=AXISWISE.values(), ids=list(AXISWISE))
def row(request):
    return request.param


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, -2])
def test_one_axis(row, axis):
    close(row.fn(X, axis=axis), REFERENCE[row.name](X.astype(np.float64), axis=axis))


# Every length: processors treat some in a way of their own.
@pytest.mark.parametrize("length", [1, 2, 4, 7, 8, 9, 16, 17, 32])
def test_every_length_of_an_axis(row, length):
    if length % 2 and row.name == "maxout":
        length += 1
    x = np.random.default_rng(length).normal(size=(5, length)).astype(np.float32)
    close(row.fn(x), REFERENCE[row.name](x.astype(np.float64)))


@pytest.mark.exhaustive
def test_numerical_derivatives_agree(row):
    with jax.enable_x64(True):
        check_grads(row.fn, (X.astype(np.float64),), order=2, atol=1e-5, rtol=1e-5)


def test_nan_stays(row):
    y = np.asarray(row.fn(np.array([0.5, nan], np.float32)))
    assert np.isnan(y).any()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_backward_pass_keeps_what_the_row_says(row, dtype):
    x = jnp.zeros((4, 256), dtype)
    pull = jax.eval_shape(lambda x: jax.vjp(row.fn, x)[1], x)
    kept = sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(pull))
    assert kept <= {"nothing": 0, "mask": x.size, "input": x.nbytes}[row.keeps]


# --- hardmax and kwta ------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [0.0, inf, -inf, nan])
def test_hardmax_passes_masked_entries_by(hidden):
    x = np.where(MASK, X, np.float32(hidden))
    expected = REFERENCE["hardmax"](x.astype(np.float64), where=MASK)
    np.testing.assert_array_equal(hardmax(x, where=MASK), expected)
    np.testing.assert_array_equal(hardmax(x.T, axis=0, where=MASK.T), expected.T)
    assert (expected[0] == 0).all()


def test_hardmax_takes_the_first_and_has_no_slope():
    x = np.array([[1, 3, 3], [-inf, -inf, -inf], [inf, 0, inf], [nan, 0, 1]], np.float32)
    expected = np.array([[0, 1, 0], [1, 0, 0], [1, 0, 0], [nan, nan, nan]])
    np.testing.assert_array_equal(hardmax(x), expected)
    np.testing.assert_array_equal(jax.jacrev(hardmax)(x[0]), np.zeros((3, 3)))


@pytest.mark.parametrize("k", [1, 2, 5, 6, 9])
@pytest.mark.parametrize("axis", [0, 1])
def test_kwta_keeps_k_entries_and_their_slopes(k, axis):
    x = np.round(X / 2).astype(np.float32)  # With ties.
    np.testing.assert_array_equal(kwta(x, k, axis), REFERENCE["kwta"](x, k, axis))
    slopes = jax.grad(lambda x: (kwta(x, k, axis) * X).sum())(x)
    kept = REFERENCE["kwta"](x + 0.0, k, axis) != 0
    np.testing.assert_array_equal(np.where(kept, slopes, 0), np.where(kept, X, 0))
    assert (np.count_nonzero(slopes, axis=axis) == min(k, x.shape[axis])).all()


def test_kwta_needs_a_winner():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        kwta(X, k=0)


# --- l2_normalize ----------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e-36, 1e-30, 1e-12, 1e-6, 1.0, 1e20, 3e37])
def test_normalized_vectors_of_any_size(scale):
    x = (X * np.float32(scale)).astype(np.float32)
    expected = REFERENCE["l2_normalize"](x.astype(np.float64))
    np.testing.assert_allclose(l2_normalize(x), expected, rtol=1e-6)
    with jax.enable_x64(True):
        exact = np.asarray(jax.grad(lambda x: (l2_normalize(x) * X[::-1]).sum())(np.float64(x)))
    slopes = jax.grad(lambda x: (l2_normalize(x) * X[::-1]).sum())(x)
    largest = abs(exact).max()
    np.testing.assert_allclose(slopes, exact, rtol=1e-5, atol=2e-6 * largest + 2e-38)


@pytest.mark.parametrize("axis", [None, (0, 1), (1,)])
def test_normalized_along_several_axes(axis):
    close(
        l2_normalize(X, axis),
        X / np.linalg.norm(X, axis=1 if axis == (1,) else None, keepdims=True),
    )


def test_zero_has_a_finite_slope():
    x = np.zeros(3, np.float32)
    np.testing.assert_array_equal(l2_normalize(x), x)
    np.testing.assert_allclose(jax.jacrev(l2_normalize)(x), np.eye(3) * 1e12, rtol=1e-6)
    np.testing.assert_array_equal(l2_normalize(x, epsilon=0.0), x)
    assert np.isfinite(jax.jacfwd(jax.jacrev(l2_normalize))(x)).all()


def test_directions_at_infinity():
    x = np.array([[inf, 1, -2], [-inf, 0, 3], [inf, -inf, 1]], np.float32)
    expected = np.array([[1, 0, 0], [-1, 0, 0], [nan, nan, 0]])
    np.testing.assert_array_equal(l2_normalize(x), expected)


# --- Axes that change their length -----------------------------------------------------------


@pytest.mark.parametrize("pieces", [1, 2, 3, 6])
def test_maxout_of_groups(pieces):
    y = maxout(X, pieces)
    assert y.shape == (4, 6 // pieces)
    np.testing.assert_array_equal(y, REFERENCE["maxout"](X, pieces))


def test_first_of_equal_pieces_gets_the_slope():
    x = np.array([2.0, 2.0, -1.0, -1.0], np.float32)
    np.testing.assert_array_equal(jax.grad(lambda x: maxout(x).sum())(x), [1, 0, 1, 0])


def test_lengths_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="length 6, no multiple of pieces=4"):
        maxout(X, 4)
    with pytest.raises(ValueError, match="works along an axis"):
        maxout(1.0)


def test_crelu_holds_the_input():
    y = np.asarray(crelu(X))
    np.testing.assert_array_equal(y[:, :6] - y[:, 6:], X)
    slopes = jax.jacrev(crelu)(np.array([-1.0, 0.0, 2.0], np.float32))
    expected = [[0, 0, 0], [0, 0, 0], [0, 0, 1], [-1, 0, 0], [0, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(slopes, expected)


def test_bipolar_relu_has_slope_zero_at_zero():
    x = np.array([0.0, 0.0, 1.0, 1.0, -1.0, -1.0], np.float32)
    slopes = jax.grad(lambda x: bipolar_relu(x).sum())(x)
    np.testing.assert_array_equal(slopes, [0, 0, 1, 0, 0, 1])
