"""Sets of TensorFlow Datasets, by name; reading them needs no TensorFlow."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from jaxact.lab.data import pictures
from jaxact.lab.data.reading import Source
from jaxact.lab.errors import UserError, first_line

_RETRIES = 4


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
    sources = {split: _examples(builder, split) for split in ("train", "validation", "test")}
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
        if image.ndim == 3 and image.dtype == np.uint8 and self.channels is not None:
            image = pictures.recoloured(image, self.channels)
        return image, int(example[self.label_key])


def known() -> list[str]:
    """Names of the sets of TensorFlow Datasets."""
    import tensorflow_datasets as tfds

    return tfds.list_builders(with_community_datasets=False)


def _prepared(name: str, data_dir: str | None) -> Any:
    import tensorflow_datasets as tfds

    import jaxact.lab.data.digits  # noqa: F401  (registers the builder)

    try:
        builder = tfds.builder(name, data_dir=data_dir, file_format="array_record")
    except (tfds.core.DatasetNotFoundError, ValueError, AssertionError) as error:
        near = difflib.get_close_matches(name, known(), n=3)
        hint = f"; did you mean {near}?" if near else ""
        raise UserError(f"--dataset {name}: no such data set{hint} ({first_line(error)})") from None
    tfds.disable_progress_bar()
    try:
        with _few_retries():
            builder.download_and_prepare(file_format="array_record")
    except Exception as error:
        problem = f"could not be prepared in {builder.data_dir}: {first_line(error)}"
        if name == "digits":
            raise UserError(f"--dataset digits {problem}; give a folder with --data-dir") from None
        raise UserError(
            f"--dataset {name}: {problem}\n"
            "Prepare it where TensorFlow and a network are at hand, with: tfds build "
            f"{name} --file_format=array_record, then give its folder with --data-dir."
        ) from None
    return builder


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


def _examples(builder: Any, split: str) -> Any:
    """The examples of a split, by number; None if there is no such split."""
    try:
        return builder.as_data_source(split=split)
    except ValueError:
        return None
