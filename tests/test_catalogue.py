"""Every field of a row is a claim; here each one meets the oracle, the docstring or the paper."""

import dataclasses
import datetime
import functools
import inspect
import itertools
import pathlib
import re
import typing

import jax
import numpy as np
import pandas as pd
import pytest
from reference import REFERENCE, SLOPE
from rows import ELEMENTWISE

from jaxact import CATALOGUE, get
from jaxact.catalogue import Role

AXISWISE = [row for row in CATALOGUE.values() if not row.elementwise]
FAR = 1e4
SPEED = pathlib.Path(__file__).parent.parent / "experiments/results/speed/table.csv"
WIDE = np.geomspace(1.0, FAR, 2000)
DENSE = np.linspace(-12.0, 12.0, 600_001)


@pytest.fixture(scope="module", params=CATALOGUE.values(), ids=list(CATALOGUE))
def row(request):
    return request.param


@pytest.fixture(scope="module", params=ELEMENTWISE.values(), ids=list(ELEMENTWISE))
def elementwise(request):
    return request.param


@pytest.fixture(scope="module", params=AXISWISE, ids=lambda row: row.name)
def axiswise(request):
    return request.param


def value(row):
    """The oracle as a function of one number; along an axis, of one entry beside a zero."""
    oracle = functools.partial(REFERENCE[row.name], **row.settings)
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


def beside(row):
    """The oracle along an axis, of one of two entries, on either side of a 0 or a 1."""
    oracle = functools.partial(REFERENCE[row.name], **row.settings)

    def first(x, other, turn):
        return oracle(np.stack([x, np.full_like(x, other)][::turn], axis=-1))[..., 0]

    for other, turn in itertools.product((0.0, 1.0), (1, -1)):
        yield functools.partial(first, other=other, turn=turn)


@functools.cache
def line(row):
    """Real numbers that are dense near zero, reach infinity and hug the kinks."""
    sides = [np.nextafter(k, end) for k in row.kinks for end in (-np.inf, np.inf)]
    return np.unique(np.concatenate([DENSE, WIDE, -WIDE, sides, [-np.inf, np.inf]]))


@functools.cache
def values(row):
    """The oracle's values on the line."""
    return value(row)(line(row))


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
    claimed = {**row.parameters, **row.settings}
    both = of_oracle.keys() & claimed.keys()
    assert {name: of_oracle[name] for name in both} == {name: claimed[name] for name in both}
    assert not row.elementwise or of_oracle.keys() == claimed.keys()


def test_aliases_lead_to_the_row_and_to_no_other(row):
    names = [name for other in CATALOGUE.values() for name in (other.name, *other.aliases)]
    for alias in (row.name, *row.aliases):
        assert get(alias).row is row
        assert names.count(alias) == 1


def test_names_of_parameters_are_parameters(row):
    named = {*row.settings, *row.constraints, *row.learnable, *row.surrogates, "x"}
    assert named <= {*row.parameters, "x"}
    for name, (low, high) in row.constraints.items():
        default = row.parameters[name]
        for number in default if isinstance(default, tuple) else (default,):
            assert low < number < high


def test_a_value_outside_its_interval_is_refused(row):
    for name, (low, high) in row.constraints.items():
        if not isinstance(row.parameters[name], tuple):
            for value in {low, high} - {-np.inf, np.inf}:
                with pytest.raises(ValueError, match=f"{name} of {row.name}"):
                    get(row.name, **{name: value})


def test_a_shortfall_is_stated_where_a_bound_is_missed(row):
    assert row.status in ("exact", "measured")
    assert (row.status == "measured") == bool(row.shortfall)


def test_costs_are_those_of_the_speed_table(row):
    table = pd.read_csv(SPEED)
    of_jax_nn = table[(table["function"] == row.name) & (table["library"] == "jax.nn")]
    high = of_jax_nn[of_jax_nn["jaxact_over_it"] > 1.25]
    assert bool(row.cost) == bool(len(high))
    for ratio in high["jaxact_over_it"]:
        assert f"{ratio:.2f} of jax.nn's time" in row.cost


def test_few_functions_fall_short():
    assert sum(row.status == "measured" for row in CATALOGUE.values()) <= 5


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


def test_elementwise_rows_claim_all_numbers(row):
    claims = (row.monotonic, row.value_range, row.lipschitz, row.limits, row.slope_limits)
    assert not row.elementwise or None not in claims


def test_value_range_is_infimum_and_supremum(row):
    if row.value_range is not None:
        y = values(row)
        for found, claim in zip((np.nanmin(y), np.nanmax(y)), row.value_range, strict=True):
            if np.isinf(claim) and np.isfinite(found):  # where there is no limit at infinity
                assert found * np.sign(claim) > FAR / 2
            else:
                assert found == pytest.approx(claim, rel=1e-9, abs=1e-9)


def test_value_at_zero_is_what_it_says(row):
    if row.elementwise:
        assert value(row)(np.zeros(1))[0] == pytest.approx(row.at_zero, rel=1e-12, abs=1e-12)


def test_lipschitz_is_the_steepest_slope(row):
    if row.lipschitz is not None and row.smoothness >= 0:
        steepest = np.nanmax(abs(slope(row)(line(row))))
        expected = pytest.approx(row.lipschitz, rel=1e-8, abs=1e-9)
        assert steepest > FAR / 2 if row.lipschitz == np.inf else steepest == expected
    elif row.lipschitz is not None:
        assert row.lipschitz == np.inf


def test_monotonic_is_true_or_false(row):
    if row.monotonic is not None:
        y = values(row)[1:-1]
        y = y[np.isfinite(y)]
        drop = (np.maximum.accumulate(y) - y).max()
        assert drop < 1e-12 * abs(y).max() if row.monotonic else drop > 1e-3


def test_parity_is_what_it_says(row):
    if row.elementwise:
        x = DENSE[DENSE > 0][::1000]
        right, left = value(row)(x), value(row)(-x)
        parities = {
            "odd": np.allclose(left, -right, rtol=1e-12, atol=0),
            "even": np.allclose(left, right, rtol=1e-12, atol=0),
        }
        assert [name for name, holds in parities.items() if holds] == [row.parity] * bool(
            row.parity
        )


def test_limits_are_those_of_the_oracle(row):
    if row.limits is not None:
        assert_limits(value(row), row.limits)


def test_slope_limits_are_those_of_the_oracle(row):
    if row.slope_limits is not None:
        assert_limits(slope(row), row.slope_limits)


def assert_limits(f, limits):
    for end, limit in zip((-1, 1), limits, strict=True):
        before, far, farther = f(end * np.array([1e2, FAR, 1e7]))
        at_end = f(np.array([end * np.inf]))[0]
        assert at_end == pytest.approx(limit, abs=1e-9, nan_ok=True)
        if np.isinf(limit):
            assert (far - before) * np.sign(limit) > 0 or far == limit
        elif not np.isnan(limit):
            assert min(abs(far - limit), abs(farther - limit)) < 1e-3


# --- Kinks -----------------------------------------------------------------------------------


def test_kinks_are_listed_in_order_with_their_slopes(row):
    assert list(row.kinks) == sorted(set(row.kinks))
    assert len(row.kink_slopes) == len(row.kinks)
    assert (row.smoothness == np.inf) == (not row.kinks)


def test_first_jump_at_a_kink_is_one_past_smoothness(elementwise):
    row = elementwise
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


def test_slope_at_a_kink_lies_between_its_sides(elementwise):
    row = elementwise
    for kink, declared in zip(row.kinks, row.kink_slopes, strict=True):
        sides = slope(row)(np.nextafter(kink, [-np.inf, np.inf]))
        assert sides.min() - 1e-12 <= declared <= sides.max() + 1e-12


def test_slope_does_not_jump_elsewhere(elementwise):
    row = elementwise
    pieces = np.split(DENSE, np.searchsorted(DENSE, row.kinks))
    for piece in pieces:
        inside = piece[~np.isin(piece, row.kinks)]
        steps = abs(np.diff(slope(row)(inside)))
        assert (steps < 1e-3 * (1 + abs(slope(row)(inside[1:])))).all()


def test_functions_along_an_axis_bend_if_and_where_they_have_kinks(axiswise):
    row, first = axiswise, [np.inf]
    for kink, f in itertools.product(row.kinks, beside(row)):
        radius = min([0.1, *(abs(kink - k) / 2 for k in row.kinks if k != kink)])
        with np.errstate(all="ignore"):
            left, right = (derivatives_beside(f, kink, r) for r in (-radius, radius))
        jumps = abs(right - left) > 1e-3
        first.append(float(np.argmax(jumps)) if jumps.any() else np.inf)
    assert min(first) == row.smoothness + 1
    for f in beside(row) if not row.kinks else ():
        steps = np.diff(np.diff(f(DENSE)) / np.diff(DENSE))
        assert abs(steps).max() < 1e-3


def test_slope_at_a_kink_along_an_axis_is_that_of_the_first_entry_beside_a_zero(axiswise):
    row = axiswise
    for kink, declared in zip(row.kinks, row.kink_slopes, strict=True):
        got = jax.grad(lambda x: row.plain(x)[0])(np.float32([kink, 0.0]))[0]
        assert got == pytest.approx(declared, rel=1e-6, abs=1e-7)
