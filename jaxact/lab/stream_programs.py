"""The compiled programs of a study whose images come in blocks, and how those are cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxact.lab._state import state
from jaxact.lab.augmentation import Augmentation
from jaxact.lab.data import Data, Split
from jaxact.lab.data.blocks import Block, Cut
from jaxact.lab.evaluation import Score, division, make_tally, map_batches
from jaxact.lab.parallel import Program, Spread
from jaxact.lab.probe import Tap, make_look
from jaxact.lab.train import Cell, Steps, end_epoch, make_steps, no_score

if TYPE_CHECKING:
    from jaxact.lab.model import Model
    from jaxact.lab.programs import Setup
    from jaxact.lab.train import Optimizer

_BLOCK_BYTES = 1 << 24
"""Of a block on an accelerator, or on all CPU devices together, if one step takes no more."""


@state
class Running:
    """A cell in the middle of an epoch.

    Attributes:
        cell: as it stands.
        slot: place of its seed's images in a block, int32 scalar.
        sums: of its scores in the epoch's steps so far.
    """

    cell: Any
    slot: Any
    sums: Any


@dataclasses.dataclass(frozen=True)
class StreamPrograms:
    """The programs of one activation on blocks.

    Attributes:
        start: from learning rates and seeds to cells.
        train: running cells, means and a block, to running cells.
        close: cells, the sums of their scores and the number of the epoch, to cells and scores.
        tally: cells, means and a block of validation images, to what ``total`` needs of them.
        measure: the same of the images of the start or the end.
        look: cells, means and a block of training images, to what ``inside`` needs of them.
    """

    start: Program
    train: Program
    close: Program
    tally: Program
    measure: Program
    look: Program


@dataclasses.dataclass(frozen=True)
class Layout:
    """How images are cut into blocks.

    Attributes:
        seeds: of the cells of each device.
        slots: places of the cells' seeds among those, as :meth:`Spread.slots` gives them.
        steps: of an epoch, cut into blocks.
        sizes: of the batches to evaluate, by the kind of block.
        batches: those batches, cut into blocks, by kind.
    """

    seeds: list[list[int]]
    slots: np.ndarray
    steps: Cut
    sizes: dict[str, int]
    batches: dict[str, Cut]

    @classmethod
    def of(cls, setup: Setup) -> Layout:
        """The layout of a study: blocks of about :data:`_BLOCK_BYTES`."""
        splits, study = setup.dataset.splits, setup.study
        seeds, slots = setup.grid.slots(setup.grid.gather(setup.settings[1]))
        image = int(np.prod(setup.dataset.image_shape))
        on_cpu = setup.grid.devices[0].platform == "cpu"
        budget = _BLOCK_BYTES // (len(setup.grid.devices) if on_cpu else 1)
        step = max(map(len, seeds)) * study.batch_size * image
        counts = {name: len(split.labels) for name, split in splits.items()}
        # On the devices, the images of start and end are in arrays of one size.
        ends = max(counts["validation"], counts["test"])
        sizes, batches = {}, {}
        for kind, count in (
            ("validation", counts["validation"]), ("start", ends), ("end", ends),
            ("probe", counts["train"]),
        ):  # fmt: skip
            number, sizes[kind] = division(count)
            # XLA makes other code of a loop of one turn.
            batches[kind] = Cut.into(number, budget // (sizes[kind] * image), least=2)
        steps = Cut.into(counts["train"] // study.batch_size, budget // step)
        return cls(seeds=seeds, slots=slots, steps=steps, sizes=sizes, batches=batches)

    def blank(self, setup: Setup, kind: str) -> Split:
        """A block of batches to evaluate, of zeros, on the devices."""
        shape = (self.batches[kind].size, self.sizes[kind])
        images = np.zeros((*shape, *setup.dataset.image_shape), np.uint8)
        return setup.grid.broadcast(Split(images=images, labels=np.zeros(shape, np.int32)))

    def blank_steps(self, setup: Setup) -> Block:
        """A block of steps, of zeros, on the devices."""
        most = max(map(len, self.seeds))
        shape = (len(self.seeds), most, self.steps.size, setup.study.batch_size)
        one = np.zeros(len(self.seeds), np.int32)
        block = Block(
            images=np.zeros((*shape, *setup.dataset.image_shape), np.uint8),
            labels=np.zeros(shape, np.int32),
            number=one,
            first=one,
            count=one,
        )
        return setup.grid.place(block)


def compile_programs(
    setup: Setup, model: Model, tap: Tap, optimizer: Optimizer, start: Program, axes: Cell
) -> StreamPrograms:
    """Compiles the programs of one activation.

    Args:
        setup: a study on its devices.
        model: its activation is the tap.
        tap: of the activation.
        optimizer: of the study.
        start: the program that makes cells.
        axes: what the cells of a group have in common, see :meth:`Spread.compile`.
    """
    grid, layout = setup.grid, Layout.of(setup)
    train, close, tally, look = _functions(setup, model, tap, optimizer, layout.steps.length)

    def on_batches(function: Any, kind: str) -> Program:
        return grid.compile(function, cells, setup.data, layout.blank(setup, kind), axes=axes)

    cells = start(setup.settings)
    running, both = running_cells(cells, layout, grid), Running(cell=axes, slot=None, sums=0)
    block = layout.blank_steps(setup)
    start_is_like_validation = all(
        by_kind["start"] == by_kind["validation"] for by_kind in (layout.sizes, layout.batches)
    )
    validation = on_batches(tally, "validation")
    return StreamPrograms(
        start=start,
        train=grid.compile(train, running, setup.data, block, axes=both, own=1, donate=True),
        close=grid.compile(
            close, (cells, running.sums), grid.broadcast(np.int32(1)), axes=(axes, 0), donate=True
        ),
        tally=validation,
        measure=validation if start_is_like_validation else on_batches(tally, "start"),
        look=on_batches(look, "probe"),
    )


def _functions(
    setup: Setup, model: Model, tap: Tap, optimizer: Optimizer, num_steps: int
) -> tuple[Callable[..., Any], ...]:
    """Of one cell: what ``train``, ``close``, ``tally`` and ``look`` compute."""
    study, strategy = setup.study, setup.strategy
    steps_of = make_steps(
        model,
        optimizer,
        strategy.parts,
        together=strategy.chunk > 1,
        augmentation=Augmentation(study.augment),
    )
    look = make_look(model, tap)

    def train(running: Running, data: Data, block: Block) -> Running:
        def read(i: jax.Array, numbers: jax.Array) -> tuple[jax.Array, jax.Array]:
            place = (running.slot, i, numbers)
            return block.images[place], block.labels[place]

        steps = Steps(number=block.number, first=block.first, count=block.count)
        numbers = jnp.arange(study.batch_size)
        cell, sums = steps_of(running.cell, running.sums, data, steps, lambda _: numbers, read)
        return Running(cell=cell, slot=running.slot, sums=sums)

    def close(trained: tuple[Cell, Score], number: jax.Array) -> tuple[Cell, Score]:
        return end_epoch(*trained, number, num_steps)

    def tally(cell: Cell, data: Data, batches: Split) -> Any:
        return map_batches(make_tally(model, cell.params, data), batches)

    def look_at(cell: Cell, data: Data, batches: Split) -> Any:
        return map_batches(lambda *batch: look(cell.params, data, *batch), batches)

    return train, close, tally, look_at


def running_cells(cells: Any, layout: Layout, grid: Spread) -> Running:
    """Cells before the first step of an epoch."""
    zeros = jax.tree.map(lambda z: np.zeros(layout.slots.shape, z.dtype), no_score())
    return Running(cell=cells, slot=grid.place(layout.slots), sums=grid.place(zeros))
