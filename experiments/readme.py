"""Do the tables in README.md say what the results say?

    python -m experiments.readme

Writes each table between its markers anew, from the folder of results that the marker names;
with ``--check`` it only compares, and ends with code 1 where they differ.
"""

from __future__ import annotations

import importlib
import pathlib
import re
import sys

import tyro

from experiments import _tables
from jaxact.lab import records
from jaxact.lab.summary import markdown

ROOT = pathlib.Path(__file__).parent.parent
_TABLE = re.compile(r"(<!-- table: (\S+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


def fresh(text: str) -> str:
    """``text`` with its tables made anew."""

    def table(match: re.Match[str]) -> str:
        return match[1] + _table(ROOT / match[2]) + match[3]

    return _TABLE.sub(table, text)


def _table(folder: pathlib.Path) -> str:
    """A study's summary; or what the script of that name makes of its table."""
    if (folder / "metrics.csv").exists():
        return markdown(records.read(folder).summary)
    if not (folder / "table.csv").exists():
        command = f"python -m experiments.{folder.name} --preset default"
        sys.exit(f"README.md: no results in {folder}; make them with {command}")
    script = importlib.import_module(f"experiments.{folder.name}")
    return _tables.markdown(script.readme(_tables.read(folder)))


def main(check: bool = False) -> None:
    """Writes or checks the tables.

    Args:
        check: only compare.
    """
    path = ROOT / "README.md"
    text = path.read_text()
    if not check:
        path.write_text(fresh(text))
    elif fresh(text) != text:
        sys.exit("README.md: tables differ from the results; run python -m experiments.readme")


if __name__ == "__main__":
    tyro.cli(main)
