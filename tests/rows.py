"""Selections of the catalogue's rows that several tests go through."""

import pytest

from jaxact import CATALOGUE

ELEMENTWISE = {name: row for name, row in CATALOGUE.items() if row.elementwise}
SIMPLEX = {n: row for n, row in CATALOGUE.items() if row.family in ("simplex", "sparse_simplex")}
PARAMETERS = [
    (row, name, default)
    for row in ELEMENTWISE.values()
    for name, default in row.parameters.items()
    if isinstance(default, float)
]


def allowed(row, name, value):
    """Whether a parameter may have a value."""
    low, high = row.constraints.get(name, (float("-inf"), float("inf")))
    return low < value < high


def other(row, name, step=0.25):
    """An allowed value of a parameter that differs from its default."""
    default = row.parameters[name]
    if isinstance(default, bool):
        return not default
    return default + step if allowed(row, name, default + step) else default - step / 4


def mechanism(row):
    """What wraps a function: the decorators, and what they keep for the backward pass."""
    stacked = any(isinstance(default, tuple) for default in row.parameters.values())
    return (row.keeps if row.elementwise else row.family), stacked


def quick_first(rows, row_of=lambda row: row):
    """Rows with those last that take seconds to compile: kaf is a sum of twenty kernels."""
    return sorted(rows, key=lambda p: row_of(p).name == "kaf")


def first_of_each(key, rows):
    """Of each value of ``key`` the first row."""
    return {key(row): row for row in reversed(rows)}.values()


FIRST_OF_FAMILY = {row.name for row in first_of_each(lambda row: row.family, [*CATALOGUE.values()])}

# Where no test of errors in ULP, which is stricter, covers the values.
INEXACT = [row for row in CATALOGUE.values() if not row.elementwise or row.status != "exact"]


def sampled(rows, ids=lambda row: row.name, row_of=lambda row: row, mark=pytest.mark.exhaustive):
    """Test parameters, for properties that the decorators give to every function alike.

    The default suite takes one a mechanism, the slow run those of one row a family, that of
    ``mark`` all.
    """
    rows = [*rows]
    quick = quick_first(rows, row_of)
    few = {ids(p) for p in first_of_each(lambda p: mechanism(row_of(p)), quick)}

    def marks(p):
        if ids(p) in few:
            return ()
        return pytest.mark.slow if row_of(p).name in FIRST_OF_FAMILY else mark

    return [pytest.param(p, id=ids(p), marks=marks(p)) for p in rows]


def first_by_default(*values):
    """Test parameters: the first in the default suite, the others in the slow run."""
    first, *others = values
    return [first, *(pytest.param(value, marks=pytest.mark.slow) for value in others)]
