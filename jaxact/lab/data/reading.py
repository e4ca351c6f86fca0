"""From a source of pictures to a data set: division into splits, and reading each picture once."""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import jax
import numpy as np

from jaxact.lab import memory
from jaxact.lab.data import pictures
from jaxact.lab.data.on_disk import OnDisk, described
from jaxact.lab.data.remarks import absent, only_train, several_sizes
from jaxact.lab.data.sets import Checksum, Data, Dataset, Levels, Split, moments
from jaxact.lab.errors import UserError

TEST_SHARE = 0.2
_SPLIT_SEED = 0


class Part(Protocol):
    """A split as its source gives it, a picture at a time."""

    def __len__(self) -> int:
        """Number of pictures."""
        ...

    def __iter__(self) -> Iterator[tuple[np.ndarray, int]]:
        """Pictures, uint8 of shape (H, W, C), with their labels."""
        ...


@dataclasses.dataclass(frozen=True)
class ArrayPart:
    """A split in arrays: images uint8 (N, H, W, C), labels int32 (N,)."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[tuple[np.ndarray, int]]:
        return zip(self.images, self.labels.tolist(), strict=True)


@dataclasses.dataclass(frozen=True)
class Source:
    """A data set before it is read.

    Attributes:
        parts: by split: train, and validation or test or both where there are such.
        classes: names of the classes, by label.
        mixed: whether training pictures come as :func:`mixed` orders them.
        skipped: corrupt files that were left out.
        notes: what people should know about how it was read, a line each.
        only_train: whether a part of the split to train on, as it is named, became ``test``.
    """

    parts: dict[str, Part]
    classes: tuple[str, ...]
    mixed: bool = False
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    only_train: bool = False


def assemble(
    name: str,
    source: Source,
    validation: float,
    image_size: int | None,
    streaming: str = "off",
    devices: Sequence[Any] | None = None,
) -> Dataset:
    """Reads a source, a picture at a time, each into its place in one array per split.

    Of a source that can be read by number, what is large stays on disk. Of one that has only
    train, a fifth is for testing.

    Args:
        name: of the set, for messages.
        source: what to read.
        validation: share of the training pictures to hold out, if there are not three splits.
        image_size: height and width to bring pictures to; None leaves them as they are.
        streaming: see :func:`jaxact.lab.memory.stay_on_disk`.
        devices: likewise; by default all of this process.

    Raises:
        UserError: if a split is missing or empty, all training pictures are of one class, or
            pictures are not of bytes or of one size.
    """
    found = [n for n in ("train", "validation", "test") if n in source.parts]
    if "train" not in found:
        raise UserError(f"--dataset {name} has splits {found}; it needs train")
    places = _division(len(source.parts["train"]), validation, source.mixed, len(found))
    sizes = [len(p) for p in places] + [len(source.parts[n]) for n in found[1:]]
    if not all(sizes):
        share = "" if len(found) == 3 else f"with --validation {validation:g} "
        raise UserError(
            f"--dataset {name}: no images are left to train, choose or test on; {share}"
            f"there are {sizes[0]}, {sizes[1]} and {sizes[2]}"
        )
    notes = source.notes
    if source.only_train or len(found) == 1:
        notes += (only_train(name, sizes[-1], sum(sizes)),)
    reader = _Reader(name, image_size)
    splits, (mean, scale), checksum = reader.splits(
        [source.parts[n] for n in found], places, streaming, devices
    )
    train, held_out, test = splits
    if np.ptp(train.labels) == 0:
        raise UserError(
            f"--dataset {name}: all training pictures are of one class; there should be more"
        )
    return Dataset(
        name=name,
        data=Data(train=train, validation=held_out, mean=mean, scale=scale),
        test=test,
        num_classes=len(source.classes),
        classes=source.classes,
        skipped=source.skipped,
        notes=notes + absent(name, source.classes, train.labels, test.labels),
        known_checksum=checksum,
    )


class _Reader:
    """Reads parts into arrays and counts the sizes of their pictures."""

    def __init__(self, name: str, image_size: int | None) -> None:
        self._name = name
        self._image_size = image_size
        self._sizes: collections.Counter[tuple[int, ...]] = collections.Counter()

    def splits(
        self,
        parts: Sequence[Any],
        places: Sequence[np.ndarray],
        streaming: str,
        devices: Sequence[Any] | None,
    ) -> tuple[list[Split], tuple[np.ndarray, np.ndarray], bytes | None]:
        """Train, validation and test, the moments of the first, and the checksum if it is known.

        Args:
            parts: the first of which is divided into ``places``.
            places: numbers of the pictures of each split in it.
            streaming: see :func:`jaxact.lab.memory.stay_on_disk`.
            devices: likewise; None for all of this process.
        """
        if streaming != "off" and all(hasattr(part, "read") for part in parts):
            shape = self._shape(parts[0])
            num_bytes = sum(map(len, parts)) * math.prod(shape)
            devices = jax.local_devices() if devices is None else devices
            if memory.stay_on_disk(num_bytes, streaming, devices):
                return self._described(parts, places, shape)
        splits = self._read(parts[0], places)
        splits += [s for part in parts[1:] for s in self._read(part)]
        self._check_sizes()
        return splits, moments(splits[0].images), None

    def _read(self, part: Part, places: Sequence[np.ndarray] | None = None) -> list[Split]:
        """The splits of a part: the i-th holds the pictures with the numbers ``places[i]``."""
        places = [np.arange(len(part))] if places is None else places
        owner, row = np.empty(len(part), int), np.empty(len(part), int)
        for number, indices in enumerate(places):
            owner[indices], row[indices] = number, np.arange(len(indices))
        labels = [np.empty(len(indices), np.int32) for indices in places]
        images: list[np.ndarray] = []
        for k, j, (image, label) in zip(owner, row, part, strict=True):
            image = self._checked(image)
            if not images:
                memory.check_pictures(len(part), len(part) * image.nbytes)
            images = images or [np.empty((len(i), *image.shape), np.uint8) for i in places]
            labels[k][j] = label
            if len(self._sizes) == 1:
                images[k][j] = image
        images = images or [np.empty((0, 1, 1, 1), np.uint8) for _ in places]
        return [Split(images=x, labels=y) for x, y in zip(images, labels, strict=True)]

    def _shape(self, part: Part) -> tuple[int, int, int]:
        """Height, width and channels of the first picture of a part, as it will be."""
        image, _ = next(iter(part))
        height, width, channels = self._fitted(image).shape
        return height, width, channels

    def _described(
        self, parts: Sequence[Any], places: Sequence[np.ndarray], shape: tuple[int, int, int]
    ) -> tuple[list[Split], tuple[np.ndarray, np.ndarray], bytes]:
        """Splits that stay on disk, the moments of the first, and the checksum of all."""
        of_parts = [(parts[0], numbers) for numbers in places]
        of_parts += [(part, np.arange(len(part))) for part in parts[1:]]
        checksum, levels, splits = Checksum(), Levels(shape[-1]), []
        for part, numbers in of_parts:
            images = OnDisk(self._name, part, numbers, self._fitted, shape)
            checksum.begin(images)
            notes = [checksum.update] if splits else [checksum.update, levels.count]
            splits.append(described(images, self._checked, notes))
            checksum.begin(splits[-1].labels)
            checksum.update(splits[-1].labels)
        self._check_sizes()
        return splits, levels.moments(), checksum.digest()

    def _check_sizes(self) -> None:
        """Whether all pictures read so far are of one size."""
        if len(self._sizes) > 1:
            raise several_sizes(self._name, self._sizes)

    def _checked(self, image: np.ndarray) -> np.ndarray:
        """A picture as it will be, which is counted."""
        image = self._fitted(image)
        self._sizes[image.shape] += 1
        return image

    def _fitted(self, image: np.ndarray) -> np.ndarray:
        if image.dtype != np.uint8 or image.ndim != 3:
            raise UserError(
                f"--dataset {self._name} has pictures of {image.dtype} and shape {image.shape}; "
                "it needs bytes (uint8) of shape height x width x channels"
            )
        if self._image_size is not None:
            image = pictures.fitted(image, self._image_size)
        return image


def mixed(labels: np.ndarray) -> np.ndarray:
    """An order in which every stretch holds each class in proportion, to a picture or so.

    Pictures of one class stay in the order they are in.

    Args:
        labels: int, shape (N,).

    Returns:
        Numbers of the pictures, int, shape (N,).

    Example:
        >>> import numpy as np
        >>> mixed(np.array([0, 0, 0, 0, 1, 1]))
        array([0, 4, 1, 2, 5, 3])
    """
    counts = np.bincount(labels)
    order = np.argsort(labels, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(labels), int)
    rank[order] = np.arange(len(labels)) - starts[labels[order]]
    return np.argsort((rank + 0.5) / counts[labels], kind="stable")


def scattered(count: int) -> np.ndarray:
    """The numbers below ``count`` in random order, the same one at every call."""
    return np.random.default_rng(_SPLIT_SEED).permutation(count)


def _division(count: int, share: float, in_order: bool, num_parts: int) -> list[np.ndarray]:
    """The numbers of a train part's pictures in each split, the same ones at every call.

    With three parts all are to train on; with two ``share`` of them is for validation; alone it
    gives the test split as well, before that.
    """
    if num_parts == 3:
        return [np.arange(count)]
    rest = np.arange(count) if in_order else scattered(count)
    test, rest = np.split(rest, [round(TEST_SHARE * count) if num_parts == 1 else 0])
    validation, rest = np.split(rest, [round(share * len(rest))])
    return [rest, validation, test][: 4 - num_parts]
