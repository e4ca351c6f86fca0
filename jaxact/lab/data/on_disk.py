"""Images that stay on disk: read by number when they are needed, and once to describe them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from jaxact.lab.data.sets import Split
from jaxact.lab.errors import UserError, first_line

_PIECE = 256


class ByNumber(Protocol):
    """A split whose pictures can be read in any order."""

    def read(self, numbers: Sequence[int]) -> Iterator[tuple[np.ndarray, int]]:
        """Pictures, uint8 of shape (H, W, C), with their labels."""
        ...


@dataclasses.dataclass(frozen=True)
class OnDisk:
    """Images with the shape and the indices of an array, uint8 of shape (N, H, W, C).

    Attributes:
        name: of the set, for messages.
        part: what holds them.
        numbers: of the images in it, int, shape (N,).
        fitted: brings a picture to the shape of all.
        image_shape: height, width and channels.
    """

    name: str
    part: ByNumber
    numbers: np.ndarray
    fitted: Callable[[np.ndarray], np.ndarray]
    image_shape: tuple[int, int, int]
    dtype = np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the array that these images would be."""
        return (len(self), *self.image_shape)

    @property
    def nbytes(self) -> int:
        """Of the array that these images would be."""
        return int(np.prod(self.shape))

    def __getitem__(self, key: slice | np.ndarray) -> np.ndarray:
        """Some images, read now.

        Raises:
            UserError: if the files are no longer what they were.
        """
        numbers = self.numbers[key]
        images = np.empty((len(numbers), *self.image_shape), np.uint8)
        try:
            for i in range(0, len(numbers), _PIECE):
                piece = self.part.read(numbers[i : i + _PIECE].tolist())
                for j, (image, _) in enumerate(piece, start=i):
                    images[j] = self.fitted(image)
        except Exception as error:  # Damaged files fail in many ways.
            raise UserError(
                f"--dataset {self.name}: its prepared pictures can no longer be read: "
                f"{first_line(error)}"
            ) from None
        return images


def described(
    images: OnDisk, checked: Callable[[np.ndarray], np.ndarray], notes: Sequence[Any]
) -> Split:
    """The split of images that stay on disk, which are read once, a piece at a time.

    Args:
        images: to read.
        checked: brings a picture to the shape of all, and counts it.
        notes: functions that are called with each piece of images, of the right shape.
    """
    labels = np.empty(len(images), np.int32)
    for i in range(0, len(images), _PIECE):
        read = [*images.part.read(images.numbers[i : i + _PIECE].tolist())]
        labels[i : i + len(read)] = [label for _, label in read]
        piece = [checked(image) for image, _ in read]
        if all(image.shape == images.image_shape for image in piece):
            for note in notes:
                note(np.stack(piece))
    return Split(images=images, labels=labels)
