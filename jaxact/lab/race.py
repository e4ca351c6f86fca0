"""A race of strategies: each trains the study's first activation for some steps."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from jaxact.lab import strategy as lab_strategy
from jaxact.lab._cores import cores
from jaxact.lab.data import Data, Dataset, Split
from jaxact.lab.parallel import spread
from jaxact.lab.programs import calls, compile_all, set_up
from jaxact.lab.progress import Silent
from jaxact.lab.strategy import Strategy

if TYPE_CHECKING:
    from jaxact.lab.progress import Progress
    from jaxact.lab.study import Study

_STEPS = 2
_ROUNDS = 5
_TOO_SLOW = 3.0
_LONG = 0.2
_SECONDS = {"cpu": 20.0}
_SECONDS_ELSEWHERE = 120.0
# A cell that diverges takes no steps and would look fast.
_LEARNING_RATE = 1e-6


@dataclasses.dataclass
class _Entrant:
    """A strategy that is compiled.

    Attributes:
        strategy: as :func:`jaxact.lab.strategy.candidates` gives it.
        turns: how often a device computes a chunk until it has computed all of its cells.
        train: trains a chunk on every device for some steps, and waits for it.
        seconds: of such a turn, by round.
    """

    strategy: Strategy
    turns: int
    train: Callable[[], None]
    seconds: list[float] = dataclasses.field(default_factory=list)

    @property
    def cost(self) -> float:
        """Seconds of some steps of all cells."""
        return self.turns * float(np.median(self.seconds))


def fastest(study: Study, dataset: Dataset, devices: Sequence[Any], progress: Progress) -> Strategy:
    """The strategy that trains all cells of an activation in the least time.

    Candidates take turns: every round goes through all of them, and medians count. One that is
    more than three times slower than the best after the first round is out, and so is one that
    runs out of memory. After about 20 seconds on a CPU, two minutes elsewhere, those not yet tried
    are left out: first to be tried is the strategy that ``auto`` names, then those with a like
    number of cells at a time.

    Args:
        study: its first activation races.
        dataset: for the shapes; a few batches of it are trained on.
        devices: those that will run the study.
        progress: told of the phase ``race``, a unit for each candidate.

    Raises:
        UserError: if the model or the activation cannot be trained.
    """
    platform = devices[0].platform
    rule = lab_strategy.fixed(
        dataclasses.replace(study, strategy="auto"), dataset.image_shape, platform
    )
    distinct: dict[tuple[int, str], Strategy] = {}

    def unlike_the_rule(candidate: Strategy) -> tuple[bool, float]:
        return candidate != rule, abs(np.log(candidate.chunk / rule.chunk))

    for candidate in sorted(lab_strategy.candidates(study, rule), key=unlike_the_rule):
        chunk = spread(study.cells_per_activation, devices, candidate.chunk).chunk
        distinct.setdefault((chunk, candidate.convolution), candidate)

    progress.phase("race", len(distinct))
    seconds = _SECONDS.get(platform, _SECONDS_ELSEWHERE)
    begin = time.perf_counter()
    entrants = _compiled(study, dataset, devices, [*distinct.values()], begin + 0.7 * seconds)
    progress.advance(len(distinct) - len(entrants))
    running = entrants
    for turn in range(_ROUNDS):
        for entrant in running:
            late = time.perf_counter() > begin + seconds
            if late and any(e.seconds for e in entrants):
                break
            _time(entrant)
            progress.advance(1 if turn == 0 else 0)
        running = [e for e in running if e.seconds and np.isfinite(e.cost)]
        best = min((e.cost for e in running), default=0.0)
        running = [e for e in running if e.cost <= _TOO_SLOW * best]
    if not running:
        # Whether the least of all runs is for the engine to find out.
        return min(distinct.values(), key=lambda c: c.chunk)
    return min(running, key=lambda e: e.cost).strategy


def _compiled(
    study: Study,
    dataset: Dataset,
    devices: Sequence[Any],
    candidates: list[Strategy],
    deadline: float,
) -> list[_Entrant]:
    """The candidates that compile, begun before the deadline; the first one in any case."""

    def enter(candidate: Strategy) -> _Entrant | None:
        if time.perf_counter() > deadline and candidate != candidates[0]:
            return None
        try:
            return _enter(study, dataset, devices, candidate)
        except jax.errors.JaxRuntimeError as error:
            if not lab_strategy.out_of_memory(error):
                raise
            return None

    with concurrent.futures.ThreadPoolExecutor(cores()) as pool:
        return [entrant for entrant in pool.map(enter, candidates) if entrant is not None]


def _enter(
    study: Study, dataset: Dataset, devices: Sequence[Any], candidate: Strategy
) -> _Entrant | None:
    """A candidate with one chunk of cells on every device; None if memory does not hold it."""
    study = dataclasses.replace(study, activations=study.activations[:1], epochs=1, warmup=0.0)
    whole = spread(study.cells_per_activation, devices, candidate.chunk)
    num_cells = len(whole.devices) * whole.chunk
    rates = len(study.lrs)
    num_seeds = num_cells // rates if num_cells % rates == 0 else num_cells
    seeds = np.arange(num_cells, dtype=np.int32) % num_seeds
    lrs = np.full(num_cells, _LEARNING_RATE, np.float32)
    setup = set_up(
        study, _few_images(dataset, _STEPS * study.batch_size), devices, candidate, (lrs, seeds)
    )
    programs = compile_all(setup, Silent(), with_measure=False)[study.activations[0]]
    needed = programs.train.temporary_bytes
    if lab_strategy.fitting(candidate, needed, whole.devices[0]) != candidate:
        return None
    cells, epochs = programs.start(setup.settings), setup.grid.broadcast(next(calls(1)))

    def train() -> None:
        nonlocal cells
        cells, scores = programs.train(cells, epochs, setup.data)
        jax.block_until_ready((cells, scores))

    return _Entrant(candidate, whole.capacity // whole.chunk, train)


def _few_images(dataset: Dataset, number: int) -> Dataset:
    """The data set with so many training images and one of each other split."""

    def cut(split: Split, stop: int) -> Split:
        return jax.tree.map(lambda a: a[:stop], split)

    data: Data = dataclasses.replace(
        dataset.data,
        train=cut(dataset.data.train, number),
        validation=cut(dataset.data.validation, 1),
    )
    return dataclasses.replace(dataset, data=data, test=cut(dataset.test, 1))


def _time(entrant: _Entrant) -> None:
    """Notes the seconds of a turn; infinitely many if memory does not hold it.

    The first call counts only if it is long: it lets the threads and the memory of whoever ran
    before it settle.
    """

    def call() -> float:
        begin = time.perf_counter()
        entrant.train()
        return time.perf_counter() - begin

    try:
        times = [call()]
        if times[0] < _LONG:
            times = [call()]
            while sum(times) < _LONG / 4:
                times.append(call())
        entrant.seconds.append(sum(times) / len(times))
    except jax.errors.JaxRuntimeError as error:
        if not lab_strategy.out_of_memory(error):
            raise
        entrant.seconds = [np.inf]
