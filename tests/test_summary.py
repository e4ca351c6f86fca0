"""From metrics to the table and the claims, on made-up runs whose answers are known."""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest

from jaxact.lab import Results, UserError, records
from jaxact.lab.claims import judge
from jaxact.lab.statistics import chance_of_spread, estimate, paired_chance
from jaxact.lab.study import Study
from jaxact.lab.summary import comparisons, readings

STUDY = Study(lrs=(0.01, 0.1), seeds=5, epochs=4)


@dataclasses.dataclass
class Made:
    """A made-up activation: validation curves by learning rate, and what is inside.

    A curve is that of all five seeds, or has one row for each; so have the layers' dead units and
    gradients.
    """

    validation: dict
    test: tuple = (0.9, 0.9, 0.9, 0.9, 0.9)
    dead: tuple = (0.0, 0.0)
    before: tuple = (0.0, 0.0)
    gradient: tuple = (1.0, 1.0)


def rows(name, made):
    for lr, curve in made.validation.items():
        for seed in range(5):

            def row(epoch, split, metric, value, seed=seed, lr=lr):
                return dict(
                    zip(records.COLUMNS, (name, lr, seed, epoch, split, metric, value), strict=True)
                )

            for epoch, accuracy in enumerate(np.broadcast_to(curve, (5, 4))[seed], 1):
                yield row(epoch, "train", "loss", 1.0)
                yield row(epoch, "train", "accuracy", accuracy)
                yield row(epoch, "validation", "loss", 1 - accuracy)
                yield row(epoch, "validation", "accuracy", accuracy)
            yield row(4, "test", "accuracy", made.test[seed])
            for site in range(2):
                norm = np.broadcast_to(made.gradient, (5, 2))[seed, site]
                yield row(0, "train", f"gradient_norm.{site + 1}", norm)
                for epoch, shares in ((0, made.before), (4, made.dead)):
                    share = np.broadcast_to(shares, (5, 2))[seed, site]
                    yield row(epoch, "train", f"dead_share.{site + 1}", share)


def results(**activations) -> Results:
    frame = pd.DataFrame([r for name, made in activations.items() for r in rows(name, made)])
    study = dataclasses.asdict(STUDY) | {"activations": list(activations)}
    run = {"study": study, "step_ms": dict.fromkeys(activations, 1.5), "seconds": {}}
    run |= dict.fromkeys(("command", "commit", "versions", "device", "machine"))
    return Results(frame, json.loads(json.dumps(run)))


QUICK = {0.01: (0.2, 0.3, 0.4, 0.5), 0.1: (0.8, 0.85, 0.9, 0.9)}
SLOW = {0.01: (0.1, 0.2, 0.4, 0.88), 0.1: (0.1, 0.1, 0.1, 0.1)}
STUCK = {0.01: (0.1, 0.1, 0.1, 0.1), 0.1: (0.1, 0.1, 0.1, 0.1)}

LOW, HIGH = (0.70, 0.71, 0.72, 0.70, 0.72), (0.78, 0.77, 0.79, 0.77, 0.79)

ENTRY = results(
    sigmoid=Made(SLOW, LOW, gradient=(0.01, 1.0)),
    relu=Made(QUICK, HIGH, dead=(0.0, 0.1)),
    leaky_relu=Made(QUICK, (0.78,) * 5),
    gelu=Made(QUICK, (0.79, 0.79, 0.80, 0.80, 0.81)),
)


def test_the_table_is_that_of_the_runs():
    table = ENTRY.summary.set_index("activation")
    assert list(ENTRY.summary) == [
        "activation", "accuracy_mean", "accuracy_low", "accuracy_high", "n", "lr", "step_ms",
        "epochs_to_target", "notes",
    ]  # fmt: skip
    assert table.loc["sigmoid", "lr"] == 0.01
    assert table.loc["relu", "lr"] == 0.1
    assert table.loc["sigmoid", "accuracy_mean"] == pytest.approx(0.71)
    assert 0.69 < table.loc["sigmoid", "accuracy_low"] < 0.71
    assert 0.71 < table.loc["sigmoid", "accuracy_high"] < 0.73
    assert (table["n"] == 5).all()
    assert table.loc["relu", "epochs_to_target"] == 3
    assert table.loc["sigmoid", "epochs_to_target"] == 4
    assert "gradients fade 100-fold" in table.loc["sigmoid", "notes"]
    assert "10.0 % of layer 2 dead" in table.loc["relu", "notes"]
    assert "dead" not in table.loc["gelu", "notes"]


def test_a_target_that_is_never_reached_is_empty():
    table = results(relu=Made(QUICK), sigmoid=Made(STUCK)).summary.set_index("activation")
    assert math.isnan(table.loc["sigmoid", "epochs_to_target"])


def test_the_rate_is_chosen_on_validation_images_not_on_test_images():
    made = Made(QUICK)
    tidy = results(relu=made).metrics
    tidy.loc[(tidy["split"] == "test") & (tidy["lr"] == 0.01), "value"] = 1.0
    run = results(relu=made).run
    assert Results(tidy, run).summary.loc[0, "lr"] == 0.1
    assert Results(tidy, run).summary.loc[0, "accuracy_mean"] == pytest.approx(0.9)


def test_a_rate_whose_runs_diverge_is_not_chosen():
    tidy = results(relu=Made(QUICK)).metrics
    broken = (tidy["lr"] == 0.1) & (tidy["split"] != "test") & (tidy["seed"] == 1)
    tidy.loc[broken & (tidy["metric"] == "loss"), "value"] = np.nan
    tidy.loc[(tidy["lr"] == 0.1) & (tidy["metric"] == "accuracy"), "value"] = 0.1
    row = Results(tidy, results(relu=Made(QUICK)).run).summary.loc[0]
    assert row["lr"] == 0.01
    assert "1 run diverged" in row["notes"]


def verdicts(made: Results) -> dict:
    return {f.claim: f.verdict for f in judge(made)}


def test_the_claims_hold_where_the_runs_are_as_the_entry_says():
    assert verdicts(ENTRY) == {
        "ReLU is more accurate than sigmoid": "holds",
        "GELU is more accurate than ReLU": "holds",
        "Sigmoid trains slowly; ReLU and GELU train fast": "holds",
        "Sigmoid makes gradients vanish": "holds",
        "A few ReLU neurons go dead": "holds",
        "Leaky ReLU and GELU largely cure dead ReLUs": "holds",
        "Layers without an activation lose expressive power": "not tested",
        "The choice of activation is a real swing": "holds",
    }


def test_the_claims_fail_where_the_runs_are_the_other_way_round():
    found = verdicts(
        results(
            relu=Made(SLOW, LOW, dead=(0.5, 0.6), gradient=(0.01, 1.0)),
            sigmoid=Made(QUICK, HIGH),
            gelu=Made(QUICK, (0.69, 0.70, 0.70, 0.68, 0.69), dead=(0.4, 0.4)),
            leaky_relu=Made(QUICK),
            identity=Made(QUICK, (0.9,) * 5),
        )
    )
    assert found.pop("The choice of activation is a real swing") == "holds"
    assert set(found.values()) == {"does not hold"}


def test_claims_need_five_seeds():
    few = ENTRY.metrics[ENTRY.metrics["seed"] < 4]
    run = ENTRY.run | {"study": ENTRY.run["study"] | {"seeds": 4}}
    assert set(verdicts(Results(few, run)).values()) == {"undecided", "not tested"}


def test_a_target_not_reached_is_no_epoch():
    found = results(relu=Made(QUICK), gelu=Made(QUICK), sigmoid=Made(STUCK))
    evidence = {f.claim: f.evidence for f in judge(found)}
    words = evidence["Sigmoid trains slowly; ReLU and GELU train fast"]
    assert "sigmoid not reached, relu 3, gelu 3" in words


def reaching(*epochs, curves=4):
    """Curves by seed that reach the target at these epochs; 5 for none of the four."""
    rows = [[0.9 if e >= epoch else 0.1 for e in range(1, curves + 1)] for epoch in epochs]
    return Made({0.1: rows})


@pytest.mark.parametrize(
    ("sigmoid", "relu", "gelu", "verdict", "words"),
    [
        ((4, 4, 3, 4, 4), (2, 2, 2, 1, 2), (1,) * 5, "holds", "later by 2.0 [1."),
        ((5, 5, 5, 5, 4), (2, 2, 2, 2, 3), (1,) * 5, "holds", "later by at least 2.6 [from 1."),
        ((5,) * 5, (4,) * 5, (1,) * 5, "holds", "later by at least 1.0 [from 1.0] (n=5)"),
        ((5, 2, 2, 2, 1), (2,) * 5, (1,) * 5, "undecided", "later by at least 0.4 [from -"),
        ((5, 1, 1, 1, 1), (4,) * 5, (1,) * 5, "undecided", "later by at least -2.2 [from -4"),
        ((2,) * 5, (5, 4, 4, 4, 4), (1,) * 5, "does not hold", "earlier by at least 2.2 [from 1."),
        ((2,) * 5, (1,) * 5, (4, 4, 4, 5, 4), "does not hold", "earlier by at least 2.2 [from 1."),
        ((4,) * 5, (1, 1, 1, 1, 5), (1,) * 5, "undecided", "earlier by at least -2.2 [from -4"),
        ((5,) * 5, (5, 1, 1, 1, 1), (1,) * 5, "undecided", "5 and 1 of 5 seeds: no bound"),
        ((5, 4, 4, 4, 4), (1, 1, 1, 1, 5), (1,) * 5, "undecided", "1 and 1 of 5 seeds: no bound"),
        ((1,) * 5, (3,) * 5, (2,) * 5, "does not hold", "later by -2.0 [-2.0, -2.0] (n=5)"),
    ],
)
def test_a_delay_of_runs_that_miss_the_target_is_a_bound(sigmoid, relu, gelu, verdict, words):
    found = results(sigmoid=reaching(*sigmoid), relu=reaching(*relu), gelu=reaching(*gelu))
    run = found.run | {"study": found.run["study"] | {"target": 0.5}}
    told = {f.claim: f for f in judge(Results(found.metrics, run))}
    claim = told["Sigmoid trains slowly; ReLU and GELU train fast"]
    assert claim.verdict == verdict
    assert words in claim.evidence


DEAD, CURED = "A few ReLU neurons go dead", "Leaky ReLU and GELU largely cure dead ReLUs"


def by_seed(*shares):
    """Dead units of two layers: none in the first, these in the second."""
    return tuple((0.0, share) for share in shares)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "words"),
    [
        (0.0, (0.1, 0.12, 0.1, 0.08, 0.1), "holds", "5.0 % of units dead after training, 0.0 %"),
        (0.1, (0.1, 0.12, 0.1, 0.08, 0.1), "undecided", "5.0 % before, mean over layers; went"),
        (0.2, (0.1, 0.12, 0.1, 0.08, 0.1), "does not hold", "went dead: -5.0 % [-"),
        (0.0, (0.0, 0.3, 0.0, 0.0, 0.0), "undecided", "went dead: 3.0 % ["),
        (0.0, (0.9, 0.3, 0.5, 0.4, 0.6), "undecided", "went dead: 27.0 % ["),
        (0.0, (0.9, 0.8, 0.9, 0.8, 0.9), "does not hold", "went dead: 43.0 % ["),
    ],
)
def test_units_dead_before_training_did_not_go_dead(before, after, verdict, words):
    made = Made(QUICK, dead=by_seed(*after), before=(0.0, before))
    claim = {f.claim: f for f in judge(results(relu=made))}[DEAD]
    assert claim.verdict == verdict
    assert words in claim.evidence


@pytest.mark.parametrize(
    ("gelu", "verdict"),
    [
        ((0.0, 0.02, 0.01, 0.0, 0.02), "holds"),
        ((0.0, 0.30, 0.0, 0.0, 0.05), "undecided"),  # a sixth of relu's, but by one seed
        ((0.3, 0.35, 0.4, 0.3, 0.4), "does not hold"),
    ],
)
def test_a_cure_rests_on_an_interval(gelu, verdict):
    relu = Made(QUICK, dead=by_seed(0.4, 0.5, 0.3, 0.4, 0.5))
    found = results(relu=relu, leaky_relu=Made(QUICK), gelu=Made(QUICK, dead=by_seed(*gelu)))
    claim = {f.claim: f for f in judge(found)}[CURED]
    assert claim.verdict == verdict
    assert "leaky_relu 0.0 % (its slope is never near 0)" in claim.evidence
    assert "relu minus leaky_relu 21.0 points [" in claim.evidence


def test_of_few_seeds_no_more_than_all_units_can_go_dead():
    made = results(relu=Made(QUICK, dead=by_seed(0.2, 0.9, 0.9, 0.9, 0.9)))
    few = made.metrics[made.metrics["seed"] < 2]
    claim = {f.claim: f for f in judge(Results(few, made.run))}[DEAD]
    assert "went dead: 27.5 % [-100.0, 100.0] (n=2)" in claim.evidence


def test_one_seed_with_dead_units_does_not_show_a_cure():
    relu = Made(QUICK, dead=by_seed(0.0, 0.0, 0.0, 0.3, 0.0))
    found = results(relu=relu, leaky_relu=Made(QUICK), gelu=Made(QUICK))
    assert verdicts(found)[CURED] == "undecided"


def test_gradients_vanish_if_their_interval_says_so():
    def ratio(*ratios):
        tidy = results(relu=Made(QUICK), sigmoid=Made(SLOW)).metrics
        first = (tidy["activation"] == "sigmoid") & (tidy["metric"] == "gradient_norm.1")
        tidy.loc[first, "value"] = tidy["seed"].map(dict(enumerate(ratios)))
        return Results(tidy, results(relu=Made(QUICK), sigmoid=Made(SLOW)).run)

    claim = "Sigmoid makes gradients vanish"
    assert verdicts(ratio(0.05, 0.06, 0.05, 0.04, 0.05))[claim] == "holds"
    assert verdicts(ratio(0.05, 0.20, 0.08, 0.15, 0.06))[claim] == "undecided"
    assert verdicts(ratio(0.2, 0.3, 0.2, 0.3, 0.2))[claim] == "does not hold"


def test_ties_are_called_undecided():
    found = verdicts(
        results(
            relu=Made(QUICK, (0.7, 0.8, 0.9, 0.7, 0.7)),
            gelu=Made(QUICK, (0.71, 0.79, 0.9, 0.69, 0.7)),
        )
    )
    assert found["GELU is more accurate than ReLU"] == "undecided"
    assert found["A few ReLU neurons go dead"] == "undecided"
    assert found["Sigmoid makes gradients vanish"] == "not tested"


def test_broken_numbers_decide_nothing_and_raise_nothing():
    broken = results(
        relu=Made(QUICK, (np.nan, 0.8, 0.9, 0.8, 0.8), gradient=(0.0, 0.0)),
        sigmoid=Made(QUICK, gradient=(np.inf, 1.0)),
    )
    found = {f.claim: f for f in judge(broken)}
    assert found["ReLU is more accurate than sigmoid"].verdict == "undecided"
    assert "not finite" in found["ReLU is more accurate than sigmoid"].evidence
    assert found["Sigmoid makes gradients vanish"].verdict == "undecided"
    assert np.isnan(broken.summary.set_index("activation").loc["relu", "accuracy_mean"])


def test_one_gradient_of_zero_does_not_decide():
    """The logarithm of its ratio is minus infinity, whatever the other seeds say."""
    faded = Made(QUICK, gradient=(0.001, 1.0))
    lost = Made(QUICK, gradient=((0.0, 1.0), *[(1.0, 1.0)] * 4))
    claim = "Sigmoid makes gradients vanish"
    assert verdicts(results(relu=Made(QUICK), sigmoid=faded))[claim] == "holds"
    assert verdicts(results(relu=lost, sigmoid=faded))[claim] == "undecided"
    assert verdicts(results(relu=Made(QUICK), sigmoid=lost))[claim] == "undecided"


@pytest.mark.parametrize(
    ("gelu", "verdict", "claim"),
    [
        ((0.79, 0.79, 0.80, 0.80, 0.81), "better", "holds"),
        ((0.75, 0.75, 0.76, 0.75, 0.76), "worse", "does not hold"),
        ((0.7801, 0.7699, 0.7901, 0.7699, 0.79), "tie", "does not hold"),
        ((0.79, 0.76, 0.80, 0.78, 0.77), "undecided", "undecided"),
    ],
)
def test_claims_and_comparisons_say_the_same(gelu, verdict, claim):
    found = results(relu=Made(QUICK, HIGH), gelu=Made(QUICK, gelu))
    pairs = comparisons(readings(found.metrics, found.run), found.run)
    assert pairs.of("gelu", "relu").verdict == verdict
    assert verdicts(found)["GELU is more accurate than ReLU"] == claim


def test_claims_on_accuracy_are_corrected_among_themselves():
    """Named before the run, they need not pay for pairs that nobody asked about."""
    low = (0.70, 0.74, 0.76, 0.74, 0.73)
    others = {name: Made(QUICK, HIGH) for name in ("tanh", "silu", "elu")}
    found = results(
        relu=Made(QUICK, HIGH), sigmoid=Made(QUICK, low), gelu=Made(QUICK, HIGH), **others
    )
    everything = readings(found.metrics, found.run)
    pair = comparisons(everything, found.run).of("relu", "sigmoid")
    claim = {f.claim: f for f in judge(found)}["ReLU is more accurate than sigmoid"]
    alone = paired_chance(everything["relu"].accuracy - everything["sigmoid"].accuracy)
    assert (pair.verdict, claim.verdict) == ("undecided", "holds")
    assert pair.p == pytest.approx(15 * alone)
    assert f"p {2 * alone:.3f}" in claim.evidence


SWING = "The choice of activation is a real swing"


def test_two_activations_make_no_swing():
    assert verdicts(results(relu=Made(QUICK), gelu=Made(QUICK)))[SWING] == "not tested"


def test_activations_alike_seldom_make_a_swing():
    rng = np.random.default_rng(0)
    chances = [chance_of_spread(rng.normal(size=(6, 5))) for _ in range(200)]
    assert np.mean(np.array(chances) < 0.05) < 0.08
    assert verdicts(results(**{n: Made(QUICK) for n in ("relu", "gelu", "silu")}))[SWING] == (
        "undecided"
    )


def test_the_cure_is_judged_at_one_learning_rate():
    found = results(
        relu=Made(QUICK, dead=(0.0, 0.4)),
        leaky_relu=Made(SLOW),
        gelu=Made(SLOW, dead=(0.0, 0.2)),
    )
    tidy = found.metrics
    dead = tidy["metric"].str.startswith("dead_share") & (tidy["activation"] == "gelu")
    tidy.loc[dead & (tidy["lr"] == 0.1), "value"] = 0.0
    verdict = {f.claim: f for f in judge(found)}["Leaky ReLU and GELU largely cure dead ReLUs"]
    assert verdict.verdict == "holds"
    assert "at relu's learning rate 0.1" in verdict.evidence


def test_files_give_the_same_results_back(tmp_path):
    records.write(ENTRY, tmp_path)
    again = records.read(tmp_path)
    pd.testing.assert_frame_equal(again.metrics, ENTRY.metrics)
    assert again.run == ENTRY.run
    written = pd.read_csv(tmp_path / "summary.csv")
    pd.testing.assert_frame_equal(written, again.summary.drop(columns="step_ms"))


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no complete run"):
        records.read(tmp_path)
    records.write(ENTRY, tmp_path)
    (tmp_path / "metrics.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match=r"metrics.csv has columns \['a', 'b'\]"):
        records.read(tmp_path)


@pytest.mark.parametrize("n", [5, 10, 30])
def test_an_interval_covers_the_mean_about_as_often_as_it_says(n):
    rng = np.random.default_rng(0)
    draws = rng.normal(1.0, 1.0, (300, n))
    covered = [e.low <= 1 <= e.high for e in map(estimate, draws)]
    assert 0.89 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0.5], "50.0 % (n=1)"),
        ([0.5, 0.5], "50.0 % [50.0, 50.0] (n=2)"),
    ],
)
def test_an_estimate_shows_its_evidence(values, text):
    assert estimate(values).text(1, 100, " %") == text


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_seeds_decide_nothing(n):
    assert not estimate(np.arange(1.0, n + 1)).above_zero
    assert not estimate(-np.arange(1.0, n + 1)).below_zero
    assert estimate(np.arange(1.0, 6)).above_zero


@pytest.mark.parametrize("lost", [["relu"], ["gelu"], ["relu", "leaky_relu", "gelu"]])
def test_units_of_runs_that_diverged_decide_no_claim(lost):
    dead = by_seed(0.2, 0.25, 0.15, 0.2, 0.25)
    found = results(relu=Made(QUICK, dead=dead), leaky_relu=Made(QUICK), gelu=Made(QUICK))
    assert verdicts(found)[DEAD] == verdicts(found)[CURED] == "holds"
    tidy = found.metrics
    hit = tidy["activation"].isin(lost) & (tidy["seed"] == 2) & (tidy["epoch"] == 4)
    tidy.loc[hit & tidy["metric"].str.startswith("dead_share"), "value"] = np.nan
    told = {f.claim: f for f in judge(found)}
    assert told[DEAD].verdict == ("undecided" if "relu" in lost else "holds")
    assert told[CURED].verdict == "undecided"
    assert f"{lost[-1]} no finite share" in told[CURED].evidence
    assert "nan" not in told[DEAD].evidence + told[CURED].evidence
    notes = found.summary.set_index("activation")["notes"]
    assert ["dead units not finite" in notes[n] for n in ("relu", "gelu")] == [
        n in lost for n in ("relu", "gelu")
    ]
