"""Sets of TensorFlow Datasets, by name; reading them needs no TensorFlow."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import io
import math
import os
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psutil
import tensorflow_datasets as tfds
from tensorflow_datasets.core import file_adapters

from jaxact.lab.data import pictures
from jaxact.lab.data.reading import Source
from jaxact.lab.errors import UserError, first_line

_RETRIES = 4
_SPARE_FILES = 256
_PLAIN = {"1": "L", "P": "RGB", "PA": "RGB", "CMYK": "RGB", "YCbCr": "RGB"}


def read_named(name: str, data_dir: str | None) -> Source:
    """A set of TensorFlow Datasets, prepared on first use.

    Raises:
        UserError: if there is no such set, it cannot be prepared here, or it has no images with
            class labels.
    """
    return source_of(name, _prepared(name, data_dir))


def source_of(name: str, builder: Any, notes: tuple[str, ...] = (), **more: Any) -> Source:
    """The source that a prepared builder is.

    Args:
        name: of the set, for messages.
        builder: of TensorFlow Datasets.
        notes: of the source.
        more: further fields of the source.

    Raises:
        UserError: if it has no images with class labels.
    """
    image_key, label_key = _feature_names(name, builder)
    _allow_open(name, sum(split.num_shards for split in builder.info.splits.values()))
    sources = {
        split: _examples(builder, split, image_key) for split in ("train", "validation", "test")
    }
    channels = (builder.info.features[image_key].shape or (None,))[-1]
    parts: dict[str, Any] = {
        split: RecordsPart(records, image_key, label_key, channels)
        for split, records in sources.items()
        if records is not None
    }
    if "test" in parts and not parts["test"].is_labelled:
        del parts["test"]
        notes = (*notes, f"--dataset {name}: its test split has no labels; unused")
    classes = tuple(builder.info.features[label_key].names)
    return Source(parts=parts, classes=classes, notes=notes, **more)


@dataclasses.dataclass(frozen=True)
class RecordsPart:
    """A split as records of TensorFlow Datasets, read in order or by number.

    Attributes:
        records: examples by number.
        image_key: name of their picture.
        label_key: name of their label.
        channels: that the set says pictures have; None if it does not.
    """

    records: Any
    image_key: str
    label_key: str
    channels: int | None

    def __len__(self) -> int:
        return len(self.records)

    @property
    def is_labelled(self) -> bool:
        """Whether its labels are known: such as are kept back, as ImageNet's, are -1."""
        return len(self) == 0 or self.records[0][self.label_key] >= 0

    def __iter__(self) -> Iterator[tuple[np.ndarray, int]]:
        for i in range(len(self)):
            yield self._decoded(self.records[i])

    def read(self, numbers: Sequence[int]) -> Iterator[tuple[np.ndarray, int]]:
        """The pictures with these numbers, and their labels; in several threads, if need be."""
        for example in self.records.__getitems__(numbers):
            yield self._decoded(example)

    def _decoded(self, example: Any) -> tuple[np.ndarray, int]:
        image = example[self.image_key]
        if isinstance(image, bytes):
            image = _pixels(image, self.channels or 1)
        if image.ndim == 3 and image.dtype == np.uint8 and self.channels is not None:
            image = pictures.recoloured(image, self.channels)
        return image, int(example[self.label_key])


def is_whole(folder: os.PathLike[str]) -> bool:
    """Whether a set is prepared in a folder, which gets its name when all is written."""
    return os.path.exists(os.path.join(folder, "dataset_info.json"))


def known() -> list[str]:
    """Names of the sets of TensorFlow Datasets."""
    return tfds.list_builders(with_community_datasets=False)


def _prepared(name: str, data_dir: str | None) -> Any:
    """The builder of a set, prepared if that was not done before."""
    import jaxact.lab.data.digits  # noqa: F401  (registers the builder)

    builder = _builder(name, data_dir)
    if not is_whole(builder.data_path):
        tfds.disable_progress_bar()
        try:
            with _few_retries():
                builder.download_and_prepare(file_format="array_record")
        except Exception as error:
            # Another process may have been faster.
            if not is_whole(builder.data_path):
                raise _unprepared(name, builder, error) from None
        return _builder(name, data_dir)
    formats = builder.info.available_file_formats()
    if formats.isdisjoint(file_adapters.FileFormat.with_random_access()):
        root = builder.data_path.parents[builder.info.full_name.count("/")]
        other = shlex.quote(f"{os.fspath(root)}_array_record")
        raise UserError(
            f"--dataset {name} is prepared in {builder.data_dir} as "
            f"{builder.info.file_format.value}, which only TensorFlow reads.\nPrepare it once "
            f"more, with: tfds build {name} --file_format=array_record --data_dir={other}, then "
            f"give --data-dir {other}."
        )
    return builder


def _builder(name: str, data_dir: str | None) -> Any:
    try:
        return tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError:
        near = difflib.get_close_matches(name, known(), n=3)
        hint = f"; did you mean {near}?" if near else ""
        raise UserError(
            f"--dataset {name}: no such data set, and here no such file or folder{hint}"
        ) from None
    except (ValueError, AssertionError) as error:
        # No such configuration or version; further lines list those that there are.
        why = " ".join(str(error).rpartition('}": ')[2].split())
        raise UserError(f"--dataset {name}: no such data set ({why[:160]})") from None


def _unprepared(name: str, builder: Any, error: Exception) -> UserError:
    problem = f"could not be prepared in {builder.data_dir}: {first_line(error)}"
    if name == "digits":
        return UserError(f"--dataset digits {problem}; give a folder with --data-dir")
    return UserError(
        f"--dataset {name}: {problem}\n"
        "Prepare it where TensorFlow and a network are at hand, with: tfds build "
        f"{name} --file_format=array_record, then give its folder with --data-dir."
    )


@contextlib.contextmanager
def _few_retries() -> Iterator[None]:
    """Without a network, a download fails after seconds, not after three minutes."""
    from tensorflow_datasets.core.download import downloader

    before = downloader.MAX_RETRIES
    downloader.MAX_RETRIES = _RETRIES
    try:
        yield
    finally:
        downloader.MAX_RETRIES = before


def _feature_names(name: str, builder: Any) -> tuple[str, str]:
    features = builder.info.features
    image, label = (builder.info.supervised_keys or ("image", "label"))[:2]
    labelled = label in features and hasattr(features[label], "num_classes")
    if image not in features or not labelled:
        raise UserError(
            f"--dataset {name} has features {list(features)}; it needs an image and a class label"
        )
    return image, label


def _examples(builder: Any, split: str, image_key: str) -> Any:
    """The examples of a split, by number; None if there is no such split.

    Pictures of bytes are given as they are encoded.
    """
    try:
        records = builder.as_data_source(split=split)
    except ValueError:
        return None
    feature = builder.info.features[image_key]
    if isinstance(feature, tfds.features.Image) and feature.np_dtype == np.uint8:
        records.decoders = {image_key: tfds.decode.SkipDecoding()}
    return records


def _allow_open(name: str, number: int) -> None:
    """Lets this process open so many files more, the shards of a set: a reader keeps each open.

    Raises:
        UserError: if the system does not allow so many.
    """
    try:
        import resource
    except ImportError:  # on Windows
        return
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = (math.inf if n == resource.RLIM_INFINITY else n for n in limits)
    needed = psutil.Process().num_fds() + number
    if hard < needed:
        raise UserError(
            f"--dataset {name} is in {number} files that are open at once, but a process may open "
            f"no more than {hard} here; raise that limit (ulimit -Hn)"
        )
    wanted = min(needed + _SPARE_FILES, hard)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # Some systems have a further limit.
            resource.setrlimit(resource.RLIMIT_NOFILE, (int(wanted), limits[1]))


def _pixels(encoded: bytes, channels: int) -> np.ndarray:
    """A picture, uint8 of shape (H, W, C); grey is repeated to so many channels.

    Where TensorFlow Datasets decodes without OpenCV, it takes inks for colours, and numbers in a
    palette for grey levels.
    """
    from PIL import Image

    with Image.open(io.BytesIO(encoded)) as image:
        mode = _PLAIN.get(image.mode)
        if mode is not None:
            image = image.convert("RGBA" if image.has_transparency_data else mode)
        pixels = np.asarray(image, np.uint8)
    return np.repeat(pixels[..., None], channels, axis=-1) if pixels.ndim == 2 else pixels
