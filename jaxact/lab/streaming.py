"""Training on images that come in blocks: all activations on one, while Grain reads the next."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxact.lab._state import state
from jaxact.lab.data import Data, Split, blocks
from jaxact.lab.data.blocks import Block, Cut, Item
from jaxact.lab.parallel import Program, Spread
from jaxact.lab.probe import Tap, inside, make_look
from jaxact.lab.train import (
    Cell,
    Score,
    Steps,
    batches_of_epoch,
    division,
    end_epoch,
    make_steps,
    make_tally,
    map_batches,
    no_score,
    total,
)

if TYPE_CHECKING:
    from jaxact.lab.model import Model
    from jaxact.lab.programs import Setup
    from jaxact.lab.progress import Progress
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
        share = len(setup.grid.devices) if setup.grid.devices[0].platform == "cpu" else 1
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
            batches[kind] = Cut.into(number, _BLOCK_BYTES // (sizes[kind] * image), least=2)
        steps = Cut.into(counts["train"] // study.batch_size, _BLOCK_BYTES // share // step)
        return cls(seeds=seeds, slots=slots, steps=steps, sizes=sizes, batches=batches)

    def shape(self, setup: Setup, kind: str) -> Split:
        """Shapes of a block of batches to evaluate."""
        shape = (self.batches[kind].size, self.sizes[kind])
        return Split(
            images=jax.ShapeDtypeStruct((*shape, *setup.dataset.image_shape), np.uint8),
            labels=jax.ShapeDtypeStruct(shape, np.int32),
        )

    def training_shape(self, setup: Setup) -> Block:
        """Shapes of a block of steps."""
        most = max(map(len, self.seeds))
        shape = (len(self.seeds), most, self.steps.size, setup.study.batch_size)
        one = jax.ShapeDtypeStruct((len(self.seeds),), np.int32)
        return Block(
            images=jax.ShapeDtypeStruct((*shape, *setup.dataset.image_shape), np.uint8),
            labels=jax.ShapeDtypeStruct(shape, np.int32),
            number=one,
            first=one,
            count=one,
        )


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
    grid, study, layout = setup.grid, setup.study, Layout.of(setup)
    steps_of = make_steps(model, optimizer, setup.strategy.parts, setup.strategy.chunk > 1)
    num_steps, look = layout.steps.length, make_look(model, tap)

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

    def on_batches(function: Any, kind: str) -> Program:
        return grid.compile(function, cells, setup.data, layout.shape(setup, kind), axes=axes)

    cells = start(setup.settings)
    running, both = _running(cells, layout, grid), Running(cell=axes, slot=None, sums=0)
    block = layout.training_shape(setup)
    same = layout.shape(setup, "start") == layout.shape(setup, "validation")
    validation = on_batches(tally, "validation")
    return StreamPrograms(
        start=start,
        train=grid.compile(train, running, setup.data, block, axes=both, own=1, donate=True),
        close=grid.compile(
            close, (cells, running.sums), grid.broadcast(np.int32(1)), axes=(axes, 0), donate=True
        ),
        tally=validation,
        measure=validation if same else on_batches(tally, "start"),
        look=on_batches(look_at, "probe"),
    )


def _running(cells: Any, layout: Layout, grid: Spread) -> Running:
    """Cells before the first step of an epoch."""
    zeros = jax.tree.map(lambda z: np.zeros(layout.slots.shape, z.dtype), no_score())
    return Running(cell=cells, slot=grid.place(layout.slots), sums=grid.place(zeros))


class Streamed:
    """Trains and measures all activations, block by block.

    A block is read once for all activations, whose cells are on the devices in any case.

    Args:
        setup: a study whose strategy streams.
        programs: by activation.
        progress: told of the runs times epochs that are done.
    """

    def __init__(
        self, setup: Setup, programs: dict[str, StreamPrograms], progress: Progress
    ) -> None:
        self._setup, self._grid, self._programs = setup, setup.grid, programs
        self._progress = progress
        self._layout = layout = Layout.of(setup)
        study = setup.study
        num_images = len(setup.dataset.data.train.labels)
        self._orders = blocks.Orders(
            lambda seed, number: batches_of_epoch(
                jax.random.key(seed), number, num_images, study.batch_size
            ),
            kept=2 * len(set(sum(layout.seeds, []))),
        )
        self._flow = blocks.Flow(_plan(layout, study.epochs), self._read)
        self._joined: dict[Any, Program] = {}

    @property
    def waited(self) -> float:
        """Seconds for which blocks were waited for."""
        return self._flow.waited

    def start(self) -> dict[str, Any]:
        """The cells of all activations before their first step."""
        return {name: p.start(self._setup.settings) for name, p in self._programs.items()}

    def measure(self, cells: dict[str, Any], split: str) -> dict[str, Any]:
        """By activation, the score on ``"validation"`` or ``"test"``, and what is inside."""
        kind, number = ("start", 0) if split == "validation" else ("end", self._setup.study.epochs)
        scores = self._scores(cells, kind, number, "measure")
        looks = self._evaluated(cells, "probe", number, "look")
        return {name: (scores[name], self._of_cells(inside, looks[name])) for name in cells}

    def train(self, cells: dict[str, Any], epochs: np.ndarray) -> Iterator[tuple[str, Any, float]]:
        """Trains some epochs; takes ``cells`` further.

        Yields:
            An activation, its scores as :func:`jaxact.lab.train.make_train` returns them, and
            the seconds that its programs took.
        """
        seconds = dict.fromkeys(cells, 0.0)
        scores: dict[str, list[Any]] = {name: [] for name in cells}
        for number in epochs.tolist():
            trained = self._epoch(cells, number, seconds)
            found = self._scores(cells, "validation", number, "tally", seconds)
            for name in cells:
                scores[name].append((trained[name], found[name]))
        for name, of_epochs in scores.items():
            yield name, jax.tree.map(lambda *s: np.stack(s, axis=1), *of_epochs), seconds[name]

    def close(self) -> None:
        """Ends the reading."""
        self._flow.close()

    def _epoch(
        self, cells: dict[str, Any], number: int, seconds: dict[str, float]
    ) -> dict[str, Any]:
        """Trains an epoch; returns the scores of its steps."""
        running = {name: _running(cells[name], self._layout, self._grid) for name in cells}
        steps, done = self._layout.steps, 0
        for i in range(len(steps)):
            block = self._flow.take(Item("train", number, i))
            for name in cells:
                begin = time.perf_counter()
                running[name] = self._programs[name].train(running[name], self._setup.data, block)
                self._grid.wait(running[name].sums)
                seconds[name] += time.perf_counter() - begin
            now = len(cells) * self._grid.num_cells * steps.bounds(i)[1] // steps.length
            self._progress.advance(now - done)
            done = now
        scores = {}
        for name in cells:
            begin = time.perf_counter()
            end = self._grid.broadcast(np.int32(number))
            trained = running.pop(name)
            cells[name], score = self._programs[name].close((trained.cell, trained.sums), end)
            scores[name] = self._grid.gather(score)
            seconds[name] += time.perf_counter() - begin
        return scores

    def _scores(
        self,
        cells: dict[str, Any],
        kind: str,
        number: int,
        program: str,
        seconds: dict[str, float] | None = None,
    ) -> dict[str, Any]:
        """The scores of all activations on the images of a kind of block."""
        tallies = self._evaluated(cells, kind, number, program, seconds)
        diverged = {name: self._grid.gather(cells[name].diverged) for name in cells}
        return {
            name: self._of_cells(_total, (diverged[name], tallies[name]))
            for name in cells
        }

    def _evaluated(
        self,
        cells: dict[str, Any],
        kind: str,
        number: int,
        program: str,
        seconds: dict[str, float] | None = None,
    ) -> dict[str, Any]:
        """What a program returns of each batch, in host memory, shape (cells, batches, ...)."""
        found: dict[str, list[Any]] = {name: [] for name in cells}
        cut = self._layout.batches[kind]
        for i in range(len(cut)):
            block = self._flow.take(Item(kind, number, i))
            for name, parts in found.items():
                begin = time.perf_counter()
                run = getattr(self._programs[name], program)
                parts.append(self._grid.gather(run(cells[name], self._setup.data, block)))
                if seconds is not None:
                    seconds[name] += time.perf_counter() - begin
        return {
            name: jax.tree.map(lambda *p: np.concatenate(p, axis=1)[:, : cut.length], *parts)
            for name, parts in found.items()
        }

    def _of_cells(self, function: Any, arrays: Any) -> Any:
        """``function`` of the arrays of each cell, in host memory."""
        scattered = self._grid.scatter(arrays)
        shapes = jax.tree.map(lambda a: (a.shape, a.dtype), scattered)
        key = (function.__name__, str(shapes))
        if key not in self._joined:
            self._joined[key] = self._grid.compile(function, scattered)
        return self._grid.gather(self._joined[key](scattered))

    def _read(self, item: Item) -> Any:
        """A block on its way to the devices."""
        layout, dataset = self._layout, self._setup.dataset
        if item.kind == "train":
            train = dataset.data.train
            block = blocks.training_block(
                train, self._orders, layout.seeds, layout.steps, item.number, item.i
            )
            return self._grid.place(block)
        name = {"probe": "train", "start": "validation", "end": "test"}.get(item.kind, item.kind)
        split, cut = dataset.splits[name], layout.batches[item.kind]
        return self._grid.broadcast(
            blocks.evaluation_block(split, layout.sizes[item.kind], cut, item.i)
        )


def _total(diverged_and_tallies: Any) -> Score:
    return total(*diverged_and_tallies)


def _plan(layout: Layout, epochs: int) -> list[Item]:
    """The blocks of a whole run, in their order."""

    def of(kind: str, number: int) -> list[Item]:
        cut = layout.steps if kind == "train" else layout.batches[kind]
        return [Item(kind, number, i) for i in range(len(cut))]

    plan = of("start", 0) + of("probe", 0)
    for number in range(1, epochs + 1):
        plan += of("train", number) + of("validation", number)
    return plan + of("end", epochs) + of("probe", epochs)
