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
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from jaxact.lab import looks, records
from jaxact.lab.distributed import ALONE, Team
from jaxact.lab.engine import Measured
from jaxact.lab.errors import UserError
from jaxact.lab.records import Results
from jaxact.lab.study import Study
from jaxact.lab.summary import comparisons, readings

Train = Callable[[Study], Measured]


def results_of(
    study: Study,
    train: Train,
    command: str,
    team: Team = ALONE,
    written: Callable[[Results], None] = lambda results: None,
) -> Results:
    """The results of a study, in as many lots of seeds as it takes.

    Args:
        study: what to compare; without ``max_seeds`` it is trained in one go.
        train: trains a study with a fixed number of seeds.
        command: for the results.
        team: the processes that train together; all must call this.
        written: called with the results after every look but the last.

    Returns:
        The results. With ``max_seeds``, ``run["sequential"]`` holds the looks taken, the level of
        each, the pair, its verdict and the most seeds, and ``run["study"]["seeds"]`` the number of
        seeds trained.

    Raises:
        UserError: if a lot is too small for the processes.
    """
    if study.max_seeds is None:
        return records.collect(study, train(study), command)
    plan = looks.schedule(study.seeds, study.max_seeds)
    _check_lots(study, plan, team)
    done, parts = 0, []
    while True:
        at = plan[len(parts)]
        parts.append(train(_lot(study, done, at, parts)))
        done = at
        results = records.collect(
            dataclasses.replace(study, seeds=at), _merged(parts, len(study.lrs)), command
        )
        results.run["sequential"] = _judged(study, results, plan[: len(parts)], plan)
        # Other machines may round otherwise; process 0 decides.
        over = results.run["sequential"]["verdict"] != "undecided" or at == plan[-1]
        if team.agreed(over):
            return results
        written(results)


def _check_lots(study: Study, plan: tuple[int, ...], team: Team) -> None:
    """Whether all processes have something to train in every lot."""
    team.check(study)
    least = len(study.lrs) * int(np.diff(plan, prepend=0).min())
    if least < team.size:
        raise UserError(
            f"--max-seeds {study.max_seeds} leaves a lot of {least} runs for {team.size} "
            f"processes; give a multiple of {study.seeds}"
        )


def _lot(study: Study, done: int, at: int, parts: list[Measured]) -> Study:
    """The study of the seeds from ``done`` to ``at``; in the way that won the race, if any."""
    lot = dataclasses.replace(
        study, first_seed=study.first_seed + done, seeds=at - done, max_seeds=None, decide=()
    )
    if not parts or study.strategy != "race":
        return lot
    won = parts[0].strategy
    form, chunk = ("vmap", won.chunk) if won.chunk > 1 else ("map", None)
    return dataclasses.replace(lot, strategy=form, chunk=chunk, convolution=won.convolution)


def _merged(parts: list[Measured], num_lrs: int) -> Measured:
    """What was measured in all lots, as if their seeds had been trained at once."""

    def joined(*arrays: Any) -> np.ndarray:
        grids = [np.reshape(a, (num_lrs, -1, *np.shape(a)[1:])) for a in arrays]
        whole = np.concatenate(grids, axis=1)
        return whole.reshape(-1, *whole.shape[2:])

    first = parts[0]
    return dataclasses.replace(
        first,
        activations={
            name: jax.tree.map(joined, *(part.activations[name] for part in parts))
            for name in first.activations
        },
        step_ms={n: float(np.median([p.step_ms[n] for p in parts])) for n in first.step_ms},
        seconds={n: round(sum(p.seconds[n] for p in parts), 3) for n in first.seconds},
        waited=round(sum(p.waited for p in parts), 3),
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
