"""From metrics to the entry's table: one row per activation, with remarkable things in words."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from jaxact.lab.statistics import (
    ALPHA,
    MARGIN,
    SHARE,
    Comparisons,
    Estimate,
    compare_all,
    estimate,
)

_REMARKABLE_DEAD = 0.005
_REMARKABLE_RATIO = 10.0
_DEFAULT_TARGET = 0.95


@dataclasses.dataclass(frozen=True)
class Chosen:
    """The runs of one activation at its chosen learning rate.

    Attributes:
        lr: the learning rate with the best mean validation accuracy at the last epoch; among
            equals the one with the least validation loss.
        runs: the rows of ``metrics.csv`` at that rate.
    """

    lr: float
    runs: Any

    def values(self, metric: str, split: str, epoch: int) -> np.ndarray:
        """One value per seed, in the order of the seeds."""
        return np.array(self._by_key.get((metric, split, epoch), []))

    def by_site(self, metric: str, epoch: int) -> np.ndarray:
        """Values of a metric per layer, first to last, shape (seeds, layers)."""
        names = {name for name, _, _ in self._by_key if name.startswith(f"{metric}.")}
        sites = max(int(name.split(".")[1]) for name in names)
        return np.stack(
            [self.values(f"{metric}.{i + 1}", "train", epoch) for i in range(sites)], axis=1
        )

    def curve(self, metric: str, split: str) -> np.ndarray:
        """Values by epoch, from the first, shape (seeds, epochs)."""
        epochs = sorted(set(self.runs["epoch"]) - {0})
        return np.stack([self.values(metric, split, e) for e in epochs], axis=1)

    @functools.cached_property
    def _by_key(self) -> dict[tuple[str, str, int], list[float]]:
        """Values in the order of the seeds, by metric, split and epoch."""
        rows = self.runs.sort_values("seed")
        keys = zip(rows["metric"], rows["split"], rows["epoch"].tolist(), strict=True)
        found: dict[tuple[str, str, int], list[float]] = {}
        for key, value in zip(keys, rows["value"].tolist(), strict=True):
            found.setdefault(key, []).append(value)
        return found


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a run says of one activation, at its chosen learning rate.

    Attributes:
        lr: the learning rate.
        accuracy: on the test images, at the last epoch; one per seed.
        epochs_to_target: first epoch with the target's validation accuracy; one more than the
            study's epochs where it was never reached; one per seed.
        dead: share of dead units after training, shape (seeds, layers); NaN where a run diverged.
        dead_before: the same before training.
        dead_by_lr: that share after training at every learning rate tried, mean over layers; one
            per seed.
        gradient_ratio: gradient norm at the first activation over that at the last, before
            training; one per seed.
        diverged: number of runs, at any learning rate, whose loss is not finite in the end.
        first_diverged: epoch and learning rate of the first of them; None if there is none.
        epochs: number of epochs trained.
    """

    lr: float
    accuracy: np.ndarray
    epochs_to_target: np.ndarray
    dead: np.ndarray
    dead_before: np.ndarray
    dead_by_lr: dict[float, np.ndarray]
    gradient_ratio: np.ndarray
    diverged: int
    first_diverged: tuple[int, float] | None
    epochs: int

    @property
    def median_epochs(self) -> str:
        """Median of the epochs to the target, or that it was not reached."""
        median = float(np.median(self.epochs_to_target))
        return f"{median:g}" if median <= self.epochs else "not reached"


def choose(metrics: Any) -> dict[str, Chosen]:
    """The runs of every activation at its learning rate, chosen on validation images."""
    last = metrics["epoch"].max()
    final = metrics[(metrics["split"] == "validation") & (metrics["epoch"] == last)]
    means = final.pivot_table(
        "value", ["activation", "lr"], "metric", aggfunc="mean", dropna=False, sort=False
    )
    chosen = {}
    for name in metrics["activation"].unique():
        ranked = means.loc[name].sort_values(
            ["accuracy", "loss"], ascending=[False, True], na_position="last"
        )
        lr = float(ranked.index[0])
        rows = metrics[(metrics["activation"] == name) & (metrics["lr"] == lr)]
        chosen[str(name)] = Chosen(lr, rows)
    return chosen


def target_accuracy(chosen: dict[str, Chosen], target: float | None) -> float:
    """The validation accuracy that counts as trained; NaN where no run gets an image right."""
    if target is not None:
        return target
    best = max(
        float(np.nan_to_num(c.curve("accuracy", "validation")[:, -1]).mean())
        for c in chosen.values()
    )
    return _DEFAULT_TARGET * best if best > 0 else math.nan


def readings(metrics: Any, run: dict[str, Any]) -> dict[str, Reading]:
    """What a run says of each activation."""
    chosen = choose(metrics)
    target = target_accuracy(chosen, run["study"]["target"])
    last = int(metrics["epoch"].max())
    losses = metrics[(metrics["split"] == "train") & (metrics["metric"] == "loss")]
    lost = losses[~np.isfinite(losses["value"])]
    dead = metrics[(metrics["epoch"] == last) & metrics["metric"].str.startswith("dead_share.")]
    result = {}
    for name, c in chosen.items():
        reached = c.curve("accuracy", "validation") >= target
        gradient = c.by_site("gradient_norm", 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = gradient[:, 0] / gradient[:, -1]
        gone = lost[lost["activation"] == name].sort_values(["epoch", "lr"])
        stays = int((gone["epoch"] == last).sum())
        result[name] = Reading(
            lr=c.lr,
            accuracy=c.values("accuracy", "test", last),
            epochs_to_target=np.where(reached.any(1), reached.argmax(1) + 1, last + 1),
            dead=c.by_site("dead_share", last),
            dead_before=c.by_site("dead_share", 0),
            dead_by_lr=_by_lr(dead[dead["activation"] == name]),
            gradient_ratio=ratio,
            diverged=stays,
            first_diverged=(int(gone["epoch"].iloc[0]), float(gone["lr"].iloc[0]))
            if stays
            else None,
            epochs=last,
        )
    return result


def _by_lr(rows: Any) -> dict[float, np.ndarray]:
    """Means by learning rate, one per seed in the order of the seeds."""
    means = rows.groupby(["lr", "seed"])["value"].mean()
    return {lr: group.to_numpy() for lr, group in means.groupby("lr")}


def comparisons(
    found: dict[str, Reading],
    run: dict[str, Any],
    names: Sequence[tuple[str, str]] | None = None,
) -> Comparisons:
    """Pairs of activations, by test accuracy.

    Args:
        found: as :func:`readings` returns it.
        run: as in ``run.json``; the level of its last look counts, if it had several.
        names: of the pairs; by default all.
    """
    accuracies = {name: reading.accuracy for name, reading in found.items()}
    level = run["sequential"]["levels"][-1] if "sequential" in run else ALPHA
    return compare_all(accuracies, run["study"].get("margin", MARGIN), level, names)


def summarise(metrics: pd.DataFrame, run: dict[str, Any]) -> pd.DataFrame:
    """The entry's table.

    Args:
        metrics: tidy table, as in ``metrics.csv``.
        run: as in ``run.json``.

    Returns:
        A row per activation with the columns activation, accuracy_mean, accuracy_low,
        accuracy_high, n, lr, step_ms (an epoch's time, with its validation pass, over its steps;
        NaN if not known), epochs_to_target (median over seeds, empty if not reached) and notes.
    """
    rows = []
    for name, reading in readings(metrics, run).items():
        mean = estimate(reading.accuracy, SHARE)
        epochs = float(np.median(reading.epochs_to_target))
        step_ms = run["step_ms"][name]
        rows.append(
            {
                "activation": name,
                "accuracy_mean": round(mean.mean, 6),
                "accuracy_low": round(mean.low, 6),
                "accuracy_high": round(mean.high, 6),
                "n": mean.n,
                "lr": reading.lr,
                "step_ms": math.nan if step_ms is None else round(step_ms, 4),
                "epochs_to_target": epochs if epochs <= run["study"]["epochs"] else np.nan,
                "notes": notes(reading, run["study"]["lrs"]),
            }
        )
    return pd.DataFrame(rows)


def notes(reading: Reading, lrs: list[float]) -> str:
    """What is remarkable of an activation, in words; empty if nothing is."""
    words = []
    dead = reading.dead.mean(0)
    if not np.isfinite(dead).all():
        words.append("dead units not finite")
    elif dead.max() >= _REMARKABLE_DEAD:
        words.append(f"{100 * dead.max():.1f} % of layer {dead.argmax() + 1} dead")
    ratio = float(np.exp(np.mean(np.log(np.clip(reading.gradient_ratio, 1e-30, 1e30)))))
    if ratio < 1 / _REMARKABLE_RATIO:
        words.append(f"gradients fade {_fold(1 / ratio)} to the first layer")
    if ratio > _REMARKABLE_RATIO:
        words.append(f"gradients grow {_fold(ratio)} to the first layer")
    if reading.first_diverged is not None:
        epoch, lr = reading.first_diverged
        runs, first = ("runs", ", the first") if reading.diverged > 1 else ("run", "")
        words.append(f"{reading.diverged} {runs} diverged{first} in epoch {epoch} (lr {lr:g})")
    if len(lrs) > 1 and reading.lr in (min(lrs), max(lrs)):
        side = "largest" if reading.lr == max(lrs) else "smallest"
        words.append(f"best lr is the {side} tried")
    return "; ".join(words)


def _fold(ratio: float) -> str:
    return f"{ratio:.0f}-fold" if ratio < 1e6 else "over a million-fold"


def markdown(summary: Any) -> str:
    """The entry's table in Markdown.

    Args:
        summary: as :func:`summarise` returns it.
    """
    lines = ["| Activation | Accuracy, % | Train speed | Notes |", "| --- | --- | --- | --- |"]
    for row in summary.to_dict("records"):
        words = (row["activation"], accuracy(row).text(1, 100), speed(row), row["notes"] or "-")
        lines.append(f"| {' | '.join(words)} |")
    return "\n".join(lines)


def accuracy(row: dict[Any, Any]) -> Estimate:
    """The accuracy of a row of the summary."""
    return Estimate(row["accuracy_mean"], row["accuracy_low"], row["accuracy_high"], row["n"])


def speed(row: dict[Any, Any]) -> str:
    """``1.50 ms/step; 3 epochs to target``, or that the target was not reached.

    Without a time, ``- ms/step``.
    """
    epochs = row["epochs_to_target"]
    if math.isnan(epochs):
        reached = "target not reached"
    else:
        reached = f"{epochs:g} epoch{'' if epochs == 1 else 's'} to target"
    step = "-" if math.isnan(row["step_ms"]) else f"{row['step_ms']:.2f}"
    return f"{step} ms/step; {reached}"
