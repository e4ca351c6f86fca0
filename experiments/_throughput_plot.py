"""The plot of ``experiments.throughput``: images per second over the number of networks."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from experiments import _plots

_STYLES: dict[str, dict[str, Any]] = {
    "engine": {"color": _plots.BLUE, "marker": "o", "linewidth": 2.6, "zorder": 4},
    "plain Flax": {"color": _plots.ORANGE, "marker": "s"},
    "naive vmap": {"color": _plots.PURPLE, "marker": "D"},
    "PyTorch eager": {"color": _plots.GREEN, "marker": "^"},
    "torch.compile": {"color": _plots.OLIVE, "marker": "v"},
}


def draw(table: pd.DataFrame) -> Figure:
    """Draws the table of ``experiments.throughput``.

    Args:
        table: with the columns images, trainer, cells and images_per_s.
    """
    kinds = list(dict.fromkeys(table["images"]))
    figure = Figure(figsize=(4.1 * len(kinds), 3.9), layout="constrained")
    panels = figure.subplots(1, len(kinds), squeeze=False)[0]
    for axes, images in zip(panels, kinds, strict=True):
        chosen = table[(table["images"] == images) & table["images_per_s"].notna()]
        for name, rows in chosen.groupby("trainer", sort=False):
            look = _STYLES.get(str(name), {"color": _plots.INK, "marker": "x"})
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
