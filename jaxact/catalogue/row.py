"""The row: what is known of an activation, as data that tests, lab and command line read."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import field
from math import inf
from typing import Any, Literal

Number = bool | int | float
Role = Literal["hidden", "gate", "head"]
Parity = Literal["odd", "even"]
Kept = Literal["nothing", "mask", "output", "input"]
Status = Literal["exact", "measured"]


@dataclasses.dataclass(frozen=True, eq=False)
class Row:
    """What is known of an activation, at the default values of its parameters and ``settings``.

    Attributes:
        fn: the function.
        family: the file of ``jaxact.activations`` that holds it.
        formula: LaTeX, verbatim in the docstring.
        paper: where the function comes from.
        url: of the paper, or of the documentation that defines it.
        year: of the paper.
        monotonic: whether it never decreases; None without a claim.
        value_range: infimum and supremum of the values.
        lipschitz: supremum of the absolute slope; infinity where the value jumps.
        limits: values at minus and plus infinity; NaN where there is none.
        slope_limits: slopes at minus and plus infinity; NaN where there is none.
        kinks: where the function is not smooth.
        kink_slopes: the slope that ``jax.grad`` returns there, one per kink; along an axis, that of
            the first entry beside a zero.
        smoothness: how many continuous derivatives it has; infinity without kinks, -1 where the
            value itself jumps.
        at_zero: the value at zero, of elementwise functions.
        parity: whether it is odd or even, about zero.
        elementwise: whether each output depends on one input; else the function works along an
            axis, and claims about values, where made, hold for each entry beside a zero.
        axis_factor: by what the length of that axis is multiplied.
        settings: arguments besides ``x``, that are no parameters, for which the claims hold, such
            as ``deterministic=True``.
        constraints: open intervals that parameters must lie in.
        special_cases: other activations that it equals, with the parameters that make it so.
        learnable: parameters that networks train.
        surrogates: parameters whose derivative is a stand-in that trains, not the function's own.
        keeps: what the backward pass keeps: one byte an element (mask), or one array.
        status: of elementwise functions ``"exact"`` if they meet the library's bounds on errors in
            every dtype: 4 ULP for values and 8 for slopes in float32, 1 in 16 bits;
            ``"measured"`` if not.
        shortfall: where a bound is missed, its own measured figure and the reason.
        cost: where it takes more than a quarter longer than ``jax.nn``'s, how much and why.
        role: where networks use it.
        aliases: other names that :func:`jaxact.get` understands.
        used_by: models or papers known for it.
    """

    fn: Callable[..., Any]
    family: str
    formula: str
    paper: str
    url: str
    year: int
    monotonic: bool | None = None
    value_range: tuple[float, float] | None = None
    lipschitz: float | None = None
    limits: tuple[float, float] | None = None
    slope_limits: tuple[float, float] | None = None
    kinks: tuple[float, ...] = ()
    kink_slopes: tuple[float, ...] = ()
    smoothness: float = inf
    at_zero: float = 0.0
    parity: Parity | None = None
    elementwise: bool = True
    axis_factor: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    constraints: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    special_cases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    learnable: tuple[str, ...] = ()
    surrogates: tuple[str, ...] = ()
    keeps: Kept = "input"
    status: Status = "exact"
    shortfall: str = ""
    cost: str = ""
    role: tuple[Role, ...] = ("hidden",)
    aliases: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The canonical name: that of the function."""
        return self.fn.__name__

    @functools.cached_property
    def plain(self) -> Callable[..., Any]:
        """The function under ``settings``: of ``x``, and parameters if wanted."""
        return functools.partial(self.fn, **self.settings) if self.settings else self.fn

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters after ``x``, with their defaults."""
        _, *rest = inspect.signature(self.fn).parameters.values()
        return {p.name: p.default for p in rest}

    @property
    def bounded(self) -> bool:
        """Whether the values lie in a finite interval."""
        return self.value_range is not None and abs(max(self.value_range, key=abs)) < inf

    @property
    def smooth(self) -> bool:
        """Whether it is elementwise and has all derivatives everywhere."""
        return self.elementwise and self.smoothness == inf
