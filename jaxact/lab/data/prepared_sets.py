"""Folders that TensorFlow Datasets prepared: such a set goes by its name, not by its path."""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import shlex
from collections.abc import Iterator

from jaxact.lab.data.remarks import few
from jaxact.lab.errors import UserError

_MOST = 100
"""Folders looked into; one of pictures may have a million files."""

_INFO = "dataset_info.json"
_OWN = "class_folders/"


def is_name(name: str, path: pathlib.Path) -> bool:
    """Whether a path that exists is the name of the set that is prepared there.

    Raises:
        UserError: if the sets that are prepared there have other names.
    """
    infos = [info for folder in _folders(path, 2) if (info := folder / _INFO).is_file()]
    found = [(*prepared, info) for info in infos if (prepared := _prepared(info)) is not None]
    sets = [(known, root, info) for known, root, info in found if not known.startswith(_OWN)]
    if any(name in (known, known.partition("/")[0]) for known, _, _ in sets):
        return True
    if sets:
        _, root, info = sets[0]
        version = f":{info.parent.name}" if info.parent == path else ""
        known = [f"{known}{version}" for known in dict.fromkeys(known for known, _, _ in sets)]
        names = known[0] if len(known) == 1 else f"one of {few(known)}, and"
        shown = root if path.is_absolute() else os.path.relpath(root)
        raise UserError(
            f"--dataset {name} was prepared by TensorFlow Datasets; give --dataset {names} "
            f"--data-dir {shlex.quote(str(shown))}"
        )
    if found:
        raise UserError(
            f"--dataset {name} was prepared from a folder of pictures; give that folder"
        )
    return False


def _folders(path: pathlib.Path, levels: int) -> Iterator[pathlib.Path]:
    """A folder and those below it, down to some levels; nothing if it is a file."""
    if not path.is_dir():
        return
    yield path
    if levels:
        with os.scandir(path) as entries:
            below = sorted(e.name for e in itertools.islice(entries, _MOST) if e.is_dir())
        for name in below:
            yield from _folders(path / name, levels - 1)


def _prepared(info: pathlib.Path) -> tuple[str, pathlib.Path] | None:
    """Name and ``--data-dir`` of a set of TensorFlow Datasets; None if the file is of no such set.

    It lies in ``<set>/<version>/`` or ``<set>/<configuration>/<version>/`` below that folder.
    """
    try:
        name = json.loads(info.read_text("utf-8")).get("name")
    except (OSError, ValueError, AttributeError):
        return None
    inner = pathlib.Path(os.path.abspath(info)).parents[1]
    for folder in (inner, inner.parent):
        if folder.name == name:
            return inner.relative_to(folder.parent).as_posix(), folder.parent
    return None
