"""``jaxact list`` and ``jaxact show``: the catalogue on the terminal."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Iterator
from typing import Annotated

import jax
import numpy as np
import plotext
import rich.box
import tyro
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from jaxact import conventions
from jaxact.catalogue import CATALOGUE, Activation, Row, get
from jaxact.catalogue.row import Parity, Role
from jaxact.lab.errors import UserError

_SPAN = 4.0
_NARROW = 100


@dataclasses.dataclass(frozen=True)
class Filters:
    """Which rows to list; those that meet every one.

    Attributes:
        family: file of formulas, such as rectified.
        role: where networks use it.
        parity: symmetry about zero.
        smooth: all derivatives are continuous.
        bounded: the values lie in a finite interval.
        monotonic: it never decreases.
        zero_at_zero: it maps zero to zero.
        elementwise: each output depends on one input.
        learnable: networks train its parameters.
        search: text in name, aliases, paper or first line of the docstring.
    """

    family: str | None = None
    role: Role | None = None
    parity: Parity | None = None
    smooth: bool = False
    bounded: bool = False
    monotonic: bool = False
    zero_at_zero: bool = False
    elementwise: bool = False
    learnable: bool = False
    search: str = ""

    def chosen(self) -> Iterator[Row]:
        """The rows that meet every filter."""
        for row in CATALOGUE.values():
            facts = {
                "smooth": row.smooth,
                "bounded": row.bounded,
                "monotonic": bool(row.monotonic),
                "zero_at_zero": row.elementwise and row.at_zero == 0,
                "elementwise": row.elementwise,
                "learnable": bool(row.learnable),
            }
            meets = all(fact for key, fact in facts.items() if getattr(self, key))
            meets &= self.family in (None, row.family) and self.parity in (None, row.parity)
            text = " ".join([row.name, *row.aliases, row.paper, summary(row)]).lower()
            if meets and self.role in (None, *row.role) and self.search.lower() in text:
                yield row


def list_rows(filters: Annotated[Filters, tyro.conf.arg(name="")]) -> None:
    """Lists the activations of the catalogue, all or those that meet every filter."""
    families = sorted({row.family for row in CATALOGUE.values()})
    if filters.family not in (None, *families):
        raise UserError(f"no family {filters.family!r}; there are {', '.join(families)}")
    rows = list(filters.chosen())
    console = Console()
    columns = {
        "Activation": [row.name for row in rows],
        "Family": [row.family for row in rows],
        "Range": [interval(row.value_range) for row in rows],
        "Smoothness": [smoothness(row) for row in rows],
        "What it is": [summary(row) for row in rows],
    }
    if console.width < _NARROW:
        columns = {title: columns[title] for title in ("Activation", "What it is")}
    table = Table(box=rich.box.SIMPLE_HEAD, pad_edge=False)
    for title in columns:
        table.add_column(title, overflow="fold", no_wrap=title == "Activation")
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*cells)
    if rows:
        console.print(table)
    console.print(f"{len(rows)} of {len(CATALOGUE)} activations")


def show(name: Annotated[str, tyro.conf.Positional]) -> None:
    """Shows what is known of one activation: formula, properties, plot.

    Args:
        name: of the catalogue, such as gelu, or of a framework, such as torch.GELU.
    """
    try:
        activation = get(name)
    except (KeyError, TypeError) as error:
        raise UserError(str(error.args[0])) from None
    console = Console()
    row = activation.row
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    for fact, words in properties(activation):
        facts.add_row(fact, words)
    parts = [Text(summary(row), style="bold"), Text(f"\n  {row.formula}\n"), facts]
    if row.elementwise:
        parts.append(Text("\n" + plot(activation, min(console.width, 76))))
    console.print(Group(*parts))


def summary(row: Row) -> str:
    """First line of the function's docstring."""
    return (inspect.getdoc(row.fn) or "").splitlines()[0].replace("``", "")


def interval(bounds: tuple[float, float] | None) -> str:
    """Infimum and supremum, in words."""
    return "" if bounds is None else f"{bounds[0]:.4g} to {bounds[1]:.4g}"


def smoothness(row: Row) -> str:
    """How many continuous derivatives, in words."""
    if not row.elementwise:
        return "along an axis"
    words = {-1: "jumps", 0: "continuous", math.inf: "smooth"}
    return words.get(row.smoothness, f"{row.smoothness:.0f} derivative(s)")


def properties(activation: Activation) -> Iterator[tuple[str, str]]:
    """Facts of a row, each with its words."""
    row, chosen = activation.row, dict(activation.parameters)
    arguments = [f"{k}={chosen.get(k, v)!r}" for k, v in row.parameters.items()]
    yield "call", f"jaxact.{row.name}({', '.join(['x', *arguments])})"
    yield "family", row.family
    yield "paper", f"{row.paper}, {row.url}"
    if chosen:
        yield "below", "facts at the default parameters"
    if row.elementwise:
        yield "range", interval(row.value_range)
        yield "at 0", f"{row.at_zero:g}"
        yield "at -inf, +inf", f"{_pair(row.limits)}; slope {_pair(row.slope_limits)}"
        yield "slope at most", f"{row.lipschitz:.6g}"
        symmetry = f"; {row.parity}" if row.parity else ""
        yield "monotonic", f"{'yes' if row.monotonic else 'no'}{symmetry}"
        slopes = dict(zip(row.kinks, row.kink_slopes, strict=True)) | dict(activation.kink_slopes)
        kinks = [f"{kink:g} (slope {slope:g})" for kink, slope in slopes.items()]
        yield "smoothness", smoothness(row) + (f"; kinks at {', '.join(kinks)}" if kinks else "")
    yield "role", ", ".join(row.role)
    if row.learnable:
        yield "trained", ", ".join(row.learnable)
    for other, parameters in row.special_cases.items():
        yield "equals", f"{other} at {', '.join(f'{k}={v}' for k, v in parameters.items())}"
    yield "backward keeps", {"mask": "a mask, 1 byte an element"}.get(row.keeps, row.keeps)
    if row.elementwise or row.shortfall:
        yield "exactness", row.shortfall or "within 4 ULP (value) and 8 ULP (slope) in float32"
    if row.cost:
        yield "cost", row.cost
    if row.used_by:
        yield "used by", ", ".join(row.used_by)
    if row.aliases:
        yield "also called", ", ".join(row.aliases)
    equal = [name for name, words in conventions.equivalents(row.name).items() if not words]
    if equal:
        yield "elsewhere", ", ".join(equal)


def plot(activation: Activation, width: int) -> str:
    """Value and slope from -4 to 4, as text."""
    x = np.linspace(-_SPAN, _SPAN, 4 * width, dtype=np.float32)
    value, pull = jax.vjp(lambda x: activation(x, **activation.row.settings), x)
    slope = pull(np.ones_like(value))[0]
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, 18)
    for y, label, marker in ((slope, "slope", "."), (value, "value", "braille")):
        plotext.plot(x.tolist(), np.asarray(y, float).tolist(), label=label, marker=marker)
    return plotext.uncolorize(plotext.build())


def _pair(numbers: tuple[float, float] | None) -> str:
    words = ["no limit" if math.isnan(n) else f"{n:g}" for n in numbers or ()]
    return ", ".join(words)
