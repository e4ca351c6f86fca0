"""A run that diverges stands still, costs nothing and touches no other."""

import dataclasses
import html
import io
import re
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rich.console import Console

from jaxact.lab import Results, Study, cli, records, terminal, timing
from jaxact.lab.claims import judge
from jaxact.lab.engine import train_study
from jaxact.lab.optimizers import make_optimizer
from jaxact.lab.report import write_report
from jaxact.lab.strategy import Strategy
from jaxact.lab.train import Cell, make_train

STUDY = Study(
    activations=("relu",), lrs=(1e-3, 1e6), seeds=2, epochs=3, batch_size=100, widths=(4, 8),
    optimizer="sgd", devices=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def both(few_digits):
    return train_study(STUDY, dataset=few_digits)


@pytest.fixture(scope="module")
def results(both) -> Results:
    return records.collect(STUDY, both, "a test")


@pytest.mark.slow
def test_the_bits_of_a_run_do_not_depend_on_one_that_diverges(few_digits, both):
    alone = train_study(dataclasses.replace(STUDY, lrs=(1e-3,)), dataset=few_digits)
    first = jax.tree.map(lambda leaf: leaf[:2], both.activations["relu"])
    for a, b in zip(
        jax.tree.leaves(first), jax.tree.leaves(alone.activations["relu"]), strict=True
    ):
        assert np.isfinite(b).all()
        np.testing.assert_array_equal(a, b)


def test_the_epoch_of_a_divergence_is_read_from_the_metrics(results):
    wild = results.metrics[results.metrics["lr"] == 1e6]
    by_epoch = wild[wild["split"] == "train"].pivot_table(
        "value", "epoch", "metric", aggfunc="mean", dropna=False
    )
    scores = wild[wild["split"].isin(["train", "validation"]) & (wild["epoch"] >= 1)]
    assert by_epoch.loc[[1, 2, 3], "loss"].isna().all()
    assert scores[scores["metric"] == "loss"]["value"].isna().all()
    assert (scores[scores["metric"] == "accuracy"]["value"] == 0).all()
    before = wild[(wild["epoch"] == 0) & (wild["metric"] == "loss")]["value"]
    assert np.isfinite(before).all()


def test_the_table_says_when_and_at_which_rate(results):
    row = results.summary.loc[0]
    assert row["lr"] == 1e-3
    assert "2 runs diverged, the first in epoch 1 (lr 1e+06)" in row["notes"]


def test_a_later_divergence_has_its_own_epoch(results):
    tidy = results.metrics.copy()
    wild = (tidy["lr"] == 1e6) & (tidy["metric"] == "loss") & (tidy["split"] == "train")
    tidy.loc[wild & ((tidy["epoch"] < 3) | (tidy["seed"] == 0)), "value"] = 2.0
    notes = Results(tidy, results.run).summary.loc[0, "notes"]
    assert "1 run diverged in epoch 3 (lr 1e+06)" in notes


class Overshooting:
    """Logits (w^2, 0, ..., 0): at a large rate every step makes w some 18 times larger."""

    @staticmethod
    def apply(params, x):
        return jnp.zeros((len(x), 10)).at[:, 0].set(params["w"] ** 2)


def test_a_cell_is_lost_in_the_epoch_that_loses_it_and_then_stands_still(few_digits):
    study = dataclasses.replace(STUDY, batch_size=30)
    optimizer = make_optimizer(study, lambda params: params, steps_per_epoch=10)
    train = jax.jit(make_train(Overshooting, optimizer, 30))

    def after(epochs, lr):
        params = {"w": jnp.float32(2)}
        cell = Cell(
            lr=jnp.float32(lr), seed=jnp.int32(0), params=params,
            opt_state=optimizer(lr).init(params), diverged=jnp.int32(0),
        )  # fmt: skip
        return train(cell, jnp.arange(1, epochs + 1, dtype=jnp.int32), few_digits.data)

    two, _ = after(2, lr=10.0)
    four, (scores, validation) = after(4, lr=10.0)
    assert int(four.diverged) == 2
    for score in (scores, validation):
        np.testing.assert_array_equal(np.isfinite(score.loss), [True, False, False, False])
        np.testing.assert_array_equal(score.accuracy[1:], 0.0)
    assert two.params["w"].tobytes() == four.params["w"].tobytes()
    assert int(after(4, lr=1e-3)[0].diverged) == 0


def test_units_of_a_lost_run_are_neither_dead_nor_alive(results):
    tidy = results.metrics
    inside = tidy["metric"].str.startswith(("dead_share", "gradient_norm"))
    lost = (tidy["lr"] == 1e6) & (tidy["epoch"] == 3)
    assert tidy.loc[inside & lost, "value"].isna().all()
    assert np.isfinite(tidy.loc[inside & ~lost, "value"]).all()


def per_step(few_digits, diverged, chunk=1):
    """Of 4 cells, 3 steps an epoch; two epochs take 24 s, the next two 48 s."""
    epochs = np.arange(1, 5)
    loss = np.where(epochs >= np.array(diverged)[:, None], np.nan, 1.0)
    setup = types.SimpleNamespace(
        study=dataclasses.replace(STUDY, epochs=4),
        dataset=few_digits,
        grid=types.SimpleNamespace(capacity=4, group=1),
        strategy=Strategy(chunk, "auto"),
    )
    scores = types.SimpleNamespace(loss=loss)
    measured = {"relu": {"epochs": (scores, scores)}}
    return timing.step_ms(setup, measured, {"relu": np.array([24.0, 48.0])})["relu"]


@pytest.mark.parametrize(
    ("diverged", "expected"),
    [
        ((9, 9, 9, 9), 1500.0),
        ((9, 9, 9, 4), 1500.0),  # the last step of all is still taken
        ((9, 9, 9, 3), 1000.0),
        ((9, 2, 9, 9), 1000.0),
        ((9, 1, 9, 4), np.nan),
        ((1, 1, 1, 1), np.nan),
    ],
)
def test_steps_that_lost_runs_do_not_take_are_not_timed(few_digits, diverged, expected):
    np.testing.assert_equal(per_step(few_digits, diverged), expected)
    assert per_step(few_digits, diverged, chunk=4) == 1500


def test_a_lot_without_a_time_does_not_hide_that_of_the_others():
    assert timing.median(np.array([np.nan, 2.0, 4.0])) == 3
    assert np.isnan(timing.median(np.array([np.nan])))


def said(results, folder):
    """What the page and the terminal say."""
    console = Console(width=200, file=io.StringIO())
    console.print(terminal.view(results))
    page = write_report(results, folder).read_text("utf-8")
    return html.unescape(page), console.file.getvalue()


@pytest.fixture
def all_lost(results):
    """The rows of the runs that diverge, as if there were no others; too soon to be timed."""
    study = results.run["study"] | {"lrs": [1e6]}
    run = results.run | {"study": study, "step_ms": {"relu": None}}
    return Results(results.metrics[results.metrics["lr"] == 1e6], run)


def test_where_all_runs_diverge_nothing_reaches_a_target(all_lost, tmp_path):
    records.write(all_lost, tmp_path)
    row = records.read(tmp_path).summary.loc[0]
    assert np.isnan(row["epochs_to_target"])
    assert row["notes"] == (
        "dead units not finite; 2 runs diverged, the first in epoch 1 (lr 1e+06)"
    )
    page, printed = said(all_lost, tmp_path)
    for text in (page, printed):
        assert "- ms/step; target not reached" in text
        assert "relu: no finite share of units dead after training, 0.0 % before" in text
        assert not re.search(r"\bnan\b", text)
    assert "There is no target accuracy: no run ends with a validation image right." in page
    assert "No run has a test image right." in page
    assert "No finite share of dead units" in page
    assert "target: 0.0 %" not in page


def test_a_target_that_is_given_stays(all_lost, tmp_path):
    run = all_lost.run | {"study": all_lost.run["study"] | {"target": 0.5}}
    page, _ = said(Results(all_lost.metrics, run), tmp_path)
    assert "target: 50.0 % of the validation images right" in page
    assert "No activation reaches the target accuracy in time." in page


@pytest.mark.slow
def test_a_study_whose_runs_all_diverge_writes_a_whole_report(data_dir, tmp_path, capsys):
    study = Study(
        activations=("relu", "leaky_relu", "gelu"), lrs=(1e38,), seeds=5, epochs=2,
        optimizer="sgd", widths=(2, 2, 2), data_dir=data_dir, out=str(tmp_path / "out"),
    )  # fmt: skip
    cli.compare(study)
    printed = " ".join(capsys.readouterr().out.split())
    assert "5 runs diverged, the first in epoch 1" in printed
    found = records.read(tmp_path / "out")
    assert found.run["step_ms"] == dict.fromkeys(study.activations)
    verdicts = {f.claim: f.verdict for f in judge(found)}
    assert {verdict for claim, verdict in verdicts.items() if "dead" in claim} == {"undecided"}
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "There is no target accuracy" in page
