"""Functions onto the simplex at the edge: infinite, huge, undefined and masked entries."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from reference import REFERENCE
from rows import SIMPLEX, first_by_default

from jaxact import log_softmax, softmax

SHAPE = (4, 5)
X = np.random.default_rng(0).normal(scale=3.0, size=SHAPE).astype(np.float32)
MASK = np.random.default_rng(1).random(SHAPE) < 0.6
MASK[0], MASK[1] = False, True
inf, nan = np.inf, np.nan
INFINITE = np.array([[inf, 0, 1], [inf, inf, 0], [-inf, 0, 1], [inf, -inf, 0], [-inf, -inf, -inf]])


@pytest.fixture(scope="module", params=SIMPLEX.values(), ids=list(SIMPLEX))
def row(request):
    return request.param


def assert_close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-6)


# --- Infinite, huge and undefined entries ----------------------------------------------------


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


@pytest.mark.parametrize("x", INFINITE, ids=str)
def test_infinities_agree_with_the_oracle(row, x):
    assert_close(row.fn(np.float32(x)), REFERENCE[row.name](x))
    jacobian = jax.jacrev(row.fn)(np.float32(x))
    assert np.isfinite(jacobian).all()


@pytest.mark.parametrize("dtype", first_by_default("float32", "float16", "bfloat16"))
def test_huge_logits_are_finite(row, dtype):
    # Half of the largest number: log_softmax is the difference of two.
    huge = float(jnp.finfo(dtype).max) / 2
    x = np.array([[huge, -huge, 0], [huge, huge, huge], [-huge, -huge, 1]]).astype(dtype)
    jacobian = jax.vmap(jax.jacrev(row.fn))
    assert np.isfinite(row.fn(x).astype(np.float32)).all()
    assert np.isfinite(jacobian(x).astype(np.float32)).all()


def test_nan_gives_nan(row):
    assert np.isnan(row.fn(np.array([0.0, nan, 1.0], np.float32))).all()


# --- Masked entries --------------------------------------------------------------------------


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


@pytest.mark.parametrize("hidden", first_by_default(nan, inf, 0.0))
def test_masked_entries_do_not_exist_for_any(row, hidden):
    x = np.where(MASK, X, np.float32(hidden))
    empty = -inf if row.name == "log_softmax" else 0.0
    for got, mask in ((row.fn(x, where=MASK), MASK), (row.fn(x.T, axis=0, where=MASK.T).T, MASK)):
        for y, entries, kept in zip(np.asarray(got), X, mask, strict=True):
            assert (y[~kept] == empty).all()
            if kept.any():
                assert_close(y[kept], REFERENCE[row.name](entries[kept].astype(np.float64)))


@pytest.mark.parametrize("hidden", first_by_default(nan, inf, 0.0))
def test_gradient_passes_masked_entries_by_for_any(row, hidden):
    def total(x, mask):
        return (jnp.where(mask, row.fn(x, where=mask), 0.0) * X[::-1]).sum()

    slopes = np.asarray(jax.jit(jax.grad(total))(np.where(MASK, X, np.float32(hidden)), MASK))
    assert (slopes[~MASK] == 0).all()
    for i, kept in enumerate(MASK):
        if kept.any():
            alone = jax.grad(lambda x, w=X[::-1][i][kept]: (row.fn(x) * w).sum())(X[i][kept])
            np.testing.assert_allclose(slopes[i][kept], alone, rtol=1e-5, atol=2e-6)
