"""The report of a run: one page of HTML with the answer, its evidence and how it was made."""

from __future__ import annotations

import importlib.resources
import itertools
import math
import pathlib
from typing import Any

import numpy as np

from jaxact.lab import claims, wording
from jaxact.lab.files import write_text
from jaxact.lab.records import Results
from jaxact.lab.statistics import SHARE, Comparisons, estimate, interquartile_mean
from jaxact.lab.summary import (
    Reading,
    accuracy,
    choose,
    comparisons,
    readings,
    speed,
    target_accuracy,
)

_SIGNS = {"holds": "✓", "does not hold": "✗", "undecided": "?", "not tested": "–"}


def write_report(results: Results, folder: pathlib.Path) -> pathlib.Path:
    """Writes ``report.html``, a page that needs no other file and no network.

    Args:
        results: a run, in memory or read from its files; equal results give equal bytes.
        folder: where to write; it must exist.

    Returns:
        Path of the page.

    Raises:
        OSError: if the page cannot be written.

    Example:
        >>> import pathlib
        >>> from jaxact.lab import read
        >>> folder = pathlib.Path("runs/digits")
        >>> write_report(read(folder), folder)  # doctest: +SKIP
        PosixPath('runs/digits/report.html')
    """
    path = folder / "report.html"
    write_text(path, _page(results))
    return path


def _page(results: Results) -> str:
    # Matplotlib and Jinja load here: the command answers sooner without them.
    import jinja2
    import markupsafe

    from jaxact.lab import figures, palette

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = importlib.resources.files("jaxact.lab").joinpath("report.html")
    return environment.from_string(source.read_text("utf-8")).render(
        **_answer(results),
        compared=_compared(results),
        budget=wording.budget(results.run["study"]).replace(" x ", " × "),
        **_origin(results.run),
        rows=_rows(results),
        tuning=_tuning(results),
        claims_correction=wording.claims_correction(
            results.run, claims.tested(results.run["study"]["activations"])
        ),
        findings=[(_SIGNS[f.verdict], f) for f in claims.judge(results)],
        figures={name: markupsafe.Markup(svg) for name, svg in figures.draw(results).items()},
        styles=palette.styles(list(choose(results.metrics))),
        run=results.run,
        study=results.run["study"],
    )


def _answer(results: Results) -> dict[str, Any]:
    """The question of a run, its answer in a sentence, and the target it speaks of."""
    study, found = results.run["study"], readings(results.metrics, results.run)
    pairs = comparisons(found, results.run)
    target = target_accuracy(choose(results.metrics), study["target"])
    if len(found) == 1:
        question = f"How well does {next(iter(found))} train on {study['dataset']}?"
    else:
        question = f"Which activation trains best on {study['dataset']}?"
    fastest = "There is no target accuracy: no run ends with a validation image right."
    if math.isfinite(target):
        fastest = _fastest(found, study["epochs"])
    return {
        "question": question,
        "answer": f"{_most_accurate(found, pairs)} {fastest}",
        "target": f"{100 * target:.1f} %" if math.isfinite(target) else "",
    }


def _most_accurate(found: dict[str, Reading], pairs: Comparisons) -> str:
    if not pairs.ranked:
        return "No run has a finite test accuracy."
    best, *others = pairs.ranked
    if not found[best].accuracy.any():
        return "No run has a test image right."
    score = estimate(found[best].accuracy, SHARE)
    words = f"{best} has {'the highest' if len(found) > 1 else 'a'} test accuracy"
    words += f"{' of' if len(found) == 1 else ','} {score.text(1, 100, ' %')}"
    if not others:
        return f"{words}."
    if score.n == 1:
        return f"{words}; with one seed no difference can be told from chance."
    verdicts = {n: pairs.of(best, n).verdict for n in others}
    ties = [n for n in others if verdicts[n] == "tie"]
    unknown = [n for n in others if verdicts[n] == "undecided"]
    if ties:
        near = f"less than {wording.points(pairs.margin)} apart"
        words += f"; {_listed(ties, 'and')} {'ties' if len(ties) == 1 else 'tie'} with it, {near}"
    if unknown:
        words += f"; the run cannot tell it apart from {_listed(unknown, 'or')}"
    if not ties and not unknown:
        words += "; its lead over every other activation is more than chance"
    return f"{words}."


def _fastest(found: dict[str, Reading], epochs: int) -> str:
    medians = {n: float(np.median(r.epochs_to_target)) for n, r in found.items()}
    first = min(medians.values())
    if first > epochs:
        return "No activation reaches the target accuracy in time."
    names = [n for n, m in medians.items() if m == first]
    if len(found) == 1:
        return f"It reaches the target accuracy at epoch {first:g}."
    verb = "reaches" if len(names) == 1 else "reach"
    return f"{_listed(names, 'and')} {verb} the target accuracy first, at epoch {first:g}."


def _listed(names: list[str], link: str) -> str:
    return f" {link} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _rows(results: Results) -> list[dict[str, Any]]:
    """The entry's table: cells as text."""
    rows = []
    for row in results.summary.to_dict("records"):
        rows.append(
            {
                "name": row["activation"],
                "accuracy": accuracy(row).text(1, 100),
                "speed": speed(row),
                "lr": f"{row['lr']:g}",
                "notes": row["notes"] or "–",
            }
        )
    return rows


def _compared(results: Results) -> dict[str, Any] | None:
    """Every activation against the best, cells as text; None where that says nothing."""
    found = readings(results.metrics, results.run)
    pairs = comparisons(found, results.run)
    if len(pairs.ranked) < 2 or results.run["study"]["seeds"] < 2:
        return None
    rows = []
    for pair in pairs.against_best():
        verdict = pair.verdict
        # The table has a column for p.
        words = wording.words_of(pair, pairs).partition("; ")[2]
        rows.append(
            {
                "name": pair.first,
                "middle": interquartile_mean(found[pair.first].accuracy, SHARE).text(1, 100),
                "difference": pair.difference.text(1, 100),
                "p": wording.chance(pair.p),
                "wins": wording.wins(pair).removeprefix("wins "),
                "verdict": verdict,
                "words": words,
            }
        )
    best = pairs.ranked[0]
    return {
        "best": best,
        "middle": interquartile_mean(found[best].accuracy, SHARE).text(1, 100),
        "rows": rows,
        "margin": wording.points(pairs.margin),
        "words": [
            wording.visible(results.run["study"], pairs),
            wording.correction(results.run, pairs),
            wording.added(results.run),
        ],
    }


def _tuning(results: Results) -> dict[str, Any]:
    """Mean validation accuracy after the last epoch, by activation and learning rate."""
    m: Any = results.metrics
    final = m[(m["epoch"] == m["epoch"].max()) & (m["split"] == "validation")]
    final = final[final["metric"] == "accuracy"]
    lrs = sorted(final["lr"].unique())
    cells: dict[str, list[tuple[str, bool]]] = {name: [] for name in choose(m)}
    for (name, chosen), lr in itertools.product(choose(m).items(), lrs):
        cell = final[(final["activation"] == name) & (final["lr"] == lr)]
        mean = 100 * cell["value"].to_numpy().mean()
        cells[name].append(
            (f"{mean:.1f}" if math.isfinite(mean) else "not finite", lr == chosen.lr)
        )
    return {"lrs": [f"{lr:g}" for lr in lrs], "cells": cells}


def _origin(run: dict[str, Any]) -> dict[str, Any]:
    """How a run was made, in words."""
    # The report's own time becomes known after the page; rebuilt pages stay the same without it.
    seconds = {phase: s for phase, s in run["seconds"].items() if phase != "report"}
    return {
        "device": f"{run['device']} ({run['machine']})",
        "seconds": ", ".join(f"{phase} {s:.1f}" for phase, s in seconds.items()),
        "versions": ", ".join(f"{name} {version}" for name, version in run["versions"].items()),
        "settings": {name: _setting(value) for name, value in run["study"].items()},
        "data_notes": run.get("dataset", {}).get("notes", []),
    }


def _setting(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value))
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else str(value)
