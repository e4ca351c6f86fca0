"""The plot of ``experiments.uva_tutorial3``: when sigmoid leaves chance."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments import _plots


def draw(epochs: np.ndarray) -> Figure:
    """Share of the runs that have left chance for good, over epochs.

    Args:
        epochs: at which each run leaves chance; infinity where it does not. Shape (runs,).
    """
    figure = Figure(figsize=(5.6, 3.4), layout="constrained")
    axes = figure.subplots()
    left = np.concatenate([[0], np.sort(epochs[np.isfinite(epochs)])])
    shares = np.arange(len(left)) / len(epochs)
    end = left[-1] + 2
    axes.step([*left, end], [*shares, shares[-1]], where="post", color=_plots.BLUE, linewidth=2.2)
    axes.set_ylim(0, 1.02)
    axes.set_xlim(0, end)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_title(f"Runs of sigmoid that have left chance for good (n={len(epochs)})")
    axes.set_xlabel("Epoch")
    return figure
