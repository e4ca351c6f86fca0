"""Files of a run: ``metrics.csv``, ``summary.csv`` and ``run.json``. All else is made from them."""

from __future__ import annotations

import dataclasses
import json
import math
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from jaxact.lab import unfinished
from jaxact.lab.engine import Measured
from jaxact.lab.errors import UserError
from jaxact.lab.files import write_text
from jaxact.lab.provenance import provenance
from jaxact.lab.study import Study
from jaxact.lab.summary import summarise

COLUMNS = ["activation", "lr", "seed", "epoch", "split", "metric", "value"]


@dataclasses.dataclass(frozen=True)
class Results:
    """A run as its files hold it.

    Attributes:
        metrics: tidy table with the columns :data:`COLUMNS`.
        run: study (without its folders), command, commit, versions, device, machine, number of
            processes, dataset, ms per step (None where not known), seconds by phase, seconds in
            which images that stream were waited for, and when it finished.
    """

    metrics: pd.DataFrame
    run: dict[str, Any]

    @property
    def summary(self) -> pd.DataFrame:
        """One row per activation; see :func:`jaxact.lab.summary.summarise`."""
        return summarise(self.metrics, self.run)


def collect(study: Study, measured: Measured, command: str) -> Results:
    """The results of a study from what the engine measured."""
    parts = [_frame(study, name, measures) for name, measures in measured.activations.items()]
    compared = dataclasses.asdict(study)
    for place in ("data_dir", "out", "resume", "checkpoint_seconds"):
        del compared[place]
    run = {
        "study": compared,
        **provenance(command, f"{len(measured.devices)} x {measured.devices[0]}"),
        "processes": measured.processes,
        "dataset": measured.dataset,
        "strategy": dataclasses.asdict(measured.strategy),
        "step_ms": {n: ms if math.isfinite(ms) else None for n, ms in measured.step_ms.items()},
        "seconds": measured.seconds,
        "waited_for_images": measured.waited,
    }
    # Through text and back: results in memory and results read from files are the same.
    return Results(pd.concat(parts, ignore_index=True), json.loads(json.dumps(run)))


def write(results: Results, folder: pathlib.Path) -> None:
    """Writes the three files, ``run.json`` last: with it the run is complete."""
    write_tables(results, folder)
    write_run(results, folder)


def write_tables(results: Results, folder: pathlib.Path) -> None:
    """Writes ``metrics.csv`` and ``summary.csv``, of which no byte depends on time or stops."""
    _write_table(results.metrics, folder / "metrics.csv")
    write_summary(results, folder)


def write_summary(results: Results, folder: pathlib.Path) -> None:
    """Writes ``summary.csv`` alone."""
    _write_table(results.summary.drop(columns="step_ms"), folder / "summary.csv")


def write_run(results: Results, folder: pathlib.Path) -> None:
    """Writes ``run.json`` alone."""
    write_text(folder / "run.json", json.dumps(results.run, indent=1) + "\n")


def read(folder: pathlib.Path) -> Results:
    """Reads the results that :func:`write` wrote.

    Raises:
        UserError: if the folder holds no complete run.
    """
    if unfinished.exists(folder):
        raise UserError(f"{folder} holds an unfinished run; {unfinished.words(folder)}")
    try:
        metrics = pd.read_csv(folder / "metrics.csv", dtype={"activation": str})
        run = json.loads((folder / "run.json").read_text())
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} holds no complete run: {error}") from None
    keys = ("study", "step_ms", "seconds", "command", "commit", "versions", "device", "machine")
    missing = set(keys) - set(run)
    if missing:
        raise UserError(f"{folder / 'run.json'} lacks {', '.join(sorted(missing))}")
    if list(metrics) != COLUMNS:
        raise UserError(f"{folder / 'metrics.csv'} has columns {list(metrics)}, not {COLUMNS}")
    results = Results(metrics, run)
    try:
        _ = results.summary
    except (ArithmeticError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{folder} is damaged: {type(error).__name__} in its metrics: {error}"
        ) from None
    return results


def _write_table(table: pd.DataFrame, path: pathlib.Path) -> None:
    write_text(path, table.to_csv(None, index=False, lineterminator="\n"))


def _frame(study: Study, name: str, measures: dict[str, Any]) -> pd.DataFrame:
    """The rows of one activation, cell by cell."""
    columns = list(_columns(measures, study.epochs))
    keys = pd.DataFrame([key for key, _ in columns], columns=["epoch", "split", "metric"])
    values = np.stack([value for _, value in columns], axis=1)
    lrs = np.repeat(study.lrs, study.seeds)
    cells = pd.DataFrame({"activation": name, "lr": lrs, "seed": study.settings[1]})
    frame = cells.merge(keys, how="cross")
    # The shortest digits that give the same float32 back.
    frame["value"] = [float(str(v)) for v in values.astype(np.float32).ravel()]
    return frame


def _columns(
    measures: dict[str, Any], epochs: int
) -> Iterator[tuple[tuple[int, str, str], np.ndarray]]:
    """Epoch, split and metric of each measurement, with its values in all cells."""
    train, validation = measures["epochs"]
    for moment, epoch, split in (("start", 0, "validation"), ("end", epochs, "test")):
        score, inside = measures[moment]
        if moment == "end":
            for i in range(epochs):
                for part, scores in (("train", train), ("validation", validation)):
                    yield (i + 1, part, "loss"), scores.loss[:, i]
                    yield (i + 1, part, "accuracy"), scores.accuracy[:, i]
        yield (epoch, split, "loss"), score.loss
        yield (epoch, split, "accuracy"), score.accuracy
        for site in range(inside.dead.shape[1]):
            yield (epoch, "train", f"dead_share.{site + 1}"), inside.dead[:, site]
            yield (epoch, "train", f"gradient_norm.{site + 1}"), inside.gradient_norm[:, site]
