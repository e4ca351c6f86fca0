"""Every function of the catalogue as a user meets it: names, values, dtypes, shapes, identity."""

import inspect
import math
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from reference import GRID, REFERENCE, SLOPE
from rows import INEXACT, other, sampled

import jaxact
from jaxact import CATALOGUE, activations

PUBLIC = {n: f for n, f in vars(activations).items() if callable(f) and not n.startswith("_")}
ALIASES = {alias: row.fn for row in CATALOGUE.values() for alias in row.aliases}
# Shuffled, so that a function along an axis meets near and far neighbours.
TABLE = np.random.default_rng(0).permutation(GRID[1:]).reshape(-1, 4)
DTYPES = ("float32", "bfloat16", "float16", "float64")
PARAMETERS = [
    (row, name, default)
    for row in CATALOGUE.values()
    if row.elementwise
    for name, default in row.parameters.items()
    if isinstance(default, bool | int | float) and name not in row.settings
]
FLOATS = [p for p in PARAMETERS if isinstance(p[2], float)]


@pytest.fixture(scope="module", params=CATALOGUE.values(), ids=list(CATALOGUE))
def row(request):
    return request.param


@pytest.fixture(scope="module", params=sampled(CATALOGUE.values()))
def sample(request):
    return request.param


NAMED = {"ids": lambda p: f"{p[0].name}-{p[1]}", "row_of": lambda p: p[0]}


@pytest.fixture(scope="module", params=sampled(PARAMETERS, **NAMED))
def sample_parameter(request):
    return request.param


@pytest.fixture(scope="module", params=sampled(PARAMETERS, **NAMED, mark=pytest.mark.slow))
def parameter(request):
    return request.param


@pytest.fixture(scope="module", params=sampled(FLOATS, **NAMED))
def float_parameter(request):
    return request.param


def pullback(fn):
    """The derivative in reverse mode, along plus and minus one in turn."""

    def pulled(x):
        y, pull = jax.vjp(fn, x)
        return pull(jnp.resize(jnp.array([1, -1], y.dtype), y.shape))[0]

    return pulled


# --- Names -----------------------------------------------------------------------------------


def test_functions_rows_and_oracles_are_the_same_set():
    assert {f.__name__ for f in PUBLIC.values()} == set(CATALOGUE) == set(REFERENCE)
    assert set(SLOPE) == {row.name for row in CATALOGUE.values() if row.elementwise}
    assert all(f is CATALOGUE[f.__name__].fn for f in PUBLIC.values())


def test_second_names_of_functions_are_aliases():
    second = {n: f for n, f in PUBLIC.items() if n != f.__name__}
    assert activations.swish is activations.silu
    assert second.items() <= ALIASES.items()


def test_package_exports_every_function():
    assert all(getattr(jaxact, name) is fn for name, fn in PUBLIC.items())
    assert PUBLIC.keys() <= set(jaxact.__all__)
    assert all(hasattr(jaxact, name) for name in jaxact.__all__)


@pytest.mark.parametrize("name", sorted(vars(jax.nn).keys() & {*CATALOGUE, *ALIASES}))
def test_signature_is_that_of_jax_nn(name):
    ours, theirs = (
        inspect.signature(getattr(module, name)).parameters.values() for module in (jaxact, jax.nn)
    )
    assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]


def test_function_pickles_to_itself(row):
    assert pickle.loads(pickle.dumps(row.fn)) is row.fn
    assert row.fn in {row.fn}


# --- Values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", INEXACT, ids=lambda row: row.name)
def test_value_agrees_with_the_oracle(row):
    expected = REFERENCE[row.name](TABLE.astype(np.float64))
    np.testing.assert_allclose(row.plain(TABLE), expected, rtol=1e-5, atol=1e-6)


def test_float64_value_agrees_with_the_oracle(sample):
    row = sample
    x = TABLE.astype(np.float64)
    with jax.enable_x64(True):
        np.testing.assert_allclose(row.plain(x), REFERENCE[row.name](x), rtol=1e-12, atol=1e-15)


def test_value_agrees_with_the_oracle_at_another_parameter(parameter):
    row, name, _ = parameter
    chosen = {name: other(row, name)}
    expected = REFERENCE[row.name](TABLE.astype(np.float64), **chosen)
    np.testing.assert_allclose(row.plain(TABLE, **chosen), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_sixteen_bits_are_float32_rounded(sample, dtype):
    row = sample
    x = jnp.asarray(TABLE, dtype)
    both = jax.jit(lambda x: (row.plain(x), pullback(row.plain)(x)))
    for got, expected in zip(both(x), both(x.astype(jnp.float32)), strict=True):
        # Sums along an axis may be taken in another order, which cancellation makes visible.
        noise = {} if row.elementwise else {"rtol": jnp.finfo(dtype).eps, "atol": 1e-6}
        compare = np.testing.assert_allclose if noise else np.testing.assert_array_equal
        compare(got.astype(jnp.float32), expected.astype(dtype).astype(jnp.float32), **noise)


def test_numpy_and_python_numbers_are_welcome(sample):
    row = sample
    np.testing.assert_array_equal(row.plain(TABLE.astype(np.float64)), row.plain(TABLE))
    if row.elementwise:
        assert row.plain(0.5) == row.plain(np.float64(0.5)) == row.plain(jnp.float32(0.5))


# --- Dtypes and shapes, read from the trace --------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("promotion", ["standard", "strict"])
def test_dtype_is_kept(sample, dtype, promotion):
    row = sample
    with jax.enable_x64(dtype == "float64"), jax.numpy_dtype_promotion(promotion):
        x = jnp.zeros(8, dtype)
        assert jax.eval_shape(row.plain, x).dtype == x.dtype
        assert jax.eval_shape(pullback(row.plain), x).dtype == x.dtype


@pytest.mark.parametrize("kind", [float, np.float64, np.float32, jnp.float32, jnp.atleast_1d])
@pytest.mark.parametrize("promotion", ["standard", "strict"])
def test_parameters_never_upcast(float_parameter, kind, promotion):
    row, name, _ = float_parameter
    x = jnp.zeros(8, jnp.bfloat16)
    with jax.numpy_dtype_promotion(promotion):
        fn = lambda x: row.plain(x, **{name: kind(0.25)})  # noqa: E731
        assert jax.eval_shape(fn, x).dtype == x.dtype
        assert jax.eval_shape(pullback(fn), x).dtype == x.dtype


@pytest.mark.parametrize("shape", [(), (1,), (0,), (0, 3), (2, 3, 4)])
def test_shape_is_kept(sample, shape):
    row = sample
    if row.elementwise or shape:
        shape = (*shape[:-1], 2 * shape[-1]) if shape and not row.elementwise else shape
        x = jnp.zeros(shape)
        y_shape = shape if row.elementwise else (*shape[:-1], int(shape[-1] * row.axis_factor))
        assert jax.eval_shape(row.plain, x).shape == y_shape
        assert jax.eval_shape(pullback(row.plain), x).shape == shape


def test_a_single_number_and_no_number_at_all(sample):
    row = sample
    for shape in ((), (0,)) if row.elementwise else ((0, 4),):
        assert row.plain(np.zeros(shape)).size == math.prod(shape) * row.axis_factor


@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
def test_integers_become_float32(sample, dtype):
    row = sample
    x = np.array([[0, 1, 2, 1], [3, 1, 100, 7]]).astype(dtype)
    y = row.plain(x)
    assert y.dtype == jnp.float32
    np.testing.assert_array_equal(y, row.plain(x.astype(np.float32)))


def test_complex_is_refused(row):
    with pytest.raises(TypeError, match="complex"):
        row.plain(jnp.array([1j]))


# --- Traces ----------------------------------------------------------------------------------


def test_equal_calls_trace_once(sample):
    row = sample
    row.plain(TABLE)
    with jax.no_tracing(True):
        row.plain(TABLE + 1)


def test_equal_parameters_trace_once(sample_parameter):
    row, name, default = sample_parameter
    for value in (default, other(row, name)):
        row.plain(TABLE, **{name: value})
        with jax.no_tracing(True):
            row.plain(TABLE + 1, **{name: value})
