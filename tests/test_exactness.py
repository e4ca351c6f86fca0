"""Errors of every elementwise function, in units in the last place, against the bounds."""

import numpy as np
import pytest
from reference import REFERENCE, SLOPE
from rows import ELEMENTWISE

from experiments._ulp import DTYPES, LIMITS, errors, jax_jet, oracle_of, patterns, ulps

EXACT = [row for row in ELEMENTWISE.values() if row.status == "exact"]
PARTS = 4


@pytest.fixture(scope="module", params=EXACT, ids=lambda row: row.name)
def row(request):
    return request.param


def assert_within_bounds(row, dtype, x):
    with np.errstate(all="ignore"):
        truth = oracle_of(row, REFERENCE), oracle_of(row, SLOPE)
        found = errors(jax_jet(row.plain), truth, row.kinks, dtype, x)
    for quantity, error in found.items():
        assert error.largest <= LIMITS[dtype, quantity], (quantity, error)


def test_float32_is_within_the_bounds(row):
    assert_within_bounds(row, "float32", patterns("float32", 2**15))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_is_within_the_bounds(row, dtype):
    assert_within_bounds(row, dtype, patterns(dtype, 2**20, seed=1))


def test_patterns_are_spread_over_all_exponents():
    x = patterns("float32", 2**15)
    exponents = np.frexp(x[x != 0])[1]
    counts = np.bincount(exponents - exponents.min())
    assert len(x) == pytest.approx(2**15, rel=0.01)
    assert len(counts) == 254
    assert counts.min() > 0.9 * counts.mean()
    assert np.isfinite(x).all()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_sixteen_bit_patterns_are_all(dtype):
    x = patterns(dtype, 0)
    assert (
        len(np.unique(x.view(np.uint16))) == len(x) == {"bfloat16": 65280, "float16": 63488}[dtype]
    )


def test_an_ulp_is_the_distance_to_the_next_number():
    truth = np.array([1.0, 1.5, 2.0, 0.75, 1e-40, 0.0])
    steps = np.array([1.0, 2.0, 3.0, 0.5, 7.0, 0.0])
    size = np.array([2.0**-23, 2.0**-23, 2.0**-22, 2.0**-24, 2.0**-149, 1.0])
    found = ulps(truth + steps * size, truth, "float32")
    np.testing.assert_allclose(found, [1.0, 2.0, 3.0, 0.5, np.nan, 0.0])
    assert ulps(np.array([np.nan]), np.array([1.0]), "float32") == np.inf
    assert ulps(np.array([2.0**-20]), np.array([0.0]), "float32", floor=0.125) == 2.0**6
