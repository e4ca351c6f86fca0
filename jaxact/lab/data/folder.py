"""A folder of class folders: which pictures it holds, in which splits and classes."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from jaxact.lab.data.layout import (
    ANNOTATIONS,
    class_folders,
    contents,
    elsewhere,
    holds_images,
    layout,
    pictures_below,
)
from jaxact.lab.data.pictures import EXTENSIONS
from jaxact.lab.data.reading import TEST_SHARE, mixed
from jaxact.lab.data.remarks import few
from jaxact.lab.errors import UserError


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
        divided: whether the test split is a share of the one folder there is.
        only_train: whether that folder is named as one to train on.
        notes: what is left out, and why.
    """

    root: pathlib.Path
    classes: tuple[str, ...]
    splits: dict[str, list[File]]
    divided: bool = False
    only_train: bool = False
    notes: tuple[str, ...] = ()

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

    It holds ``<class>/*.jpg``, or ``train/<class>/*.jpg`` and ``test``, ``val`` or both likewise
    (:func:`jaxact.lab.data.layout.layout` knows more names); pictures may lie in a folder
    ``images`` below that of their class. Those of a split without class folders have the classes
    that ``val_annotations.txt`` gives, as in Tiny ImageNet: name of the file, tab, class. Without
    folders for splits, a fifth of each class is for testing: which pictures, depends on their
    paths alone.

    Args:
        root: the folder.
        name: for messages; by default ``root``.

    Raises:
        UserError: if there are no class folders, one holds no pictures, a class of another
            split is not among those for training, or something cannot be read.
    """
    flag = f"--dataset {name or root}"
    folders, notes = layout(root, flag)
    search = _Search(root, flag, folders["train"])
    splits = {split: search.files(folder) for split, folder in folders.items()}
    divided = len(splits) == 1
    if divided:
        files = splits["train"]
        bound = round(TEST_SHARE * len(files))
        splits = {"train": files[bound:], "test": files[:bound]}
    only_train = divided and folders["train"] != root
    notes += tuple(search.notes())
    return Listing(root, tuple(search.labels), splits, divided, only_train, notes)


def shown(name: str) -> str:
    r"""The name of a file as text that any file can hold, where its bytes are no UTF-8.

    Example:
        >>> shown("caf\udce9")
        'caf\\xe9'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def named(names: Sequence[str]) -> str:
    """The first five names in order, for messages, and how many there are more."""
    return few([shown(name) for name in sorted(names)])


class _Search:
    """Looks for pictures, and counts the files that it passes over.

    Attributes:
        labels: those of the classes, by the names of their folders, sorted.
    """

    def __init__(self, root: pathlib.Path, flag: str, train: pathlib.Path) -> None:
        self._root = root
        self._flag = flag
        self._others = 0
        self._outside: list[str] = []
        names = [path.name for path in class_folders(train, flag)]
        if len(names) < 2:
            found = f"one, {names[0]}" if names else "none"
            raise UserError(
                f"{flag}: {train} should hold two or more class folders with pictures "
                f"(class/*.jpg), or folders train and test of such; there is {found}"
                + elsewhere(train, flag, train if train != root else None)
            )
        self.labels = {name: label for label, name in enumerate(names)}

    def files(self, folder: pathlib.Path) -> list[File]:
        """The pictures of a split, mixed."""
        classes = class_folders(folder, self._flag)
        found = self._in_classes(folder, classes) if classes else self._annotated(folder)
        found.sort(key=lambda file: hashlib.blake2b(os.fsencode(file.path)).digest())
        return [found[i] for i in mixed(np.array([file.label for file in found], int))]

    def notes(self) -> list[str]:
        """What was passed over."""
        notes = []
        if self._others:
            notes.append(f"{self._others} files that are hidden or no pictures are passed over")
        if self._outside:
            notes.append(
                f"{len(self._outside)} pictures are passed over, for only those in class/ and "
                f"class/images/ are read; the first of them is {shown(self._outside[0])}"
            )
        return notes

    def _in_classes(self, folder: pathlib.Path, classes: list[pathlib.Path]) -> list[File]:
        beside = contents(folder, self._flag)
        self._others += beside.others
        self._pass_over(path for path, _ in beside.pictures)
        found: list[File] = []
        empty, unknown = [], []
        for path in classes:
            before = len(found)
            found += self._pictures(path, self.labels.get(path.name, -1))
            if len(found) == before:
                empty.append(path)
            elif path.name not in self.labels:
                unknown.append(path.name)
        if unknown:
            raise UserError(
                f"{self._flag}: {folder} has classes that train has not: {named(unknown)}"
            )
        if empty:
            raise self._without_pictures(folder, empty, len(empty) == len(classes))
        return found

    def _without_pictures(
        self, folder: pathlib.Path, empty: list[pathlib.Path], all_are: bool
    ) -> UserError:
        deeper = next((p for path in empty for p in pictures_below(path, self._flag)), None)
        return UserError(
            f"{self._flag}: class folders without pictures in {folder}: "
            f"{named([path.name for path in empty])}; "
            + (
                f"pictures end in {', '.join(sorted(EXTENSIONS))}"
                if deeper is None
                else f"{deeper} lies too deep: only those in class/ and class/images/ are read"
            )
            + (elsewhere(folder, self._flag) if all_are else "")
        )

    def _annotated(self, folder: pathlib.Path) -> list[File]:
        """The pictures of a split whose classes are in a file."""
        table = _classes_of(folder / ANNOTATIONS, self._flag)
        found = list(self._pictures(folder, -1))
        self._others -= 1  # That file.
        names = [file.path.rpartition("/")[2] for file in found]
        for wrong, problem in (
            (set(names) - set(table), "does not name all pictures beside it"),
            (set(table) - set(names), "names pictures that are not beside it or in images/"),
            (set(table.values()) - set(self.labels), "names classes that train has not"),
        ):
            if wrong:
                raise UserError(
                    f"{self._flag}: {folder / ANNOTATIONS} {problem}: {named(sorted(wrong))}"
                )
        if not found:
            raise UserError(f"{self._flag}: {folder} holds no pictures")
        return [
            file._replace(label=self.labels[table[name]])
            for file, name in zip(found, names, strict=True)
        ]

    def _pictures(self, folder: pathlib.Path, label: int, deeper: bool = True) -> Iterator[File]:
        found = contents(folder, self._flag)
        self._others += found.others
        for path, status in found.pictures:
            name = path.relative_to(self._root).as_posix()
            yield File(name, label, status.st_size, status.st_mtime_ns)
        for path in found.folders:
            if deeper and holds_images(path):
                yield from self._pictures(path, label, deeper=False)
            else:
                self._pass_over(pictures_below(path, self._flag))

    def _pass_over(self, paths: Iterator[pathlib.Path]) -> None:
        self._outside += [path.relative_to(self._root).as_posix() for path in paths]


def _classes_of(path: pathlib.Path, flag: str) -> dict[str, str]:
    """Names of classes by names of pictures, from the first two columns of a file."""
    table: dict[str, str] = {}
    try:
        lines = path.read_text("utf-8", "surrogateescape").split("\n")
    except OSError as error:
        raise UserError(f"{flag}: {path} cannot be read: {error.strerror or error}") from None
    for number, line in enumerate(lines, 1):
        name, *more = line.split("\t")
        if line.strip() and (not more or table.setdefault(name, more[0]) != more[0]):
            raise UserError(
                f"{flag}: line {number} of {path} should be the name of a picture, a tab and its "
                f"one class, not {line[:80]!r}"
            )
    return table
