"""Pictures in arrays: NPZ files with the keys that published sets have."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np

from jaxact.lab.data.reading import TEST_SHARE, ArrayPart, Source, mixed, scattered
from jaxact.lab.data.remarks import few, several_colours
from jaxact.lab.errors import UserError, first_line

_KEYS = (
    {
        "train": ("x_train", "y_train"),
        "validation": ("x_val", "y_val"),
        "test": ("x_test", "y_test"),
    },
    {
        "train": ("train_images", "train_labels"),
        "validation": ("val_images", "val_labels"),
        "test": ("test_images", "test_labels"),
    },
    {"all": ("images", "labels")},
    {"all": ("x", "y")},
)
_PIECE = 4096
_HEAD_OF_NPY = b"\x93N"
_HEAD_OF_ZIP = b"PK"


def read_npz(path: pathlib.Path) -> Source:
    """Reads an NPZ file of pictures and labels.

    The keys are ``x_train``, ``y_train``, ``x_test``, ``y_test`` (Keras; also ``x_val``,
    ``y_val``), ``train_images``, ``train_labels``, ... (MedMNIST), or ``images`` and ``labels``,
    or ``x`` and ``y``; of those and of train alone a fifth of each class is for testing.
    ``classes``, if it is there, names the classes. Nothing pickled is read.

    Args:
        path: of the file. Pictures are uint8, or floats in [0, 1], of shape (N, H, W) or
            (N, H, W, C); labels are whole numbers from 0 on, or booleans, of shape (N,) or (N, 1).

    Raises:
        UserError: if something in the file is not like that.
    """
    try:
        # NumPy leaves a damaged file open if it opened it.
        with path.open("rb") as opened:
            head = opened.read(2)
            opened.seek(0)
            if head == _HEAD_OF_NPY:
                raise UserError(
                    f"--dataset {path} holds one array; save pictures and labels together with "
                    "np.savez"
                )
            if head != _HEAD_OF_ZIP:
                raise UserError(f"--dataset {path} is no NPZ file; np.savez writes such")
            file: Any = np.load(opened, allow_pickle=False)
            parts = {split: _part(path, file, keys) for split, keys in _present(path, file).items()}
            names = _names(file)
    except (UserError, MemoryError):
        raise
    except Exception as error:  # Damaged files fail in many ways.
        raise UserError(f"--dataset {path} is no whole NPZ file: {first_line(error)}") from None
    return source_of(str(path), parts, names)


def source_of(name: str, parts: dict[str, ArrayPart], names: tuple[str, ...] = ()) -> Source:
    """A source from arrays.

    Args:
        name: of the set, for messages.
        parts: by split: train, validation, test; or ``all`` or train alone, of which a fifth of
            each class is for testing.
        names: of the classes, if they are known.

    Raises:
        UserError: if labels are out of range, or splits differ in channels.
    """
    colours: dict[int, list[str]] = {}
    for split, part in parts.items():
        colours.setdefault(part.images.shape[-1], []).append(split)
    if len(colours) > 1:
        raise several_colours(
            name, {c: f"the pictures of {' and '.join(s)}" for c, s in colours.items()}
        )
    only_train = [*parts] == ["train"]
    together = only_train or "all" in parts
    if together:
        (whole,) = parts.values()
        _check_labels(name, {"train": whole}, names)
        order = scattered(len(whole))
        order = order[mixed(whole.labels[order])]
        test, train = np.split(order, [round(TEST_SHARE * len(order))])
        parts = {"train": _take(whole, train), "test": _take(whole, test)}
        highest = int(whole.labels.max())
    else:
        highest = _check_labels(name, parts, names)
    classes = names or tuple(str(label) for label in range(highest + 1))
    return Source(parts={**parts}, classes=classes, mixed=together, only_train=only_train)


def checked_part(where: str, images: np.ndarray, labels: np.ndarray) -> ArrayPart:
    """Images as uint8 (N, H, W, C) with labels as int32 (N,).

    Args:
        where: what holds them, for messages.
        images: see :func:`read_npz`.
        labels: see :func:`read_npz`.

    Raises:
        UserError: if they have other types or shapes, or differ in number.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 1 and _are_whole(labels):
        labels = labels.astype(np.int64)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        rows = labels.ndim == 2 and len(labels) == len(images)
        raise UserError(
            f"{where}: labels are {labels.dtype} of shape {labels.shape}; they should be integers "
            f"of shape (N,) or (N, 1){'; if they are one-hot, save argmax(1)' if rows else ''}"
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3, 4) or 0 in images.shape[1:]:
        raise UserError(
            f"{where}: pictures have shape {images.shape}; it should be (N, H, W) or (N, H, W, C) "
            "with 1, 3 or 4 channels last"
        )
    if len(images) != len(labels):
        raise UserError(f"{where}: {len(images)} pictures but {len(labels)} labels")
    if len(labels) and not 0 <= labels.min() <= labels.max() < 2**31:
        raise UserError(
            f"{where}: labels from {labels.min()} to {labels.max()}; they should count from 0 on"
        )
    return ArrayPart(_bytes(where, images), labels.astype(np.int32))


def _are_whole(labels: np.ndarray) -> bool:
    """Whether labels are booleans, or floats that an int32 can be."""
    if labels.dtype.kind != "f":
        return labels.dtype == bool
    wide = labels.astype(np.float64)  # float16 does not reach that bound.
    return bool(((wide == np.rint(wide)) & (abs(wide) < 2**31)).all())


def _present(path: pathlib.Path, file: Any) -> dict[str, tuple[str, str]]:
    """The pairs of keys in a file, by split."""
    for keys in _KEYS:
        first = next(iter(keys.values()))
        found = {s: pair for s, pair in keys.items() if set(pair) & set(file.files)}
        if not set(first) & set(file.files):
            continue
        missing = [k for pair in found.values() for k in pair if k not in file.files]
        if missing:
            raise UserError(
                f"--dataset {path} lacks {', '.join(missing)}; it has {few(file.files)}"
            )
        return found
    holds = f"the keys {few(file.files)}" if file.files else "no arrays"
    raise UserError(
        f"--dataset {path} has {holds}; it needs x_train, y_train, x_test and y_test, "
        "or train_images, train_labels, test_images and test_labels, or images and labels"
    )


def _part(path: pathlib.Path, file: Any, keys: tuple[str, str]) -> ArrayPart:
    arrays = []
    for key in keys:
        try:
            arrays.append(file[key])
        except ValueError as error:
            if "Object arrays" not in str(error):
                raise
            raise UserError(
                f"--dataset {path}: {key} holds objects; save numbers (pictures as uint8)"
            ) from None
    return checked_part(f"--dataset {path}, {keys[0]} and {keys[1]}", *arrays)


def _names(file: Any) -> tuple[str, ...]:
    if "classes" not in file.files:
        return ()
    names = file["classes"]
    if names.ndim != 1 or names.dtype.kind not in "SU":
        return ()
    return tuple(map(str, np.char.decode(names) if names.dtype.kind == "S" else names))


def _check_labels(name: str, parts: dict[str, ArrayPart], names: tuple[str, ...]) -> int:
    """The highest label, if labels count from 0 and those to test on are trained on."""
    trained = np.unique(parts["train"].labels) if "train" in parts else np.array([], int)
    if not len(trained) or trained[0] != 0:
        lowest = f"their least label is {trained[0]}" if len(trained) else "there are none"
        raise UserError(f"--dataset {name}: training labels should count from 0 on; {lowest}")
    highest = int(trained[-1])
    limit = len(names) or len(parts["train"])
    if highest >= limit:
        of = f"{limit} {'class names' if names else 'training pictures'}"
        raise UserError(f"--dataset {name}: label {highest} is out of range for {of}")
    for split, part in parts.items():
        strange = np.setdiff1d(part.labels, trained)
        if len(strange):
            raise UserError(
                f"--dataset {name}: {split} has labels that train has not: "
                f"{', '.join(map(str, strange[:5].tolist()))}"
            )
    return highest


def _take(part: ArrayPart, indices: np.ndarray) -> ArrayPart:
    return ArrayPart(part.images[indices], part.labels[indices])


def _bytes(where: str, images: np.ndarray) -> np.ndarray:
    """Bytes as they are, and floats in [0, 1] as bytes."""
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise UserError(
            f"{where}: pictures are {images.dtype}; they should be uint8, or floats in [0, 1]"
        )
    result = np.empty(images.shape, np.uint8)
    for i in range(0, len(images), _PIECE):
        piece = images[i : i + _PIECE]
        if not (piece.min() >= 0 and piece.max() <= 1):  # nor NaN
            raise _not_in_unit_interval(where, images)
        result[i : i + _PIECE] = np.rint(piece * 255)
    return result


def _not_in_unit_interval(where: str, images: np.ndarray) -> UserError:
    bad = images.size - int(np.isfinite(images).sum())
    if bad:
        found = f"pictures have NaN or infinity for {bad} of {images.size} numbers"
    else:
        found = f"pictures are floats from {images.min():g} to {images.max():g}"
    return UserError(f"{where}: {found}; they should be in [0, 1], or uint8")
