"""A folder of class folders: which pictures it holds, in which splits and classes."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from jaxact.lab.data.pictures import EXTENSIONS
from jaxact.lab.data.reading import TEST_SHARE, mixed
from jaxact.lab.errors import UserError

_SPLITS = {
    "train": "train",
    "test": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}


class File(NamedTuple):
    """A picture: its path below the folder, with ``/``, its label, bytes, and time of change."""

    path: str
    label: int
    size: int
    mtime_ns: int


@dataclasses.dataclass(frozen=True)
class Listing:
    """What a folder holds.

    Attributes:
        root: the folder.
        classes: names of the class folders, sorted.
        splits: pictures of train, and of validation or test or both, in the order of
            :func:`jaxact.lab.data.reading.mixed`.
        passed_over: number of files that are hidden or no pictures.
    """

    root: pathlib.Path
    classes: tuple[str, ...]
    splits: dict[str, list[File]]
    passed_over: int

    def fingerprint(self, *more: object) -> str:
        """32 hexadecimal digits that change with paths, bytes and times of the pictures.

        Args:
            more: what else it shall depend on, by ``repr``.
        """
        digest = hashlib.blake2b(repr((self.classes, *more)).encode(), digest_size=16)
        for split, files in self.splits.items():
            for file in files:
                digest.update(repr((split, *file)).encode())
        return digest.hexdigest()


def listing(root: pathlib.Path, name: str | None = None) -> Listing:
    """Looks through a folder of class folders.

    It holds ``<class>/*.jpg``, or ``train/<class>/*.jpg`` and ``test``, ``val`` or both likewise;
    pictures may lie in a folder ``images`` below that of their class. Without folders for splits,
    a fifth of each class is for testing: which pictures, depends on their paths alone.

    Args:
        root: the folder.
        name: for messages; by default ``root``.

    Raises:
        UserError: if there are no class folders, one holds no pictures, or a class of another
            split is not among those for training.
    """
    flag = f"--dataset {name or root}"
    folders = _split_folders(root, flag)
    search = _Search(flag)
    classes = search.classes(folders["train"])
    splits = {split: search.files(root, folder, classes) for split, folder in folders.items()}
    if len(splits) == 1:
        files = splits["train"]
        bound = round(TEST_SHARE * len(files))
        splits = {"train": files[bound:], "test": files[:bound]}
    return Listing(root, classes, splits, search.passed_over)


def _split_folders(root: pathlib.Path, flag: str) -> dict[str, pathlib.Path]:
    """The folder of each split; that of train alone is ``root`` where there are none."""
    below = [p for p in _entries(root, flag) if p.is_dir() and not _hidden(p)]
    named = [p for p in below if p.name.lower() in _SPLITS]
    if not any(p.name.lower() == "train" for p in named):
        if named and len(named) == len(below):
            found = ", ".join(sorted(p.name for p in named))
            raise UserError(f"{flag} holds {found} but no folder named train")
        return {"train": root}
    folders: dict[str, pathlib.Path] = {}
    for path in named:
        split = _SPLITS[path.name.lower()]
        if split in folders:
            raise UserError(
                f"{flag} holds both {folders[split].name} and {path.name}; keep one of them"
            )
        folders[split] = path
    return {s: folders[s] for s in ("train", "validation", "test") if s in folders}


class _Search:
    """Looks for pictures, and counts the files that it passes over."""

    def __init__(self, flag: str) -> None:
        self.passed_over = 0
        self._flag = flag

    def classes(self, folder: pathlib.Path) -> tuple[str, ...]:
        """The names of the class folders in a folder, sorted."""
        names = sorted(p.name for p in self._class_folders(folder))
        if len(names) < 2:
            found = f"one, {names[0]}" if names else "none"
            raise UserError(
                f"{self._flag}: {folder} should hold two or more class folders with pictures "
                f"(class/*.jpg), or folders train and test of such; there is {found}"
            )
        return tuple(names)

    def files(
        self, root: pathlib.Path, folder: pathlib.Path, classes: tuple[str, ...]
    ) -> list[File]:
        """The pictures of a split, mixed."""
        labels = {name: label for label, name in enumerate(classes)}
        found: list[File] = []
        empty, unknown = [], []
        for path in self._class_folders(folder, count=True):
            before = len(found)
            found += self._pictures(root, path, labels.get(path.name, -1))
            if len(found) == before:
                empty.append(path.name)
            elif path.name not in labels:
                unknown.append(path.name)
        if unknown:
            raise UserError(
                f"{self._flag}: {folder} has classes that train has not: {_named(unknown)}"
            )
        if empty:
            raise UserError(
                f"{self._flag}: class folders without pictures in {folder}: {_named(empty)}; "
                f"pictures end in {', '.join(sorted(EXTENSIONS))}"
            )
        found.sort(key=lambda file: hashlib.blake2b(os.fsencode(file.path)).digest())
        return [found[i] for i in mixed(np.array([file.label for file in found], int))]

    def _class_folders(self, folder: pathlib.Path, count: bool = False) -> Iterator[pathlib.Path]:
        for path in _entries(folder, self._flag):
            if path.is_dir() and not _hidden(path):
                yield path
            elif count and not path.is_dir():
                self.passed_over += 1

    def _pictures(
        self, root: pathlib.Path, folder: pathlib.Path, label: int, deeper: bool = True
    ) -> Iterator[File]:
        for path in _entries(folder, self._flag):
            if path.is_dir():
                if deeper and path.name.lower() == "images":
                    yield from self._pictures(root, path, label, deeper=False)
            elif _hidden(path) or path.suffix.lower() not in EXTENSIONS:
                self.passed_over += 1
            else:
                status = path.stat()
                name = path.relative_to(root).as_posix()
                yield File(name, label, status.st_size, status.st_mtime_ns)


def _entries(folder: pathlib.Path, flag: str) -> list[pathlib.Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise UserError(f"{flag}: {folder} cannot be read: {error.strerror or error}") from None


def _hidden(path: pathlib.Path) -> bool:
    return path.name.startswith(".") or path.name == "__MACOSX"


def _named(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(sorted(names)[:5]) + more
