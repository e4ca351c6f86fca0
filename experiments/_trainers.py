"""Ways to train the studies' network many times over: the engine, plain Flax, naive vmap.

Every builder takes a :class:`Work` and returns a :class:`Trainer`. Those of PyTorch are in
``_torch_trainers``. Run as a module it tells the memory of one of them.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import pathlib
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from jaxact.lab import Study, data, parallel, programs
from jaxact.lab.progress import Silent
from jaxact.lab.strategy import Strategy, fixed

LEARNING_RATE = 1e-3


@dataclasses.dataclass(frozen=True)
class Work:
    """What a trainer trains.

    Attributes:
        images: ``"digits"``, or the shape of synthetic images such as ``"32x32x3"``.
        widths: channels of each block.
        batch_size: images per step.
        cells: networks to train.
        steps: of each network in a call.
    """

    images: str
    widths: tuple[int, ...]
    batch_size: int
    cells: int
    steps: int

    @functools.cached_property
    def dataset(self) -> data.Dataset:
        """As many training images as the steps of a call take, and one to validate on."""
        number = self.steps * self.batch_size
        if self.images == "digits":
            from sklearn.datasets import load_digits

            digits: Any = load_digits()
            pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]
            labels = digits.target
        else:
            rng = np.random.default_rng(0)
            shape = tuple(map(int, self.images.split("x")))
            pixels = rng.integers(0, 256, (1024, *shape), np.uint8)
            labels = rng.integers(0, 10, 1024)
        labels = labels.astype(np.int32)
        train = data.Split(
            images=np.resize(pixels, (number, *pixels.shape[1:])), labels=np.resize(labels, number)
        )
        one = data.Split(images=pixels[:1], labels=labels[:1])
        channels = pixels.shape[-1]
        scaling = [np.full(channels, value, np.float32) for value in (0.5, 0.3)]
        return data.Dataset(
            name=self.images,
            data=data.Data(train=train, validation=one, mean=scaling[0], scale=scaling[1]),
            test=one,
            num_classes=10,
        )

    @property
    def normalised(self) -> tuple[np.ndarray, np.ndarray]:
        """Images as float32 and their labels: the rivals need not normalise in each step."""
        known = self.dataset.data
        images = (known.train.images / np.float32(255) - known.mean) / known.scale
        return images.astype(np.float32), known.train.labels

    @property
    def flops(self) -> float:
        """Of training on an image: three times those of the direct convolutions' products."""
        height, width, channels = self.dataset.image_shape
        total = 0
        for out in self.widths:
            total += 2 * height * width * 9 * channels * out
            height, width, channels = height // 2, width // 2, out
        return 3.0 * (total + 2 * channels * 10)


@dataclasses.dataclass(frozen=True)
class Trainer:
    """A way to train, compiled and warm.

    Attributes:
        run: trains once more, waits for the end and returns the mean loss of the cells.
        images: trained on by a call, those of all cells together.
        compile_s: seconds until the first call ended, less those of a second call.
        note: what to know of it.
    """

    run: Callable[[], float]
    images: int
    compile_s: float
    note: str = ""


def warmed(build: Callable[[], Callable[[], float]], work: Work, note: str = "") -> Trainer:
    """A trainer from what builds its ``run``, timed."""
    begin = time.perf_counter()
    run = build()
    run()
    first = time.perf_counter()
    run()
    second = time.perf_counter()
    compile_s = max(0.0, (first - begin) - (second - first))
    return Trainer(run, work.cells * work.steps * work.batch_size, compile_s, note)


def engine(work: Work, strategy: Strategy | None = None) -> Trainer:
    """What ``jaxact compare`` runs, for one activation; it compiles all programs of a study.

    Args:
        work: what to train.
        strategy: how cells share a device; by default what ``--strategy auto`` takes.
    """
    study = Study(
        activations=("relu",), lrs=(LEARNING_RATE,), seeds=work.cells, epochs=1,
        batch_size=work.batch_size, widths=work.widths,
    )  # fmt: skip
    devices = jax.local_devices()
    chosen = strategy or fixed(study, work.dataset.image_shape, devices[0].platform)

    def build() -> Callable[[], float]:
        setup = programs.set_up(study, work.dataset, devices, chosen)
        compiled = programs.compile_all(setup, Silent())["relu"]
        cells = compiled.start(setup.settings)
        epochs = setup.grid.broadcast(next(programs.calls(1)))

        def run() -> float:
            nonlocal cells
            cells, (scores, _) = compiled.train(cells, epochs, setup.data)
            return float(setup.grid.gather(jax.block_until_ready(scores)).loss.mean())

        return run

    return warmed(build, work)


class _Network(nnx.Module):
    """The studies' network with the convolution and pooling of Flax."""

    def __init__(self, channels: int, widths: tuple[int, ...], rngs: nnx.Rngs):
        sizes = (channels, *widths)
        self.convs = nnx.List(
            nnx.Conv(before, after, (3, 3), rngs=rngs)
            for before, after in zip(sizes[:-1], sizes[1:], strict=True)
        )
        self.head = nnx.Linear(sizes[-1], 10, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        for layer in self.convs:
            x = nnx.max_pool(jax.nn.relu(layer(x)), (2, 2), strides=(2, 2))
        return self.head(x.mean((1, 2)))


def _flax(work: Work) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """``init(seed)`` and ``step(state, images, labels, batch)`` in Flax and optax."""
    channels = work.dataset.image_shape[-1]
    optimizer = optax.adam(LEARNING_RATE)
    graph, _ = nnx.split(_Network(channels, work.widths, nnx.Rngs(0)))

    def init(seed: jax.Array) -> Any:
        params = nnx.state(_Network(channels, work.widths, nnx.Rngs(jax.random.key(seed))))
        return params, optimizer.init(params)

    def step(state: Any, images: jax.Array, labels: jax.Array, batch: jax.Array) -> Any:
        params, opt_state = state

        def loss(params: Any) -> jax.Array:
            logits = nnx.merge(graph, params)(images[batch])
            losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels[batch])
            return losses.mean()

        value, gradients = jax.value_and_grad(loss)(params)
        updates, opt_state = optimizer.update(gradients, opt_state, params)
        return (optax.apply_updates(params, updates), opt_state), value

    return init, step


def orders(work: Work, seeds: int) -> np.ndarray:
    """The images of each step, by seed, shape (seeds, steps, batch)."""
    number = work.steps * work.batch_size
    shuffled = [np.random.default_rng(seed).permutation(number) for seed in range(seeds)]
    return np.stack(shuffled).astype(np.int32).reshape(seeds, work.steps, work.batch_size)


def plain_flax(work: Work) -> Trainer:
    """One cell after another, each a Python loop of jitted steps."""
    init, step = _flax(work)
    images, labels = map(jnp.asarray, work.normalised)
    batches = jnp.asarray(orders(work, work.cells))

    def build() -> Callable[[], float]:
        begin, jitted = jax.jit(init), jax.jit(step, donate_argnums=0)
        states = [begin(seed) for seed in range(work.cells)]

        def run() -> float:
            losses = []
            for cell, cell_batches in enumerate(batches):
                for batch in cell_batches:
                    states[cell], loss = jitted(states[cell], images, labels, batch)
                    losses.append(loss)
            return float(np.mean(jax.block_until_ready(losses)))

        return run

    return warmed(build, work)


def naive_vmap(work: Work) -> Trainer:
    """All cells at once: ``vmap`` of the step of plain Flax, in a Python loop."""
    init, step = _flax(work)
    images, labels = map(jnp.asarray, work.normalised)
    batches = jnp.asarray(orders(work, work.cells).swapaxes(0, 1))

    def build() -> Callable[[], float]:
        state = jax.jit(jax.vmap(init))(jnp.arange(work.cells))
        jitted = jax.jit(jax.vmap(step, in_axes=(0, None, None, 0)), donate_argnums=0)

        def run() -> float:
            nonlocal state
            losses = []
            for batch in batches:
                state, loss = jitted(state, images, labels, batch)
                losses.append(loss)
            return float(np.mean(jax.block_until_ready(losses)))

        return run

    return warmed(build, work)


def peak_megabytes(name: str, work: Work) -> float:
    """Most memory that a process ever holds that only builds a trainer and runs it twice.

    Interpreter, libraries and compiler are in it.
    """
    fields = json.dumps(dataclasses.asdict(work))
    child = subprocess.run(
        [sys.executable, "-m", "experiments._trainers", name, fields],
        cwd=pathlib.Path(__file__).parent.parent, env=os.environ, check=True, text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    return float(child.stdout.split()[-1])


def _peak() -> float:
    try:
        # What getrusage tells would include the parent's peak.
        status = pathlib.Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def trainers() -> dict[str, Callable[[Work], Trainer]]:
    """All ways to train that are installed, by name."""
    from experiments._torch_trainers import TORCH_TRAINERS

    return {
        "engine": engine, "plain Flax": plain_flax, "naive vmap": naive_vmap, **TORCH_TRAINERS,
    }  # fmt: skip


if __name__ == "__main__":
    parallel.use_all_cores()
    jax.config.update("jax_enable_compilation_cache", False)
    _fields = json.loads(sys.argv[2])
    trainers()[sys.argv[1]](Work(**_fields | {"widths": tuple(_fields["widths"])}))
    print(_peak())
