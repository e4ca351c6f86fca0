"""What ``--dataset`` names: a set of TensorFlow Datasets, a folder or a file."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import io
import logging
import os
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

from jaxact.lab import memory
from jaxact.lab.data.prepared_sets import is_name
from jaxact.lab.data.reading import Source, assemble
from jaxact.lab.data.remarks import no_set
from jaxact.lab.data.sets import Dataset
from jaxact.lab.errors import UserError, first_line


def load(
    name: str,
    data_dir: str | None = None,
    validation: float = 0.2,
    image_size: int | None = None,
    on_corrupt: str = "stop",
    streaming: str = "off",
    devices: Sequence[Any] | None = None,
) -> Dataset:
    """Loads a set of pictures with class labels; nothing of it needs TensorFlow but preparing.

    Args:
        name: of a set of TensorFlow Datasets, such as ``"digits"`` or ``"mnist"``; or the path of
            a folder of class folders (see :func:`jaxact.lab.data.folder.listing`), of one of IDX
            files (:func:`jaxact.lab.data.idx.read_idx`), or of an NPZ file
            (:func:`jaxact.lab.data.arrays.read_npz`). What exists as a file or folder is a path,
            and so is what has a separator of paths or ends in ``.npz``.
        data_dir: where sets are prepared; by default that of TensorFlow Datasets.
        validation: share of the training images to hold out, if there are not three splits.
        image_size: height and width to bring pictures to
            (:func:`jaxact.lab.data.pictures.fitted`); None leaves them as they are.
        on_corrupt: of a folder's pictures: ``"stop"`` at them, or ``"skip"`` them.
        streaming: whether images may stay on disk, see :func:`jaxact.lab.memory.stay_on_disk`.
        devices: those that will train on the images, for the same rule; by default all of this
            process.

    Returns:
        All images, uint8: in memory, or where they are large, and prepared as array_record, to be
        read by number.

    Raises:
        UserError: if there is no such set, it cannot be prepared here, it does not hold
            images of one size with labels, or with ``image_size`` they do not fit in memory.
    """
    path = found_path(name)
    if image_size is not None:
        memory.check_picture(image_size)
    try:
        with _quiet():
            if path is None:
                from jaxact.lab.data.named import read_named

                source = read_named(name, data_dir)
            else:
                source = _of_path(path, name, data_dir, image_size, on_corrupt == "skip")
            return assemble(name, source, validation, image_size, streaming, devices)
    except UserError:
        raise
    except Exception as error:
        raise _unread(name, error, _preparation(path, name, data_dir), streaming) from None


def _unread(name: str, error: Exception, place: pathlib.Path | None, streaming: str) -> UserError:
    """The error for a set that is there but cannot be read; ``place`` is where it is prepared."""
    if isinstance(error, MemoryError):
        advice = "Give fewer or smaller pictures, or a folder of class folders, which can stream."
        if place is not None:
            stream = "" if streaming == "on" else ", or --streaming on"
            advice = f"Give a smaller --image-size{stream}."
        return UserError(f"--dataset {name} does not fit in memory ({first_line(error)})\n{advice}")
    again = f"\nIf its files are damaged, remove {place} and it will be prepared again."
    return UserError(
        f"--dataset {name}: could not be read: {first_line(error)}{again if place else ''}"
    )


def _preparation(path: pathlib.Path | None, name: str, data_dir: str | None) -> pathlib.Path | None:
    """Where a set is prepared, perhaps as a pattern; None if it is read as it is."""
    from jaxact.lab.data import idx

    with contextlib.suppress(OSError):
        if path is not None and (not path.is_dir() or idx.holds_idx(path)):
            return None
    from tensorflow_datasets.core import constants

    from jaxact.lab.data import folder_builder

    base = pathlib.Path(data_dir or constants.DATA_DIR).expanduser()
    if path is None:
        return base / name.replace(":", "/")
    return base / folder_builder.FOLDER / f"{folder_builder.slug(path)}-*"


def found_path(name: str) -> pathlib.Path | None:
    """The path that ``--dataset`` names; None if it names a set of TensorFlow Datasets.

    Raises:
        UserError: if it is a path where nothing is, or that cannot be looked at; it names what is
            near; or if TensorFlow Datasets prepared it as a set, which goes by its name.
    """
    is_bare = not any(s in name for s in (os.sep, os.altsep or os.sep))
    try:
        path = pathlib.Path(name).expanduser()
        if path.exists():
            return None if is_name(name, path) else path
    except (OSError, RuntimeError) as error:  # RuntimeError: of a user unknown here.
        why = getattr(error, "strerror", None) or error
        raise UserError(f"--dataset {name}: no path that can be read: {why}") from None
    if is_bare and not name.lower().endswith(".npz"):
        return None
    if not path.is_absolute() and path.suffix != ".npz":
        from jaxact.lab.data.named import known

        first = name.split("/")[0].split(":")[0]
        if first in known():
            return None
        near = difflib.get_close_matches(first, known(), n=3)
        if near and not path.parent.is_dir():
            raise UserError(
                f"--dataset {name}: no such file or folder; among the sets of TensorFlow Datasets "
                f"did you mean {near}?"
            )
    raise UserError(f"--dataset {name}: no such file or folder{_near(path)}")


def _of_path(
    path: pathlib.Path, name: str, data_dir: str | None, image_size: int | None, skips: bool
) -> Source:
    """The source at a path."""
    if path.is_dir():
        from jaxact.lab.data.idx import holds_idx, read_idx

        if holds_idx(path):
            return read_idx(path)
        return _of_folder(path, name, data_dir, image_size, skips)
    if path.suffix.lower() == ".npz":
        from jaxact.lab.data.arrays import read_npz

        return read_npz(path)
    raise no_set(name, path)


def _of_folder(
    path: pathlib.Path, name: str, data_dir: str | None, image_size: int | None, skips: bool
) -> Source:
    from jaxact.lab.data import folder, folder_builder, named

    listing = folder.listing(path, name)
    builder = folder_builder.prepared(listing, name, data_dir, image_size, skips)
    skipped = tuple(folder_builder.corrupt_pictures(builder))
    notes = [*listing.notes]
    if skipped:
        notes.append(
            f"{len(skipped)} corrupt pictures are left out, the first of them {skipped[0]}"
        )
    source = named.source_of(
        name,
        builder,
        mixed=True,
        skipped=skipped,
        notes=tuple(f"--dataset {name}: {note}" for note in notes),
    )
    classes = tuple(map(folder.shown, listing.classes))
    return dataclasses.replace(source, classes=classes, only_train=listing.only_train)


def _near(path: pathlib.Path) -> str:
    """Names like that of a path in the folder where it should be."""
    parent = path.parent
    if not parent.is_dir():
        return f"; there is no folder {parent} either"
    with contextlib.suppress(OSError):
        names = {p.name.lower(): str(parent / p.name) for p in parent.iterdir()}
        near = difflib.get_close_matches(path.name.lower(), names, n=3)
        if near:
            return f"; did you mean {[names[n] for n in near]}?"
    return ""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps libraries from writing over the progress bar."""
    loggers = [logging.getLogger(name) for name in ("absl", "urllib3")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
