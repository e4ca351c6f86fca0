"""Every field of a row is a claim; here each one meets the oracle, the docstring or the paper."""

import dataclasses
import datetime
import functools
import inspect
import re
import typing

import numpy as np
import pytest
from reference import REFERENCE, SLOPE

from jaxact import CATALOGUE, get
from jaxact.catalogue import Role

FAR = 1e4
WIDE = np.geomspace(1.0, FAR, 2000)
DENSE = np.linspace(-12.0, 12.0, 600_001)


@pytest.fixture(scope="module", params=CATALOGUE.values(), ids=list(CATALOGUE))
def row(request):
    return request.param


def value(row):
    """The oracle as a function of one number; along an axis, of one entry beside a zero."""
    oracle = REFERENCE[row.name]
    if row.elementwise:
        return oracle
    return lambda x: oracle(np.stack([x, np.zeros_like(x)], axis=-1))[..., 0]


def slope(row):
    """The slope's oracle; along an axis, the difference quotient of the value."""
    f = value(row)

    def quotient(x):
        x = np.clip(x, -FAR, FAR)
        step = 1e-5 * np.maximum(1.0, abs(x))
        return (f(x + step) - f(x - step)) / (2 * step)

    return SLOPE.get(row.name, quotient)


@functools.cache
def line(row):
    """Real numbers that are dense near zero, reach infinity and hug the kinks."""
    sides = [np.nextafter(k, end) for k in row.kinks for end in (-np.inf, np.inf)]
    return np.unique(np.concatenate([DENSE, WIDE, -WIDE, sides, [-np.inf, np.inf]]))


def derivatives_beside(f, point, radius):
    """Derivatives 0 to 3 of the polynomial through ``f`` just beside a point."""
    nodes = point + radius * (1 - np.cos(np.pi * (np.arange(12) + 0.5) / 12)) / 2
    p = np.polynomial.Polynomial.fit(nodes, f(nodes), deg=11)
    return np.array([p.deriv(n)(point) for n in range(4)])


# --- Words -----------------------------------------------------------------------------------


def test_docstring_holds_formula_paper_and_sections(row):
    doc = row.fn.__doc__
    assert row.formula in doc
    assert row.url in doc
    for section in ("Args:", "Returns:", "Example:", "References:"):
        assert f"    {section}\n" in doc
    assert ">>> " in doc


def test_family_is_the_file(row):
    assert row.family == row.fn.__module__.rsplit(".", maxsplit=1)[-1]


def test_name_and_parameters_are_those_of_the_function(row):
    assert CATALOGUE[row.name] is row
    assert row.name == row.fn.__name__
    _, *rest = inspect.signature(REFERENCE[row.name]).parameters.values()
    of_oracle = {p.name: p.default for p in rest}
    assert of_oracle == {name: row.parameters[name] for name in of_oracle}
    assert not row.elementwise or of_oracle.keys() == row.parameters.keys()


def test_aliases_lead_to_the_row_and_to_no_other(row):
    names = [name for other in CATALOGUE.values() for name in (other.name, *other.aliases)]
    for alias in (row.name, *row.aliases):
        assert get(alias).row is row
        assert names.count(alias) == 1


def test_role_is_known(row):
    assert row.role
    assert len(set(row.role)) == len(row.role)
    assert set(row.role) <= set(typing.get_args(Role))


def test_year_is_that_of_the_paper(row):
    assert 1900 <= row.year <= datetime.datetime.now(datetime.UTC).year
    assert re.findall(r"\b\d{4}\b", row.paper) in ([], [str(row.year)])
    assert re.fullmatch(r"https://\S+", row.url)


def test_catalogue_and_rows_are_read_only(row):
    with pytest.raises(TypeError):
        CATALOGUE[row.name] = row  # pyright: ignore[reportIndexIssue]
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.year = 1900


# --- Numbers ---------------------------------------------------------------------------------


def test_value_range_is_infimum_and_supremum(row):
    y = value(row)(line(row))
    np.testing.assert_allclose([y.min(), y.max()], row.value_range, rtol=1e-9, atol=1e-9)


def test_lipschitz_is_the_steepest_slope(row):
    steepest = abs(slope(row)(line(row))).max()
    np.testing.assert_allclose(steepest, row.lipschitz, rtol=1e-9, atol=1e-9)


def test_monotonic_is_true_or_false(row):
    y = value(row)(line(row)[1:-1])
    drop = (np.maximum.accumulate(y) - y).max()
    assert drop < 1e-12 * abs(y).max() if row.monotonic else drop > 1e-3


def test_limits_are_those_of_the_oracle(row):
    assert_limits(value(row), row.limits)


def test_slope_limits_are_those_of_the_oracle(row):
    assert_limits(slope(row), row.slope_limits)


def assert_limits(f, limits):
    for end, limit in zip((-1, 1), limits, strict=True):
        before, far, at_end = f(end * np.array([1e2, FAR, np.inf]))
        assert at_end == pytest.approx(limit, abs=1e-9)
        if np.isinf(limit):
            assert (far - before) * np.sign(limit) > 0
        else:
            assert far == pytest.approx(limit, abs=1e-3)


# --- Kinks -----------------------------------------------------------------------------------


def test_kinks_are_listed_in_order_with_their_slopes(row):
    assert list(row.kinks) == sorted(set(row.kinks))
    assert len(row.kink_slopes) == len(row.kinks)
    assert (row.smoothness == np.inf) == (not row.kinks)


def test_first_jump_at_a_kink_is_one_past_smoothness(row):
    first = [np.inf]
    for kink in row.kinks:
        others = [abs(kink - k) for k in row.kinks if k != kink]
        radius = min([0.1, *(gap / 2 for gap in others)])
        right = derivatives_beside(value(row), kink, radius)
        left = derivatives_beside(value(row), kink, -radius)
        jumps = abs(right - left)
        assert ((jumps < 1e-6) | (jumps > 1e-3)).all(), jumps
        assert jumps.max() > 1e-3
        first.append(float(np.argmax(jumps > 1e-3)))
    assert min(first) == row.smoothness + 1


def test_slope_at_a_kink_lies_between_its_sides(row):
    for kink, declared in zip(row.kinks, row.kink_slopes, strict=True):
        sides = slope(row)(np.nextafter(kink, [-np.inf, np.inf]))
        assert sides.min() - 1e-12 <= declared <= sides.max() + 1e-12


def test_slope_does_not_jump_elsewhere(row):
    pieces = np.split(DENSE, np.searchsorted(DENSE, row.kinks))
    for piece in pieces:
        inside = piece[~np.isin(piece, row.kinks)]
        assert abs(np.diff(slope(row)(inside))).max() < 1e-3
