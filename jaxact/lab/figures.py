"""Figures of a run as SVG text, whose colours are variables of the page that shows them."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator

from jaxact.lab.palette import Style, styles
from jaxact.lab.records import Results
from jaxact.lab.statistics import estimate
from jaxact.lab.summary import Chosen, choose, target_accuracy

_WIDTH = 400
# Colours that stand for variables of the page; the series follow at #5eff00, #5eff01, ...
_INK, _MUTED, _GRID = "#5efe00", "#5efe01", "#5efe02"
_VARIABLES = {_INK: "var(--ink)", _MUTED: "var(--muted)", _GRID: "var(--grid)"}
_TARGET: dict[str, Any] = {"color": _INK, "linestyle": (0, (4, 3)), "linewidth": 1}
_RC: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "jaxact", "text.parse_math": False,
    "font.size": 11, "figure.constrained_layout.h_pad": 0.09,
    "axes.titlesize": 11, "axes.titlelocation": "left", "axes.titlepad": 8,
    "text.color": _INK, "axes.titlecolor": _INK, "axes.labelcolor": _INK,
    "axes.edgecolor": _MUTED, "xtick.color": _MUTED, "ytick.color": _MUTED,
    "xtick.labelcolor": _INK, "ytick.labelcolor": _INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.facecolor": "none",
    "axes.grid": True, "axes.axisbelow": True, "grid.color": _GRID, "grid.linewidth": 0.8,
    "axes.formatter.useoffset": False, "lines.markersize": 5, "legend.frameon": False,
    "legend.handlelength": 2.4, "legend.columnspacing": 1.4, "legend.borderpad": 0,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class _Run:
    """What all figures draw from."""

    target: float
    chosen: dict[str, Chosen]
    styles: dict[str, Style]
    last: int


def draw(results: Results) -> dict[str, str]:
    """The figures of a run, the same text at every call.

    Args:
        results: a run, in memory or read from its files.

    Returns:
        An ``<svg>`` element each for ``accuracy``, ``curves``, ``dead`` and ``gradients``. Their
        colours are ``var(--ink)``, ``var(--muted)``, ``var(--grid)`` and the variables of
        :func:`styles`.
    """
    metrics: Any = results.metrics
    chosen = choose(metrics)
    target = 100 * target_accuracy(chosen, results.run["study"]["target"])
    run = _Run(target, chosen, styles(list(chosen)), int(metrics["epoch"].max()))
    drawings = {"accuracy": _accuracy, "curves": _curves, "dead": _dead, "gradients": _gradients}
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        return {name: _svg(drawing(run), name) for name, drawing in drawings.items()}


def _accuracy(run: _Run) -> Figure:
    values = {n: _percent(c.values("accuracy", "test", run.last)) for n, c in run.chosen.items()}
    means = {n: estimate(v, (0.0, 100.0)) for n, v in values.items()}
    # Best on top; a run without a number is below all others.
    order = sorted(reversed(values), key=lambda n: np.nan_to_num(values[n].mean(), nan=-1.0))
    figure, (axes,) = _canvas(60 + 32 * len(order))
    for y, name in enumerate(order):
        look, mean = run.styles[name].marks, means[name]
        seeds = look | {"marker": "o", "markersize": 4, "markeredgewidth": 0, "alpha": 0.5}
        axes.plot(values[name], np.full(mean.n, y - 0.28 * (mean.n > 1)), **seeds)
        axes.hlines(y, mean.low, mean.high, color=look["color"], linewidth=2)
        axes.plot(mean.mean, y, **look, markersize=7)
        if np.isnan(mean.mean):
            axes.text(0.02, y, "no finite value", transform=axes.get_yaxis_transform(), va="center")
    axes.set_yticks(range(len(order)), [run.styles[n].label for n in order])
    axes.grid(visible=False, axis="y")
    n = len(values[order[0]])
    axes.set_xlabel(f"Test accuracy (%), n = {n} seed{'s' * (n > 1)}")
    ends = {f"ends of {n}": np.array([mean.low, mean.high]) for n, mean in means.items()}
    axes.set(xlim=_limits(values | ends), ylim=(-0.6, len(order) - 0.4))
    return figure


def _curves(run: _Run) -> Figure:
    curves = {}
    for name, c in run.chosen.items():
        start = c.values("accuracy", "validation", 0)
        curves[name] = _percent(np.column_stack([start, c.curve("accuracy", "validation")]))
    low, high = _limits(curves | {"target": np.array([run.target])})
    near = run.target - 0.6 * (high - run.target)
    zoomed = run.last > 1 and low + 0.3 * (high - low) < near < run.target < high
    figure, panels = _canvas(370 if zoomed else 230, 2 if zoomed else 1)
    for axes in panels:
        _lines(axes, run, curves, np.arange(run.last + 1))
        if np.isfinite(run.target):
            axes.axhline(run.target, **_TARGET)
        axes.set(ylim=(low, high), xlim=(-0.02 * run.last, 1.02 * run.last))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0].set_title("Validation accuracy (%)")
    if zoomed:
        panels[1].set(ylim=(near, min(high, 101)), title="The same around the target (%)")
    panels[-1].set_xlabel("Epoch (0: before training)")
    _legend(figure, run, {}, f"target: {run.target:.1f} %" if np.isfinite(run.target) else "")
    return figure


def _dead(run: _Run) -> Figure:
    shares = {n: _percent(c.by_site("dead_share", run.last)) for n, c in run.chosen.items()}
    figure, (axes,) = _canvas(240)
    layers = next(iter(shares.values())).shape[1]
    width = min(0.8 / len(shares), 0.12)
    for k, (name, share) in enumerate(shares.items()):
        x = np.arange(layers) + 1 + width * (k - (len(shares) - 1) / 2)
        look = run.styles[name].marks
        axes.vlines(x, 0, share.mean(0), color=look["color"], alpha=0.4, linewidth=4)
        axes.vlines(x, share.min(0), share.max(0), color=look["color"], linewidth=1.2)
        axes.plot(x, share.mean(0), **look, clip_on=False)
    everything = np.concatenate([s.ravel() for s in shares.values()])
    axes.set_ylim(0, min(100, 1.1 * max(5, *np.nan_to_num(everything))))
    note = "" if everything.any() else "No dead units: 0 % in every layer of every run"
    if not np.isfinite(everything).any():
        note = "No finite share of dead units"
    _layers(axes, layers, "Dead units after training (%)", note)
    gaps = {n: " (not finite)" for n, s in shares.items() if np.isnan(s).any()}
    _legend(figure, run, gaps, lines=False)
    return figure


def _gradients(run: _Run) -> Figure:
    norms = {n: c.by_site("gradient_norm", 0) for n, c in run.chosen.items()}
    # A logarithmic axis has no place for zero.
    logs = {n: np.log10(np.where(np.isfinite(v) & (v > 0), v, np.nan)) for n, v in norms.items()}
    figure, (axes,) = _canvas(240)
    axes.set_yscale("log")
    layers = next(iter(logs.values())).shape[1]
    _lines(axes, run, logs, np.arange(layers) + 1, lambda exponent: 10.0**exponent)
    everything = np.concatenate([v[np.isfinite(v)] for v in logs.values()])
    if len(everything):
        pad = 0.1 + 0.05 * np.ptp(everything)
        axes.set_ylim(10.0 ** (everything.min() - pad), 10.0 ** (everything.max() + pad))
    axes.yaxis.set_visible(len(everything) > 0)
    narrow = len(everything) and np.ptp(everything) < 1.5
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1,)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    note = "" if len(everything) else "No gradient norm above 0"
    _layers(axes, layers, "Gradient norm before training (log scale)", note)
    gaps = {n: " (0 or not finite)" for n, v in logs.items() if np.isnan(v.mean(0)).all()}
    _legend(figure, run, gaps)
    return figure


def _percent(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), 100 * values, np.nan)


def _limits(values: dict[str, np.ndarray]) -> tuple[float, float]:
    """Ends of an axis of percentages: the finite values and a margin, 2 points at least."""
    flat = np.concatenate([v.ravel() for v in values.values()])
    flat = flat[np.isfinite(flat)] if np.isfinite(flat).any() else np.array([0.0, 100.0])
    margin = max(0.06 * np.ptp(flat), 1.0 - np.ptp(flat) / 2)
    return max(flat.min() - margin, -2.0), min(flat.max() + margin, 100.0 + margin / 2)


def _canvas(height: float, panels: int = 1) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(_WIDTH / 72, height / 72), layout="constrained")
    return figure, list(figure.subplots(panels, sharex=True, squeeze=False)[:, 0])


def _lines(
    axes: Axes, run: _Run, values: dict[str, np.ndarray], x: np.ndarray,
    scale: Callable[[Any], Any] = np.asarray,
) -> None:  # fmt: skip
    """A line at the mean over seeds and a band from the least to the greatest."""
    faint = min(0.15, 0.9 / len(values))
    for name, value in values.items():
        look = run.styles[name].line
        low, high = scale(value.min(0)), scale(value.max(0))
        if len(x) > 1:
            axes.fill_between(x, low, high, color=look["color"], alpha=faint, linewidth=0)
        else:
            axes.vlines(x, low, high, color=look["color"], alpha=0.5)
        axes.plot(x, scale(value.mean(0)), **look, markevery=-(-len(x) // 12), linewidth=1.6)


def _layers(axes: Axes, layers: int, title: str, note: str) -> None:
    axes.set(xlim=(0.5, layers + 0.5), title=title, xlabel="Layer (1 is next to the image)")
    axes.set_xticks(range(1, layers + 1))
    axes.text(0.5, 0.5, note, transform=axes.transAxes, ha="center", va="center")


def _legend(
    figure: Figure, run: _Run, suffix: dict[str, str], target: str = "", lines: bool = True
) -> None:
    """Puts a legend above the axes and makes the figure higher by it."""
    looks = [s.line if lines else s.marks for s in run.styles.values()]
    labels = [s.label + suffix.get(n, "") for n, s in run.styles.items()]
    if target:
        looks, labels = [*looks, _TARGET], [*labels, target]
    sizes = [44 + 7 * len(label) for label in labels]
    counts = range(len(sizes), 1, -1)
    fitting = (c for c in counts if sum(map(max, np.array_split(sizes, c))) < _WIDTH)
    columns = next(fitting, 1)
    figure.set_figheight(figure.get_figheight() + 17 * -(-len(labels) // columns) / 72)
    handles = [Line2D([], [], **look) for look in looks]
    legend = figure.legend(handles, ["?"] * len(labels), ncols=columns, loc="outside upper left")
    # Matplotlib would leave out labels that begin with an underscore.
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_text(label)


def _svg(figure: Figure, name: str) -> str:
    """The ``<svg>`` element of a figure, with ids of its own and the page's colours."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = re.sub(r"<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.DOTALL)

    def adapt(tag: re.Match[str]) -> str:
        words = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", tag[0])
        words = re.sub(r"#5eff(..)", lambda m: f"var(--series-{int(m[1], 16)})", words)
        return re.sub("#5efe..", lambda m: _VARIABLES[m[0]], words)

    return re.sub("<[^<>]+>", adapt, text[text.index("<svg") :])
