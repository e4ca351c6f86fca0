"""Keeps the state of an unfinished run in a folder, so that it can go on after a stop.

A checkpoint is one of orbax: the state as one array of bytes, and a header in JSON with strategy,
seconds, versions, the arrays in the state, and checksums of them and of the data. That of a run
which adds seeds holds the lots that are trained; the lot under way is a run of its own in a folder
beside it.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import pathlib
import sys
import time
import zlib
from typing import TYPE_CHECKING, Any, Protocol

import jax
import numpy as np

from jaxact.lab import unfinished
from jaxact.lab._orbax import Row
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.packing import blank, by_path, described, packed, unpacked
from jaxact.lab.progress import Clock
from jaxact.lab.strategy import Strategy

if TYPE_CHECKING:
    from jaxact.lab.study import Study

_PACKAGES = ("jax", "jaxlib", "flax", "optax")


class Keeper(Protocol):
    """Keeps the state of an unfinished run.

    Attributes:
        clock: wall time of the run by phase, of the processes before this one too.
        data: checksum of the data with which the run began; None before it does.
    """

    clock: Clock
    data: str | None

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


class Unkept:
    """A :class:`Keeper` that keeps nothing but the checksum of the data."""

    strategy = None

    def __init__(self, data: str | None = None) -> None:
        self.clock, self.data = Clock(), data

    def due(self) -> bool:
        """Never."""
        return False

    def keep(self, state: Any, strategy: Strategy, epochs: int) -> None:
        """Keeps nothing."""

    def kept(self, like: Any) -> Any:
        """What it is given."""
        return like


class Checkpoints:
    """A :class:`Keeper` in ``<folder>/checkpoint/``, of the last two checkpoints.

    Of processes that share a run, one has a keeper.

    Args:
        folder: of the run's results.
        study: what is compared; a checkpoint is due every ``study.checkpoint_seconds``.
        command: goes on with the run, for people who find the folder.
        data: checksum of the data, if the run is one of several on the same.

    Attributes:
        folder: of the run's results.
        clock: see :class:`Keeper`.
        data: see :class:`Keeper`.

    Raises:
        UserError: if a run of another study or something else is there, or another process is at
            work there.
        OSError: if the folder cannot be written to.
    """

    def __init__(
        self, folder: pathlib.Path, study: Study, command: str = "", data: str | None = None
    ) -> None:
        unfinished.refuse_foreign(folder)
        self.folder, self.data = folder, data
        self._study = study
        self._header: dict[str, Any] | None = None
        self._row = Row(unfinished.checkpoints(folder))
        self.clock = Clock()
        self._last = time.monotonic()
        unfinished.checkpoints(folder).mkdir(parents=True, exist_ok=True)
        self._lock = unfinished.locked(folder)
        if self._lock is None:
            raise UserError(
                f"--out {folder}: another process is at work there; wait for its end, or name "
                "another folder"
            )
        try:
            unfinished.refuse_another(folder, study)
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
        if unfinished.begun(self.folder):
            return f"{unfinished.saved(self.folder)} are saved in {self.folder}"
        seconds = self._study.checkpoint_seconds
        return f"nothing is saved; the first checkpoint comes after {seconds:g} s"

    def due(self) -> bool:
        """Whether the seconds between two checkpoints are over."""
        return time.monotonic() - self._last >= self._study.checkpoint_seconds

    def keep(self, state: Any, strategy: Strategy, epochs: int) -> None:
        """Writes a checkpoint, all of it or nothing; if that fails, says so on stderr.

        Args:
            state: a pytree of NumPy arrays.
            strategy: of the run.
            epochs: how many have been trained.
        """
        self.clock.lap("train")
        self.keep_arrays(by_path(state), strategy, epochs)

    def keep_arrays(self, arrays: dict[str, np.ndarray], strategy: Strategy, number: int) -> None:
        """Writes a checkpoint of named arrays, as :meth:`keep` does.

        Args:
            arrays: by name.
            strategy: of the run.
            number: of epochs; of seeds, if the study adds seeds.
        """
        raw = packed(arrays)
        header = {
            "arrays": described(arrays),
            "checksum": zlib.crc32(raw.data),
            "strategy": dataclasses.asdict(strategy),
            "seconds": self.clock.seconds,
            "waited": round(self.clock.waited, 3),
            "data": self.data,
            "versions": _versions(),
        }
        try:
            self._row.write(number, raw, header)
            self._header = header
        except Exception as error:  # A full disk has many names, and training can go on.
            full = "No space left" in str(error)
            reason = "the disk is full" if full else first_line(error)
            _say(f"no checkpoint of {self._named(number)}, training goes on: {reason}")
        self._last = time.monotonic()

    def kept(self, like: Any) -> Any:
        """The state of the last whole checkpoint; says on stderr which that is.

        Args:
            like: a pytree of NumPy arrays.

        Returns:
            A pytree like ``like``, of arrays that can be written to; ``like`` itself if no
            checkpoint is whole.

        Raises:
            UserError: if it is whole, but no pytree like ``like``.
        """
        arrays = self.kept_arrays()
        if not arrays:
            return like
        found = described(arrays)
        for name, kind in described(by_path(like)).items():
            if found.get(name) != kind:
                raise UserError(
                    f"--out {self.folder}: the network or jaxact is not as it was when the "
                    f"unfinished run began: no array {name} of {' '.join(map(str, kind))}; bring "
                    "it back, or give another --out"
                )
        return jax.tree.structure(like).unflatten(arrays[name] for name in by_path(like))

    def kept_arrays(self) -> dict[str, np.ndarray]:
        """The arrays of the last whole checkpoint by name, as :meth:`kept`; empty without one."""
        for number in unfinished.steps(self.folder):
            try:
                arrays = self._arrays(number)
            except Exception as error:  # Damaged files fail in many ways.
                self._set_aside(number, error)
            else:
                _say(f"going on after {self._named(number)} of {self._whole}")
                return arrays
        return {}

    def close(self) -> None:
        """Lets other processes in; without a checkpoint no trace stays."""
        if not unfinished.begun(self.folder):
            unfinished.remove(self.folder)
        self._lock.close()

    @property
    def _whole(self) -> str:
        most = self._study.max_seeds
        return f"{self._study.epochs}" if most is None else f"at most {most}"

    def _named(self, number: int) -> str:
        """What a checkpoint is of, in words."""
        return f"epoch {number}" if self._study.max_seeds is None else f"{number} seeds"

    def _find_header(self) -> None:
        """Reads the newest header that is whole."""
        for number in unfinished.steps(self.folder):
            try:
                header = self._row.header(number)
                Strategy(**header["strategy"])
                versions = dict(header["versions"])
                seconds = added({}, header.get("seconds", {}))
                waited = float(header.get("waited", 0))
            except Exception as error:
                self._set_aside(number, error)
                continue
            self._header, self.clock.seconds, self.clock.waited = header, seconds, waited
            self.data = header.get("data") or self.data
            _compare_versions(versions)
            return

    def _arrays(self, number: int) -> dict[str, np.ndarray]:
        """The arrays of a checkpoint by path; raises some exception if it is not whole."""
        header = self._row.header(number)
        raw = self._row.raw(number, blank(header["arrays"]))
        if zlib.crc32(raw.data) != header["checksum"]:
            raise ValueError("its bytes are not those that were written")
        return unpacked(raw, header["arrays"])

    def _set_aside(self, number: int, error: Exception) -> None:
        """Takes a damaged checkpoint out of the row, so that its number is free again."""
        self._row.set_aside(number)
        rest = unfinished.steps(self.folder)
        then = f"trying that of {self._named(rest[0])}" if rest else "starting from the beginning"
        _say(
            f"the checkpoint of {self._named(number)} in {self.folder} is damaged, {then} "
            f"({first_line(error)})"
        )


def _compare_versions(theirs: dict[str, str]) -> None:
    """Says on stderr what is not as it was when the run was stopped."""
    ours = _versions()
    other = [f"{n} {theirs.get(n)}, now {v}" for n, v in ours.items() if theirs.get(n) != v]
    if other:
        _say(f"the run began with {'; '.join(other)}; the bits of its results may differ")


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def added(seconds: dict[str, float], more: dict[str, float]) -> dict[str, float]:
    """The sum of seconds by phase.

    Example:
        >>> added({"data": 1.0, "train": 2.5}, {"train": 0.5, "report": 1.0})
        {'data': 1.0, 'train': 3.0, 'report': 1.0}
    """
    names = seconds | more
    return {n: round(seconds.get(n, 0.0) + more.get(n, 0.0), 3) for n in names}


def _say(text: str) -> None:
    print(f"jaxact: {text}", file=sys.stderr)
