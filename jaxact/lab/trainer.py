"""What the engine asks of those who train, and the one with all images on the devices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from jaxact.lab.programs import Programs, Setup
from jaxact.lab.progress import Progress


class Trainer(Protocol):
    """Trains and measures all activations of a study; cells are by activation, on the devices."""

    def start(self) -> dict[str, Any]:
        """The cells before their first step."""
        ...

    def measure(self, cells: dict[str, Any], split: str) -> dict[str, Any]:
        """By activation, the score on ``"validation"`` or ``"test"``, and what is inside."""
        ...

    def train(self, cells: dict[str, Any], epochs: np.ndarray) -> Iterator[tuple[str, Any, float]]:
        """Trains some epochs; takes ``cells`` further.

        Yields:
            An activation, its scores as :func:`jaxact.lab.train.make_train` returns them, in
            host memory, and the seconds that its programs took.
        """
        ...

    def close(self) -> None:
        """Ends what was begun."""
        ...


class OnDevice:
    """A :class:`Trainer` on images that are on the devices.

    Args:
        setup: a study whose strategy does not stream.
        programs: by activation.
        progress: told of the runs times epochs that are done.
    """

    def __init__(self, setup: Setup, programs: dict[str, Programs], progress: Progress) -> None:
        self._setup, self._programs, self._progress = setup, programs, progress

    def start(self) -> dict[str, Any]:
        """The cells of all activations before their first step."""
        return {name: p.start(self._setup.settings) for name, p in self._programs.items()}

    def measure(self, cells: dict[str, Any], split: str) -> dict[str, Any]:
        """By activation, the score on ``"validation"`` or ``"test"``, and what is inside."""
        setup = self._setup
        images = setup.validation if split == "validation" else setup.test
        return {
            name: setup.grid.gather(program.measure(cells[name], setup.data, images))
            for name, program in self._programs.items()
        }

    def train(self, cells: dict[str, Any], epochs: np.ndarray) -> Iterator[tuple[str, Any, float]]:
        """Trains some epochs, one activation after another; see :class:`Trainer`."""
        setup, grid = self._setup, self._setup.grid
        numbers = grid.broadcast(epochs)
        for name, program in self._programs.items():
            begin = time.perf_counter()
            cells[name], scores = program.train(cells[name], numbers, setup.data)
            scores = grid.gather(scores)
            yield name, scores, time.perf_counter() - begin
            self._progress.advance(grid.num_cells * len(epochs))

    def close(self) -> None:
        """Does nothing: nothing is open."""
