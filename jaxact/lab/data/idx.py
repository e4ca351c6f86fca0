"""IDX files, as MNIST publishes them (http://yann.lecun.com/exdb/mnist, "FILE FORMATS")."""

from __future__ import annotations

import gzip
import pathlib
import zlib

import numpy as np

from jaxact.lab.data.arrays import checked_part, source_of
from jaxact.lab.data.reading import Source
from jaxact.lab.errors import UserError, first_line

_STEMS = {"train": "train", "test": "t10k"}
_KINDS = {"images": 3, "labels": 1}
_UBYTE = 0x08


def holds_idx(folder: pathlib.Path) -> bool:
    """Whether a folder holds one of the files."""
    return any(_find(folder, s, k) is not None for s in _STEMS.values() for k in _KINDS)


def read_idx(folder: pathlib.Path) -> Source:
    """Reads ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte`` and both of ``t10k``.

    They may end in ``.gz``, have a dot in place of the second dash, and lie each in a folder of its
    own name, as unpacked archives do. Where there is neither of ``t10k``, a fifth of each class is
    for testing.

    Raises:
        UserError: if one is missing, truncated or of another kind, or pictures and labels differ
            in number.
    """
    parts = {}
    for split, stem in _STEMS.items():
        if split == "test" and all(_find(folder, stem, kind) is None for kind in _KINDS):
            continue
        arrays = [_read(_found(folder, stem, kind), axes) for kind, axes in _KINDS.items()]
        parts[split] = checked_part(f"--dataset {folder}, {stem}", *arrays)
    return source_of(str(folder), parts)


def _find(folder: pathlib.Path, stem: str, kind: str) -> pathlib.Path | None:
    for mark in "-.":
        for end in ("", ".gz"):
            path = folder / f"{stem}-{kind}{mark}idx{_KINDS[kind]}-ubyte{end}"
            for found in (path, path / path.name):
                if found.is_file():
                    return found
    return None


def _found(folder: pathlib.Path, stem: str, kind: str) -> pathlib.Path:
    path = _find(folder, stem, kind)
    if path is None:
        raise UserError(
            f"--dataset {folder} has IDX files but not {stem}-{kind}-idx{_KINDS[kind]}-ubyte(.gz)"
        )
    return path


def _read(path: pathlib.Path, axes: int) -> np.ndarray:
    """The bytes in a file, in an array of so many axes.

    Two zeros, the type, the number of axes, then the length of each in four bytes, big end first.
    """
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"--dataset: {path} cannot be read: {first_line(error)}") from None
    expected = bytes([0, 0, _UBYTE, axes])
    if raw[:4] != expected:
        raise UserError(
            f"--dataset: {path} is no IDX file of bytes with {axes} axes: it begins with "
            f"{raw[:4].hex() or 'nothing'}, not {expected.hex()}"
        )
    start = 4 + 4 * axes
    shape = np.frombuffer(raw[4:start], ">u4") if len(raw) >= start else np.array([], int)
    needed = start + int(np.prod(shape.astype(object)))
    if len(shape) != axes or len(raw) != needed:
        raise UserError(
            f"--dataset: {path} is damaged: it has {len(raw)} bytes (unpacked), and its head asks "
            f"for {needed}"
        )
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)
