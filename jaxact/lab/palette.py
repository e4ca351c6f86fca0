"""How each activation looks in all figures: a hue per family, a step per member."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from jaxact.catalogue import get

_LONGEST_LABEL = 24
# Angles on the OKLCH colour wheel; related families stand side by side.
_HUES = {
    "rectified": 255, "rectified_smooth": 240, "unbounded": 230, "exponential": 220,
    "logarithmic": 205,
    "gaussian": 185, "sigmoid_gated": 170, "tanh_gated": 155, "gated": 140, "log_gated": 125,
    "shrinking": 95, "thresholding": 85, "hard": 75, "saturating": 60, "sigmoidal": 45,
    "algebraic": 32, "simplex": 20, "sparse_simplex": 12, "axiswise": 5, "periodic": 355,
    "stochastic": 325, "learnable": 295, "normalizing": 275,
}  # fmt: skip
# Members of a family: lightness on a light page, lightness on a dark page, turn of the hue.
_STEPS = ((0.52, 0.70, 0), (0.64, 0.86, 14), (0.38, 0.60, -14), (0.28, 0.94, 0))
_MARKERS = "osDv^PX<>ph*"
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))


@dataclasses.dataclass(frozen=True)
class Style:
    """How an activation looks in all figures of a report.

    Attributes:
        variable: the CSS variable of its colour.
        light: the colour on a light page, as CSS.
        dark: the colour on a dark page, as CSS.
        line: arguments of a line: colour (stands for the variable), marker and dashes.
        label: the name, cut at its beginning if it is long.
    """

    variable: str
    light: str
    dark: str
    line: dict[str, Any]
    label: str

    @property
    def marks(self) -> dict[str, Any]:
        """Arguments of a line without dashes: its markers alone."""
        return self.line | {"linestyle": ""}


def styles(names: Sequence[str]) -> dict[str, Style]:
    """Colour, marker and dashes of each activation: a hue per family, a step per member.

    Args:
        names: activations in the order of the study; names outside the catalogue get grey.

    Returns:
        A style per name; no two of the first twelve share a marker.
    """
    result: dict[str, Style] = {}
    members: dict[str, int] = {}
    for k, name in enumerate(names):
        family = _family(name)
        hue = hue_of(family)
        member = members[family] = members.get(family, -1) + 1
        light, dark, turn = _STEPS[member % len(_STEPS)]
        tint = "0 0" if hue is None else f"0.13 {hue + turn}"
        line: dict[str, Any] = {"color": f"#5eff{k:02x}", "marker": _MARKERS[k % len(_MARKERS)]}
        result[name] = Style(
            variable=f"--series-{k}",
            light=f"oklch({light} {tint})",
            dark=f"oklch({dark} {tint})",
            line=line | {"linestyle": _DASHES[member % len(_DASHES)]},
            label=name
            if len(name) <= _LONGEST_LABEL
            else "…" + name[1 - _LONGEST_LABEL :].lstrip("."),
        )
    return result


def hue_of(family: str) -> int | None:
    """Angle of a family of the catalogue, or of its first word; None for no such family."""
    return _HUES.get(family, _HUES.get(family.split("_")[0]))


def _family(name: str) -> str:
    try:
        return "own" if ":" in name else get(name).row.family
    except (KeyError, ValueError):
        return "own"
