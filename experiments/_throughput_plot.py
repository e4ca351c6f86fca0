"""The plot of ``experiments.throughput``: images per second over the number of networks."""

from __future__ import annotations

import pathlib
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

_STYLES: dict[str, dict[str, Any]] = {
    "engine": {"color": "#1769c2", "marker": "o", "linewidth": 2.6, "zorder": 4},
    "plain Flax": {"color": "#c25a17", "marker": "s"},
    "naive vmap": {"color": "#8a4fb5", "marker": "D"},
    "PyTorch eager": {"color": "#2e8b57", "marker": "^"},
    "torch.compile": {"color": "#7f7a1f", "marker": "v"},
}
_INK, _MUTED, _GRID = "#1f2328", "#8c959f", "#e3e7eb"
# A light page of its own, so that it reads on dark ones too; letters as paths, for any viewer.
_RC: dict[Any, Any] = {
    "svg.hashsalt": "jaxact", "font.size": 10, "figure.facecolor": "#fbfcfd",
    "axes.facecolor": "#fbfcfd", "text.color": _INK, "axes.labelcolor": _INK,
    "axes.edgecolor": _MUTED, "xtick.color": _MUTED, "ytick.color": _MUTED,
    "xtick.labelcolor": _INK, "ytick.labelcolor": _INK, "axes.spines.top": False,
    "axes.spines.right": False, "axes.titlesize": 11, "axes.titlelocation": "left",
    "axes.grid": True, "axes.axisbelow": True, "grid.color": _GRID, "legend.frameon": False,
    "lines.linewidth": 1.6, "lines.markersize": 5,
}  # fmt: skip


def write(table: pd.DataFrame, path: pathlib.Path) -> None:
    """Draws the table of ``experiments.throughput``.

    Args:
        table: with the columns images, trainer, cells and images_per_s.
        path: of the picture; its suffix says the format. An SVG has the same bytes every time.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        metadata: Any = {"Date": None} if path.suffix == ".svg" else {}
        _draw(table).savefig(path, metadata=metadata, dpi=120)


def _draw(table: pd.DataFrame) -> Figure:
    kinds = list(dict.fromkeys(table["images"]))
    figure = Figure(figsize=(4.1 * len(kinds), 3.9), layout="constrained")
    panels = figure.subplots(1, len(kinds), squeeze=False)[0]
    for axes, images in zip(panels, kinds, strict=True):
        chosen = table[(table["images"] == images) & table["images_per_s"].notna()]
        for name, rows in chosen.groupby("trainer", sort=False):
            look = _STYLES.get(str(name), {"color": _INK, "marker": "x"})
            axes.plot(rows["cells"], rows["images_per_s"], label=name, **look)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        cells = sorted(set(table["cells"]))
        axes.set_xticks(cells, [str(n) for n in cells])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.minorticks_off()
        axes.set_title("digits, 8x8x1" if images == "digits" else f"synthetic, {images}")
        axes.set_xlabel("Networks")
    panels[0].set_ylabel("Trained images per second")
    handles = {
        label: handle
        for axes in panels
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    columns = len(handles) if len(kinds) > 1 else 2
    figure.legend(handles.values(), handles, loc="outside upper left", ncols=columns)
    return figure
