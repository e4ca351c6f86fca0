"""Scripts of published tables: their verdicts on made tables, whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from experiments import _studies, _uva_rules, gelu_mnist, mish_cifar10, uva_tutorial3
from jaxact.lab.records import Results
from jaxact.lab.statistics import compare_all

NOISE = 1e-3 * np.array([0.3, -0.4, 0.1, -0.2, 0.2])
SHIFTS = 1e-3 * np.array([[1, -1, 0, 2, -2], [0, 1, -1, 1, -1], [2, 0, -2, -1, 1]])


def table(means, lrs=(1e-3,)):
    """Runs of five seeds with these test accuracies, nearly; the last rate is the chosen one."""
    rng = np.random.default_rng(0)
    records = [
        {"activation": name, "lr": lr, "seed": seed, "test_accuracy": rng.normal(mean, 8e-4)}
        for name, mean in means.items()
        for lr in lrs
        for seed in range(5)
    ]
    runs = pd.DataFrame(records)
    return runs.assign(chosen=runs["lr"] == lrs[-1])


PUBLISHED = {name: mean / 100 for name, (mean, _, _) in mish_cifar10.PUBLISHED.items()}
REVERSED = dict(zip(PUBLISHED, reversed(PUBLISHED.values()), strict=True))


@pytest.mark.parametrize(
    ("first", "claimed", "words"),
    [
        (0.9 + NOISE, "better", "match"),
        (0.9 + NOISE, "worse", "mismatch (a better)"),
        (0.9 + NOISE, "tie", "mismatch (a better)"),
        (0.7 + NOISE, "better", "mismatch (b better)"),
        (0.8 + NOISE[::-1], "tie", "match"),
        (0.8 + NOISE[::-1], "better", "mismatch (a tie)"),
        (0.802 + NOISE, "better", "match"),
        (0.802 + NOISE, "tie", "match"),
        (0.8 + 100 * NOISE, "better", "undecided (sees 0.05)"),
        (0.9 + np.array([0, np.nan, 0, 0, 0]), "better", "undecided (not finite)"),
    ],
)
def test_a_verdict_says_what_was_found_instead_or_what_the_seeds_can_see(first, claimed, words):
    found = compare_all({"a": first, "b": 0.8 + np.roll(NOISE, 1)})
    assert _studies.verdict(found, "a", "b", claimed, lambda d: f"{d:.2f}") == words


def test_runs_at_the_last_epoch_with_the_rate_that_validation_images_choose():
    accuracy = {(0.1, 0): 0.7, (0.1, 1): 0.8, (0.2, 0): 0.6, (0.2, 1): 0.7}
    rows = [
        ("relu", lr, seed, epoch, split, metric, value * (1 if epoch == 2 else 0.1))
        for (lr, seed), value in accuracy.items()
        for epoch in (1, 2)
        for split in ("train", "validation", "test")
        for metric in ("loss", "accuracy")
    ]
    names = ["activation", "lr", "seed", "epoch", "split", "metric", "value"]
    runs = _studies.finals(Results(pd.DataFrame(rows, columns=names), {}))
    assert runs["chosen"].tolist() == [True, True, False, False]
    assert runs["train_loss"].tolist() == [*accuracy.values()]
    shuffled = runs[runs["chosen"]].iloc[::-1]
    np.testing.assert_array_equal(_studies.by_seed(shuffled, "test_accuracy")["relu"], [0.7, 0.8])


def test_what_the_mish_table_claims():
    claims = {name: mish_cifar10.claimed(name) for name in PUBLISHED if name != "mish"}
    ties = {"e_swish_1_75", "elish", "gelu", "silu"}
    assert {name for name, claim in claims.items() if claim == "tie"} == ties
    assert set(claims.values()) == {"tie", "better"}


def test_the_published_accuracies_match_the_mish_table():
    runs = table(PUBLISHED, (1e-3, 3e-3))
    assert mish_cifar10.orders(runs)["Differences from Mish"].unique().tolist() == [
        "match 12, mismatch 0, undecided 0"
    ]
    assert mish_cifar10.orders(runs)["Order"].unique().tolist() == ["alike"]
    shown, orders = mish_cifar10.readme(runs)
    pd.testing.assert_frame_equal(orders, mish_cifar10.orders(runs))
    assert shown["Activation"].tolist() == [*PUBLISHED]
    assert shown["Tuned rate"].unique().tolist() == ["0.003"]
    relu = shown.set_index("Activation").loc["relu"]
    assert relu["Mish minus it, published"] == "0.82 (p < 0.0001)"
    assert relu["Here tuned"].startswith("0.8 [")
    assert relu["Here tuned"].endswith("(n=5): match")


def test_the_published_accuracies_reversed_do_not():
    runs = table(REVERSED)
    found = mish_cifar10.orders(runs)
    assert found["Order"].str.startswith("unlike (chance reaches").all()
    assert found["Rank correlation"].iloc[0].startswith("-0.9")
    shown = mish_cifar10.beside_mish(runs).set_index("Activation")
    assert shown.loc["sigmoid", "Here tuned"].endswith("mismatch (sigmoid better)")


def test_a_rank_correlation_has_the_interval_of_its_seeds():
    published = [1.0, 2.0, 3.0]
    apart = [k + SHIFTS[k] for k in range(3)]
    assert mish_cifar10.rank_correlation(published, apart).text(3) == "1.000 [1.000, 1.000] (n=5)"
    close = [k * 1e-5 + SHIFTS[k] for k in range(3)]
    found = mish_cifar10.rank_correlation(published, close)
    assert found.low < 0 < found.high
    assert mish_cifar10.order_verdict(found, 3).startswith("undecided (chance")
    few = mish_cifar10.rank_correlation(published, [v[:4] for v in apart])
    assert mish_cifar10.order_verdict(few, 3) == "undecided (too few seeds)"


def losses(gelu, relu, elu):
    """Training losses of five seeds, each a tenth of itself or so apart."""
    factors = np.exp(30 * NOISE)
    pairs = {"gelu": gelu, "relu": relu, "elu": elu}
    return {name: loss * np.roll(factors, k) for k, (name, loss) in enumerate(pairs.items())}


UNCLEAR = losses(0.010, 0.014, 0.020) | {"elu": np.array([0.01, 0.03, 0.02, 0.009, 0.01])}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (losses(0.010, 0.014, 0.020), "match"),
        (losses(0.014, 0.010, 0.020), "mismatch (relu better)"),
        (losses(0.020, 0.010, 0.014), "mismatch (relu better); mismatch (elu better)"),
        (losses(0.010, 0.010, 0.020), "mismatch (a tie)"),
        (UNCLEAR, "undecided"),
    ],
)
def test_gelu_is_lowest_only_where_both_others_are_told_to_be_higher(values, words):
    assert gelu_mnist.claim(values) == words


def test_the_table_of_the_gelu_paper_shows_losses_at_the_chosen_rate():
    chosen = losses(0.010, 0.014, 0.020)
    runs = pd.DataFrame(
        {"activation": name, "lr": lr, "seed": seed, "train_loss": loss / (1000 * lr),
         "test_accuracy": 0.98 - 0.01 * (name == "relu"), "chosen": lr == 1e-3}
        for name, values in chosen.items() for lr in (1e-3, 1e-4)
        for seed, loss in enumerate(values)
    )  # fmt: skip
    shown, claims = gelu_mnist.readme(runs)
    shown = shown.set_index("Activation")
    assert shown.loc["relu", "Learning rate"] == "0.001"
    assert shown.loc["relu", "Training loss, median"] == f"{np.median(chosen['relu']):.4f}"
    assert shown.loc["relu", "GELU's loss over it, by seed"].startswith("0.71 times [")
    assert shown.loc["relu", "GELU's loss over it, by seed"].endswith("(n=5): match")
    assert (
        shown.loc["relu", "GELU's error minus it, points"]
        == "-1.00 [-1.00, -1.00] (n=5): undecided"
    )
    found = claims.set_index("Learning rate")
    assert found.index.tolist() == ["0.001", "0.0001", "chosen"]
    assert float(found.loc["0.0001", "gelu"]) == pytest.approx(10 * np.median(chosen["gelu"]), 1e-2)


def test_initial_weights_of_a_unit_have_norm_one():
    import jax

    weights = gelu_mnist.unit_norm(jax.random.key(0), (784, 128))
    np.testing.assert_allclose(np.linalg.norm(weights, axis=0), 1, rtol=1e-5)


def test_one_run_more_of_few_lies_in_the_prediction_interval():
    """2.776 is the 97.5 % quantile of t with four degrees of freedom."""
    runs = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    reach = 2.776 * np.sqrt(2.5) * np.sqrt(1 + 1 / 5)
    for side in (-1, 1):
        assert _studies.one_more(3 + side * 0.99 * reach, runs) == "match"
        assert _studies.one_more(3 + side * 1.01 * reach, runs) == "mismatch"
    assert _studies.one_more(0.0, np.zeros(5)) == "match"
    assert _studies.one_more(1.0, np.zeros(5)) == "mismatch"


def test_one_run_more_of_two_groups_lies_in_one_of_them():
    runs = np.concatenate([10 + np.linspace(0, 0.5, 25), 78 + np.linspace(0, 3, 25)])
    found = {value: _studies.one_more(value, runs) for value in (10.2, 80.1, 45.0, 90.0)}
    assert found == {10.2: "match", 80.1: "match", 45.0: "mismatch", 90.0: "mismatch"}


def test_one_run_more_of_the_same_kind_is_refused_once_in_twenty():
    """Of runs alike each is as likely to be the farthest: one in fifty of 50, two in fifty, ..."""
    rng = np.random.default_rng(0)
    draws = np.where(rng.random((2000, 51)) < 0.3, 10.0, rng.normal(78, 3, (2000, 51)))
    refused = [_studies.one_more(draw[0], draw[1:]) == "mismatch" for draw in draws]
    assert 0.02 < np.mean(refused) < 0.055


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ([0.1] * 50, (8, 0.1)),  # Epoch 1 is the best, and 8 is the seventh without a better one.
        ([0.1] * 7 + [0.2] * 8, (15, 0.2)),
        ([0.1] * 7 + [0.2] * 7, (14, 0.2)),
        ([0.1, 0.3, *[0.2] * 7, 0.9], (9, 0.3)),
        (np.linspace(0.1, 0.9, 50), (50, 0.9)),
    ],
)
def test_where_the_tutorials_rule_stops(accuracies, expected):
    assert _uva_rules.stopped(accuracies) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("accuracies", "epoch"),
    [
        ([0.1, 0.1, 0.3, 0.4], 3),
        ([0.1, 0.18, 0.1, 0.1, 0.3], 5),  # An epoch above chance is not yet learning.
        ([0.3, 0.4], 1),
        ([0.1, 0.3, 0.1], np.inf),
        ([0.1], np.inf),
    ],
)
def test_chance_is_left_for_good(accuracies, epoch):
    assert _uva_rules.left_chance(accuracies) == epoch


def test_runs_that_are_stopped_before_they_learn():
    learns = [*[0.1] * 9, *np.linspace(0.2, 0.8, 41)]
    passing = [0.1, 0.18, *[0.1] * 9, *np.linspace(0.2, 0.8, 39)]
    words = _uva_rules.stopped_early([learns, passing, np.linspace(0.2, 0.8, 50)])
    assert words == "2 of 3, 1 of them never above it"
    assert _uva_rules.stopped_early([np.linspace(0.2, 0.8, 50)]) == "0 of 1"


def uva(left, accuracy):
    """Runs of all activations; those of sigmoid leave chance at ``left``, or never at 0."""
    curve = {n: " ".join(["0.1"] * (n - 1) + ["0.8"] * (51 - n)) for n in range(1, 51)}
    records = [
        {"network": "4 layers", "activation": name, "seed": seed,
         "validation_accuracy": curve.get(epoch, " ".join(["0.1"] * 50)), "test_accuracy": value,
         "dead_before": "0 0 0.0117188 0.0546875", "dead_after": "0 0 0.0117188 0.0234375"}
        for name in uva_tutorial3.PUBLISHED
        for seed, (epoch, value) in enumerate(zip(left, accuracy, strict=True))
    ]  # fmt: skip
    deep = " ".join(
        str(count / units)
        for count, units in zip(uva_tutorial3.PUBLISHED_DEEP, uva_tutorial3.DEEP, strict=True)
    )
    records += [
        {"network": "10 layers", "activation": "relu", "seed": seed, "dead_before": deep}
        for seed in range(20)
    ]
    return pd.DataFrame(records)


def test_the_tables_of_uvas_tutorial():
    left = [*range(1, 19), 20, 0]
    runs = uva(left, [0.8865] * 18 + [0.7846, 0.1])
    shown, when, dead = uva_tutorial3.readme(runs)
    shown = shown.set_index("Activation")
    assert shown.loc["relu", "JAX, one run"] == "88.65 (match)"
    assert shown.loc["sigmoid", "PyTorch, one run"] == "10.00 (match)"
    assert shown.loc["sigmoid", "From worst to best run"] == "10.00 to 88.65"
    # The rule stops after epoch 8, so those that leave at 9 or later, or never.
    early = shown["A patience of 7 stops before it leaves chance"].unique().tolist()
    assert early == ["12 of 20, 12 of them never above it"]
    # Of 20 draws the median lies between the 6th and the 15th with probability 0.9586.
    assert when.loc[0, "Median"] == "10 [6, 15]"
    assert when.loc[0, ["5 %", "95 %", "First", "Last"]].tolist() == ["1", "20", "1", "never"]
    assert set(", ".join(dead["Verdict by layer"]).split(", ")) == {"match"}
    assert dead["Here, mean"].tolist()[0] == "0.0 0.0 3.0 7.0"


def test_the_figure_of_uvas_tutorial_is_made_from_the_table(tmp_path):
    runs = uva([3, 4, 0], [0.8, 0.8, 0.1])
    for name in "ab":
        (tmp_path / name).mkdir()
        uva_tutorial3.figures(runs, tmp_path / name)
    found = [(tmp_path / name / "leaving_chance.svg").read_bytes() for name in "ab"]
    assert found[0] == found[1]
