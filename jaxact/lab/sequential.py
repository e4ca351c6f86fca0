"""Training with seeds added until a pair of activations is decided or a budget ends.

After each lot of seeds every activation gets its learning rate as ever: by its mean validation
accuracy over all seeds so far. The differences of test accuracy at those rates go to the rule of
:mod:`jaxact.lab.looks`; they decide when to stop and nothing else. So the error rate, 5 % for all
looks and all pairs together, is that of calling two activations different (or tied) *at the
learning rates chosen at the look that ends the run*. That a rate is chosen on the validation images
of the same runs is not in it: where two rates are as good, the choice favours seeds on which an
activation did well, for all activations alike.

A cell's numbers depend on that cell alone, so the rows are those of a run with as many seeds from
the start.

A run that was stopped goes on with the lot under way. That is a run of its own, with checkpoints in
a folder of its own; what the lots before it measured is in a checkpoint that every look but the
last one writes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from jaxact.lab import looks, records, unfinished
from jaxact.lab.checkpoint import Checkpoints, Keeper, Unkept, added
from jaxact.lab.distributed import ALONE, Team
from jaxact.lab.engine import Measured
from jaxact.lab.errors import UserError
from jaxact.lab.packing import by_path
from jaxact.lab.records import Results
from jaxact.lab.strategy import Strategy
from jaxact.lab.study import Study
from jaxact.lab.summary import comparisons, readings
from jaxact.lab.timing import median

Train = Callable[[Study, Keeper | None], Measured]


@dataclasses.dataclass(frozen=True)
class _Finished:
    """The lots that are trained, as if their seeds had been trained at once.

    Attributes:
        arrays: by path in the tree of :func:`_tree`.
        strategy: of the first lot; None before it is trained.
        data: checksum of the data of all lots; None before it is known.
    """

    arrays: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    strategy: Strategy | None = None
    data: str | None = None

    @property
    def lots(self) -> int:
        """How many they are."""
        return len(self.arrays["['waited']"]) if self.arrays else 0


def results_of(
    study: Study,
    train: Train,
    command: str,
    team: Team = ALONE,
    keeper: Checkpoints | None = None,
) -> Results:
    """The results of a study, in as many lots of seeds as it takes.

    Args:
        study: what to compare; without ``max_seeds`` it is trained in one go.
        train: trains a study with a fixed number of seeds; given what keeps its state.
        command: for the results.
        team: the processes that train together; all must call this.
        keeper: in process 0, keeps the state of the run, and gives it back to go on from there.

    Returns:
        The results. With ``max_seeds``, ``run["sequential"]`` holds the looks taken, the level of
        each, the pair, its verdict and the most seeds, and ``run["study"]["seeds"]`` the number of
        seeds trained.

    Raises:
        UserError: if a lot is too small for the processes, or as ``train`` does.
    """
    if study.max_seeds is None:
        return records.collect(study, train(study, keeper), command)
    plan = looks.schedule(study.seeds, study.max_seeds)
    _check_lots(study, plan, team)
    finished = team.agreed(_kept(keeper))
    seconds = keeper.clock.seconds if keeper is not None else {}
    while True:
        lot = _lot(study, plan, finished)
        with _keeper_of(lot, keeper, finished.data) as its_keeper:
            measured = train(lot, its_keeper)
        finished = _extended(finished, measured, lot)
        seconds = added(seconds, measured.seconds)
        measured = _merged(finished, dataclasses.replace(measured, seconds=seconds))
        taken = plan[: finished.lots]
        results = records.collect(dataclasses.replace(study, seeds=taken[-1]), measured, command)
        results.run["sequential"] = _judged(study, results, taken, plan)
        # Other machines may round otherwise; process 0 decides.
        over = results.run["sequential"]["verdict"] != "undecided" or taken == plan
        if team.agreed(over):
            return results
        if keeper is not None:
            _keep(keeper, finished, results)


def _check_lots(study: Study, plan: tuple[int, ...], team: Team) -> None:
    """Whether all processes have something to train in every lot."""
    team.check(study)
    least = len(study.lrs) * int(np.diff(plan, prepend=0).min())
    if least < team.size:
        raise UserError(
            f"--max-seeds {study.max_seeds} leaves a lot of {least} runs for {team.size} "
            f"processes; give a multiple of {study.seeds}"
        )


def _lot(study: Study, plan: tuple[int, ...], finished: _Finished) -> Study:
    """The study of the next seeds of a plan; in the way that won the race, if any."""
    done, at = (0, *plan)[finished.lots : finished.lots + 2]
    lot = dataclasses.replace(
        study, first_seed=study.first_seed + done, seeds=at - done, max_seeds=None, decide=()
    )
    won = finished.strategy
    if won is None or study.strategy != "race":
        return lot
    form, chunk = ("vmap", won.chunk) if won.chunk > 1 else ("map", None)
    return dataclasses.replace(lot, strategy=form, chunk=chunk, convolution=won.convolution)


@contextlib.contextmanager
def _keeper_of(lot: Study, keeper: Checkpoints | None, data: str | None) -> Iterator[Keeper]:
    """What keeps the state of a lot while it trains; it leaves no folder without a checkpoint."""
    if keeper is None:
        yield Unkept(data)
        return
    folder = unfinished.lot(keeper.folder, lot.first_seed)
    try:
        own = Checkpoints(folder, lot, data=data)
    except OSError as error:  # A full disk may have room again in the end.
        print(f"jaxact: no checkpoints in {folder}, training goes on: {error}", file=sys.stderr)
        yield Unkept(data)
        return
    try:
        yield own
    finally:
        own.close()
        if not any(folder.iterdir()):
            folder.rmdir()


def _kept(keeper: Checkpoints | None) -> _Finished:
    """The lots of which a run before this one left a checkpoint."""
    if keeper is None:
        return _Finished()
    arrays = keeper.kept_arrays()
    return _Finished(arrays, keeper.strategy if arrays else None, keeper.data)


def _keep(keeper: Checkpoints, finished: _Finished, results: Results) -> None:
    """Keeps the finished lots, and their results for people who want to look."""
    seeds = results.run["study"]["seeds"]
    keeper.clock.seconds, keeper.data = results.run["seconds"], finished.data
    assert finished.strategy is not None
    keeper.keep_arrays(finished.arrays, finished.strategy, seeds)
    if seeds in unfinished.steps(keeper.folder):
        unfinished.remove_lots(keeper.folder)
    look = unfinished.look(keeper.folder)
    shutil.rmtree(look, ignore_errors=True)
    with contextlib.suppress(OSError):  # as above
        look.mkdir()
        records.write(results, look)


def _tree(measured: Measured) -> dict[str, Any]:
    """What a lot adds to those before it; arrays whose first axis is the cells', or the lot's."""
    return {
        "activations": measured.activations,
        "step_ms": {name: np.array([ms]) for name, ms in measured.step_ms.items()},
        "waited": np.array([measured.waited]),
    }


def _extended(finished: _Finished, measured: Measured, lot: Study) -> _Finished:
    """The finished lots and one more."""

    def joined(name: str, new: np.ndarray) -> np.ndarray:
        rows = len(lot.lrs) if name.startswith("['activations']") else 1
        parts = [finished.arrays[name], new] if finished.arrays else [new]
        grids = [a.reshape(rows, len(a) // rows, *a.shape[1:]) for a in parts]
        whole = np.concatenate(grids, axis=1)
        return whole.reshape(whole.shape[0] * whole.shape[1], *whole.shape[2:])

    arrays = {name: joined(name, new) for name, new in by_path(_tree(measured)).items()}
    strategy = finished.strategy or measured.strategy
    return _Finished(arrays, strategy, measured.dataset["checksum"])


def _merged(finished: _Finished, last: Measured) -> Measured:
    """What was measured in all lots; ``last`` holds what they share."""
    whole = jax.tree.structure(_tree(last)).unflatten(finished.arrays.values())
    return dataclasses.replace(
        last,
        # In the study's order: JAX's functions of trees sort the keys of dicts.
        activations={name: whole["activations"][name] for name in last.activations},
        step_ms={name: median(whole["step_ms"][name]) for name in last.step_ms},
        strategy=finished.strategy or last.strategy,
        waited=round(float(whole["waited"].sum()), 3),
    )


def _judged(
    study: Study, results: Results, taken: tuple[int, ...], plan: tuple[int, ...]
) -> dict[str, Any]:
    """What ``run.json`` says of the looks so far."""
    told: dict[str, Any] = {
        "looks": list(taken),
        "levels": [float(level) for level in looks.levels(plan)[: len(taken)]],
        "max_seeds": study.max_seeds,
    }
    found = readings(results.metrics, results.run)
    pair = looks.decided(comparisons(found, results.run | {"sequential": told}), study.decide)
    told["pair"] = [pair.first, pair.second] if pair else []
    told["verdict"] = pair.verdict if pair else "undecided"
    return told
