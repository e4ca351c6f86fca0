"""The command ``jaxact``: compares activations, rebuilds reports, shows the catalogue."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sys
import time
from collections.abc import Iterator
from typing import Annotated

import tyro
from rich.console import Console

from jaxact.lab import browse, records, terminal
from jaxact.lab.engine import train_study
from jaxact.lab.errors import UserError
from jaxact.lab.parallel import use_all_cores
from jaxact.lab.runner import command_line, reserved_folder, save, writing
from jaxact.lab.study import Study


def compare(study: Annotated[Study, tyro.conf.arg(name="")]) -> None:
    """Trains a small CNN with each activation and says which claims about them hold.

    Every activation gets the same seeds, initial draws, order of the data and learning rates to
    choose from. Prints the table and writes metrics.csv, summary.csv, run.json and report.html.
    """
    console = Console()
    # Importing is all that this process has done; its wall time may include the shell's.
    seconds = {"import": round(time.process_time(), 3)}
    with reserved_folder(study.out) as folder:
        with terminal.ProgressBar(console) as progress:
            results = records.collect(study, train_study(study, progress), command_line())
        results.run["seconds"] = seconds | results.run["seconds"]
        # Files first: a closed pipe must not lose them, nor a full disk the table.
        try:
            path, failure = save(results, folder), None
        except UserError as error:
            path, failure = None, error
        console.print(terminal.view(results))
        if failure is not None:
            raise failure
        console.print(f"\nReport: {path}", soft_wrap=True)


def rebuild(folder: Annotated[pathlib.Path, tyro.conf.Positional]) -> None:
    """Prints the table of a run again and rebuilds its report from its files.

    Args:
        folder: the folder of a run.
    """
    from jaxact.lab import report

    console = Console()
    results = records.read(folder)
    console.print(terminal.view(results))
    with writing(folder):
        path = report.write_report(results, folder)
    console.print(f"\nReport: {path}", soft_wrap=True)


def main() -> None:
    """The entry point of ``jaxact``."""
    sys.path.insert(0, os.getcwd())  # for module:function of one's own
    use_all_cores()
    with mistakes_answered():
        tyro.extras.subcommand_cli_from_dict(
            {"compare": compare, "report": rebuild, "list": browse.list_rows, "show": browse.show},
            prog="jaxact",
            description="Activation functions in JAX: compares them, and tells what is known.",
        )


@contextlib.contextmanager
def mistakes_answered() -> Iterator[None]:
    """Ends the program with a message and code 2 at what a person can mend; 130 at Ctrl-C."""
    try:
        yield
    except UserError as error:
        print(f"jaxact: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("\njaxact: stopped before the end", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
