"""The folder of an unfinished run: its mark, its lock, and how it is found.

A run marks its folder by ``checkpoint/study.json`` before it trains and takes ``checkpoint/``
away at its end, after ``run.json`` is written. One that adds seeds has there a checkpoint of the
lots that are trained, a folder for the lot under way, which is a run of its own, and one for the
results of its last look.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
import shutil
from typing import TYPE_CHECKING, Any

from jaxact.lab.errors import UserError
from jaxact.lab.files import write_text

if TYPE_CHECKING:
    from jaxact.lab.study import Study

_FOLDER, _MARK, _LOCK, _LOT = "checkpoint", "study.json", "lock", "lot-"
# Hosts may differ in these. What they make of the data is compared by its checksum.
_NOT_COMPARED = (
    "out", "data_dir", "devices", "resume", "checkpoint_seconds", "strategy", "chunk",
    "convolution", "on_corrupt", "streaming",
)  # fmt: skip


def checkpoints(folder: pathlib.Path) -> pathlib.Path:
    """Where a run in ``folder`` has its checkpoints.

    Each is in a folder named by its epochs; by its seeds, if the run adds seeds.
    """
    return folder / _FOLDER


def lot(folder: pathlib.Path, first_seed: int) -> pathlib.Path:
    """The folder of the lot of seeds that begins with ``first_seed``, a run of its own."""
    return checkpoints(folder) / f"{_LOT}{first_seed}"


def look(folder: pathlib.Path) -> pathlib.Path:
    """The folder for the results of the last look of a run that adds seeds."""
    return checkpoints(folder) / "look"


def steps(folder: pathlib.Path) -> list[int]:
    """Epochs, or seeds, of the checkpoints that a run has, the newest first."""
    if not checkpoints(folder).is_dir():
        return []
    names = [path.name for path in checkpoints(folder).iterdir()]
    return sorted((int(name) for name in names if name.isdecimal()), reverse=True)


def exists(folder: pathlib.Path) -> bool:
    """Whether a folder holds a run that did not come to its end."""
    return bool(mark(folder)) and not (folder / "run.json").exists()


def begun(folder: pathlib.Path) -> bool:
    """Whether a run, or a lot of its seeds, has a checkpoint."""
    return any(steps(part) for part in (folder, *checkpoints(folder).glob(f"{_LOT}*")))


def newest(study: Study, runs: pathlib.Path) -> pathlib.Path:
    """The folder under ``runs`` in which ``study`` began last and did not come to its end.

    Folders with a checkpoint come first; those where a process is at work are left out.

    Raises:
        UserError: if there is none.
    """
    found = sorted(folder for folder in runs.glob("*") if exists(folder))
    same = [folder for folder in found if mark(folder).get("study") == compared(study)]
    free = [folder for folder in same if _is_free(folder)]
    if free:
        return max(free, key=lambda f: (begun(f), checkpoints(f).stat().st_mtime))
    if same:
        raise UserError(f"--resume: another process is at work in {same[-1]}; wait for its end")
    hint = f"; of other studies there are {', '.join(map(str, found))}" if found else ""
    raise UserError(f"--resume: {runs}/ holds no unfinished run of this study{hint}")


def words(folder: pathlib.Path) -> str:
    """How far an unfinished run is and what goes on with it, for people."""
    command = mark(folder).get("command") or f"jaxact compare --resume --out {folder}"
    return f"{saved(folder)} are saved, and this goes on: {command}"


def saved(folder: pathlib.Path) -> str:
    """How much of an unfinished run is saved, in words."""
    study, number = mark(folder).get("study", {}), max(steps(folder), default=0)
    epochs = study.get("epochs", "its")
    if study.get("max_seeds") is None:
        return f"{number} of {epochs} epochs"
    seeds = f"{number} of at most {study['max_seeds']} seeds"
    under_way = max(steps(lot(folder, study["first_seed"] + number)), default=0)
    return f"{seeds} and {under_way} of {epochs} epochs of the next" if under_way else seeds


def _is_foreign(folder: pathlib.Path) -> bool:
    """Whether ``checkpoint/`` is no run's: it has no mark, and more than what comes before that."""
    try:
        names = {path.name for path in checkpoints(folder).iterdir()}
    except OSError:  # None is there, or none that could be removed.
        return False
    return not (mark(folder) or names <= {_LOCK, f".{_MARK}.part"})


def refuse_foreign(folder: pathlib.Path) -> None:
    """Lets no run keep its state among the files of another program.

    Raises:
        UserError: if there are such where it would.
    """
    if _is_foreign(folder):
        raise UserError(
            f"--out {folder}: {checkpoints(folder)} is of another program, for it has no {_MARK} "
            "of a run; name another folder"
        )


def remove(folder: pathlib.Path) -> None:
    """Takes away the mark and the checkpoints of a run; nothing where they are no run's."""
    if _is_foreign(folder):
        return
    # The mark goes last: what a stop leaves without it is taken for another program's.
    for part in sorted(checkpoints(folder).glob("*"), key=lambda path: path.name == _MARK):
        shutil.rmtree(part, ignore_errors=True)
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    shutil.rmtree(checkpoints(folder), ignore_errors=True)


def remove_lots(folder: pathlib.Path) -> None:
    """Takes away the folders of lots, once a checkpoint holds what was measured in them."""
    for part in checkpoints(folder).glob(f"{_LOT}*"):
        remove(part)
        shutil.rmtree(part, ignore_errors=True)


def mark(folder: pathlib.Path) -> dict[str, Any]:
    """What :func:`write_mark` wrote; empty if nothing that it wrote can be read."""
    try:
        found = json.loads((checkpoints(folder) / _MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    ours = isinstance(found, dict) and isinstance(found.get("study"), dict)
    return found if ours else {}


def write_mark(folder: pathlib.Path, study: Study, command: str) -> None:
    """Writes the study of a run and the command that goes on with it."""
    text = json.dumps({"study": compared(study), "command": command}, indent=1)
    write_text(checkpoints(folder) / _MARK, text + "\n")


def compared(study: Study) -> dict[str, Any]:
    """What two runs must share for one to go on with the other's checkpoints, as JSON has it."""
    fields = dataclasses.asdict(study)
    for name in _NOT_COMPARED:
        del fields[name]
    return json.loads(json.dumps(fields))


def refuse_another(folder: pathlib.Path, study: Study) -> None:
    """Lets no run go on with the checkpoints of another study.

    Raises:
        UserError: if a run of another one left some; it names the fields with both values.
    """
    if not begun(folder):
        return
    theirs, ours = mark(folder)["study"], compared(study)
    differences = [
        f"--{name.replace('_', '-')} {_typed(theirs.get(name))}, not {_typed(ours.get(name))}"
        for name in {**ours, **theirs}
        if theirs.get(name) != ours.get(name)
    ]
    if differences:
        raise UserError(
            f"--out {folder} holds an unfinished run of another study: "
            f"{'; '.join(differences)}. Give those, or another folder"
        )


def refuse_other_data(name: str, theirs: str | None, ours: str) -> None:
    """Lets no run go on on other data.

    Args:
        name: of the set, for messages.
        theirs: checksum of the data with which the run began; None if it begins now.
        ours: of those with which it would go on.

    Raises:
        UserError: if they are not equal.
    """
    if theirs not in (None, ours):
        raise UserError(
            f"--dataset {name}: its pictures or labels are not those with which the unfinished run "
            "began; bring them back, or give another --out"
        )


def locked(folder: pathlib.Path) -> Any:
    """A file that keeps other processes out as long as it is open; None if one is at work."""
    file = (checkpoints(folder) / _LOCK).open("w")
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except (ImportError, OSError):
        pass  # Some systems and network drives have no locks: there, people must take care.
    return file


def _is_free(folder: pathlib.Path) -> bool:
    with contextlib.suppress(OSError):
        file = locked(folder)
        if file is None:
            return False
        file.close()
    return True


def _typed(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
