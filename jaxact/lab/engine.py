"""The engine: trains every cell of a study and returns what was measured."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import os
import time
from collections.abc import Iterator
from typing import Any, Protocol

import jax
import numpy as np

from jaxact.lab import data as lab_data
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.model import build, check_activation
from jaxact.lab.parallel import Spread, spread, use_all_cores
from jaxact.lab.probe import make_probe
from jaxact.lab.study import Study, activation_named
from jaxact.lab.train import Cell, evaluate, make_start, make_train

_MAX_EPOCHS_PER_CALL = 2


class Progress(Protocol):
    """What the engine tells while it works."""

    def phase(self, name: str, total: int) -> None:
        """A phase of ``total`` units of work begins."""
        ...

    def advance(self, amount: int) -> None:
        """Some units are done."""
        ...


class Silent:
    """Progress that nobody watches."""

    def phase(self, name: str, total: int) -> None:
        """Says nothing."""

    def advance(self, amount: int) -> None:
        """Says nothing."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What training a study measured.

    Attributes:
        activations: per activation, ``start``, ``epochs`` and ``end``: pytrees of arrays whose
            first axis is the cells, ordered by learning rate and then seed.
        step_ms: per activation, milliseconds of one training step of one cell.
        seconds: wall time of the phases data, compile and train.
        devices: the devices, in words.
    """

    activations: dict[str, dict[str, Any]]
    step_ms: dict[str, float]
    seconds: dict[str, float]
    devices: list[str]


@dataclasses.dataclass(frozen=True)
class _Shared:
    """What every device reads."""

    data: Any
    validation: Any
    test: Any


@dataclasses.dataclass(frozen=True)
class _Programs:
    """The compiled programs of one activation: static slices of the grid."""

    start: Any
    train: Any
    measure: Any


def train_study(
    study: Study,
    progress: Progress | None = None,
    dataset: lab_data.Dataset | None = None,
) -> Measured:
    """Trains all cells of a study.

    Args:
        study: what to compare.
        progress: told about phases and their progress.
        dataset: images to use in place of those that ``study.dataset`` names.

    Returns:
        The measurements, in host memory.

    Raises:
        UserError: if the data, the model or the devices do not fit the study.
    """
    use_all_cores()
    progress = progress or Silent()
    clock = _Clock()
    progress.phase("data", 1)
    dataset = dataset or lab_data.load(study.dataset, study.data_dir, study.validation)
    if study.batch_size > len(dataset.data.train.labels):
        raise UserError(
            f"--batch-size {study.batch_size} is more than the {len(dataset.data.train.labels)} "
            f"training images of {study.dataset}"
        )
    grid = spread(study.cells_per_activation, _devices(study))
    shared = _place(dataset, grid)
    clock.lap("data")

    for name in study.activations:
        check_activation(name)
    progress.phase("compile", len(study.activations))
    programs = _compile_all(study, dataset, grid, shared, progress)
    clock.lap("compile")

    progress.phase("train", len(study.activations) * grid.num_cells * study.epochs)
    activations, call_seconds = _train_all(study, grid, programs, shared, progress)
    clock.lap("train")
    steps_per_epoch = len(dataset.data.train.labels) // study.batch_size
    steps_per_call = steps_per_epoch * len(next(_calls(study.epochs))) * grid.capacity
    return Measured(
        activations=activations,
        step_ms={n: 1e3 * float(np.median(t)) / steps_per_call for n, t in call_seconds.items()},
        seconds=clock.seconds,
        devices=[str(d.device_kind) for d in grid.devices],
    )


def _place(dataset: lab_data.Dataset, grid: Spread) -> _Shared:
    """The images on every device; validation and test images in arrays of one size."""
    validation, test = dataset.data.validation, dataset.test
    size = max(len(validation.labels), len(test.labels))
    return _Shared(
        data=grid.broadcast(dataset.data),
        validation=grid.broadcast(lab_data.padded(validation, size)),
        test=grid.broadcast(lab_data.padded(test, size)),
    )


def _train_all(
    study: Study, grid: Spread, programs: dict[str, _Programs], shared: _Shared, progress: Progress
) -> tuple[dict[str, dict[str, Any]], dict[str, list[float]]]:
    """Measurements of all activations, and seconds of each call of their training programs."""
    settings = grid.scatter(study.settings)
    results: dict[str, dict[str, Any]] = {}
    cells: dict[str, Any] = {}
    for name, program in programs.items():
        cells[name] = program.start(settings)
        start = program.measure(cells[name], shared.data, shared.validation)
        results[name] = {"start": grid.gather(start)}
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    scores: dict[str, list[Any]] = {name: [] for name in programs}
    for epochs in _calls(study.epochs):
        for name, program in programs.items():
            begin = time.perf_counter()
            cells[name], score = program.train(cells[name], grid.broadcast(epochs), shared.data)
            scores[name].append(grid.gather(score))
            seconds[name].append(time.perf_counter() - begin)
            progress.advance(grid.num_cells * len(epochs))
    for name, program in programs.items():
        results[name]["epochs"] = jax.tree.map(
            lambda *parts: np.concatenate(parts, 1), *scores[name]
        )
        results[name]["end"] = grid.gather(program.measure(cells[name], shared.data, shared.test))
    return results, seconds


def _calls(epochs: int) -> Iterator[np.ndarray]:
    """Numbers of the epochs, from 1 on, in calls of equal length."""
    size = max(d for d in range(1, _MAX_EPOCHS_PER_CALL + 1) if epochs % d == 0)
    yield from np.arange(1, epochs + 1, dtype=np.int32).reshape(-1, size)


def _devices(study: Study) -> list[Any]:
    try:
        devices = jax.devices()
    except (RuntimeError, AssertionError) as error:
        raise UserError(f"JAX finds no device; is JAX_PLATFORMS right? {error}") from None
    wanted = study.devices or len(devices)
    if wanted > len(devices):
        raise UserError(
            f"--devices {wanted}: there are {len(devices)} devices ({devices[0].platform}); "
            f"give {len(devices)} or fewer"
        )
    return devices[:wanted]


def _compile_all(
    study: Study,
    dataset: lab_data.Dataset,
    grid: Spread,
    shared: _Shared,
    progress: Progress,
) -> dict[str, _Programs]:
    """Compiles the programs of all activations, several at a time."""

    def compile_one(name: str) -> _Programs:
        try:
            return _compile(study, dataset, grid, shared, name)
        except UserError:
            raise
        except Exception as error:
            if study.model == "cnn" and ":" not in name:
                raise
            raise UserError(
                f"--model {study.model} with {name} cannot be trained: {first_line(error)}"
            ) from error

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = {name: pool.submit(compile_one, name) for name in study.activations}
        for _ in concurrent.futures.as_completed(futures.values()):
            progress.advance(1)
        return {name: future.result() for name, future in futures.items()}


def _compile(
    study: Study, dataset: lab_data.Dataset, grid: Spread, shared: _Shared, name: str
) -> _Programs:
    activation = activation_named(name)
    build_with = functools.partial(
        build, study, num_classes=dataset.num_classes, image_shape=dataset.image_shape
    )
    model = build_with(activation)
    start, train = make_start(model), make_train(model, study.batch_size)
    probe = make_probe(build_with, activation)

    def measure(cell: Cell, data: lab_data.Data, split: lab_data.Split) -> Any:
        return evaluate(model, cell.params, data, split), probe(cell.params, data)

    settings = grid.scatter(study.settings)
    starting = grid.compile(lambda setting: start(*setting), settings, once=True)
    cells = starting(settings)
    epochs = grid.broadcast(next(_calls(study.epochs)))
    return _Programs(
        start=starting,
        train=grid.compile(train, cells, epochs, shared.data, donate=True),
        measure=grid.compile(measure, cells, shared.data, shared.validation),
    )


class _Clock:
    """Wall time by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now
