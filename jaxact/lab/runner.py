"""From a study to its results in a folder: train, write, report."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import pathlib
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator

from jaxact.lab import records, sequential, unfinished
from jaxact.lab.checkpoint import Checkpoints, Keeper
from jaxact.lab.engine import Measured, train_study
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.progress import Progress
from jaxact.lab.records import Results
from jaxact.lab.study import Study


def run(study: Study, progress: Progress | None = None) -> Results:
    """Trains a study and, if ``study.out`` is set, writes its files and report there.

    An unfinished run of the same study in that folder goes on, with the same results; with
    ``study.resume`` and no ``study.out``, the newest under ``runs/`` does.

    Args:
        study: what to compare.
        progress: told about phases and their progress.

    Returns:
        The results; ``results.summary`` is the table.

    Raises:
        UserError: if something in the study does not fit, the folder is taken, or there is
            nothing to resume.

    Example:
        >>> from jaxact.lab import Study, run
        >>> results = run(Study(activations=("relu",), lrs=(1e-2,), seeds=1, epochs=1))
        >>> list(results.summary["activation"])
        ['relu']
    """

    def train(part: Study, keeper: Keeper | None) -> Measured:
        return train_study(part, progress, keeper=keeper)

    if study.out is None and not study.resume:
        return sequential.results_of(study, train, command_line())
    with opened(study) as (folder, keeper):
        results = sequential.results_of(study, train, command_line(), keeper=keeper)
        save(results, folder)
    return results


def command_line(resumed: pathlib.Path | None = None) -> str:
    """The command that runs now, as one would type it.

    Args:
        resumed: folder of a run; then the command that goes on with it.
    """
    words = sys.argv[1:]
    if resumed is not None and words[:1] == ["compare"]:
        words = [*(word for word in words if word != "--resume"), "--resume"]
        if not any(word.partition("=")[0] == "--out" for word in words):
            words += ["--out", str(resumed)]
    module = getattr(sys.modules["__main__"], "__spec__", None)
    if module is not None:
        return shlex.join(["python", "-m", module.name, *words])
    return shlex.join([pathlib.Path(sys.argv[0]).name, *words])


def save(results: Results, folder: pathlib.Path) -> pathlib.Path:
    """Writes the files and the report of a run, then removes its checkpoints.

    Returns:
        Path of the report.

    Raises:
        UserError: if the report fails, or a file cannot be written; it says where the results are.
    """
    begin = time.perf_counter()
    path, failure = folder, None
    from jaxact.lab import report  # matplotlib is not needed before

    try:
        records.write_tables(results, folder)
        try:
            path = report.write_report(results, folder)
        except Exception as error:
            failure = error
        results.run["seconds"]["report"] = round(time.perf_counter() - begin, 3)
        # Last, for a folder with this file holds a complete run: all that its report needs.
        records.write_run(results, folder)
        unfinished.remove(folder)
    except OSError as error:
        refuge = pathlib.Path(tempfile.mkdtemp(prefix="jaxact-"))
        with writing(refuge):
            records.write(results, refuge)
        raise UserError(
            f"--out {folder}: {error.strerror or error}; the results are in {refuge}, and "
            f"jaxact report {refuge} makes their report"
        ) from None
    if failure is not None:
        raise UserError(
            f"--out {folder}: the report failed: {first_line(failure)}; the results are there, and "
            f"jaxact report {folder} tries again"
        ) from failure
    return path


@contextlib.contextmanager
def opened(study: Study) -> Iterator[tuple[pathlib.Path, Checkpoints]]:
    """The folder for a run's results and what keeps its state there.

    The folder is made if need be, and removed if the run leaves it empty. One with an unfinished
    run of the same study is taken over.

    Args:
        study: ``out`` and ``resume`` say which folder: without them, a new one under ``runs``,
            named after the time.

    Yields:
        The folder and the keeper.

    Raises:
        UserError: if the folder holds a complete run or one of another study, or a
            ``checkpoint/`` of another program, if it cannot be written to, or if there is nothing
            to resume.
        KeyboardInterrupt: where the work was stopped; its notes say what is saved.
    """
    folder = _folder(study)
    with writing(folder):
        keeper = Checkpoints(folder, study, command_line(folder))
    try:
        yield folder, keeper
    except KeyboardInterrupt as stop:
        stop.add_note(keeper.words)
        if unfinished.begun(folder):
            stop.add_note(f"to go on: {command_line(folder)}")
        look = unfinished.look(folder)
        if (look / "run.json").exists():
            stop.add_note(f"to see the last look: jaxact report {look}")
        raise
    finally:
        keeper.close()
        if not any(folder.iterdir()):
            folder.rmdir()


def _folder(study: Study) -> pathlib.Path:
    """Where a study's results go, or its unfinished run is."""
    if study.out is None:
        if study.resume:
            return unfinished.newest(study, pathlib.Path("runs"))
        return _new_folder()
    if not study.out.strip():
        raise UserError("--out is empty; name a folder")
    folder = pathlib.Path(study.out)
    if (folder / "run.json").exists():
        unfinished.remove(folder)  # where a run was stopped at the very last moment
        if study.resume:
            raise UserError(f"--resume: {folder} holds a complete run; see jaxact report {folder}")
        raise UserError(f"--out {folder} already holds a run; name another folder or remove it")
    if not unfinished.exists(folder):
        if study.resume:
            raise UserError(f"--resume: {folder} holds no unfinished run; start one without it")
        if (folder / "metrics.csv").exists():
            raise UserError(f"--out {folder} already holds a run; name another folder or remove it")
    return folder


def _new_folder() -> pathlib.Path:
    """A folder named after the time, with a number where runs begin in the same second."""
    runs = pathlib.Path("runs")
    with writing(runs):
        runs.mkdir(exist_ok=True)
    stamp = datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    for number in itertools.count(1):
        folder = runs / f"compare-{stamp}{f'-{number}' if number > 1 else ''}"
        with writing(folder), contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("counting has no end")


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
