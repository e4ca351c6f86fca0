"""Tables of measurements: written with their origin, read back, shown as Markdown."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shlex
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import jax
import pandas as pd
import tyro

from jaxact.lab.provenance import provenance

RESULTS = pathlib.Path(__file__).parent / "results"
"""The committed results, by script; made with ``--out experiments/results/<script>``."""

Out = Annotated[
    pathlib.Path | None,
    tyro.conf.arg(help="Folder for the results; runs/<script>/<preset> if none."),
]
_PACKAGES = ("jaxact", "jax", "jaxlib", "numpy", "scipy", "torch")


def folder(script: str, preset: str, out: pathlib.Path | None) -> pathlib.Path:
    """Where a script writes: never over committed results, unless told so.

    Args:
        script: its file.
        preset: its name.
        out: the folder asked for, if any.
    """
    return out or pathlib.Path("runs", pathlib.Path(script).stem, preset)


def save(
    folder: pathlib.Path, table: pd.DataFrame, config: Any, seconds: float, **more: Any
) -> None:
    """Writes ``table.csv`` and ``run.json``.

    Args:
        folder: made if missing; an earlier table in it is replaced.
        table: one row per measurement.
        config: dataclass of what was asked.
        seconds: how long it took.
        more: what else to write into ``run.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "table.csv", index=False, lineterminator="\n")
    spec = sys.modules["__main__"].__spec__
    words = [f"python -m {spec.name}" if spec else sys.argv[0], shlex.join(sys.argv[1:])]
    device = f"{jax.device_count()} x {jax.devices()[0].device_kind}"
    run = {
        **provenance(" ".join(words).strip(), device, _PACKAGES),
        "config": dataclasses.asdict(config),
        "seconds": round(seconds, 1),
        **more,
    }
    (folder / "run.json").write_text(json.dumps(run, indent=1) + "\n")


def run(
    measure: Callable[[Any], pd.DataFrame],
    config: Any,
    functions: tuple[str, ...],
    out: pathlib.Path,
) -> pd.DataFrame:
    """Measures and saves.

    Args:
        measure: from a configuration to a table.
        config: dataclass with a field ``functions``.
        functions: names in place of that field; none to keep it.
        out: folder for the table.

    Returns:
        The table.
    """
    if functions:
        config = dataclasses.replace(config, functions=functions)
    start = time.perf_counter()
    table = measure(config)
    save(out, table, config, time.perf_counter() - start)
    return table


def read(folder: pathlib.Path) -> pd.DataFrame:
    """The table that :func:`save` wrote."""
    return pd.read_csv(folder / "table.csv")


def markdown(table: pd.DataFrame) -> str:
    """A table in Markdown; its cells are text already."""
    rows = [list(table), ["---"] * len(table.columns), *table.astype(str).values.tolist()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def show(*tables: pd.DataFrame) -> None:
    """Prints tables, an empty line after each."""
    for table in tables:
        print(table.to_string(index=False), end="\n\n")
