"""Selections of the catalogue's rows that several tests go through."""

import pytest

from jaxact import CATALOGUE

ELEMENTWISE = {name: row for name, row in CATALOGUE.items() if row.elementwise}
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


FIRST_OF_FAMILY = {row.family: row.name for row in reversed(CATALOGUE.values())}.values()

# Where no test of errors in ULP, which is stricter, covers the values.
INEXACT = [row for row in CATALOGUE.values() if not row.elementwise or row.status != "exact"]


def sampled(rows, ids=lambda row: row.name, row_of=lambda row: row, mark=pytest.mark.exhaustive):
    """Test parameters of which the default suite takes one row a family, that of ``mark`` the rest.

    For properties that the decorators give to every function alike.
    """
    return [
        pytest.param(
            p,
            id=ids(p),
            marks=() if row_of(p).name in FIRST_OF_FAMILY else mark,
        )
        for p in rows
    ]
