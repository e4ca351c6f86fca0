"""Functions with noise: keys, dtypes, transformations, moments, straight-through derivatives."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from reference import stochastic
from rows import first_by_default
from scipy import stats

from jaxact import CATALOGUE, gumbel_softmax, prob_act, rrelu, softmax, stochastic_binary

STOCHASTIC = {name: row for name, row in CATALOGUE.items() if row.family == "stochastic"}
X = np.random.default_rng(0).normal(scale=2.0, size=(4, 6)).astype(np.float32)
KEY = jax.random.key(3)
DRAWS = 200_000
BOUND = 5.0  # Standard errors; the chance of one larger deviation is 6e-7.


@pytest.fixture(scope="module", params=STOCHASTIC.values(), ids=list(STOCHASTIC))
def row(request):
    return request.param


def noise_of(name, shape, key=KEY, **parameters):
    """The noise that the function of a name draws, in the form of its oracle."""
    if name == "gumbel_softmax":
        return np.float64(jax.random.gumbel(key, shape))
    if name == "stochastic_binary":
        # The oracle fires where a uniform number is below the sigmoid.
        return stats.logistic.cdf(np.float64(jax.random.logistic(key, shape)))
    if name in ("noisy_relu", "prob_act"):
        return np.float64(jax.random.normal(key, shape))
    lower, upper = {
        "rrelu": (stochastic.LOWER, stochastic.UPPER),
        "elastic_relu": (0.5, 1.5),
        "rand_softplus": (0.0, 1.0),
    }[name]
    return lower + (upper - lower) * np.float64(jax.random.uniform(key, shape))


# --- Values ----------------------------------------------------------------------------------


def test_value_agrees_with_the_oracle_at_the_same_noise(row):
    expected = stochastic.NOISY[row.name](X.astype(np.float64), noise_of(row.name, X.shape))
    np.testing.assert_allclose(row.fn(X, KEY), expected, rtol=1e-5, atol=1e-6)


def test_deterministic_value_agrees_with_the_oracle(row):
    expected = stochastic.VALUE[row.name](X.astype(np.float64))
    for keys in ({}, {"key": KEY}):
        got = row.fn(X, deterministic=True, **keys)
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_equal_keys_give_equal_numbers(row):
    again = jax.jit(row.fn)(X, KEY)
    np.testing.assert_array_equal(row.fn(X, key=KEY), again)
    assert not np.array_equal(row.fn(X, jax.random.key(4)), again)
    old = jax.random.PRNGKey(3)
    np.testing.assert_array_equal(row.fn(X, old), again)


def test_a_missing_key_is_an_error_that_says_what_to_pass(row):
    message = rf"{row.name} draws random.*key=jax\.random\.key\(seed\), or deterministic=True"
    with pytest.raises(ValueError, match=message):
        row.fn(X)
    with pytest.raises(ValueError, match=message):
        jax.jit(row.fn)(X)


@pytest.mark.parametrize("dtype", ["bfloat16", pytest.param("float16", marks=pytest.mark.slow)])
def test_noise_is_drawn_in_float32_and_the_dtype_kept(row, dtype):
    x = jnp.asarray(X, dtype)
    with jax.numpy_dtype_promotion("strict"):
        y, pull = jax.vjp(lambda x: row.fn(x, KEY), x)
        (slopes,) = pull(jnp.ones_like(y))
        expected = row.fn(x.astype(jnp.float32), KEY).astype(dtype)
    assert y.dtype == slopes.dtype == dtype
    np.testing.assert_array_equal(y.astype(jnp.float32), expected.astype(jnp.float32))


def test_float64_noise_is_float64(row):
    with jax.enable_x64(True):
        y = row.fn(X.astype(np.float64), KEY)
        assert y.dtype == np.float64


# --- Transformations -------------------------------------------------------------------------


def test_batches_of_keys(row):
    keys = jax.random.split(KEY, len(X))
    together = jax.jit(jax.vmap(row.fn))(X, keys)
    for got, x, key in zip(together, X, keys, strict=True):
        np.testing.assert_allclose(got, row.fn(x, key), rtol=1e-6, atol=1e-7)


@pytest.mark.exhaustive
def test_slopes_are_those_at_the_same_noise(row):
    if row.name == "stochastic_binary":
        return  # Straight through; see below.
    with jax.enable_x64(True):
        fn = functools.partial(row.fn, key=KEY)
        check_grads(fn, (X.astype(np.float64),), order=2, atol=1e-5, rtol=1e-5)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("rrelu", {"lower": 0.1, "upper": 0.5}),
        ("noisy_relu", {"sigma": 0.7}),
        ("prob_act", {"sigma": 0.7}),
        ("elastic_relu", {"alpha": 0.3}),
        ("rand_softplus", {"lower": 0.1, "upper": 0.5}),
        ("gumbel_softmax", {"temperature": 0.7}),
    ],
)
def test_slopes_in_parameters(name, parameters):
    fn = STOCHASTIC[name].fn
    with jax.enable_x64(True):
        for settings in ({"key": KEY}, {"deterministic": True}):

            def by_parameters(*values, settings=settings):
                chosen = dict(zip(parameters, values, strict=True))
                return fn(X.astype(np.float64), **chosen, **settings)

            check_grads(by_parameters, (*parameters.values(),), order=2, atol=1e-5, rtol=1e-5)


def test_every_entry_has_noise_of_its_own():
    sigma = np.float32([[1.0], [2.0]])
    y = np.asarray(prob_act(np.zeros(5, np.float32), KEY, sigma))
    assert y.shape == (2, 5)
    assert np.unique(y).size == 10


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("settings", [{"deterministic": True}, {}])
def test_backward_pass_keeps_one_array(row, dtype, settings):
    x = jnp.zeros((4, 256), dtype)
    keys = {} if settings else {"key": KEY}
    pull = jax.eval_shape(lambda x: jax.vjp(lambda x: row.fn(x, **settings, **keys), x)[1], x)
    kept = sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(pull))
    one_byte = row.name in ("noisy_relu", "prob_act") or (settings and row.keeps == "mask")
    scalars = 16  # The key, or parameters.
    assert kept <= (x.size if one_byte else x.nbytes) + scalars


# --- Moments ---------------------------------------------------------------------------------


def moments(name, x):
    """Mean and variance of the value at one point."""
    if name == "rrelu":
        low, high = stochastic.LOWER, stochastic.UPPER
        return (x, 0.0) if x >= 0 else ((low + high) / 2 * x, (high - low) ** 2 / 12 * x * x)
    if name == "elastic_relu":
        return (max(x, 0.0), max(x, 0.0) ** 2 / 12)
    if name == "rand_softplus":
        gap = np.log1p(np.exp(-abs(x)))
        return max(x, 0.0) + gap / 2, gap * gap / 12
    if name == "prob_act":
        return max(x, 0.0), 1.0
    if name == "noisy_relu":
        # A normal number cut off at 0.
        mean = x * stats.norm.cdf(x) + stats.norm.pdf(x)
        square = (x * x + 1) * stats.norm.cdf(x) + x * stats.norm.pdf(x)
        return mean, square - mean * mean
    p = 1 / (1 + np.exp(-x))
    return p, p * (1 - p)


@pytest.mark.parametrize("name", [n for n in STOCHASTIC if n != "gumbel_softmax"])
@pytest.mark.parametrize("x", first_by_default(-1.5, 0.8))
def test_mean_and_variance_are_the_closed_forms(name, x):
    y = np.float64(STOCHASTIC[name].fn(np.full(DRAWS, x, np.float32), KEY))
    mean, variance = moments(name, x)
    assert abs(y.mean() - mean) <= BOUND * np.sqrt(variance / DRAWS) + 1e-6
    # The variance's standard error, by the fourth moment of the draws themselves.
    error = np.sqrt(max(np.mean((y - y.mean()) ** 4) - variance**2, 0.0) / DRAWS)
    assert abs(y.var() - variance) <= BOUND * error + 1e-6


def test_hard_draws_have_the_probabilities_of_softmax():
    logits = np.float32([1.0, 0.0, -0.5, -2.0])
    p = np.float64(softmax(logits))
    y = gumbel_softmax(np.tile(logits, (DRAWS, 1)), KEY, hard=True)
    frequencies = np.float64(y).mean(axis=0)
    assert (abs(frequencies - p) <= BOUND * np.sqrt(p * (1 - p) / DRAWS)).all()


# --- Straight through ------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{"key": KEY}, {"deterministic": True}])
def test_hard_values_have_the_soft_derivative(settings):
    hard = gumbel_softmax(X, temperature=0.5, hard=True, **settings)
    soft = gumbel_softmax(X, temperature=0.5, **settings)
    np.testing.assert_array_equal(np.sort(hard, axis=-1), np.eye(6)[[5] * 4])
    np.testing.assert_array_equal(np.argmax(hard, -1), np.argmax(soft, -1))
    slopes = [
        jax.grad(lambda x, h=h: (gumbel_softmax(x, temperature=0.5, hard=h, **settings) * X).sum())
        for h in (True, False)
    ]
    np.testing.assert_array_equal(slopes[0](X), slopes[1](X))


@pytest.mark.parametrize("settings", [{"key": KEY}, {"deterministic": True}])
def test_binary_units_have_the_derivative_of_the_sigmoid(settings):
    slopes = jax.grad(lambda x: stochastic_binary(x, **settings).sum())(X)
    np.testing.assert_allclose(slopes, stochastic.SLOPE["stochastic_binary"](X), rtol=2e-6)


def test_cold_and_warm_temperatures():
    np.testing.assert_allclose(gumbel_softmax(X, KEY, 1e4), 1 / 6, atol=1e-3)
    cold = np.asarray(gumbel_softmax(X, KEY, 1e-6))
    np.testing.assert_allclose(cold, gumbel_softmax(X, KEY, hard=True), atol=1e-6)


def test_rrelu_with_equal_ends_is_leaky():
    expected = np.where(X >= 0, X, np.float32(0.3) * X)
    np.testing.assert_allclose(rrelu(X, KEY, 0.3, 0.3), expected, rtol=1e-6)
