"""The engine: trains every cell of a study and returns what was measured."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from typing import Any

import jax
import numpy as np

from jaxact.lab import data as lab_data
from jaxact.lab import strategy as lab_strategy
from jaxact.lab import unfinished
from jaxact.lab._state import state
from jaxact.lab.checkpoint import Keeper, Unkept
from jaxact.lab.distributed import ALONE, Team
from jaxact.lab.errors import UserError
from jaxact.lab.model import check_activation
from jaxact.lab.parallel import Spread, spread, use_all_cores
from jaxact.lab.programs import Setup, calls, compile_all, set_up
from jaxact.lab.progress import Clock, Progress, Silent
from jaxact.lab.strategy import Strategy
from jaxact.lab.study import Study
from jaxact.lab.timing import step_ms
from jaxact.lab.trainer import OnDevice, Trainer


@dataclasses.dataclass(frozen=True)
class Measured:
    """What training a study measured.

    Attributes:
        activations: per activation, ``start``, ``epochs`` and ``end``: pytrees of arrays whose
            first axis is the cells, ordered by learning rate and then seed.
        step_ms: per activation, milliseconds of one training step of one cell: an epoch's time,
            with its validation pass, over its steps. NaN where cells diverged too soon to tell.
        seconds: wall time of the phases data, compile (with the race) and train.
        devices: the devices of all processes, in words.
        processes: number of processes.
        strategy: how cells ran inside a device.
        dataset: what identifies the data, see :meth:`jaxact.lab.data.Dataset.identity`.
        waited: of the seconds of training, those in which images that stream were waited for.
    """

    activations: dict[str, dict[str, Any]]
    step_ms: dict[str, float]
    seconds: dict[str, float]
    devices: list[str]
    processes: int
    strategy: Strategy
    dataset: dict[str, Any]
    waited: float = 0.0


@state
class Standing:
    """A run between two calls of its programs, in host memory.

    Attributes:
        work: per activation measurements at the ``start`` and scores of ``epochs``, those to come
            0, and where it is kept the ``cells`` as they stand; the first axis of every array is
            the cells'.
        seconds: per activation, of each call of its program; those to come 0.
        calls: number of calls made, int32 scalar.
    """

    work: dict[str, dict[str, Any]]
    seconds: dict[str, np.ndarray]
    calls: Any


def train_study(
    study: Study,
    progress: Progress | None = None,
    dataset: lab_data.Dataset | None = None,
    keeper: Keeper | None = None,
    team: Team = ALONE,
) -> Measured:
    """Trains all cells of a study.

    Args:
        study: what to compare.
        progress: told about phases and their progress.
        dataset: images to use in place of those that ``study.dataset`` names.
        keeper: keeps the state at the ends of epochs, and gives it back to go on from there;
            only that of process 0 counts.
        team: the processes that share the cells.

    Returns:
        The measurements, in host memory; in every process those of all cells.

    Raises:
        UserError: if the data, the model or the devices do not fit the study.
    """
    use_all_cores()
    progress, keeper = progress or Silent(), keeper or Unkept()
    clock = keeper.clock
    progress.phase("data", 1)
    team.check(study)
    devices = _devices(study, team)
    # One process prepares the set; in a shared folder the others would write the same files.
    dataset = dataset or team.led(
        lambda: lab_data.load(
            study.dataset,
            study.data_dir,
            study.validation,
            study.image_size,
            study.on_corrupt,
            study.streaming,
            devices,
        )
    )
    if team.rank == 0 and keeper.data is None:
        for note in dataset.notes:
            print(f"jaxact: {note}", file=sys.stderr)
    checksum = dataset.checksum.hex()
    team.check_data(dataset.name, checksum)
    unfinished.refuse_other_data(dataset.name, keeper.data, checksum)
    keeper.data = checksum
    if study.batch_size > len(dataset.data.train.labels):
        raise UserError(
            f"--batch-size {study.batch_size} is more than the {len(dataset.data.train.labels)} "
            f"training images of {study.dataset}"
        )
    clock.lap("data")
    for name in study.activations:
        check_activation(name)
    strategy = _strategy(study, dataset, devices, keeper, team, progress)

    while True:
        setup, programs = _compiled(study, dataset, devices, strategy, team, progress)
        clock.lap("compile")
        # Who cannot train says so before the others begin.
        team.meet()
        try:
            with contextlib.closing(_trainer(setup, programs, progress, clock)) as trainer:
                activations, seconds = _train(setup, trainer, keeper, team, progress)
            break
        except jax.errors.JaxRuntimeError as error:
            strategy = lab_strategy.after(error, setup.strategy)
            if team.size > 1:  # The others are on their way.
                raise UserError(
                    f"the memory of a device does not hold {setup.strategy.chunk} runs at a time; "
                    f"give --strategy vmap --chunk {strategy.chunk}"
                ) from None
    clock.lap("train")
    times = step_ms(setup, activations, seconds)
    num_devices = team.all(np.array([len(setup.grid.devices)]))
    activations = team.all(activations)
    return Measured(
        # In the study's order: JAX's functions of trees sort the keys of dicts.
        activations={n: activations[n] for n in study.activations},
        step_ms=times,
        seconds=clock.seconds,
        devices=[setup.grid.devices[0].device_kind] * int(num_devices.sum()),
        processes=team.size,
        strategy=setup.strategy,
        dataset=dataset.identity(),
        waited=round(clock.waited, 3),
    )


def _strategy(
    study: Study,
    dataset: lab_data.Dataset,
    devices: list[Any],
    keeper: Keeper,
    team: Team,
    progress: Progress,
) -> Strategy:
    """That of an unfinished run, or a new one; where images stream in one process, in all."""
    strategy = team.agreed(keeper.strategy)
    streams = not dataset.in_memory
    if strategy is None:
        chosen = lab_strategy.choose(study, dataset, devices, progress)
        strategy, streams = team.agreed(chosen), chosen.streams
    return dataclasses.replace(strategy, streams=strategy.streams or team.any(streams))


def _compiled(
    study: Study,
    dataset: lab_data.Dataset,
    devices: list[Any],
    strategy: Strategy,
    team: Team,
    progress: Progress,
) -> tuple[Setup, dict[str, Any]]:
    """The study's programs, with as many cells at a time as memory holds."""
    settings = team.mine(study.settings)
    while True:
        try:
            setup = set_up(study, dataset, devices, strategy, settings)
            progress.phase("compile", len(study.activations))
            programs = compile_all(setup, progress)
        except jax.errors.JaxRuntimeError as error:
            chunk = spread(len(settings[0]), devices, strategy.chunk).chunk
            strategy = lab_strategy.after(error, dataclasses.replace(strategy, chunk=chunk))
            continue
        needed = max(p.train.temporary_bytes for p in programs.values())
        strategy = lab_strategy.fitting(setup.strategy, needed, devices[0])
        if strategy == setup.strategy:
            return setup, programs


def _trainer(setup: Setup, programs: dict[str, Any], progress: Progress, clock: Clock) -> Trainer:
    """What trains a study, in the way its strategy says."""
    if not setup.strategy.streams:
        return OnDevice(setup, programs, progress)
    from jaxact.lab.streaming import Streamed  # Grain is not needed elsewhere

    return Streamed(setup, programs, progress, clock)


def _train(
    setup: Setup,
    trainer: Trainer,
    keeper: Keeper,
    team: Team,
    progress: Progress,
) -> tuple[dict[str, dict[str, Any]], dict[str, np.ndarray]]:
    """What was measured in this process's cells, and the seconds of each call by activation."""
    grid, num_epochs = setup.grid, setup.study.epochs
    standing, cells = _begin(setup, trainer)
    if team.agreed(keeper.strategy is not None):
        whole = team.agreed(keeper.kept(_with_cells(standing, cells, grid, team)))
        standing = dataclasses.replace(whole, work=team.mine(whole.work))
        cells = {name: grid.scatter(work.pop("cells")) for name, work in standing.work.items()}

    progress.phase("train", len(cells) * grid.num_cells * num_epochs)
    for call, epochs in enumerate(calls(num_epochs)):
        if call < standing.calls:
            progress.advance(len(cells) * grid.num_cells * len(epochs))
            continue
        for name, scores, seconds in trainer.train(cells, epochs):
            _note(standing.work[name]["epochs"], scores, epochs)
            standing.seconds[name][call] = seconds
        if team.agreed(keeper.due()):
            whole = _with_cells(standing, cells, grid, team)
            whole = dataclasses.replace(whole, calls=np.int32(call + 1))
            keeper.keep(whole, setup.strategy, int(epochs[-1]))

    end = trainer.measure(cells, "test")
    measured = {
        name: {"start": work["start"], "epochs": work["epochs"], "end": end[name]}
        for name, work in standing.work.items()
    }
    return measured, standing.seconds


def _begin(setup: Setup, trainer: Trainer) -> tuple[Standing, dict[str, Any]]:
    """A run before its first step, and its cells, on the devices and nowhere else."""
    epochs, work = setup.study.epochs, {}
    cells = trainer.start()
    for name, start in trainer.measure(cells, "validation").items():
        score = start[0]
        scores = jax.tree.map(lambda s: np.zeros((*s.shape, epochs), s.dtype), score)
        work[name] = {"start": start, "epochs": (scores, jax.tree.map(np.copy, scores))}
    num_calls = len([*calls(epochs)])
    seconds = {name: np.zeros(num_calls) for name in work}
    return Standing(work=work, seconds=seconds, calls=np.int32(0)), cells


def _with_cells(standing: Standing, cells: dict[str, Any], grid: Spread, team: Team) -> Standing:
    """The run of all processes with its cells as they stand, in host memory."""
    work = {name: w | {"cells": grid.gather(cells[name])} for name, w in standing.work.items()}
    return dataclasses.replace(standing, work=team.all(work))


def _note(whole: Any, part: Any, epochs: np.ndarray) -> None:
    """Writes the scores of some epochs into those of all."""
    for into, scores in zip(jax.tree.leaves(whole), jax.tree.leaves(part), strict=True):
        into[:, epochs - 1] = scores


def _devices(study: Study, team: Team) -> list[Any]:
    """Those of this process that its cells will be on."""
    try:
        devices = jax.local_devices()
    except (RuntimeError, AssertionError) as error:
        raise UserError(f"JAX finds no device; is JAX_PLATFORMS right? {error}") from None
    wanted = study.devices or len(devices)
    if wanted > len(devices):
        raise UserError(
            f"--devices {wanted}: there are {len(devices)} devices ({devices[0].platform}); "
            f"give {len(devices)} or fewer"
        )
    return devices[: min(wanted, len(team.mine(study.settings[0])))]
