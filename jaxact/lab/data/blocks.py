"""Images in blocks, read ahead by Grain while others train."""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import grain
import jax
import numpy as np

from jaxact.lab._state import state
from jaxact.lab.data.sets import Split

_AHEAD = 2
"""Blocks that are read, or are being read, while one trains; as many threads read."""


@state
class Block:
    """Batches of some steps for the cells of each device.

    Attributes:
        images: uint8, shape (devices, seeds of a device, steps, batch size, H, W, C).
        labels: int32, shape (devices, seeds of a device, steps, batch size).
        number: of the epoch, int32, shape (devices,).
        first: how many steps of the epoch come before, int32, shape (devices,).
        count: how many steps there are; fewer than the arrays hold in the last block of an epoch.
    """

    images: Any
    labels: Any
    number: Any
    first: Any
    count: Any


@dataclasses.dataclass(frozen=True)
class Cut:
    """Something in equal pieces, of which the last may be shorter.

    Attributes:
        length: of all of it.
        size: of a piece.
    """

    length: int
    size: int

    @classmethod
    def into(cls, length: int, most: int, least: int = 1) -> Cut:
        """The fewest pieces of at most ``most``, all of about one size, which is ``least`` or more.

        Example:
            >>> Cut.into(10, 4)
            Cut(length=10, size=4)
            >>> Cut.into(9, 4, least=2)
            Cut(length=9, size=3)
        """
        most = max(most, least, 1)
        return cls(length, max(min(least, length), -(-length // -(-length // most))))

    def __len__(self) -> int:
        return -(-self.length // self.size)

    def bounds(self, i: int) -> tuple[int, int]:
        """Where the i-th piece begins and ends."""
        return i * self.size, min((i + 1) * self.size, self.length)


class Orders:
    """The order of the training images, by seed and epoch; that of the on-device program.

    Args:
        batches: from seed and number of the epoch to an array of (steps, batch size).
        kept: how many orders are remembered.
    """

    def __init__(self, batches: Callable[[Any, Any], Any], kept: int) -> None:
        self._batches = jax.jit(batches)
        self._lock = threading.Lock()
        self._remembered = functools.lru_cache(kept)(self._compute)

    def __call__(self, seed: int, number: int) -> np.ndarray:
        """Numbers of the images of each step of an epoch, int32 of shape (steps, batch size)."""
        with self._lock:
            return self._remembered(seed, number)

    def _compute(self, seed: int, number: int) -> np.ndarray:
        with _on_cpu():
            return np.asarray(self._batches(np.int32(seed), np.int32(number)))


def _on_cpu() -> Any:
    """Where the orders are computed: an accelerator would finish its step first."""
    try:
        return jax.default_device(jax.local_devices(backend="cpu")[0])
    except RuntimeError:  # JAX_PLATFORMS may leave none.
        return jax.default_device(None)


def training_block(
    train: Split, orders: Orders, seeds: Sequence[Sequence[int]], cut: Cut, number: int, i: int
) -> Block:
    """The i-th block of an epoch, in host memory; each image is read once for each of its seeds.

    Args:
        train: the images.
        orders: of the images.
        seeds: those of the cells of each device.
        cut: of the steps of an epoch.
        number: of the epoch.
        i: number of the block.
    """
    begin, end = cut.bounds(i)
    most = max(map(len, seeds))
    width = orders(seeds[0][0], number).shape[1]
    shape = (len(seeds), most, cut.size, width)
    images = np.zeros((*shape, *train.images.shape[1:]), np.uint8)
    labels = np.zeros(shape, np.int32)
    read: dict[int, tuple[int, int]] = {}
    for device, own in enumerate(seeds):
        for slot, seed in enumerate(own):
            if seed in read:
                images[device, slot], labels[device, slot] = images[read[seed]], labels[read[seed]]
                continue
            read[seed] = (device, slot)
            batches = orders(seed, number)[begin:end]
            some = train.images[batches.ravel()]
            images[device, slot, : end - begin] = some.reshape(*batches.shape, *some.shape[1:])
            labels[device, slot, : end - begin] = train.labels[batches]
    numbers = [np.full(len(seeds), n, np.int32) for n in (number, begin, end - begin)]
    return Block(
        images=images, labels=labels, number=numbers[0], first=numbers[1], count=numbers[2]
    )


def evaluation_block(split: Split, size: int, cut: Cut, i: int) -> Split:
    """The i-th block of batches to evaluate: uint8 (batches, size, H, W, C), and labels.

    What fills the last batch, and batches that fill the last block, have the label -1.

    Args:
        split: the images.
        size: of a batch.
        cut: of the batches.
        i: number of the block.
    """
    begin, end = (bound * size for bound in cut.bounds(i))
    labels = np.full(cut.size * size, -1, np.int32)
    images = np.zeros((len(labels), *split.images.shape[1:]), np.uint8)
    for start in range(begin, min(end, len(split.labels)), size):
        some = slice(start, min(start + size, len(split.labels)))
        there = slice(some.start - begin, some.stop - begin)
        images[there], labels[there] = split.images[some], split.labels[some]
    shape = (cut.size, size)
    return Split(images=images.reshape(*shape, *images.shape[1:]), labels=labels.reshape(shape))


class Item(NamedTuple):
    """A block: what it is for, in which epoch, and its number there."""

    kind: str
    number: int
    i: int


class Flow:
    """Blocks in the order of a plan, each read and on its way to the devices ahead of its use.

    Args:
        plan: the blocks of a whole run.
        read: reads one and puts it on the devices; called in threads.
    """

    def __init__(self, plan: Sequence[Item], read: Callable[[Item], Any]) -> None:
        self._plan = plan
        self._read = read
        self._places = {item: i for i, item in enumerate(plan)}
        self._next = 0
        self._iterator: Any = None

    def take(self, item: Item) -> Any:
        """A block; if it is not the next of the plan, the plan goes on from there."""
        place = self._places[item]
        if self._iterator is None or place != self._next:
            self.close()
            options = grain.ReadOptions(num_threads=_AHEAD, prefetch_buffer_size=_AHEAD)
            blocks = grain.MapDataset.source(self._plan[place:]).map(self._read)
            self._iterator = iter(blocks.to_iter_dataset(options))
        block = next(self._iterator)
        self._next = place + 1
        return block

    def close(self) -> None:
        """Ends the reading."""
        if self._iterator is not None:
            self._iterator.close()
        self._iterator = None
