"""What follows from the results: tables of the README, summaries, reports and figures.

    python -m experiments.rebuild
    python -m experiments.rebuild FOLDER

Makes them anew from the files ``metrics.csv`` or ``table.csv`` and ``run.json`` in the folders of
experiments/results, and writes each table of README.md between its markers. With folders given, it
makes what follows from those, and prints their tables. Nothing is trained or measured. With
``--check`` it only compares the README, and ends with code 1 where it differs.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import sys
from typing import Annotated, Any

import pandas as pd
import tyro

from experiments import _tables
from jaxact.lab import cli, records, report
from jaxact.lab.errors import UserError
from jaxact.lab.summary import markdown

ROOT = pathlib.Path(__file__).parent.parent
_TABLE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fresh(text: str) -> str:
    """``text`` with its tables made anew."""

    def table(match: re.Match[str]) -> str:
        return f"{match[1]}{tables(ROOT / match[2])}\n{match[3]}"

    return _TABLE.sub(table, text)


def tables(folder: pathlib.Path) -> str:
    """What the script of a folder's results makes of them; else a study's summary.

    Raises:
        UserError: if the folder holds no results of a script.
    """
    script, results = _script(folder), _results(folder)
    if not hasattr(script, "readme"):
        return markdown(results.summary)
    made = script.readme(results)
    return "\n\n".join(map(_tables.markdown, made if isinstance(made, list) else [made]))


def derive(folder: pathlib.Path) -> None:
    """Writes anew what a folder holds besides its results: summary and report, or figures.

    Raises:
        UserError: if the folder holds no results of a script.
    """
    script, results = _script(folder), _results(folder)
    if isinstance(results, records.Results):
        records.write_summary(results, folder)
        report.write_report(results, folder)
    elif hasattr(script, "figures"):
        script.figures(results, folder)


def _script(folder: pathlib.Path) -> Any:
    """The script that made the results of a folder."""
    try:
        command = json.loads((folder / "run.json").read_text())["command"]
    except (OSError, ValueError, KeyError):
        made = f"python -m experiments.{folder.name} --out experiments/results/{folder.name}"
        hint = f"; make them with {made}" if folder.parent == _tables.RESULTS else ""
        raise UserError(f"{folder} holds no results{hint}") from None
    name = re.match(r"python -m (experiments\.\w+)", command)
    if name is None:
        raise UserError(f"{folder} holds results of another program: {command}")
    return importlib.import_module(name[1])


def _results(folder: pathlib.Path) -> Any:
    """A study's results, or the table of another script."""
    if (folder / "metrics.csv").exists():
        return records.read(folder)
    try:
        return _tables.read(folder)
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UserError(f"{folder} holds no table: {error}") from None


def main(
    folders: Annotated[
        tuple[pathlib.Path, ...],
        tyro.conf.Positional,
        tyro.conf.arg(help="Folders of results; by default README and experiments/results."),
    ] = (),
    check: Annotated[bool, tyro.conf.arg(help="Only compare the README.")] = False,
) -> None:
    """Makes anew, or checks, what follows from results.

    Raises:
        UserError: if a folder is to be checked, or holds no results.
    """
    if folders and check:
        raise UserError("--check compares the README alone; it takes no folders")
    for folder in folders:
        derive(folder)
        print(f"{tables(folder)}\n")
    if folders:
        return
    path = ROOT / "README.md"
    text = path.read_text()
    if check:
        if fresh(text) != text:
            sys.exit("README.md: tables differ from the results; run python -m experiments.rebuild")
        return
    for run in sorted(_tables.RESULTS.glob("*/run.json")):
        derive(run.parent)
    path.write_text(fresh(text))


if __name__ == "__main__":
    with cli.mistakes_answered():
        tyro.cli(main)
