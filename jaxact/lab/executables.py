"""Whole compiled programs kept between runs, so that a later run traces nothing.

JAX's own cache of compiled programs is asked by a program's code, and to make that code takes
longer than to load what is compiled. Here a program is asked by what decides its code: jaxact's
sources, the activation, the study, the shapes of the data, versions, settings of JAX and the kind
of machine. The code of others cannot be known in this way, so programs of a model or an activation
of one's own are left to JAX's cache, and so are those of other devices than CPUs, of several
processes, and of images that stream.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import os
import pathlib
import pickle
import platform
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax
from jax.experimental import serialize_executable
from jax.experimental.compilation_cache import compilation_cache

import jaxact
from jaxact.catalogue import Activation
from jaxact.lab.study import activation_named

if TYPE_CHECKING:
    from jaxact.lab.programs import Setup

MOST_BYTES = 2**28
"""Bytes that all kept programs take at most; the least recently used ones are removed first."""

_PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "chex")
_VARIABLES = ("XLA_FLAGS", "LIBTPU_INIT_ARGS")
# What of a study does not enter its programs, or enters by its grid, strategy and shapes alone.
_NOT_IN_PROGRAMS = (
    "activations", "lrs", "seeds", "first_seed", "max_seeds", "decide", "margin", "target",
    "dataset", "data_dir", "validation", "image_size", "on_corrupt", "devices", "strategy", "chunk",
    "convolution", "streaming", "out", "resume", "checkpoint_seconds",
)  # fmt: skip
_ONE_AT_A_TIME = threading.Lock()
_DIGEST_BYTES = hashlib.sha256().digest_size


class Shelf:
    """The kept programs of a study's activations, in a folder of JAX's compile cache.

    It is on where that cache is, see :func:`jaxact.lab.cache.use_compile_cache`. An entry is read
    whole or not at all; a damaged one counts as none.

    Args:
        setup: the study on its devices.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._folder = _folder(setup)
        self._loaded: dict[bytes, Any] = {}

    def holds(self, name: str) -> bool:
        """Whether the programs of an activation belong here, whether or not they are there yet."""
        return self._folder is not None and isinstance(activation_named(name), Activation)

    @contextlib.contextmanager
    def in_place_of_jax(self) -> Iterator[None]:
        """Turns JAX's own cache off meanwhile, so that all that is compiled can be put here.

        A program that was loaded cannot be serialised again: on CPUs it would lack functions.
        """
        if self._folder is None:
            yield
            return
        with _ONE_AT_A_TIME:
            jax.config.update("jax_enable_compilation_cache", False)
            compilation_cache.reset_cache()
            try:
                yield
            finally:
                jax.config.update("jax_enable_compilation_cache", True)
                compilation_cache.reset_cache()

    def take(self, name: str) -> dict[str, Any] | None:
        """The compiled programs of an activation that were put there, ready to run.

        Args:
            name: of an activation that belongs here.

        Returns:
            ``jax.stages.Compiled`` by name; None if there are none for this very setup.
        """
        if self._folder is None:
            return None
        path = self._folder / key(self._setup, name)
        try:
            entry = path.read_bytes()
            digest, packed = entry[:_DIGEST_BYTES], entry[_DIGEST_BYTES:]
            if hashlib.sha256(packed).digest() != digest:
                return None
            programs = pickle.loads(zlib.decompress(packed))
            found = {part: self._load(*program) for part, program in programs.items()}
        except Exception:  # What cannot be loaded is compiled again.
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return found

    def put(self, name: str, compiled: dict[str, Any]) -> None:
        """Keeps the programs of an activation, all of them or none.

        Args:
            name: of an activation that belongs here.
            compiled: ``jax.stages.Compiled`` by name, compiled and not loaded.
        """
        if self._folder is None:
            return
        # Some programs cannot be kept, and a full disk costs time and nothing else.
        with contextlib.suppress(Exception):
            programs = {part: serialize_executable.serialize(p) for part, p in compiled.items()}
            packed = zlib.compress(pickle.dumps(programs), level=1)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / key(self._setup, name)
            _write(path, hashlib.sha256(packed).digest() + packed)
            _make_room(self._folder)

    def _load(self, program: bytes, in_tree: Any, out_tree: Any) -> Any:
        """A program on the study's devices; one object for equal ones."""
        digest = hashlib.sha256(program).digest()
        if digest not in self._loaded:
            self._loaded[digest] = serialize_executable.deserialize_and_load(
                program, in_tree, out_tree, execution_devices=self._setup.grid.devices
            )
        return self._loaded[digest]


def key(setup: Setup, name: str) -> str:
    """A name for the programs of an activation: SHA-256 of all that decides them, as text.

    Args:
        setup: the study on its devices.
        name: of the activation, as in a study.
    """
    study = dataclasses.asdict(setup.study)
    for field in _NOT_IN_PROGRAMS:
        del study[field]
    fields = {f.name: getattr(setup, f.name) for f in dataclasses.fields(setup)}
    dataset, grid = fields.pop("dataset"), fields.pop("grid")
    del fields["study"]
    ingredients = {
        "sources": _sources(),
        "versions": _versions(),
        "machine": _machine(),
        "variables": {name: os.environ.get(name) for name in _VARIABLES},
        "config": {k: repr(v) for k, v in jax.config.values.items() if "cache" not in k},
        "activation": repr(activation_named(name)),
        "study": study,
        "classes": dataset.num_classes,
        "image": list(dataset.image_shape),
        "grid": [grid.num_cells, grid.chunk, grid.group, grid.capacity],
        "devices": [[d.id, d.platform, d.device_kind] for d in grid.devices],
        "runtime": grid.devices[0].client.platform_version,
        "strategy": dataclasses.asdict(fields.pop("strategy")),
        "arguments": {field: _shapes(tree) for field, tree in fields.items()},
    }
    return hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest()


def _folder(setup: Setup) -> pathlib.Path | None:
    """Where programs are kept; None if they are not."""
    config: Any = jax.config
    cache = config.jax_compilation_cache_dir
    if not config.jax_enable_compilation_cache or not cache or "://" in str(cache):
        return None
    on_cpus = all(device.platform == "cpu" for device in setup.grid.devices)
    if setup.study.model != "cnn" or setup.strategy.streams or not on_cpus:
        return None
    if jax.process_count() > 1 or not _sources():
        return None
    return pathlib.Path(cache) / "jaxact"


def _write(path: pathlib.Path, entry: bytes) -> None:
    """Writes a file that other processes see whole or not at all."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(entry)
        os.replace(part, path)
    except BaseException:
        pathlib.Path(part).unlink(missing_ok=True)
        raise


def _make_room(folder: pathlib.Path) -> None:
    """Removes the files that were not used for longest, until all take at most the bound."""
    files = []
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # Another process may remove it first.
            found = path.stat()
            files.append((found.st_mtime, found.st_size, path))
    room = MOST_BYTES
    for _, size, path in sorted(files, reverse=True):
        room -= size
        if room < 0:
            path.unlink(missing_ok=True)


@functools.cache
def _sources() -> str:
    """SHA-256 of all files of jaxact's code; empty if there are none to read."""
    root = pathlib.Path(jaxact.__file__).parent
    digest = hashlib.sha256()
    paths = sorted(root.rglob("*.py"))
    for path in paths:
        code = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(code)}\n".encode() + code)
    return digest.hexdigest() if paths else ""


@functools.cache
def _versions() -> dict[str, str]:
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return found | {"python": sys.version}


@functools.cache
def _machine() -> list[str]:
    """What this processor is and can do; where that is not to be read, this machine's name."""
    try:
        first = pathlib.Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    except OSError:
        return [*platform.uname()]
    # The clock's speed moves, and is no matter.
    lines = [line for line in first.splitlines() if "MHz" not in line and "bogo" not in line]
    return [platform.system(), platform.machine(), *lines]


def _shapes(tree: Any) -> list[Any]:
    """Structure, shapes and types of a pytree of arrays."""
    leaves, structure = jax.tree.flatten(tree)
    return [str(structure), *([list(a.shape), str(a.dtype), a.weak_type] for a in leaves)]
