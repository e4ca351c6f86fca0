"""Studies that take long, kept in a folder; their runs as a table; verdicts on published claims."""

from __future__ import annotations

import dataclasses
import math
import pathlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from jaxact.lab import Study, records, run, unfinished
from jaxact.lab.errors import UserError
from jaxact.lab.records import Results
from jaxact.lab.statistics import Comparisons
from jaxact.lab.summary import choose


def kept(study: Study, name: str) -> Results:
    """The results of a study: those in ``runs/<name>``, or trained now and written there.

    An unfinished run of the same study goes on.

    Raises:
        UserError: if the folder holds a run of another study.
    """
    folder = pathlib.Path("runs", name)
    if not (folder / "run.json").exists():
        return run(dataclasses.replace(study, out=str(folder)))
    results = records.read(folder)
    theirs, ours = results.run["study"], unfinished.compared(study)
    differing = sorted(name for name in ours if theirs.get(name) != ours[name])
    if differing:
        raise UserError(
            f"{folder} holds a run of another study ({', '.join(differing)} differ); remove it"
        )
    return results


def finals(results: Results) -> pd.DataFrame:
    """Loss and accuracy of every run at the last epoch.

    Returns:
        A row per activation, learning rate and seed, in the order of the study, with the columns
        activation, lr, seed, ``train_loss``, ``train_accuracy`` and so on for validation and
        test, and ``chosen``: whether that rate is the activation's best on validation images.
    """
    metrics = results.metrics
    last = (metrics["epoch"] == metrics["epoch"].max()) & metrics["metric"].isin(
        ("loss", "accuracy")
    )
    rows = metrics[last].assign(name=metrics["split"] + "_" + metrics["metric"])
    keys = ["activation", "lr", "seed"]
    table = rows.pivot(index=keys, columns="name", values="value")
    table = rows[keys].drop_duplicates().merge(table, left_on=keys, right_index=True)
    rates = {name: chosen.lr for name, chosen in choose(metrics).items()}
    return table.assign(chosen=table["lr"] == table["activation"].map(rates))


def by_seed(runs: pd.DataFrame, column: str) -> dict[str, np.ndarray]:
    """A column of :func:`finals` by activation, each at one rate, in the order of the seeds."""
    groups = runs.sort_values("seed", kind="stable").groupby("activation", sort=False)
    found = {name: rows[column].to_numpy() for name, rows in groups}
    return {name: found[name] for name in runs["activation"].unique()}


def verdict(
    pairs: Comparisons, first: str, second: str, claimed: str, size: Callable[[float], str]
) -> str:
    """What a run says of a published comparison.

    Args:
        pairs: those of the run.
        first: name.
        second: name.
        claimed: ``better`` or ``worse``, of the first; or ``tie``, where they were not told apart:
            a difference smaller than the margin does not contradict that, even where it is seen.
        size: the visible difference in words.

    Returns:
        ``match``; ``mismatch`` and what was found instead; or ``undecided`` and what the seeds
        can see.
    """
    found = pairs.of(first, second)
    if found.verdict == "undecided":
        seen = f"sees {size(found.visible)}" if math.isfinite(found.visible) else "not finite"
        return f"undecided ({seen})"
    d = found.difference
    small = -pairs.margin < d.low and d.high < pairs.margin
    if found.verdict == claimed or (claimed == "tie" and small):
        return "match"
    if found.verdict == "tie":
        return "mismatch (a tie)"
    return f"mismatch ({first if found.verdict == 'better' else second} better)"
