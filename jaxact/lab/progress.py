"""What the engine tells while it works, and wall time by phase."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Protocol


class Progress(Protocol):
    """What the engine tells while it works."""

    def phase(self, name: str, total: int) -> None:
        """A phase of ``total`` units of work begins."""
        ...

    def advance(self, amount: int) -> None:
        """Some units are done."""
        ...


class Silent:
    """Progress that nobody watches."""

    def phase(self, name: str, total: int) -> None:
        """Says nothing."""

    def advance(self, amount: int) -> None:
        """Says nothing."""


class Clock:
    """Wall time by phase.

    Attributes:
        seconds: by name of the phase; a phase that comes again adds to its time.
        waited: of these, the seconds in which images that stream were waited for.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.waited = 0.0
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """The phase ``name`` ends now."""
        now = time.perf_counter()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._last, 3)
        self._last = now

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Adds the time inside to :attr:`waited`."""
        begin = time.perf_counter()
        yield
        self.waited += time.perf_counter() - begin
