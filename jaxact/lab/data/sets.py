"""A data set in host memory: its splits, and what identifies and describes them."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxact.lab._state import state

_NAMED = 20


@state
class Split:
    """Images and labels.

    Attributes:
        images: uint8, shape (N, H, W, C).
        labels: int32, shape (N,); -1 marks padding, which counts for nothing.
    """

    images: Any
    labels: Any


@state
class Data:
    """What a training run reads: a pytree that lives on the device.

    Attributes:
        train: images to learn from.
        validation: images to choose the learning rate by.
        mean: of the training images in [0, 1], shape (C,).
        scale: their standard deviation, shape (C,).
    """

    train: Split
    validation: Split
    mean: Any
    scale: Any

    def normalise(self, images: jax.Array) -> jax.Array:
        """Images of bytes as float32 with mean 0 and variance 1 over the training set."""
        return (images.astype(jnp.float32) / 255.0 - self.mean) / self.scale


class Checksum:
    """The checksum of a set, from pieces of its arrays: of each split, images and then labels."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=32)

    def begin(self, array: Any) -> None:
        """The next array has this type and shape."""
        self._digest.update(f"{array.dtype}{array.shape}".encode())

    def update(self, piece: np.ndarray) -> None:
        """The next elements of it."""
        self._digest.update(np.ascontiguousarray(piece).data)

    def digest(self) -> bytes:
        """32 bytes."""
        return self._digest.digest()


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A data set in host memory, but for images that stay on disk.

    Attributes:
        name: as given.
        data: training and validation images.
        test: the test images, apart so that they are read once.
        num_classes: number of labels.
        classes: their names, by label; empty if they are not known.
        skipped: corrupt files that were left out.
        notes: what people should know about how it was read, a line each.
        known_checksum: :attr:`checksum`, where it was found while the images were read.
    """

    name: str
    data: Data
    test: Split
    num_classes: int
    classes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    known_checksum: bytes | None = None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.data.train.images.shape[1:]

    @property
    def in_memory(self) -> bool:
        """Whether the images are in memory; else they are read when they are needed."""
        return all(isinstance(split.images, np.ndarray) for split in self.splits.values())

    @property
    def splits(self) -> dict[str, Split]:
        """The splits by name: train, validation and test."""
        return {"train": self.data.train, "validation": self.data.validation, "test": self.test}

    @functools.cached_property
    def checksum(self) -> bytes:
        """32 bytes (BLAKE2b) that stand for all pixels and labels in their order."""
        if self.known_checksum is not None:
            return self.known_checksum
        checksum = Checksum()
        for split in self.splits.values():
            for array in (split.images, split.labels):
                checksum.begin(array)
                checksum.update(array)
        return checksum.digest()

    def identity(self) -> dict[str, Any]:
        """What identifies the set, and its notes if any, as JSON has it: for ``run.json``."""
        found: dict[str, Any] = {
            "name": self.name,
            "images": {name: len(split.labels) for name, split in self.splits.items()},
            "image_shape": list(self.image_shape),
            "num_classes": self.num_classes,
            "classes": list(self.classes),
            "checksum": self.checksum.hex(),
            "skipped": {"number": len(self.skipped), "names": list(self.skipped[:_NAMED])},
        }
        return found | ({"notes": list(self.notes)} if self.notes else {})


def padded(split: Split, size: int) -> Split:
    """``split`` with images repeated up to ``size``, labelled -1."""
    extra = size - len(split.labels)
    return Split(
        images=np.concatenate(
            [split.images, np.resize(split.images, (extra, *split.images.shape[1:]))]
        ),
        labels=np.concatenate([split.labels, np.full(extra, -1, np.int32)]),
    )


def moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of bytes in [0, 1] by channel, from counts of the levels.

    Args:
        images: uint8, shape (N, H, W, C).

    Returns:
        Two of float32, shape (C,).
    """
    levels = Levels(images.shape[-1])
    # In pieces, for counting makes a copy of eight bytes a pixel.
    for piece in np.array_split(images, max(1, images.size >> 22)):
        levels.count(piece)
    return levels.moments()


class Levels:
    """Counts of the 256 levels by channel, from which :func:`moments` follow.

    Args:
        channels: number of channels.
    """

    def __init__(self, channels: int) -> None:
        self._counts = np.zeros((channels, 256), np.int64)

    def count(self, images: np.ndarray) -> None:
        """Adds those of images, uint8 of shape (N, H, W, C)."""
        for c, counts in enumerate(self._counts):
            counts += np.bincount(images[..., c].ravel(), minlength=256)

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of all that were counted; see :func:`moments`."""
        levels = np.arange(256) / 255
        share = self._counts / self._counts.sum(1, keepdims=True)
        mean = share @ levels
        scale = np.sqrt(np.maximum(share @ levels**2 - mean**2, 0))
        return mean.astype(np.float32), np.maximum(scale, 1e-3).astype(np.float32)
