"""Milliseconds of a training step, from the seconds that the programs took."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxact.lab.programs import Setup, calls


def step_ms(
    setup: Setup, measured: dict[str, dict[str, Any]], seconds: dict[str, np.ndarray]
) -> dict[str, float]:
    """Time of one training step of one cell: an epoch's, with its validation pass, over its steps.

    One after another, cells that have diverged take no steps, so calls of a program before whose
    last epoch one was lost do not count.

    Args:
        setup: of the study.
        measured: by activation, with the scores of ``epochs`` as
            :func:`jaxact.lab.train.make_train` returns them for all epochs and cells.
        seconds: by activation, of each call of its program.

    Returns:
        Milliseconds by activation, the median over calls; NaN where no call counts.
    """
    study = setup.study
    ends = [int(epochs[-1]) for epochs in calls(study.epochs)]
    steps = len(setup.dataset.data.train.labels) // study.batch_size * ends[0]
    per_call = steps * setup.grid.capacity * setup.grid.group
    found = {}
    for name in study.activations:
        scores, _ = measured[name]["epochs"]
        lost = ~np.isfinite(scores.loss).all(0)
        whole = [setup.strategy.chunk > 1 or not lost[: end - 1].any() for end in ends]
        found[name] = 1e3 * median(seconds[name][whole]) / per_call
    return found


def median(values: np.ndarray) -> float:
    """The median of those numbers that are finite; NaN if none is.

    Example:
        >>> median(np.array([1.0, np.nan, 4.0]))
        2.5
    """
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
