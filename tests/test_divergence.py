"""A run that diverges stands still, costs nothing and touches no other."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxact.lab import Results, Study, records
from jaxact.lab.engine import train_study
from jaxact.lab.optimizers import make_optimizer
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
