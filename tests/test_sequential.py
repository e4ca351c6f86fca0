"""Adding seeds until a pair is decided: the rule's error rate, and the same rows as ever."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from jaxact.lab import Study, UserError, looks, records, sequential
from jaxact.lab.engine import train_study
from jaxact.lab.statistics import ALPHA, compare_all, estimates, paired_chance

SMALL = Study(
    activations=("relu", "sigmoid"), lrs=(1e-3, 1e-2), seeds=5, max_seeds=7, epochs=1,
    batch_size=30, widths=(4, 8, 8), devices=2, margin=1e-4,
)  # fmt: skip
ROUNDS = 20_000


def draws(kind, n, rounds=ROUNDS):
    rng = np.random.default_rng(n)
    if kind == "normal":
        return rng.normal(size=(rounds, n))
    if kind == "heavy":
        return rng.standard_t(3, size=(rounds, n))
    shape = {"skewed": 4.0, "very skewed": 1.0}[kind]
    return rng.gamma(shape, size=(rounds, n)) - shape


def decided_at(differences, plan):
    """The seeds at which the rule tells two activations apart; 0 for never."""
    at = np.zeros(len(differences), int)
    for n, level in zip(plan, looks.levels(plan), strict=True):
        at[(at == 0) & (paired_chance(differences[:, :n]) <= level)] = n
    return at


@pytest.mark.parametrize("n", [5, 10, 20, 50])
@pytest.mark.parametrize("kind", ["normal", "heavy", "skewed", "very skewed"])
def test_false_verdicts_are_as_rare_as_the_rule_says(kind, n):
    rate = np.mean(decided_at(draws(kind, n), looks.schedule(5, n)) > 0)
    noise = 3 * np.sqrt(ALPHA * (1 - ALPHA) / ROUNDS)
    if kind in ("normal", "heavy"):
        assert rate <= ALPHA + noise
    elif kind == "skewed":
        assert rate <= 0.07 + noise
    else:  # Where it fails, as its docstring says: it must not fail worse, nor be better unnoticed.
        assert ALPHA + noise < rate <= 0.125 + noise


def outcome(a, b, plan):
    """The verdict that ends a run, with the margin of half a point."""
    verdict = "undecided"
    for n, level in zip(plan, looks.levels(plan), strict=True):
        found = compare_all({"a": a[:n], "b": b[:n]}, level=float(level))
        verdict = looks.decided(found, ("a", "b")).verdict
        if verdict != "undecided":
            break
    return verdict


def seldom(false, rounds):
    """Whether so many are no more than chance where each is false with a probability of 0.05."""
    return false <= stats.binom.ppf(0.999, rounds, ALPHA)


@pytest.fixture
def few_resamples(monkeypatch):
    """Intervals are the slow part of a comparison; they can only withhold a verdict."""
    monkeypatch.setattr(estimates, "_RESAMPLES", 499)


def false_verdicts(gap, spread, plan, rounds, seed=0):
    """How many runs end with a verdict that is false at a gap of none, or of the margin."""
    d = np.random.default_rng(seed).normal(gap, spread, (rounds, plan[-1]))
    found = [outcome(0.9 + row, np.full(plan[-1], 0.9), plan) for row in d]
    return sum(v in (("tie", "worse") if gap else ("better", "worse")) for v in found)


@pytest.mark.parametrize(("gap", "spread"), [(0.0, 0.02), (0.005, 0.01)])
def test_the_rule_with_ties_seldom_ends_with_a_false_verdict(gap, spread, few_resamples):
    assert seldom(false_verdicts(gap, spread, looks.schedule(5, 20), 200), 200)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gap", "spread"), [(0.0, 0.02), (0.0, 0.006), (0.005, 0.006), (0.005, 0.012)]
)
def test_the_rule_with_ties_seldom_ends_with_a_false_verdict_in_many_runs(
    gap, spread, few_resamples
):
    assert seldom(false_verdicts(gap, spread, looks.schedule(5, 30), 1000, seed=1), 1000)


@pytest.mark.parametrize("number", [2, 6])
def test_the_best_and_the_runner_up_are_seldom_told_apart_if_all_are_alike(number):
    rng, plan = np.random.default_rng(0), looks.schedule(5, 20)
    values, false = rng.normal(size=(5000, number, 20)), np.zeros(5000, bool)
    for n, level in zip(plan, looks.levels(plan), strict=True):
        order = values[:, :, :n].mean(2).argsort(1)
        rows = np.arange(5000)
        difference = values[rows, order[:, -1], :n] - values[rows, order[:, -2], :n]
        false |= paired_chance(difference) <= level
    assert false.mean() <= ALPHA


def test_levels_add_up_and_looks_end_with_the_budget():
    for first, most in ((5, 5), (5, 50), (7, 16)):
        plan = looks.schedule(first, most)
        assert (plan[0], plan[-1]) == (first, most)
        assert looks.levels(plan).sum() == pytest.approx(ALPHA)
        assert (looks.levels(plan) > 0).all()
    assert looks.schedule(5, 50) == tuple(range(5, 51, 5))


def test_a_large_difference_ends_early_and_a_small_one_late():
    d = draws("normal", 50, 2000)
    plan = looks.schedule(5, 50)
    large, small = decided_at(d + 2, plan), decided_at(d + 0.5, plan)
    assert (large > 0).all()
    assert large.mean() < 12 < 30 < small[small > 0].mean()


def test_a_verdict_at_a_look_keeps_within_the_rule():
    level = float(looks.levels(looks.schedule(5, 10))[0])
    verdicts = []
    for d in draws("normal", 5, 40) / 100 + 0.02:
        found = compare_all({"a": 0.9 + d, "b": np.full(5, 0.9)}, level=level)
        verdicts.append(looks.decided(found, ("a", "b")).verdict)
        assert (verdicts[-1] == "better") <= (paired_chance(d) <= level)
    assert set(verdicts) == {"better", "undecided"}


@pytest.fixture(scope="module")
def trained(few_digits):
    """A run that adds seeds to its budget, and the lots it trained."""
    lots = []

    def train(study, keeper):
        lots.append(study)
        return train_study(study, dataset=few_digits, keeper=keeper)

    study = dataclasses.replace(SMALL, decide=("relu", "sigmoid"))
    return sequential.results_of(study, train, "a command"), lots


@pytest.mark.slow
def test_rows_are_those_of_a_fixed_run(trained, few_digits):
    results, lots = trained
    seeds = results.run["study"]["seeds"]
    assert [(lot.first_seed, lot.seeds) for lot in lots] == [(0, 5), (5, 2)]
    fixed = dataclasses.replace(SMALL, seeds=seeds, max_seeds=None)
    whole = records.collect(fixed, train_study(fixed, dataset=few_digits), "a command")
    pd.testing.assert_frame_equal(results.metrics, whole.metrics)
    same = ["activation", "accuracy_mean", "accuracy_low", "accuracy_high", "n", "lr"]
    pd.testing.assert_frame_equal(results.summary[same], whole.summary[same])


@pytest.mark.slow
def test_the_run_tells_its_looks(trained, tmp_path):
    results, _ = trained
    told = results.run["sequential"]
    assert told["looks"] == [5, 7]
    np.testing.assert_allclose(told["levels"], looks.levels((5, 7)))
    assert told["pair"] == ["relu", "sigmoid"]
    assert told["max_seeds"] == 7
    records.write(results, tmp_path)
    assert records.read(tmp_path).run == results.run


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seeds": "auto", "max_seeds": 3}, "--max-seeds 3 is less than the first 5 seeds"),
        ({"seeds": 2, "max_seeds": 9}, "no look at fewer than 5 seeds decides"),
        ({"decide": ("relu", "gelu")}, "--decide is for --seeds auto"),
        ({"seeds": "auto", "decide": ("relu",)}, "--decide takes two activations, got relu"),
        ({"seeds": "auto", "decide": ("relu", "mish")}, "--decide mish: not among"),
        ({"seeds": "auto", "activations": ("relu",)}, "needs two --activations"),
        ({"seeds": "auto", "max_seeds": 7.5}, "max_seeds: 7.5 should be of type int"),
        ({"first_seed": -1}, "--first-seed is a number from 0 on"),
        ({"margin": 0.0}, "--margin is a difference of accuracy"),
    ],
)
def test_fields_that_make_no_sense_are_refused(fields, message):
    with pytest.raises(UserError, match=message):
        Study(**fields)


def test_auto_begins_with_five_seeds_of_at_most_fifty():
    study = Study(seeds="auto")
    assert (study.seeds, study.max_seeds) == (5, 50)
    assert Study(seeds="auto", max_seeds=20).max_seeds == 20


def test_lots_begin_where_the_last_one_ended():
    np.testing.assert_array_equal(Study(lrs=(0.1,), seeds=3, first_seed=4).settings[1], [4, 5, 6])
