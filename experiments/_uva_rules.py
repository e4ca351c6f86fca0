"""What ``experiments.uva_tutorial3`` reads off the validation curve of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PATIENCE = 7
"""Epochs without a better one after which the tutorial stops."""

AT_CHANCE = 0.15
"""Accuracy up to which a run is at chance, which is 0.1."""


def left_chance(accuracies: Sequence[float]) -> float:
    """The epoch from which on a run stays above chance.

    Args:
        accuracies: on validation images after each epoch. Runs may be above chance for an epoch and
            fall back.

    Returns:
        The epoch, from 1 on; infinity if the last epoch is at chance.
    """
    at_chance = np.flatnonzero(np.asarray(accuracies) <= AT_CHANCE)
    first = at_chance[-1] + 1 if len(at_chance) else 0
    return first + 1.0 if first < len(accuracies) else np.inf


def stopped(accuracies: Sequence[float]) -> tuple[int, float]:
    """Where the tutorial's rule would have stopped a run.

    Args:
        accuracies: on validation images after each epoch.

    Returns:
        The epoch, from 1 on, and the best accuracy up to there.
    """
    best = 0
    for i in range(1, len(accuracies)):
        if accuracies[i] > accuracies[best]:
            best = i
        elif best <= i - PATIENCE:
            return i + 1, float(accuracies[best])
    return len(accuracies), float(accuracies[best])


def stopped_early(curves: Sequence[Sequence[float]]) -> str:
    """How many runs the tutorial's rule stops before they leave chance, in words.

    Args:
        curves: accuracies on validation images by epoch, of each run.
    """
    bests = [
        best for curve in curves for epoch, best in [stopped(curve)] if epoch < left_chance(curve)
    ]
    words = f"{len(bests)} of {len(curves)}"
    never = sum(best <= AT_CHANCE for best in bests)
    return f"{words}, {never} of them never above it" if bests else words
