"""Libraries of the report, imported while the devices train and Python has nothing to do."""

from __future__ import annotations

import contextlib
import importlib
import threading

from jaxact.lab.progress import Progress

_LIBRARIES = ("scipy.stats", "matplotlib.figure", "matplotlib.backends.backend_svg", "jinja2")


class ImportsAhead:
    """A progress that imports the report's libraries in a thread as soon as training begins.

    Together they take about a second. Use as a context manager, which waits for the thread.

    Args:
        progress: told what this is told.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._thread = threading.Thread(target=_import)

    def __enter__(self) -> ImportsAhead:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._thread.ident is not None:
            self._thread.join()

    def phase(self, name: str, total: int) -> None:
        """A phase begins; the first training starts the thread."""
        self._progress.phase(name, total)
        if name == "train" and self._thread.ident is None:
            self._thread.start()

    def advance(self, amount: int) -> None:
        """Some units are done."""
        self._progress.advance(amount)


def _import() -> None:
    for name in _LIBRARIES:
        # Who needs it imports it again, and says what is wrong with it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
