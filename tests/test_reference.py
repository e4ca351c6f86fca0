"""The oracles against mpmath, which computes the papers' formulas naively with 400 digits."""

import functools
import inspect
import itertools

import mpmath as mp
import numpy as np
import pytest
from reference import EXACT, REFERENCE, SLOPE

TINY, HUGE = map(float, (np.finfo(np.float64).tiny, np.finfo(np.float64).max))
SPECIAL = np.array([0.3, 0.5, 0.877, 1, 2, 2.5, 3, 6, 12, 38, 80, 103])
MAGNITUDES = np.concatenate([np.geomspace(1.2e-38, 3.3e38, 18), SPECIAL * (1 + 3e-7)])
POINTS = np.concatenate([-MAGNITUDES, MAGNITUDES]).astype(np.float32).astype(np.float64)
FAR = np.geomspace(1e26, 1e38, 5).astype(np.float32).astype(np.float64)
ROWS = np.array([[0, 1, 2, 1], [-80, 40, 80, -3], [1e-6, -1e-6, 0, 1e-7], [7, 7, 7, 7]])
ROWS = np.concatenate([ROWS, [[300, -300, 299.5, 30], [0.3, -2, 0.2, -0.6]]])
# The derivative of a draw is that of its probability.
STRAIGHT_THROUGH = {"stochastic_binary": "sigmoid"}


def other(default):
    """A value that differs from the default; None where there is none to try."""
    match default:
        case bool():
            return not default
        case float():
            return default + 0.25
        case tuple():
            return tuple(entry + 0.25 for entry in default)


def settings(name):
    """No parameters, then all of them at another value."""
    parameters = inspect.signature(EXACT[name]).parameters
    others = {n: other(p.default) for n, p in parameters.items() if n != "deterministic"}
    others = {n: value for n, value in others.items() if value is not None}
    return [{}, others] if others else [{}]


def cases(names):
    pairs = [(name, chosen) for name in names for chosen in settings(name)]
    ids = [f"{name}-{'other' if chosen else 'default'}" for name, chosen in pairs]
    return pytest.mark.parametrize(("name", "chosen"), pairs, ids=ids)


def exact(name, chosen):
    """The naive formula, its parameters as numbers of mpmath."""
    defaults = {n: p.default for n, p in inspect.signature(EXACT[name]).parameters.items()}
    chosen = {
        n: tuple(map(mp.mpf, value)) if isinstance(value, tuple) else mp.mpf(value)
        for n, value in (defaults | chosen).items()
        if isinstance(value, tuple | float)
    } | {n: value for n, value in chosen.items() if isinstance(value, bool)}
    return functools.partial(EXACT[name], **chosen)


def distance(got, true, nudge):
    """The error as a multiple of what is allowed.

    That is eleven digits and, near a zero, what the last digit of ``x`` does, which is ``nudge``.
    """
    if abs(true) > HUGE:
        return 0.0 if got == np.inf * mp.sign(true) else np.inf
    allowed = mp.mpf("1e-11") * abs(true) + min(float(nudge), 1e-13) + TINY
    return float(abs(mp.mpf(float(got)) - true) / allowed)


def is_limit_of(got, sequence):
    """If ``got`` is the limit of the numbers: where they settle, infinite or, else, NaN."""
    first, *_, last = sequence
    if max(abs(t - last) for t in sequence) <= 1e-12 * (1 + abs(last)):
        return abs(got - float(last)) <= 1e-12
    growing = all(b / a > 1 for a, b in itertools.pairwise(sequence))
    if growing and last / first > 1.3:
        return got == np.inf * mp.sign(last)
    return np.isnan(got)


@pytest.fixture(autouse=True)
def _digits():
    with mp.workdps(400):
        yield


def test_tables_hold_the_same_functions():
    assert REFERENCE.keys() == EXACT.keys()
    assert SLOPE.keys() <= REFERENCE.keys()


@cases(SLOPE)
def test_value_and_slope_have_eleven_digits(name, chosen):
    f, through = exact(name, chosen), exact(STRAIGHT_THROUGH.get(name, name), chosen)
    value, slope = REFERENCE[name](POINTS, **chosen), SLOPE[name](POINTS, **chosen)
    near = POINTS * (1 + 1e-9)
    with np.errstate(invalid="ignore"):
        curvature = (SLOPE[name](near, **chosen) - slope) / (near - POINTS)
    ulp = 4e-16 * abs(POINTS)
    for i, x in enumerate(map(mp.mpf, POINTS)):
        true = f(x)
        assert mp.isnan(true) == np.isnan(value[i]) == np.isnan(slope[i])
        if mp.isnan(true):
            continue
        error = distance(value[i], true, ulp[i] * abs(slope[i]))
        assert error < 1, (name, float(x), value[i], mp.nstr(true, 20))
        step = abs(x) * mp.mpf(2) ** -200
        true = (through(x + step) - through(x - step)) / (2 * step)
        error = distance(slope[i], true, ulp[i] * abs(curvature[i]))
        assert error < 1, (name, float(x), slope[i], mp.nstr(true, 20))


@cases(SLOPE)
def test_value_at_zero(name, chosen):
    got, true = REFERENCE[name](np.zeros(1), **chosen)[0], exact(name, chosen)(mp.mpf(0))
    assert distance(got, true, 1e-15) < 1


@cases(SLOPE)
def test_values_and_slopes_at_infinity_are_limits(name, chosen):
    f = exact(name, chosen)
    through = exact(STRAIGHT_THROUGH.get(name, name), chosen)
    for sign in (-1, 1):
        ys = [f(mp.mpf(sign * x)) for x in FAR]
        assert is_limit_of(REFERENCE[name](np.array([sign * np.inf]), **chosen)[0], ys)
        slopes = [mp.diff(through, mp.mpf(sign * x)) for x in FAR]
        assert is_limit_of(SLOPE[name](np.array([sign * np.inf]), **chosen)[0], slopes)


@cases(SLOPE)
def test_not_a_number_stays_one(name, chosen):
    for f in (REFERENCE[name], SLOPE[name]):
        assert np.isnan(f(np.array([np.nan]), **chosen)).all()


@cases(SLOPE)
def test_huge_numbers_of_float64_pass(name, chosen):
    top = 1e300 if chosen else 1.7e308
    huge = np.array([-top, -5e-324, 5e-324, top])
    undefined = np.isnan(REFERENCE[name](POINTS, **chosen)).any()
    for f in (REFERENCE[name], SLOPE[name]):
        assert f(huge, **chosen).shape == huge.shape
        assert undefined or not np.isnan(f(huge, **chosen)).any()


@cases(sorted(EXACT.keys() - SLOPE.keys()))
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_values_along_an_axis_have_eleven_digits(name, chosen, row):
    got = REFERENCE[name](row, **chosen)
    true = exact(name, chosen)([mp.mpf(x) for x in row])
    for g, t in zip(got, true, strict=True):
        assert distance(g, t, 1e-15) < 1, (name, g, mp.nstr(t, 20))
