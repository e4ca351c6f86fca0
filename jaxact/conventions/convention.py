"""The convention: what a framework calls an activation, with its arguments, defaults and kinks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Slopes = tuple[tuple[float, float], ...]
Target = tuple[str, Mapping[str, Any]]

ANY = ("any",)
"""For :attr:`Convention.ignored`: whatever the argument's value, the numbers are the same."""


@dataclasses.dataclass(frozen=True, eq=False)
class Convention:
    """A framework's name, and how to get the same numbers here.

    Attributes:
        framework: the framework, as written before the dot: ``"torch"``.
        name: what follows the dot: ``"LeakyReLU"``.
        canonical: key of the catalogue; empty if refused.
        parameters: ours, where the framework's defaults differ from them.
        renamed: the framework's words for our parameters; its equal words are left out.
        required: arguments that the framework wants too, in its own words.
        choices: arguments whose value names a function: value to function and parameters.
        instead: arguments that lead to another function: its name, its parameter, and the value
            that changes nothing.
        ignored: arguments that change no number, with the values for which that holds.
        kinks: from all parameters to pairs of a point and the framework's slope there, where it
            differs from that of our function.
        difference: what differs besides, in words; empty if nothing does.
        refusal: why there is no such activation here; empty if there is one.
    """

    framework: str
    name: str
    canonical: str
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    required: tuple[str, ...] = ()
    choices: Mapping[str, Mapping[Any, Target]] = dataclasses.field(default_factory=dict)
    instead: Mapping[str, tuple[str, str, Any]] = dataclasses.field(default_factory=dict)
    ignored: Mapping[str, tuple[Any, ...]] = dataclasses.field(default_factory=dict)
    kinks: Callable[[Mapping[str, Any]], Slopes] | None = None
    difference: str = ""
    refusal: str = ""

    @property
    def full_name(self) -> str:
        """The name to look up: ``"torch.LeakyReLU"``."""
        return f"{self.framework}.{self.name}"


def same(framework: str, names: str, canonical: str, **fields: Any) -> tuple[Convention, ...]:
    """One convention under several names, which are separated by spaces."""
    return tuple(Convention(framework, name, canonical, **fields) for name in names.split())


def like(
    framework: str, names: Mapping[str, str], others: Iterable[Convention], **fields: Any
) -> tuple[Convention, ...]:
    """Conventions that are those of another framework, by its names, with some fields replaced."""
    known = {c.name: c for c in others}
    return tuple(
        dataclasses.replace(known[other], framework=framework, name=name, **fields)
        for name, other in names.items()
    )


def refused(framework: str, reasons: Mapping[str, str]) -> tuple[Convention, ...]:
    """Names that are no activations, or none of this library, each with the reason."""
    return tuple(Convention(framework, n, "", refusal=why) for n, why in reasons.items())
