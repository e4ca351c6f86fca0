"""Comparisons, what seeds can see, and other estimates, on numbers whose answer is known."""

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from jaxact.lab import looks
from jaxact.lab.statistics import (
    SHARE,
    compare_all,
    estimate,
    interquartile_mean,
    paired_chance,
    seeds_needed,
    visible_difference,
    win_rate,
)
from jaxact.lab.wording import words_of

RELU = np.array([0.900, 0.912, 0.905, 0.921, 0.908, 0.915, 0.903, 0.910])
NOISE = np.array([0.001, -0.002, 0.002, 0.0, -0.001, 0.001, 0.0, -0.001])


def draws(kind, shape, seed=0):
    """Differences of mean zero."""
    rng = np.random.default_rng(seed)
    if kind == "normal":
        return rng.normal(size=shape)
    if kind == "heavy":
        return rng.standard_t(3, size=shape)
    return rng.gamma(4, size=shape) - 4  # skewness 1


def test_the_chance_is_that_of_the_paired_t_test():
    d = draws("normal", (50, 8))
    np.testing.assert_allclose(
        paired_chance(d), stats.ttest_rel(d + 1, np.ones_like(d), axis=1).pvalue, rtol=1e-9
    )


def test_p_values_are_holms():
    rng = np.random.default_rng(1)
    values = {name: rng.normal(0.9, 0.01, 10) + i / 200 for i, name in enumerate("abcd")}
    found = compare_all(values)
    alone = [stats.ttest_rel(values[a], values[b]).pvalue for a, b in found.pairs]
    expected = multipletests(alone, method="holm")[1]
    np.testing.assert_allclose([c.p for c in found.pairs.values()], expected, rtol=1e-9)
    half = compare_all(values, level=0.025)
    expected = multipletests(np.minimum(1, 2 * np.array(alone)), method="holm")[1]
    np.testing.assert_allclose([c.p for c in half.pairs.values()], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (RELU + 0.01 + NOISE, "better"),
        (RELU - 0.01 + NOISE, "worse"),
        (RELU + NOISE, "tie"),
        (RELU, "tie"),
        (RELU + 10 * NOISE, "undecided"),
        (RELU + np.where(NOISE == 0, np.nan, 0), "undecided"),
    ],
)
def test_verdicts(other, verdict):
    pair = compare_all({"gelu": other, "relu": RELU}).of("gelu", "relu")
    assert pair.verdict == verdict
    opposite = {"better": "worse", "worse": "better"}.get(verdict, verdict)
    assert compare_all({"relu": RELU, "gelu": other}).of("relu", "gelu").verdict == opposite


def test_a_tie_needs_an_interval_within_the_margin():
    values = {"gelu": RELU + NOISE, "relu": RELU}
    interval = compare_all(values).of("gelu", "relu").difference
    reach = max(-interval.low, interval.high)
    assert compare_all(values, margin=1.5 * reach).of("gelu", "relu").verdict == "tie"
    assert compare_all(values, margin=0.9 * reach).of("gelu", "relu").verdict == "undecided"


def test_a_pair_turned_round_is_the_same_pair():
    pairs = compare_all({"a": RELU, "b": RELU + 0.01 + NOISE, "c": RELU - NOISE})
    for a, b in itertools.permutations("abc", 2):
        here, there = pairs.of(a, b), pairs.of(b, a)
        assert here.difference == there.turned().difference
        assert (here.p, here.verdict) == (there.p, there.turned().verdict)
        assert (here.first, here.second) == (a, b)
        assert here.difference.low == -there.difference.high
        assert here.wins.mean == pytest.approx(1 - there.wins.mean)
    assert pairs.ranked[0] == "b"
    assert [c.first for c in pairs.against_best()] == list(pairs.ranked[1:])


def test_equal_differences_are_judged_by_their_signs():
    for n in (5, 8):
        d = np.full(n, 0.01)
        assert paired_chance(d) == 2.0 ** (1 - n)
        assert paired_chance(0 * d) == 1
    assert compare_all({"a": RELU[:5] + 0.01, "b": RELU[:5]}).of("a", "b").verdict == "undecided"
    assert compare_all({"a": RELU + 0.01, "b": RELU}).of("a", "b").verdict == "better"


def test_equal_differences_tie_by_their_signs_too():
    values = {"a": RELU[:5] + 0.001, "b": RELU[:5]}
    assert compare_all(values).of("a", "b").verdict == "tie"  # 2**-5 is less than 0.05
    found = compare_all(values, level=0.03)
    early = found.of("a", "b")
    assert (early.verdict, early.equal) == ("undecided", True)
    assert words_of(early, found) == "p 0.10; the same at all 5 seeds, too few to tell"
    assert compare_all(values, margin=0.001).of("a", "b").verdict == "undecided"


def test_few_test_images_do_not_end_a_run_at_its_first_look():
    """One in twelve such runs has five equal seeds, though a margin lies between the two."""
    rng, level = np.random.default_rng(0), float(looks.levels((5, 50))[0])
    counts = [counts for counts in rng.binomial(100, 0.005, (300, 5)) if np.ptp(counts) == 0]
    assert len(counts) > 10
    for more in counts:
        found = compare_all({"a": 0.9 + more / 100, "b": np.full(5, 0.9)}, level=level)
        assert found.of("a", "b").verdict == "undecided"


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_seeds_decide_nothing(n):
    pairs = compare_all({"a": RELU[:n] + 0.1 + NOISE[:n], "b": RELU[:n], "c": RELU[:n]})
    assert {c.verdict for c in pairs.pairs.values()} == {"undecided"}


def test_activations_without_a_finite_mean_are_not_ranked():
    pairs = compare_all({"a": RELU, "b": RELU * np.nan})
    assert pairs.ranked == ("a",)
    assert pairs.against_best() == []
    assert pairs.of("a", "b").p == 1


@pytest.mark.parametrize(
    ("kind", "n", "most"), [("normal", 5, 0.05), ("heavy", 10, 0.05), ("skewed", 20, 0.06)]
)
def test_of_pairs_alike_few_are_called_different(kind, n, most):
    chances = paired_chance(draws(kind, (20_000, n)))
    assert np.mean(chances <= 0.05) <= most + 3 * np.sqrt(0.05 * 0.95 / 20_000)


@pytest.mark.slow
def test_among_activations_alike_any_false_verdict_is_rare():
    rng, runs, false = np.random.default_rng(0), 200, 0
    for _ in range(runs):
        values = dict(enumerate(rng.normal(0.9, 0.02, (4, 8))))
        verdicts = {c.verdict for c in compare_all(values).pairs.values()}
        false += bool(verdicts & {"better", "worse"})
    assert false / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.slow
def test_activations_a_margin_apart_are_seldom_called_tied():
    rng, runs, false = np.random.default_rng(0), 200, 0
    for _ in range(runs):
        a = rng.normal(0.9, 0.002, 8)
        pair = compare_all({"a": a, "b": a + rng.normal(0.005, 0.002, 8)}).of("a", "b")
        false += pair.verdict == "tie"
    assert false / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize("level", [0.05, 0.05 / 15, 0.0005 / 15])
def test_the_visible_difference_is_seen_four_times_in_five(level):
    for n in (5, 10, 30):
        d = draws("normal", (20_000, n), seed=n)
        unit = visible_difference(d[0], alpha=level) / d[0].std(ddof=1)
        assert np.mean(paired_chance(d + unit) <= level) == pytest.approx(0.8, abs=0.015)


def test_what_can_be_seen_is_told_apart():
    """Also among many pairs: nobody reads that 1.4 points are undecided and 1.3 can be seen."""
    rng, seen = np.random.default_rng(0), 0
    for lead in np.linspace(1, 4, 10):
        values = dict(enumerate(rng.normal(0.9, 0.01, (5, 6)) + 0.01 * lead * np.eye(5)[:, :1]))
        for level in (0.05, 0.01):
            for pair in compare_all(values, level=level).pairs.values():
                if abs(pair.difference.mean) >= pair.visible:
                    seen += 1
                    assert pair.p <= 0.05
    assert seen > 10


def test_seeds_needed_is_the_inverse_of_the_visible_difference():
    d = draws("normal", 10)
    spread = d.std(ddof=1)
    for n in (5, 10, 37):
        unit = visible_difference(draws("normal", n, seed=2)) / draws("normal", n, seed=2).std(
            ddof=1
        )
        assert seeds_needed(d, 1.0001 * unit * spread) == n
    assert seeds_needed(d, 100 * spread) <= 3
    assert seeds_needed(d, 1e-9) == 10**6
    with pytest.raises(ValueError, match="not zero"):
        seeds_needed(d, 0)


def test_the_interquartile_mean_ignores_a_run_gone_astray():
    values = [0.97, 0.98, 0.99, 0.98, 0.1]
    assert interquartile_mean(values).mean == pytest.approx(np.mean([0.97, 0.98, 0.98]))
    assert estimate(values).mean < 0.81
    assert interquartile_mean(values[:1]).n == 1


def test_an_interval_of_the_interquartile_mean_covers_it():
    found = [interquartile_mean(d) for d in draws("heavy", (60, 12))]
    assert np.mean([e.low <= 0 <= e.high for e in found]) >= 0.85


@pytest.mark.parametrize(
    ("number", "n"),
    [(estimate, 5), *itertools.product([estimate, interquartile_mean], [2, 3, 4])],
)
@pytest.mark.parametrize("kind", ["normal", "heavy"])
def test_an_interval_of_few_seeds_covers_as_often_as_it_says(number, kind, n):
    found = [number(d) for d in draws(kind, (400, n), seed=n)]
    covered = np.mean([e.low <= 0 <= e.high for e in found])
    assert covered >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 400)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_an_interval_of_few_seeds_is_students(n):
    values = RELU[:n]
    expected = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
    found = estimate(values)
    np.testing.assert_allclose((found.low, found.high), expected)


@pytest.mark.parametrize("n", [5, 12])
def test_an_interval_is_never_shorter_than_students(n):
    for values in np.concatenate([draws("normal", (10, n)), draws("skewed", (10, n))]):
        low, high = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
        found = estimate(values)
        assert found.low <= low + 1e-12
        assert found.high >= high - 1e-12


def test_a_mean_that_is_not_finite_has_no_sign():
    for value in (np.inf, -np.inf, np.nan):
        found = estimate([value, 1.0, 2.0, 3.0, 4.0])
        assert not found.above_zero
        assert not found.below_zero


def test_an_interval_of_shares_ends_at_the_ends_of_shares():
    assert estimate([0.99, 1.0]).high > 1
    assert (estimate([0.99, 1.0], SHARE).high, estimate([0.0, 0.02], SHARE).low) == (1, 0)
    assert interquartile_mean([0.99, 1.0], SHARE).high == 1
    assert np.isnan(estimate([0.5], SHARE).high)


def test_wins_count_ties_as_half():
    won = win_rate([1, 2, 3, 4], [1, 1, 4, 2])
    assert won.mean == 2.5 / 4
    assert 0 < won.low < won.mean < won.high < 1
    assert win_rate([1.0] * 5, [0.0] * 5).low > 0.5
    assert np.isnan(win_rate([np.nan, 1], [0, 0]).mean)


@pytest.mark.parametrize("n", [5, 10, 30])
def test_an_interval_of_wins_covers_their_probability(n):
    rng, truth = np.random.default_rng(0), stats.norm.cdf(0.5 / np.sqrt(2))
    a, b = rng.normal(0.5, 1, (400, n)), rng.normal(0, 1, (400, n))
    found = [win_rate(x, y) for x, y in zip(a, b, strict=True)]
    assert np.mean([w.low <= truth <= w.high for w in found]) >= 0.91
