"""Checkpoints of orbax in a folder, each with a number, a row of bytes and a header in JSON."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np


class Row:
    """The last two checkpoints in a folder; they are there whole or not at all."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._open_manager: Any = None

    def write(self, number: int, raw: np.ndarray, header: dict[str, Any]) -> None:
        """Writes a checkpoint; raises some exception if that fails, and leaves no part of it."""
        try:
            args = _orbax().args
            items = {"state": args.StandardSave({"bytes": raw}), "header": args.JsonSave(header)}
            with _quiet():
                self._manager().save(number, args=args.Composite(**items), force=True)
        except Exception:
            self._open_manager = None
            for part in self._folder.glob("*.orbax-checkpoint-tmp"):
                shutil.rmtree(part, ignore_errors=True)
            raise

    def header(self, number: int) -> dict[str, Any]:
        """The header of a checkpoint; raises some exception if it is damaged."""
        args = _orbax().args
        with _quiet():
            return self._manager().restore(number, args=args.Composite(header=args.JsonRestore()))[
                "header"
            ]

    def raw(self, number: int, like: np.ndarray) -> np.ndarray:
        """The bytes of a checkpoint, as many as ``like``; raises some exception if damaged."""
        args = _orbax().args
        items = args.Composite(state=args.StandardRestore({"bytes": like}))
        with _quiet():
            return self._manager().restore(number, args=items)["state"]["bytes"]

    def set_aside(self, number: int) -> None:
        """Takes a checkpoint out of the row, so that its number is free again."""
        damaged = self._folder / f"{number}.damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        (self._folder / str(number)).rename(damaged)
        self._open_manager = None

    def _manager(self) -> Any:
        if self._open_manager is None:
            ocp = _orbax()
            alone = ocp.options.MultiprocessingOptions(primary_host=0, active_processes={0})
            self._open_manager = ocp.CheckpointManager(
                self._folder.absolute(),
                options=ocp.CheckpointManagerOptions(
                    max_to_keep=2,
                    create=False,
                    cleanup_tmp_directories=True,
                    enable_async_checkpointing=False,
                    multiprocessing_options=alone,
                ),
            )
        return self._open_manager


def _orbax() -> Any:
    # Importing it takes over a second, which short runs need not spend.
    import orbax.checkpoint

    return orbax.checkpoint


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Orbax logs the tracebacks of errors that it raises as well."""
    logger = logging.getLogger("absl")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
