"""How a folder of pictures is laid out: which of the folders in it are splits, and which of use."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import re
import stat
from collections.abc import Iterator
from typing import NamedTuple

from jaxact.lab.data.idx import holds_idx
from jaxact.lab.data.pictures import EXTENSIONS
from jaxact.lab.data.remarks import few
from jaxact.lab.errors import UserError

ANNOTATIONS = "val_annotations.txt"
_SPLITS = {
    "train": ("train", "training"),
    "validation": ("val", "valid", "validation", "dev", "eval", "evaluation"),
    "test": ("test", "testing"),
}
_KNOWN = "; ".join(", ".join(names) for names in _SPLITS.values())


class Layout(NamedTuple):
    """The folders to read.

    Attributes:
        folders: by split, the folder that holds its pictures; that of train alone is the whole
            folder where it has none for splits.
        notes: what is left out, and why.
    """

    folders: dict[str, pathlib.Path]
    notes: tuple[str, ...] = ()


class Contents(NamedTuple):
    """What lies in a folder.

    Attributes:
        folders: those in it, without hidden ones, sorted.
        pictures: files that end as pictures do, with their status, sorted.
        others: number of files that are hidden or no pictures.
    """

    folders: list[pathlib.Path]
    pictures: list[tuple[pathlib.Path, os.stat_result]]
    others: int


def layout(root: pathlib.Path, flag: str) -> Layout:
    """Finds the folders of splits by their usual names, in capitals or not.

    A split without class folders, and without a list of classes (:data:`ANNOTATIONS`), has no
    labels and is left out.

    Args:
        root: the folder.
        flag: how messages name it.

    Raises:
        UserError: if there are folders for splits, but none to train on, two for one, or others
            with pictures beside them; or if all folders are named after splits in other ways.
    """
    below = contents(root, flag).folders
    splits = [path for path in below if _split_of(path.name)]
    others = [path for path in below if not _split_of(path.name)]
    train = [path for path in splits if _split_of(path.name) == "train"]
    if not any(class_folders(path, flag) for path in train):
        _refuse_splits_without_train(splits, train, others, flag)
        _refuse_names_like_splits(below, flag)
        return Layout({"train": root})
    folders: dict[str, pathlib.Path] = {}
    for path in splits:
        first = folders.setdefault(_split_of(path.name), path)
        if first is not path:
            raise UserError(f"{flag} holds both {first.name} and {path.name}; keep one of them")
    notes = _beside(others, flag)
    for split, path in [*folders.items()]:
        if not class_folders(path, flag) and not (path / ANNOTATIONS).is_file():
            why = "has pictures but no class folders, so no labels"
            notes.append(f"{path} {why if _pictured(path, flag) else 'holds no pictures'}; unused")
            del folders[split]
    return Layout({s: folders[s] for s in _SPLITS if s in folders}, tuple(notes))


def contents(folder: pathlib.Path, flag: str) -> Contents:
    """What lies in a folder.

    Args:
        folder: to look into.
        flag: how messages name the set.

    Raises:
        UserError: if it, or what is in it, cannot be read, as through a broken link.
    """
    found = Contents([], [], 0)
    others = 0
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise UserError(f"{flag}: {folder} cannot be read: {error.strerror or error}") from None
    for name in names:
        path = folder / name
        if name.startswith(".") or name == "__MACOSX":
            others += not os.path.isdir(path)
            continue
        status = _status(path, flag)
        if stat.S_ISDIR(status.st_mode):
            found.folders.append(path)
        elif path.suffix.lower() in EXTENSIONS:
            found.pictures.append((path, status))
        else:
            others += 1
    return found._replace(others=others)


def class_folders(folder: pathlib.Path, flag: str) -> list[pathlib.Path]:
    """The class folders in a folder; none, if there is but one for all pictures, ``images``."""
    found = contents(folder, flag).folders
    return [] if all(map(holds_images, found)) else found


def holds_images(folder: pathlib.Path) -> bool:
    """Whether a folder, by its name, is there for pictures, not for a class."""
    return folder.name.lower() == "images"


def pictures_below(
    folder: pathlib.Path, flag: str, above: tuple[pathlib.Path, ...] = ()
) -> Iterator[pathlib.Path]:
    """The pictures in a folder and in all folders below it, but not again where a link leads up."""
    here = folder.resolve()
    if here in above:
        return
    found = contents(folder, flag)
    yield from (path for path, _ in found.pictures)
    for path in found.folders:
        yield from pictures_below(path, flag, (*above, here))


def elsewhere(folder: pathlib.Path, flag: str, split: pathlib.Path | None = None) -> str:
    """A further line for an error: what below a folder could be given in its stead, if anything.

    Args:
        folder: where class folders or IDX files should be, but are not.
        flag: how messages name the set.
        split: the folder of a split, to which class folders should be moved.
    """
    found: list[pathlib.Path] = []
    with contextlib.suppress(UserError):  # What cannot be read there is not what is asked for.
        found = _sets_below(folder, flag)
    if not found:
        return ""
    if holds_idx(found[0]):
        what = "IDX files"
    else:
        what = "class folders" if _has_classes(found[0], flag) else "folders for splits"
    hold, give = ("holds", "that") if len(found) == 1 else ("hold", "one of them")
    right = f"give {give}" if split is None else f"move them into {split}"
    return f".\n{few([str(path) for path in found])} {hold} {what}: {right}."


def _sets_below(folder: pathlib.Path, flag: str, levels: int = 3) -> list[pathlib.Path]:
    """Folders with class folders, splits of such, or IDX files; of nested ones the outermost."""
    found = []
    for path in contents(folder, flag).folders:
        below = contents(path, flag).folders
        train = [p for p in below if _split_of(p.name) == "train"]
        if holds_idx(path) or any(_has_classes(p, flag) for p in [path, *train]):
            found.append(path)
        elif levels > 1:
            found += _sets_below(path, flag, levels - 1)
    return found


def _has_classes(folder: pathlib.Path, flag: str) -> bool:
    """Whether two or more folders have pictures in them, or in their ``images``."""
    filled = (path for path in class_folders(folder, flag) if _is_filled(path, flag))
    return len([*itertools.islice(filled, 2)]) == 2


def _is_filled(folder: pathlib.Path, flag: str) -> bool:
    """Whether pictures lie in a class folder, as they should."""
    found = contents(folder, flag)
    return bool(found.pictures) or any(
        contents(path, flag).pictures for path in found.folders if holds_images(path)
    )


def _split_of(name: str) -> str:
    """The split that a folder's name stands for; empty if none."""
    name = re.sub("[ _-]?set$", "", name.lower())
    return next((split for split, names in _SPLITS.items() if name in names), "")


def _refuse_splits_without_train(
    splits: list[pathlib.Path],
    train: list[pathlib.Path],
    others: list[pathlib.Path],
    flag: str,
) -> None:
    """Classes may be named as splits are, but not where they can only be splits."""
    if not splits:
        return
    if not train and (not others or any(class_folders(path, flag) for path in splits)):
        found = ", ".join(path.name for path in splits)
        raise UserError(f"{flag} holds {found} but no folder named {' or '.join(_SPLITS['train'])}")
    if train and (not others or len(splits) > 1):
        raise UserError(
            f"{flag}: {train[0]} holds no class folders, so its pictures have no labels; "
            "it should hold class/*.jpg" + elsewhere(train[0], flag, train[0])
        )


def _refuse_names_like_splits(folders: list[pathlib.Path], flag: str) -> None:
    """Folders are no classes if every name has a word for a split, but not all that for train."""
    told = {path: _split_in(path.name) for path in folders}
    if len(told) < 2 or not all(told.values()) or set(told.values()) == {"train"}:
        return
    found = ", ".join(path.name for path in folders)
    train = [path for path, split in told.items() if split == "train"]
    if any(len(class_folders(path, flag)) > 1 for path in train):
        right = f"rename them to {' and '.join(dict.fromkeys(told.values()))}"
    elif deeper := [(path, p) for path in folders for p in _sets_below(path, flag)]:
        moves = [f"{p} to {path.parent / told[path]}" for path, p in deeper]
        right = f"class folders lie deeper: move {few(moves)}"
    else:
        right = (
            "its pictures have no labels: it should hold train/class/*.jpg; if they are classes, "
            "rename them"
        )
    raise UserError(f"{flag} holds {found}: splits by their names, not classes; {right}")


def _split_in(name: str) -> str:
    """The first split that a word of a name stands for, as in ``test1`` or ``train_images``."""
    words = re.findall("[A-Z]?[a-z]+|[A-Z]+", name)
    return next(filter(None, map(_split_of, words)), "")


def _beside(others: list[pathlib.Path], flag: str) -> list[str]:
    """Notes on folders beside those for splits, which may hold no pictures."""
    pictured = [path.name for path in others if _pictured(path, flag)]
    if pictured:
        raise UserError(
            f"{flag} has pictures in folders beside train that are no splits by name: "
            f"{', '.join(pictured)}.\nKnown are {_KNOWN}, in capitals or not, and each with set "
            "after it: rename them, or move them elsewhere."
        )
    return [f"{path} holds no pictures; unused" for path in others]


def _pictured(folder: pathlib.Path, flag: str) -> bool:
    return next(pictures_below(folder, flag), None) is not None


def _status(path: pathlib.Path, flag: str) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        broken = isinstance(error, FileNotFoundError) and path.is_symlink()
        why = "is a broken link" if broken else f"cannot be read: {error.strerror or error}"
        raise UserError(f"{flag}: {path} {why}; mend or remove it") from None
