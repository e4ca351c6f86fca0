"""The compiled programs of a study: three per activation, so that none runs another's code."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from jaxact.lab import data as lab_data
from jaxact.lab._cores import cores
from jaxact.lab.augmentation import Augmentation
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.evaluation import evaluate
from jaxact.lab.executables import Shelf
from jaxact.lab.model import build
from jaxact.lab.optimizers import make_optimizer
from jaxact.lab.parallel import Program, Spread, spread
from jaxact.lab.probe import Tap, make_probe
from jaxact.lab.progress import Progress
from jaxact.lab.strategy import Strategy, out_of_memory
from jaxact.lab.study import Study, activation_named
from jaxact.lab.train import Cell, make_start, make_train

_MAX_EPOCHS_PER_CALL = 2
# The seed is what the cells of a group have in common.
_AXES = Cell(lr=0, seed=None, params=0, opt_state=0, diverged=0)


@dataclasses.dataclass(frozen=True)
class Setup:
    """A study on its devices.

    Attributes:
        study: what to compare.
        dataset: its images, in host memory or on disk.
        strategy: how cells run inside a device.
        grid: where they run.
        settings: their learning rates and seeds, on the devices.
        data: images, on every device; where they stream, their mean and scale alone.
        validation: those of validation again; in an array of one size with ``test``. None where
            images stream, and so is ``test``.
        test: on every device.
    """

    study: Study
    dataset: lab_data.Dataset
    strategy: Strategy
    grid: Spread
    settings: Any
    data: Any
    validation: Any
    test: Any


@dataclasses.dataclass(frozen=True)
class Programs:
    """The programs of one activation.

    Attributes:
        start: from learning rates and seeds to cells.
        train: cells, numbers of epochs and data, to cells and scores.
        measure: cells, data and a split, to its score and what is inside the network; None where
            :func:`compile_all` was told to leave it out.
    """

    start: Program
    train: Program
    measure: Any = None

    @property
    def compiled(self) -> dict[str, Any]:
        """``jax.stages.Compiled`` by name."""
        return {part: program.compiled for part, program in vars(self).items() if program}


def set_up(
    study: Study,
    dataset: lab_data.Dataset,
    devices: Sequence[Any],
    strategy: Strategy,
    settings: tuple[np.ndarray, np.ndarray] | None = None,
) -> Setup:
    """Puts images and settings on the devices.

    Args:
        study: what to compare.
        dataset: its images.
        devices: at most as many as there are cells are used.
        strategy: its chunk becomes at most the cells of a device.
        settings: learning rates and seeds of the cells; by default all of the study.
    """
    settings = settings or study.settings
    grid = spread(len(settings[0]), devices, strategy.chunk, _alike(study, settings[1]))
    data, validation, test = dataset.data, dataset.data.validation, dataset.test
    if strategy.streams:
        data, validation, test = dataclasses.replace(data, train=None, validation=None), None, None
    else:
        size = max(len(validation.labels), len(test.labels))
        validation, test = lab_data.padded(validation, size), lab_data.padded(test, size)
    return Setup(
        study=study,
        dataset=dataset,
        strategy=dataclasses.replace(strategy, chunk=grid.chunk),
        grid=grid,
        settings=grid.scatter(settings),
        data=grid.broadcast(data),
        validation=grid.broadcast(validation),
        test=grid.broadcast(test),
    )


def _alike(study: Study, seeds: np.ndarray) -> int:
    """How many cells have a seed in common, and so their batches, where all seeds have as many.

    A chunk with all of them reads a batch once, and the first layer is one product for them all.
    """
    rates = len(study.lrs)
    if len(seeds) % rates or (seeds.reshape(rates, -1) != seeds[: len(seeds) // rates]).any():
        return 1
    return rates


def calls(epochs: int) -> Iterator[np.ndarray]:
    """Numbers of the epochs, from 1 on, in calls of equal length."""
    size = max(d for d in range(1, _MAX_EPOCHS_PER_CALL + 1) if epochs % d == 0)
    yield from np.arange(1, epochs + 1, dtype=np.int32).reshape(-1, size)


def compile_all(setup: Setup, progress: Progress, with_measure: bool = True) -> dict[str, Any]:
    """Compiles the programs of all activations, several at a time.

    Args:
        setup: a study on its devices.
        progress: told of each activation.
        with_measure: whether to compile the program that measures, too.

    Returns:
        :class:`Programs` by activation, or where images stream
        :class:`jaxact.lab.stream_programs.StreamPrograms`.

    Raises:
        UserError: if a model or an activation of one's own cannot be trained.
    """
    study, starts, shelf = setup.study, _Once(), Shelf(setup)

    def compile_one(name: str) -> Any:
        try:
            return _compile(setup, name, starts, with_measure)
        except UserError:
            raise
        except Exception as error:
            if (study.model == "cnn" and ":" not in name) or out_of_memory(error):
                raise
            raise UserError(
                f"--model {study.model} with {name} cannot be trained: {first_line(error)}"
            ) from error

    def find_one(name: str) -> Programs:
        kept = shelf.take(name)
        if kept is not None:
            return Programs(**{part: setup.grid.program(p) for part, p in kept.items()})
        programs = compile_one(name)
        shelf.put(name, programs.compiled)
        return programs

    # A race compiles programs that no other run will ask for.
    ours = [name for name in study.activations if with_measure and shelf.holds(name)]
    others = [name for name in study.activations if name not in ours]
    with _no_garbage_collection():
        with shelf.in_place_of_jax():
            found = _side_by_side(find_one, ours, progress)
        found |= _side_by_side(compile_one, others, progress)
    return {name: found[name] for name in study.activations}


def _side_by_side(
    function: Callable[[str], Programs], names: list[str], progress: Progress
) -> dict[str, Programs]:
    """``function`` of every name, several at a time."""
    with concurrent.futures.ThreadPoolExecutor(cores()) as pool:
        futures = {name: pool.submit(function, name) for name in names}
        try:
            for _ in concurrent.futures.as_completed(futures.values()):
                progress.advance(1)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return {name: future.result() for name, future in futures.items()}


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Tracing makes so many objects that looking for garbage among them takes a seventh of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Once:
    """Programs by what they compute, so that equal ones are compiled once."""

    def __init__(self) -> None:
        self._programs: dict[str, Program] = {}
        self._lock = threading.Lock()

    def compiled(self, function: Any, setup: Setup) -> Program:
        """``function(lr, seed)``, compiled for all cells."""
        one = jax.tree.map(lambda a: jax.ShapeDtypeStruct((), a.dtype), setup.settings)
        # Activations without parameters have the same start.
        code = jax.make_jaxpr(function)(*one)
        key = f"{code.jaxpr}{[np.asarray(c).tobytes() for c in code.consts]}"
        with self._lock:
            if key not in self._programs:
                self._programs[key] = setup.grid.compile(
                    lambda setting: function(*setting), setup.settings, axes=(0, None), once=True
                )
            return self._programs[key]


def _compile(setup: Setup, name: str, starts: _Once, with_measure: bool) -> Any:
    study, dataset, grid = setup.study, setup.dataset, setup.grid
    tap = Tap(activation_named(name))
    model = build(
        study,
        tap,
        num_classes=dataset.num_classes,
        image_shape=dataset.image_shape,
        convolution=setup.strategy.convolution,
    )
    steps = len(dataset.data.train.labels) // study.batch_size
    optimizer = make_optimizer(study, model.decays, steps)
    start = starts.compiled(make_start(model, optimizer), setup)
    strategy = setup.strategy
    if strategy.streams:
        from jaxact.lab import stream_programs  # Grain is not needed elsewhere

        return stream_programs.compile_programs(setup, model, tap, optimizer, start, _AXES)
    train = make_train(
        model,
        optimizer,
        study.batch_size,
        strategy.parts,
        together=strategy.chunk > 1,
        augmentation=Augmentation(study.augment),
    )
    probe = make_probe(model, tap)

    def measure(cell: Cell, data: lab_data.Data, split: lab_data.Split) -> Any:
        return evaluate(model, cell, data, split), probe(cell, data)

    cells = start(setup.settings)
    epochs = grid.broadcast(next(calls(study.epochs)))
    return Programs(
        start=start,
        train=grid.compile(train, cells, epochs, setup.data, axes=_AXES, donate=True),
        measure=grid.compile(measure, cells, setup.data, setup.validation, axes=_AXES)
        if with_measure
        else None,
    )
