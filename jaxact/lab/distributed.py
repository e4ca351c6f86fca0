"""Processes that share the cells of a study, over JAX's own distributed runtime."""

from __future__ import annotations

import contextlib
import dataclasses
import pickle
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxact.lab import unfinished
from jaxact.lab.errors import UserError, first_line

if TYPE_CHECKING:
    from jaxact.lab.study import Study

_T = TypeVar("_T")

_PIECE = 1 << 22


class Stopped(UserError):
    """Another process stopped and said why."""


class Lost(UserError):
    """Another process is gone, so nothing can be agreed with it any more."""


@dataclasses.dataclass(frozen=True)
class Team:
    """Some processes, each of which trains its share of the cells on its own devices.

    All processes must call the methods that talk to the others in the same order. Those raise a
    UserError if another process stopped with one, which tells its message.

    Attributes:
        size: number of processes.
        rank: number of this one, from 0 on; 0 writes.
    """

    size: int = 1
    rank: int = 0

    def mine(self, cells: Any) -> Any:
        """This process's part of arrays whose first axis is the cells'."""
        return jax.tree.map(lambda a: a[self._bounds(len(a))], cells)

    def all(self, cells: Any) -> Any:
        """The arrays of all processes, one after another; the inverse of :meth:`mine`.

        Args:
            cells: pytree of arrays of shape (cells of this process, ...), of any dtype.

        Returns:
            The same pytree, of NumPy arrays of shape (cells of all, ...), in every process.
        """
        if self.size == 1:
            return cells
        leaves, structure = jax.tree.flatten(cells)
        parts = self._gathered([np.asarray(leaf) for leaf in leaves])
        return structure.unflatten(np.concatenate(part) for part in zip(*parts, strict=True))

    def agreed(self, value: _T) -> _T:
        """What process 0 holds, in every process.

        Args:
            value: pytree of arrays, numbers and other values that can be pickled, None among
                them; of the same structure everywhere. Only that of process 0 is read.
        """
        if self.size == 1:
            return value
        leaves, structure = jax.tree.flatten(value, is_leaf=lambda leaf: leaf is None)
        return structure.unflatten(self._gathered(None if self.rank else leaves)[0])

    def any(self, value: bool) -> bool:
        """Whether it is true in one of the processes."""
        return bool(self.all(np.array([value])).any())

    def meet(self) -> None:
        """Waits until all processes are here."""
        if self.size > 1:
            self._gathered(None)

    def led(self, function: Callable[[], _T]) -> _T:
        """What ``function`` returns, called in process 0 before it is in the others."""
        if self.rank:
            self.meet()
            return function()
        value = function()
        self.meet()
        return value

    def check(self, study: Study) -> None:
        """Whether the processes can share a study.

        Raises:
            UserError: if there are more processes than cells of an activation, or not all
                were started with the same study.
        """
        cells = study.cells_per_activation
        if cells < self.size:
            raise UserError(
                f"{self.size} processes share {cells} runs (learning rates times seeds) of each "
                f"activation; start {cells} or fewer, or give more --seeds"
            )
        # A study as one value, for its tuples may be of other lengths here.
        first = self.agreed(study)
        here, there = unfinished.compared(study), unfinished.compared(first)
        for name in here:
            if here[name] != there[name]:
                raise UserError(
                    f"--{name.replace('_', '-')} is {here[name]} in process {self.rank} and "
                    f"{there[name]} in process 0; start all processes with the same options"
                )
        self.meet()

    def check_data(self, name: str, checksum: str) -> None:
        """Whether the processes have the same data.

        Args:
            name: of the set, for messages.
            checksum: of its pixels and labels, as this process read them.

        Raises:
            UserError: if not; it names a process and its checksum.
        """
        first = self.agreed(checksum)
        if checksum != first:
            raise UserError(
                f"--dataset {name}: its pictures or labels in process {self.rank} (checksum "
                f"{checksum[:8]}) are not those in process 0 ({first[:8]}); give all processes "
                "the same files"
            )
        self.meet()

    def tell(self, failure: str) -> None:
        """Ends the others as well: they raise at the next thing they have to agree on."""
        if self.size > 1:
            with contextlib.suppress(Stopped):
                self._gathered(None, failure)

    def _bounds(self, num_cells: int) -> slice:
        base, more = divmod(num_cells, self.size)
        start = self.rank * base + min(self.rank, more)
        return slice(start, start + base + (self.rank < more))

    def _gathered(self, value: Any, failure: str | None = None) -> list[Any]:
        """The values of all processes, in order.

        They travel as bytes: as arrays, JAX would round those of 64 bits to 32.
        """
        data = pickle.dumps((failure, value))
        lengths = _exchanged(np.array([len(data)]).view(np.uint8)).view(np.int64)[:, 0]
        longest = int(lengths.max())
        # Few widths, so few programs to compile; a device never holds more than some pieces.
        width = min(_PIECE, 1 << longest.bit_length())
        padded = np.zeros(-(-longest // width) * width, np.uint8)
        padded[: len(data)] = np.frombuffer(data, np.uint8)
        rows = np.concatenate([_exchanged(piece) for piece in padded.reshape(-1, width)], axis=1)
        said = [pickle.loads(r[:n].tobytes()) for r, n in zip(rows, lengths, strict=True)]
        for rank, (words, _) in enumerate(said):
            if words is not None:
                raise Stopped(f"process {rank} of {self.size} stopped: {words}")
        return [value for _, value in said]


ALONE = Team()


def _exchanged(row: np.ndarray) -> np.ndarray:
    """The rows of all processes: from uint8 of shape (n,) to (processes, n)."""
    devices = np.array(jax.devices()).reshape(jax.process_count(), -1)
    mesh = Mesh(devices, ("processes", "devices"))
    each = NamedSharding(mesh, PartitionSpec("processes"))
    everywhere = NamedSharding(mesh, PartitionSpec())
    try:
        parts = jax.make_array_from_process_local_data(each, row[None])
        # As multihost_utils.process_allgather does, but waits for all devices and heeds Ctrl-C.
        whole = jax.jit(_same, out_shardings=everywhere)(parts)
        while not whole.is_ready():
            time.sleep(0.002)
        return np.asarray(whole.addressable_data(0))
    except jax.errors.JaxRuntimeError as error:
        raise Lost(
            f"another process ended; its own messages say why ({first_line(error)})"
        ) from None


def _same(rows: jax.Array) -> jax.Array:
    return rows
