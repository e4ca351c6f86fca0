"""What a person sees on the terminal: progress, the entry's table, its claims."""

from __future__ import annotations

from typing import Any

import rich.box
from rich.console import Console, Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from jaxact.lab.claims import judge, tested
from jaxact.lab.records import Results
from jaxact.lab.summary import accuracy, comparisons, readings, speed
from jaxact.lab.wording import added, budget, claims_correction, correction, visible, wins, words_of

_PHASES = {
    "data": "Reading the data",
    "race": "Racing (strategies)",
    "compile": "Compiling (activations)",
    "train": "Training (epochs of all runs)",
}
_STYLES = {
    "holds": "green",
    "does not hold": "red",
    "undecided": "yellow",
    "not tested": "dim",
    "better": "green",
    "worse": "red",
    "tie": "cyan",
}


class ProgressBar:
    """Shows the engine's progress on a terminal; use as a context manager."""

    def __init__(self, console: Console):
        self._bar = Progress(
            TextColumn("{task.description:<30}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = None

    def __enter__(self) -> ProgressBar:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def phase(self, name: str, total: int) -> None:
        """Finishes the phase before and starts a new bar."""
        self._finish()
        self._task = self._bar.add_task(_PHASES.get(name, name), total=total)

    def advance(self, amount: int) -> None:
        """Moves the bar on."""
        if self._task is not None:
            self._bar.advance(self._task, amount)

    def _finish(self) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=self._bar.tasks[self._task].total)


def view(results: Results) -> Group:
    """The entry's table, the comparisons with the best and the claims, ready to print."""
    claims = Table.grid(padding=(0, 2))
    for finding in judge(results):
        words = Text.assemble(f"{finding.claim}: ", (finding.evidence, "dim"))
        claims.add_row(Text(finding.verdict, _STYLES[finding.verdict]), words)
    told = claims_correction(results.run, tested(results.run["study"]["activations"]))
    notes = [Text(told, "dim")] if told else []
    return Group(_table(results), *_compared(results), claims, *notes)


def _compared(results: Results) -> list[Any]:
    """Every other activation against the best; nothing if that says nothing."""
    pairs = comparisons(readings(results.metrics, results.run), results.run)
    seeds = results.run["study"]["seeds"]
    others = pairs.against_best()
    if not others or seeds < 2:
        return []
    lines = Table.grid(padding=(0, 2))
    for pair in others:
        difference = pair.difference.text(1, 100, " points")
        words = f"{difference}, {words_of(pair, pairs)}; {wins(pair)}"
        lines.add_row(
            Text(pair.verdict, _STYLES[pair.verdict]),
            Text.assemble(f"{pair.first} minus {pair.second}: ", (words, "dim")),
        )
    run = results.run
    told = " ".join(
        filter(None, (visible(run["study"], pairs), correction(run, pairs), added(run)))
    )
    return [lines, Text(f"{told}\n", "dim")]


def _table(results: Results) -> Table:
    study = results.run["study"]
    table = Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.title = Text(
        f"{study['dataset']}: {budget(study)}, "
        f"{study['epochs']} epoch{'' if study['epochs'] == 1 else 's'}",
        "table.title",
    )
    for title in ("Activation", "Accuracy, % [95 %] (n)", "Train speed", "Notes"):
        table.add_column(title, overflow="fold")
    for row in results.summary.to_dict("records"):
        words = (row["activation"], accuracy(row).text(1, 100), speed(row), row["notes"] or "-")
        table.add_row(*map(Text, words))
    return table
