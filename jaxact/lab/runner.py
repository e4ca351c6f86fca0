"""From a study to its results in a folder: train, write, report."""

from __future__ import annotations

import contextlib
import datetime
import pathlib
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator

from jaxact.lab import records
from jaxact.lab.engine import Progress, train_study
from jaxact.lab.errors import UserError
from jaxact.lab.records import Results
from jaxact.lab.study import Study


def run(study: Study, progress: Progress | None = None) -> Results:
    """Trains a study and, if ``study.out`` is set, writes its files and report there.

    Args:
        study: what to compare.
        progress: told about phases and their progress.

    Returns:
        The results; ``results.summary`` is the table.

    Raises:
        UserError: if something in the study does not fit, or the folder is taken.

    Example:
        >>> from jaxact.lab import Study, run
        >>> study = Study(activations=("relu", "gelu"), lrs=(1e-2,), seeds=1, epochs=1)
        >>> list(run(study).summary["activation"])
        ['relu', 'gelu']
    """
    with reserved_folder(study.out) if study.out else contextlib.nullcontext() as folder:
        results = records.collect(study, train_study(study, progress), command_line())
        if folder is not None:
            save(results, folder)
    return results


def command_line() -> str:
    """The command that runs now, as one would type it."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    if module is not None:
        return shlex.join(["python", "-m", module.name, *sys.argv[1:]])
    return shlex.join([pathlib.Path(sys.argv[0]).name, *sys.argv[1:]])


def save(results: Results, folder: pathlib.Path) -> pathlib.Path:
    """Writes the files and the report of a run.

    Returns:
        Path of the report.

    Raises:
        UserError: if a file cannot be written.
    """
    begin = time.perf_counter()
    from jaxact.lab import report  # matplotlib is not needed before

    try:
        records.write(results, folder)
        path = report.write_report(results, folder)
        results.run["seconds"]["report"] = round(time.perf_counter() - begin, 3)
        records.write_run(results, folder)
    except OSError as error:
        refuge = pathlib.Path(tempfile.mkdtemp(prefix="jaxact-"))
        with writing(refuge):
            records.write(results, refuge)
        raise UserError(
            f"--out {folder}: {error.strerror or error}; the results are in {refuge}, and "
            f"jaxact report {refuge} makes their report"
        ) from None
    return path


@contextlib.contextmanager
def reserved_folder(out: str | None) -> Iterator[pathlib.Path]:
    """The folder for a run's results, made if need be; removed if the run leaves it empty.

    Args:
        out: path; None for a new folder under ``runs``, named after the time.

    Yields:
        The folder.

    Raises:
        UserError: if it holds a run already, or cannot be written to.
    """
    if out is not None and not out.strip():
        raise UserError("--out is empty; name a folder")
    stamp = datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    folder = pathlib.Path(out if out is not None else f"runs/compare-{stamp}")
    if (folder / "run.json").exists() or (folder / "metrics.csv").exists():
        raise UserError(f"--out {folder} already holds a run; name another folder or remove it")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    try:
        yield folder
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()


@contextlib.contextmanager
def writing(folder: pathlib.Path) -> Iterator[None]:
    """Turns errors of the file system into words.

    Raises:
        UserError: if something cannot be written to ``folder``.
    """
    try:
        yield
    except OSError as error:
        raise UserError(f"--out {folder}: {error.strerror or error}") from None
