"""The command ``jaxact``: compares activations, rebuilds reports, shows the catalogue."""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import pathlib
import signal
import sys
import threading
import time
import types
from collections.abc import Iterator
from typing import Annotated

import tyro
from rich.console import Console

from jaxact.lab import browse, records, sequential, terminal
from jaxact.lab.ahead import ImportsAhead
from jaxact.lab.cache import use_compile_cache
from jaxact.lab.checkpoint import Keeper, added
from jaxact.lab.distributed import Team
from jaxact.lab.engine import Measured, train_study
from jaxact.lab.errors import UserError
from jaxact.lab.launch import NO_OTHERS, Launch, joined
from jaxact.lab.parallel import use_all_cores
from jaxact.lab.runner import command_line, opened, save, writing
from jaxact.lab.study import Study


def compare(
    study: Annotated[Study, tyro.conf.arg(name="")],
    launch: Annotated[Launch, tyro.conf.arg(name="")] = NO_OTHERS,
) -> None:
    """Trains a small CNN with each activation and says which claims about them hold.

    Every activation gets the same seeds, initial draws, order of the data and learning rates to
    choose from. Prints the table and writes metrics.csv, summary.csv, run.json and report.html.
    A run that was stopped goes on with --resume, and its results are the same.
    """
    use_compile_cache()
    with joined(launch) as team:
        if team.rank == 0:
            _compare(study, team)
        else:

            def train(part: Study, keeper: Keeper | None) -> Measured:
                return train_study(part, None, None, keeper, team)

            sequential.results_of(study, train, command_line(), team)


def _compare(study: Study, team: Team) -> None:
    """Trains with the others, and writes and prints for all."""
    console = Console(markup=False, emoji=False)
    # Importing is all that this process has done; its wall time may include the shell's.
    seconds = {"import": round(time.process_time(), 3)}
    with opened(study) as (folder, keeper):
        keeper.clock.seconds = added(seconds, keeper.clock.seconds)
        with terminal.ProgressBar(console) as bar, ImportsAhead(bar) as progress:

            def train(part: Study, keeper: Keeper | None) -> Measured:
                return train_study(part, progress, None, keeper, team)

            results = sequential.results_of(study, train, command_line(), team, keeper)
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
    """Prints the table of a run again and rebuilds its summary and report from its files.

    Args:
        folder: the folder of a run.
    """
    from jaxact.lab import report

    console = Console(markup=False, emoji=False)
    results = records.read(folder)
    with writing(folder):
        records.write_summary(results, folder)
        path = report.write_report(results, folder)
    console.print(terminal.view(results))
    console.print(f"\nReport: {path}", soft_wrap=True)


def main() -> None:
    """The entry point of ``jaxact``."""
    sys.path.insert(0, os.getcwd())  # for module:function of one's own
    use_all_cores()
    gc.freeze()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # A name of a file need be no UTF-8.
            stream.reconfigure(errors="backslashreplace")
    try:
        with mistakes_answered():
            tyro.extras.subcommand_cli_from_dict(
                {
                    "compare": compare,
                    "report": rebuild,
                    "list": browse.list_rows,
                    "show": browse.show,
                },
                prog="jaxact",
                description="Activation functions in JAX: compares them, and tells what is known.",
            )
    finally:
        # To look for garbage among all that is imported and traced takes a second at exit.
        gc.freeze()


@contextlib.contextmanager
def mistakes_answered() -> Iterator[None]:
    """Ends with a message: code 2 at what a person can mend, 130 at Ctrl-C, 143 at SIGTERM."""
    try:
        with _stoppable():
            yield
    except UserError as error:
        print(f"jaxact: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as stop:
        words = "; ".join(["stopped before the end", *getattr(stop, "__notes__", [])])
        print(f"\njaxact: {words}", file=sys.stderr)
        _leave(143 if isinstance(stop, _Terminated) else 130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        where = f"{error.filename}: " if error.filename else ""
        print(f"jaxact: {where}{error.strerror}", file=sys.stderr)
        _leave(2)


def _leave(code: int) -> None:
    """Ends the program at once: at exit JAX would wait for all that devices still compute."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


class _Terminated(KeyboardInterrupt):
    """Somebody asked the process to end, by SIGTERM."""

    code = 143


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM ends the program as Ctrl-C does, with what is saved in words."""

    def stop(number: int, frame: types.FrameType | None) -> None:
        if _collecting(frame):
            threading.Timer(0.1, _send_to_main_thread, (number,)).start()
            return
        raise _Terminated if number == signal.SIGTERM else KeyboardInterrupt

    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, stop)}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # A shell's & ignores it.
        before[signal.SIGINT] = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _send_to_main_thread(number: int) -> None:
    # A signal to another thread ends no waiting of the main one.
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def _collecting(frame: types.FrameType | None) -> bool:
    """Whether garbage is being collected: Python drops what is raised in a callback of that."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None and frame.f_code not in callbacks:
        frame = frame.f_back
    return frame is not None


if __name__ == "__main__":
    main()
