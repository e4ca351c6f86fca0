"""What is said about a data set as a whole: its sizes, its colours, its classes."""

from __future__ import annotations

import collections
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from jaxact.lab.data.pictures import EXTENSIONS
from jaxact.lab.errors import UserError

_MOST = 5
_COLOURS = {1: "grey (1 channel)", 3: "in colour (3 channels)", 4: "RGBA (4 channels)"}
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")


def few(names: Sequence[str]) -> str:
    """The first five names, and how many there are more.

    Example:
        >>> few("abcdefg")
        'a, b, c, d, e and 2 more'
    """
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" * (len(names) > _MOST))


def only_train(name: str, held_out: int, number: int) -> str:
    """The note for a set that has no split to test on.

    Args:
        name: of the set.
        held_out: pictures that are for testing.
        number: of pictures that the set has.
    """
    return (
        f"--dataset {name} has only a train split: {held_out} of its {number} pictures are for "
        "testing"
    )


def absent(
    name: str, classes: Sequence[str], trained: np.ndarray, tested: np.ndarray
) -> tuple[str, ...]:
    """Notes on the classes that have no picture to train on, and others that are never tested.

    Args:
        name: of the set.
        classes: their names, by label.
        trained: labels of the pictures to train on, int, shape (N,).
        tested: likewise, to test on.

    Example:
        >>> absent("pets", ("cat", "dog"), np.array([0, 1]), np.array([1]))
        ('--dataset pets: no test picture is of the class cat',)
    """
    untrained = np.setdiff1d(np.arange(len(classes)), trained)
    untested = np.setdiff1d(trained, tested)
    notes = []
    for purpose, labels, more in (
        ("training", untrained, ", though the network has outputs for all classes"),
        ("test", untested, ""),
    ):
        if len(labels):
            found = few([classes[label] for label in map(int, labels)])
            of = "class" if len(labels) == 1 else "classes"
            notes.append(f"--dataset {name}: no {purpose} picture is of the {of} {found}{more}")
    return tuple(notes)


def several_sizes(name: str, sizes: collections.Counter[tuple[int, ...]]) -> UserError:
    """The error for pictures of several sizes, or else numbers of channels.

    Args:
        name: of the set.
        sizes: number of pictures by height and width, and perhaps channels.
    """
    if len({size[:2] for size in sizes}) == 1:
        return several_colours(
            name, {size[2]: f"{number} pictures" for size, number in sizes.items()}
        )
    ordered = sorted(sizes, key=lambda s: (s[0] * s[1], s))
    counts = np.cumsum([sizes[s] for s in ordered])
    median = ordered[int(np.searchsorted(counts, (counts[-1] + 1) // 2))]
    least, most, middle = ("x".join(map(str, s[:2])) for s in (ordered[0], ordered[-1], median))
    number = len({size[:2] for size in sizes})
    return UserError(
        f"--dataset {name}: its pictures are of {number} sizes (height x width): the smallest "
        f"{least}, the largest {most}, the median {middle}.\nGive --image-size N: it resizes "
        f"the shorter side to N and crops the centre, such as --image-size {min(median[:2])}."
    )


def several_colours(name: str, which: Mapping[int, str]) -> UserError:
    """The error for pictures with several numbers of channels.

    Args:
        name: of the set.
        which: by number of channels, what pictures have it.
    """
    found = " and ".join(
        f"{pictures} are {_COLOURS.get(channels, f'of {channels} channels')}"
        for channels, pictures in sorted(which.items())
    )
    return UserError(
        f"--dataset {name}: {found}; all should be grey (one channel), or all in colour (three)"
    )


def no_set(name: str, path: pathlib.Path) -> UserError:
    """The error for a file that is no data set; by its name, how to come from it to one."""
    end = path.suffix.lower()
    if end == ".npy":
        right = "holds one array; save pictures and labels together with np.savez"
    elif end in EXTENSIONS:
        right = "is one picture; give the folder that holds the class folders"
    elif "ubyte" in path.name:
        right = f"is one of several IDX files; give their folder, {path.parent}"
    elif end in _ARCHIVES:
        right = "is a file, but no .npz; unpack an archive and name its folder"
    else:
        right = (
            "is a file, but no .npz; give an NPZ file, or a folder of class folders or IDX files"
        )
    return UserError(f"--dataset {name} {right}")
