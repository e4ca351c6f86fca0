"""Keeps the state of an unfinished run in a folder, so that it can go on after a stop.

A checkpoint is one of orbax: the state as one array of bytes, and a header in JSON with study,
strategy, versions, the arrays in the state, and a checksum.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import logging
import pathlib
import shutil
import sys
import time
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import jax
import numpy as np

from jaxact.lab import unfinished
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.strategy import Strategy

if TYPE_CHECKING:
    from jaxact.lab.study import Study

_PACKAGES = ("jax", "jaxlib", "flax", "optax")


class Keeper(Protocol):
    """Keeps the state of an unfinished run."""

    @property
    def strategy(self) -> Strategy | None:
        """The strategy of the run that is kept; None if there is none."""
        ...

    def due(self) -> bool:
        """Whether it is time to keep the state again."""
        ...

    def keep(self, state: Any, strategy: Strategy, epochs: int) -> None:
        """Keeps a pytree of NumPy arrays: the state after so many epochs."""
        ...

    def kept(self, like: Any) -> Any:
        """The state kept last, a pytree like ``like``; ``like`` itself if none is whole."""
        ...


class Checkpoints:
    """A :class:`Keeper` in ``<folder>/checkpoint/``, of the last two checkpoints.

    Of processes that share a run, one has a keeper.

    Args:
        folder: of the run's results.
        study: what is compared; a checkpoint is due every ``study.checkpoint_seconds``.
        command: goes on with the run, for people who find the folder.

    Raises:
        UserError: if a run of another study is there, or another process is at work there.
        OSError: if the folder cannot be written to.
    """

    def __init__(self, folder: pathlib.Path, study: Study, command: str = "") -> None:
        self._folder = folder
        self._study = study
        self._header: dict[str, Any] | None = None
        self._open_manager: Any = None
        self._last = time.monotonic()
        unfinished.checkpoints(folder).mkdir(parents=True, exist_ok=True)
        self._lock = unfinished.locked(folder)
        if self._lock is None:
            raise UserError(
                f"--out {folder}: another process is at work there; wait for its end, or name "
                "another folder"
            )
        try:
            self._find_header()
            unfinished.write_mark(folder, study, command)
        except BaseException:
            self._lock.close()
            raise

    @property
    def strategy(self) -> Strategy | None:
        """The strategy of the run that is kept; None if there is none."""
        return Strategy(**self._header["strategy"]) if self._header else None

    @property
    def words(self) -> str:
        """What of the run is saved, for people."""
        epochs = max(unfinished.steps(self._folder), default=0)
        if epochs:
            return f"{epochs} of {self._study.epochs} epochs are saved in {self._folder}"
        return f"nothing is saved; the first checkpoint comes after {self._seconds:g} s"

    def due(self) -> bool:
        """Whether the seconds between two checkpoints are over."""
        return time.monotonic() - self._last >= self._seconds

    def keep(self, state: Any, strategy: Strategy, epochs: int) -> None:
        """Writes a checkpoint, all of it or nothing; if that fails, says so on stderr.

        Args:
            state: a pytree of NumPy arrays.
            strategy: of the run.
            epochs: how many have been trained.
        """
        header, raw = _packed(state)
        header |= {
            "study": unfinished.compared(self._study),
            "strategy": dataclasses.asdict(strategy),
            "versions": _versions(),
        }
        try:
            args = _orbax().args
            items = {"state": args.StandardSave({"bytes": raw}), "header": args.JsonSave(header)}
            with _quiet():
                self._manager().save(epochs, args=args.Composite(**items), force=True)
            self._header = header
        except Exception as error:  # A full disk has many names, and training can go on.
            full = "No space left" in str(error)
            reason = "the disk is full" if full else first_line(error)
            _say(f"no checkpoint of epoch {epochs}, training goes on: {reason}")
            self._open_manager = None
            for part in unfinished.checkpoints(self._folder).glob("*.orbax-checkpoint-tmp"):
                shutil.rmtree(part, ignore_errors=True)
        self._last = time.monotonic()

    def kept(self, like: Any) -> Any:
        """The state of the last whole checkpoint; says on stderr which that is.

        Args:
            like: a pytree of NumPy arrays.

        Returns:
            A pytree like ``like``, of arrays that can be written to; ``like`` itself if no
            checkpoint is whole.
        """
        for epochs in unfinished.steps(self._folder):
            try:
                with _quiet():
                    state = self._restored(epochs, like)
            except Exception as error:  # Damaged files fail in many ways.
                self._set_aside(epochs, error)
            else:
                _say(f"going on after epoch {epochs} of {self._study.epochs}")
                return state
        return like

    def close(self) -> None:
        """Lets other processes in; without a checkpoint no trace stays."""
        if not unfinished.steps(self._folder):
            unfinished.remove(self._folder)
        self._lock.close()

    @property
    def _seconds(self) -> float:
        return self._study.checkpoint_seconds

    def _find_header(self) -> None:
        """Reads the newest header that is whole, and refuses that of another study."""
        for epochs in unfinished.steps(self._folder):
            try:
                args = _orbax().args
                items = args.Composite(header=args.JsonRestore())
                with _quiet():
                    header = self._manager().restore(epochs, args=items).header
                Strategy(**header["strategy"])
                study, versions = dict(header["study"]), dict(header["versions"])
            except Exception as error:
                self._set_aside(epochs, error)
                continue
            unfinished.refuse_another(self._folder, study, self._study)
            self._header = header
            _compare_versions(versions)
            return

    def _restored(self, epochs: int, like: Any) -> Any:
        """The state of a checkpoint; raises some exception if it is not whole."""
        args = _orbax().args
        expected, raw = _packed(like)
        items = args.Composite(
            state=args.StandardRestore({"bytes": raw}), header=args.JsonRestore()
        )
        found = self._manager().restore(epochs, args=items)
        for name, of_like in expected["arrays"].items():
            if found.header["arrays"].get(name) != of_like:
                raise ValueError(f"its array {name} is not {' '.join(map(str, of_like))}")
        raw = found.state["bytes"]
        if zlib.crc32(raw.data) != found.header["checksum"]:
            raise ValueError("its bytes are not those that were written")
        return _unpacked(raw, like)

    def _set_aside(self, epochs: int, error: Exception) -> None:
        """Takes a damaged checkpoint out of the row, so that its number is free again."""
        folder = unfinished.checkpoints(self._folder)
        damaged = folder / f"{epochs}.damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        (folder / str(epochs)).rename(damaged)
        self._open_manager = None
        rest = unfinished.steps(self._folder)
        then = f"trying that of epoch {rest[0]}" if rest else "starting from the beginning"
        _say(
            f"the checkpoint of epoch {epochs} in {self._folder} is damaged, {then} "
            f"({first_line(error)})"
        )

    def _manager(self) -> Any:
        if self._open_manager is None:
            ocp = _orbax()
            alone = ocp.options.MultiprocessingOptions(primary_host=0, active_processes={0})
            self._open_manager = ocp.CheckpointManager(
                unfinished.checkpoints(self._folder).absolute(),
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


def _compare_versions(theirs: dict[str, str]) -> None:
    """Says on stderr what is not as it was when the run was stopped."""
    ours = _versions()
    other = [f"{n} {theirs.get(n)}, now {v}" for n, v in ours.items() if theirs.get(n) != v]
    if other:
        _say(f"the run began with {'; '.join(other)}; the bits of its results may differ")


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def _packed(tree: Any) -> tuple[dict[str, Any], np.ndarray]:
    """The arrays of a pytree by their path, with type and shape, and all their bytes in a row.

    As one array they fail as one: of several, orbax leaves reads unfinished when one fails.
    """
    leaves = [(path, np.asarray(x)) for path, x in jax.tree_util.tree_leaves_with_path(tree)]
    arrays = {jax.tree_util.keystr(path): [str(x.dtype), list(x.shape)] for path, x in leaves}
    # Orbax keeps no empty array, hence a byte more.
    raw = np.frombuffer(b"".join([*(x.tobytes() for _, x in leaves), b"\0"]), np.uint8)
    return {"arrays": arrays, "checksum": zlib.crc32(raw.data)}, raw


def _unpacked(raw: np.ndarray, like: Any) -> Any:
    """The inverse of :func:`_packed`, with arrays that can be written to."""
    leaves, structure = jax.tree.flatten(jax.tree.map(np.asarray, like))
    ends = np.cumsum([leaf.nbytes for leaf in leaves])
    parts = np.split(raw, ends)
    return structure.unflatten(
        part.copy().view(leaf.dtype).reshape(leaf.shape)
        for part, leaf in zip(parts, leaves, strict=False)
    )


def _say(text: str) -> None:
    print(f"jaxact: {text}", file=sys.stderr)
