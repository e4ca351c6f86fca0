"""The look of the experiments' figures."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib.figure import Figure

INK, MUTED, GRID = "#1f2328", "#8c959f", "#e3e7eb"
BLUE, ORANGE, PURPLE, GREEN, OLIVE = "#1769c2", "#c25a17", "#8a4fb5", "#2e8b57", "#7f7a1f"
# A light page of its own, so that it reads on dark ones too; letters as paths, for any viewer.
_RC: dict[Any, Any] = {
    "svg.hashsalt": "jaxact", "font.size": 10, "figure.facecolor": "#fbfcfd",
    "axes.facecolor": "#fbfcfd", "text.color": INK, "axes.labelcolor": INK,
    "axes.edgecolor": MUTED, "xtick.color": MUTED, "ytick.color": MUTED,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.spines.top": False,
    "axes.spines.right": False, "axes.titlesize": 11, "axes.titlelocation": "left",
    "axes.grid": True, "axes.axisbelow": True, "grid.color": GRID, "legend.frameon": False,
    "lines.linewidth": 1.6, "lines.markersize": 5,
}  # fmt: skip


def write(draw: Callable[[], Figure], path: pathlib.Path) -> None:
    """Writes a figure.

    Args:
        draw: makes it; called with the settings of all figures.
        path: of the picture; its suffix says the format. An SVG has the same bytes every time.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        metadata: Any = {"Date": None} if path.suffix == ".svg" else {}
        draw().savefig(path, metadata=metadata, dpi=120)
