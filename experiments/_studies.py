"""Studies that take long: kept in a folder, as a table, and judged by published claims."""

from __future__ import annotations

import dataclasses
import math
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments import _tables
from jaxact import CATALOGUE
from jaxact.lab import Study, records, run, unfinished
from jaxact.lab.errors import UserError
from jaxact.lab.records import Results
from jaxact.lab.statistics import Comparisons
from jaxact.lab.summary import choose

_RARE = 0.05
_ENOUGH = 19
"""Runs from which on one more can be told to be one in twenty."""


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


def activations(names: Sequence[str], script: str) -> tuple[str, ...]:
    """Names as a :class:`Study` takes them: those not in the catalogue are of the script."""
    return tuple(n if n in CATALOGUE else f"experiments.{script}:{n}" for n in names)


def publish(
    studies: Mapping[str, Study],
    config: Any,
    out: pathlib.Path,
    runs: Callable[[Results], pd.DataFrame],
) -> pd.DataFrame:
    """Trains studies, or takes those that are kept, and writes the table made of them.

    Args:
        studies: by the folder that each is kept in, see :func:`kept`.
        config: dataclass of what was asked.
        out: folder for the table and ``run.json``, which says where each study comes from.
        runs: from the results of a study to one row per run.

    Returns:
        The rows of all studies; what :func:`activations` put before a name is taken off.
    """
    found = {name: kept(study, name) for name, study in studies.items()}
    table = pd.concat([runs(results) for results in found.values()], ignore_index=True)
    table["activation"] = table["activation"].str.rpartition(":")[2]
    keys = ("command", "commit", "versions", "device", "machine", "finished", "seconds")
    origins = {name: {k: results.run[k] for k in keys} for name, results in found.items()}
    seconds = sum(sum(origin["seconds"].values()) for origin in origins.values())
    _tables.save(out, table, config, seconds, studies=origins)
    return _tables.read(out)


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


def one_more(published: float, runs: np.ndarray) -> str:
    """Whether one published run could be one more of ours.

    Of few runs, that is judged by the 95 % prediction interval of a normal distribution. From 19 on
    it is judged without one, for runs may fall into groups, such as those that learn and those that
    do not: by the distance to the nearest of all others (a conformal test).

    Args:
        published: one number.
        runs: our numbers.

    Returns:
        ``match``, or ``mismatch`` where at most one new run in twenty is as far off as that.
    """
    from scipy import stats

    n = len(runs)
    if n < _ENOUGH:
        reach = stats.t.ppf(0.975, n - 1) * runs.std(ddof=1) * math.sqrt(1 + 1 / n)
        return "match" if abs(published - runs.mean()) <= reach else "mismatch"
    everything = np.append(runs, published)
    distances = np.abs(everything[:, None] - everything)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(1)
    return "match" if (nearest >= nearest[-1]).mean() > _RARE else "mismatch"
