"""The one place that decides how cells run in parallel: a loop in a device, pmap across them."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxact.lab._cores import cores

_CPU_OPTIONS = {
    # Threads inside a matrix product would split its sums by their number, and the bits of the
    # result with it. One device per core keeps all cores busy without them.
    "xla_cpu_multi_thread_eigen": False,
    # Half the work to compile, and the same time to run: programs are compiled side by side, and
    # what takes time in them are matrix products, which are not compiled here.
    "xla_cpu_use_fusion_emitters": False,
    "xla_backend_optimization_level": 1,
    "xla_cpu_parallel_codegen_split_count": 1,
}


@dataclasses.dataclass(frozen=True)
class Spread:
    """Cells spread evenly over devices.

    Attributes:
        devices: the devices, at most one per cell.
        num_cells: number of cells.
        chunk: number of cells that a device computes at a time, by ``vmap``; 1 for a plain loop.
        group: number of cells that stay together because they share something: cell ``i`` of the
            first ``num_cells / group`` with the i-th of the second, and so on.
    """

    devices: tuple[Any, ...]
    num_cells: int
    chunk: int = 1
    group: int = 1

    @property
    def capacity(self) -> int:
        """Slots for groups on each device: a multiple of those in a chunk."""
        fullest = -(-self.num_groups // len(self.devices))
        return -(-fullest // self._turn) * self._turn

    @property
    def num_groups(self) -> int:
        """Number of groups of cells."""
        return self.num_cells // self.group

    @property
    def counts(self) -> np.ndarray:
        """Number of groups on each device; they differ by one at most."""
        base, more = divmod(self.num_groups, len(self.devices))
        return base + (np.arange(len(self.devices)) < more).astype(np.int32)

    @property
    def _turn(self) -> int:
        """Number of groups that a device computes at a time."""
        return self.chunk // self.group

    def scatter(self, cells: Any) -> Any:
        """Arrays of shape (cells, ...) to (devices, capacity, group, ...) on the devices.

        Without groups, that axis is left out.
        """
        starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        slots = starts[:, None] + np.arange(self.capacity)
        slots = np.minimum(slots, self.num_groups - 1)
        sharding = self._sharding("devices")

        def put(cells: Any) -> jax.Array:
            cells = np.asarray(cells)
            if self.group > 1:
                cells = cells.reshape(self.group, -1, *cells.shape[1:]).swapaxes(0, 1)

            # A device at a time, so that all cells are never in host memory once more.
            def of_device(index: Any) -> np.ndarray:
                return cells[slots[index[0]]]

            shape = (*slots.shape, *cells.shape[1:])
            return jax.make_array_from_callback(shape, sharding, of_device)

        return jax.tree.map(put, cells)

    def gather(self, results: Any) -> Any:
        """Arrays as :meth:`compile`'s programs return them, to NumPy of shape (cells, ...)."""
        self.wait(results)

        def take(result: jax.Array) -> np.ndarray:
            shards = {shard.device: shard.data for shard in result.addressable_shards}
            parts = [np.asarray(shards[device])[0] for device in self.devices]
            whole = np.concatenate([p[:n] for p, n in zip(parts, self.counts, strict=True)])
            if self.group == 1:
                return whole
            return whole.swapaxes(0, 1).reshape(self.num_cells, *whole.shape[2:])

        return jax.tree.map(take, results)

    def wait(self, results: Any) -> None:
        """Waits until results are there."""
        # Python heeds Ctrl-C between two looks, but not while it waits inside JAX.
        while not all(a.is_ready() for a in jax.tree.leaves(results)):
            time.sleep(0.001)

    def broadcast(self, shared: Any) -> Any:
        """Arrays that every device needs, put on all of them once."""
        return jax.device_put(shared, self._sharding())

    def place(self, parts: Any) -> Any:
        """Arrays of shape (devices, ...) to the devices, to each its own part."""
        return jax.device_put(parts, self._sharding("devices"))

    def slots(self, keys: np.ndarray) -> tuple[list[list[Any]], np.ndarray]:
        """For what cells with the same key share, once on each device.

        Args:
            keys: of the cells, shape (cells,).

        Returns:
            The keys of each device in the order in which its cells come, and of each cell the
            place of its key among those, int32 of the shape that :meth:`scatter` gives.
        """
        spread_keys = np.asarray(self.scatter(keys))
        places = np.zeros(spread_keys.shape, np.int32)
        found = []
        for device, count in enumerate(self.counts):
            own = spread_keys[device, :count]
            known = [*dict.fromkeys(own.ravel().tolist())]
            places[device, :count] = np.vectorize(known.index, otypes=[np.int32])(own)
            found.append(known)
        return found, places

    def compile(
        self,
        function: Callable[..., Any],
        cells: Any,
        *shared: Any,
        axes: Any = 0,
        own: int = 0,
        donate: bool = False,
        once: bool = False,
    ) -> Program:
        """Compiles ``function(cell, *shared)`` for all cells.

        Args:
            function: pure; from a pytree of arrays and shared arrays to a pytree of arrays.
            cells: scattered arrays, or where one process runs alone their shapes.
            *shared: broadcast arrays, likewise.
            axes: a prefix of the tree of a cell: None for what the cells of a group have in
                common, else 0.
            own: how many of ``shared``, counted from the end, each device has its own of; their
                first axis is the devices', and ``function`` gets them without it.
            donate: whether the results may take the memory of ``cells``.
            once: whether it runs once, so that compiling costs more than running.

        Returns:
            A :class:`Program`, which returns arrays of shape (devices, capacity, ...), or with
            groups (devices, capacity, group, ...).
        """
        if self.group > 1:
            function = _in_group(function, axes)
        function = jax.jit(function, inline=True)  # traced once, used twice

        def on_device(count: jax.Array, cells: Any, *shared: Any) -> Any:
            def some(i: Any) -> Any:
                """The results of turn ``i``."""
                if self._turn == 1:
                    cell = jax.tree.map(
                        lambda a: lax.dynamic_index_in_dim(a, i, keepdims=False), cells
                    )
                    return jax.tree.map(lambda r: r[None], function(cell, *shared))
                first = i * self._turn
                several = jax.tree.map(
                    lambda a: lax.dynamic_slice_in_dim(a, first, self._turn), cells
                )
                return jax.vmap(lambda cell: function(cell, *shared))(several)

            def body(i: jax.Array, results: Any) -> Any:
                return jax.tree.map(
                    lambda a, r: lax.dynamic_update_slice_in_dim(a, r, i * self._turn, 0),
                    results,
                    some(i),
                )

            shapes = jax.eval_shape(lambda: some(0))
            empty = jax.tree.map(
                lambda s: jnp.zeros((self.capacity, *s.shape[1:]), s.dtype), shapes
            )
            # The number of turns is data, so XLA cannot unroll short loops into other code.
            return lax.fori_loop(0, -(-count // self._turn), body, empty)

        in_axes = (0, 0, *(None if i < len(shared) - own else 0 for i in range(len(shared))))
        program = jax.pmap(
            on_device,
            in_axes=in_axes,
            devices=self.devices,
            donate_argnums=(1,) if donate else (),
        )
        counts = self._counts_on_devices()
        options: Any = {}
        if self.devices[0].platform == "cpu":
            options = _cpu_options() | ({"xla_backend_optimization_level": 0} if once else {})
        compiled = program.lower(counts, cells, *shared).compile(compiler_options=options)
        return self.program(compiled)

    def program(self, compiled: Any) -> Program:
        """What :meth:`compile` returns, from a ``jax.stages.Compiled`` of an equal spread."""
        return Program(compiled, self._counts_on_devices())

    def _counts_on_devices(self) -> jax.Array:
        return jax.device_put(self.counts, self._sharding("devices"))

    def _sharding(self, *axes: str) -> NamedSharding:
        return NamedSharding(Mesh(np.array(self.devices), ("devices",)), PartitionSpec(*axes))


@dataclasses.dataclass(frozen=True)
class Program:
    """A compiled function of all cells.

    Attributes:
        compiled: the program as JAX holds it.
        counts: number of groups on each device, on the devices.
    """

    compiled: Any
    counts: Any

    def __call__(self, cells: Any, *shared: Any) -> Any:
        """The results, from ``cells`` as :meth:`Spread.scatter` or a program gives them."""
        return self.compiled(self.counts, cells, *shared)

    @property
    def temporary_bytes(self) -> int:
        """Memory of one device that a call takes besides its arguments and results."""
        analysis = self.compiled.memory_analysis()
        return analysis.temp_size_in_bytes if analysis else 0


@functools.cache
def _cpu_options() -> dict[str, Any]:
    """The options that this version of XLA knows."""
    known = {}
    for name, value in _CPU_OPTIONS.items():
        with contextlib.suppress(RuntimeError):
            jax.jit(lambda: 0).lower().compile(compiler_options={name: value})
            known[name] = value
    return known


def use_all_cores() -> None:
    """Makes a CPU appear as one device per core, unless the environment or JAX's use says else."""
    flags = os.environ.get("XLA_FLAGS", "")
    if "JAX_NUM_CPU_DEVICES" in os.environ or "host_platform_device_count" in flags:
        return
    # The number is fixed from the first use of JAX on.
    with contextlib.suppress(RuntimeError):
        jax.config.update("jax_num_cpu_devices", cores())


def _in_group(function: Callable[..., Any], axes: Any) -> Callable[..., Any]:
    """``function`` of all cells of a group, with what they have in common there only once."""

    def part(axis: int | None, cells: Any) -> Any:
        return cells if axis == 0 else jax.tree.map(lambda a: a[0], cells)

    def of_group(cells: Any, *shared: Any) -> Any:
        once = jax.tree.map(part, axes, cells, is_leaf=lambda axis: axis is None)
        return jax.vmap(lambda cell: function(cell, *shared), in_axes=(axes,))(once)

    return of_group


def spread(num_cells: int, devices: Sequence[Any], chunk: int = 1, group: int = 1) -> Spread:
    """Spreads cells over at most as many devices as there are cells.

    Args:
        num_cells: number of cells.
        devices: to choose from.
        chunk: cells that a device computes at a time, if it has as many.
        group: cells that share something; kept together where a chunk holds them and that
            leaves no device idle.
    """
    used = tuple(devices[:num_cells])
    chunk = min(chunk, -(-num_cells // len(used)))
    if chunk < group or num_cells // group < len(used):
        group = 1
    return Spread(used, num_cells, chunk // group * group, group)
