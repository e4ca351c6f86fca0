"""The compiled programs of a study: three per activation, so that none runs another's code."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxact.lab import data as lab_data
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.model import build
from jaxact.lab.optimizers import make_optimizer
from jaxact.lab.parallel import Program, Spread
from jaxact.lab.probe import make_probe
from jaxact.lab.progress import Progress
from jaxact.lab.study import Study, activation_named
from jaxact.lab.train import Cell, evaluate, make_start, make_train

_MAX_EPOCHS_PER_CALL = 2


@dataclasses.dataclass(frozen=True)
class Shared:
    """What every device reads: images, and those of validation and test in arrays of one size."""

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
    measure: Any


def place(dataset: lab_data.Dataset, grid: Spread) -> Shared:
    """The images on every device."""
    validation, test = dataset.data.validation, dataset.test
    size = max(len(validation.labels), len(test.labels))
    return Shared(
        data=grid.broadcast(dataset.data),
        validation=grid.broadcast(lab_data.padded(validation, size)),
        test=grid.broadcast(lab_data.padded(test, size)),
    )


def calls(epochs: int) -> Iterator[np.ndarray]:
    """Numbers of the epochs, from 1 on, in calls of equal length."""
    size = max(d for d in range(1, _MAX_EPOCHS_PER_CALL + 1) if epochs % d == 0)
    yield from np.arange(1, epochs + 1, dtype=np.int32).reshape(-1, size)


def compile_all(
    study: Study,
    dataset: lab_data.Dataset,
    grid: Spread,
    settings: Any,
    shared: Shared,
    convolution: str,
    progress: Progress,
    with_measure: bool = True,
) -> dict[str, Programs]:
    """Compiles the programs of all activations, several at a time.

    Args:
        study: what to compare.
        dataset: for the shapes.
        grid: where the cells run.
        settings: learning rates and seeds of the cells, on the devices.
        shared: images on the devices.
        convolution: the form of the default network's convolutions.
        progress: told of each activation.
        with_measure: whether to compile the program that measures, too.

    Raises:
        UserError: if a model or an activation of one's own cannot be trained.
    """

    def compile_one(name: str) -> Programs:
        try:
            return _compile(study, dataset, grid, settings, shared, convolution, name, with_measure)
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
        try:
            for _ in concurrent.futures.as_completed(futures.values()):
                progress.advance(1)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return {name: future.result() for name, future in futures.items()}


def _compile(
    study: Study,
    dataset: lab_data.Dataset,
    grid: Spread,
    settings: Any,
    shared: Shared,
    convolution: str,
    name: str,
    with_measure: bool,
) -> Programs:
    activation = activation_named(name)
    build_with = functools.partial(
        build,
        study,
        num_classes=dataset.num_classes,
        image_shape=dataset.image_shape,
        convolution=convolution,
    )
    model = build_with(activation)
    steps = len(dataset.data.train.labels) // study.batch_size
    optimizer = make_optimizer(study, model.decays, steps)
    start, train = make_start(model, optimizer), make_train(model, optimizer, study.batch_size)
    probe = make_probe(build_with, activation)

    def measure(cell: Cell, data: lab_data.Data, split: lab_data.Split) -> Any:
        return evaluate(model, cell, data, split), probe(cell.params, data)

    starting = grid.compile(lambda setting: start(*setting), settings, once=True)
    cells = starting(settings)
    epochs = grid.broadcast(next(calls(study.epochs)))
    return Programs(
        start=starting,
        train=grid.compile(train, cells, epochs, shared.data, donate=True),
        measure=grid.compile(measure, cells, shared.data, shared.validation)
        if with_measure
        else None,
    )
