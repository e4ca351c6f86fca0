"""Training on images that come in blocks: all activations on one, while Grain reads the next."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from jaxact.lab.data import blocks
from jaxact.lab.data.blocks import Item
from jaxact.lab.evaluation import total
from jaxact.lab.parallel import Program
from jaxact.lab.probe import inside
from jaxact.lab.stream_programs import Layout, StreamPrograms, running_cells
from jaxact.lab.train import batches_of_epoch

if TYPE_CHECKING:
    from jaxact.lab.programs import Setup
    from jaxact.lab.progress import Clock, Progress


class Streamed:
    """Trains and measures all activations, block by block.

    A block is read once for all activations, whose cells are on the devices in any case.

    Args:
        setup: a study whose strategy streams.
        programs: by activation.
        progress: told of the runs times epochs that are done.
        clock: counts the seconds for which blocks are waited for.
    """

    def __init__(
        self,
        setup: Setup,
        programs: dict[str, StreamPrograms],
        progress: Progress,
        clock: Clock,
    ) -> None:
        self._setup, self._grid, self._programs = setup, setup.grid, programs
        self._progress, self._clock = progress, clock
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

    def start(self) -> dict[str, Any]:
        """The cells of all activations before their first step."""
        return {name: p.start(self._setup.settings) for name, p in self._programs.items()}

    def measure(self, cells: dict[str, Any], split: str) -> dict[str, Any]:
        """By activation, the score on ``"validation"`` or ``"test"``, and what is inside."""
        kind, number = ("start", 0) if split == "validation" else ("end", self._setup.study.epochs)
        scores = self._scores(cells, kind, number, "measure")
        looks = self._evaluated(cells, "probe", number, "look")
        return {n: (scores[n], self._of_cells(inside, cells[n], looks[n])) for n in cells}

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

    def _take(self, item: Item) -> Any:
        with self._clock.waiting():
            return self._flow.take(item)

    def _epoch(
        self, cells: dict[str, Any], number: int, seconds: dict[str, float]
    ) -> dict[str, Any]:
        """Trains an epoch; returns the scores of its steps."""
        running = {name: running_cells(cells[name], self._layout, self._grid) for name in cells}
        steps, done = self._layout.steps, 0
        for i in range(len(steps)):
            block = self._take(Item("train", number, i))
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
        return {name: self._of_cells(total, cells[name], tallies[name]) for name in cells}

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
            block = self._take(Item(kind, number, i))
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

    def _of_cells(self, function: Any, cells: Any, arrays: Any) -> Any:
        """``function(diverged, arrays)`` of each cell, in host memory."""
        scattered = self._grid.scatter((self._grid.gather(cells.diverged), arrays))
        shapes = jax.tree.map(lambda a: (a.shape, a.dtype), scattered)
        key = (function.__name__, str(shapes))
        if key not in self._joined:
            self._joined[key] = self._grid.compile(lambda both: function(*both), scattered)
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


def _plan(layout: Layout, epochs: int) -> list[Item]:
    """The blocks of a whole run, in their order."""

    def of(kind: str, number: int) -> list[Item]:
        cut = layout.steps if kind == "train" else layout.batches[kind]
        return [Item(kind, number, i) for i in range(len(cut))]

    plan = of("start", 0) + of("probe", 0)
    for number in range(1, epochs + 1):
        plan += of("train", number) + of("validation", number)
    return plan + of("end", epochs) + of("probe", epochs)
