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
    """What the script of a folder's name makes of its results; else a study's summary."""
    is_study = (folder / "metrics.csv").exists()
    if not is_study and not (folder / "table.csv").exists():
        command = f"python -m experiments.{folder.name} --preset default"
        sys.exit(f"README.md: no results in {folder}; make them with {command}")
    results = records.read(folder) if is_study else _tables.read(folder)
    script = importlib.import_module(f"experiments.{folder.name}")
    if not hasattr(script, "readme"):
        return markdown(results.summary)
    made = script.readme(results)
    tables = made if isinstance(made, list) else [made]
    return "\n\n".join(map(_tables.markdown, tables))


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
