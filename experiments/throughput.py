"""How many images a second do small networks train on, by the number of networks?

    python -m experiments.throughput --preset default

The studies' network (three blocks, 3x3 convolutions, Adam, float32) on digits (8x8x1) and
on synthetic 32x32x3 images, trained by: the engine of ``jaxact compare`` as users get it, one
device per core; plain Flax (``nnx.Conv``, ``nnx.max_pool``) in a Python loop of jitted steps; a
naive ``vmap`` of that step over all networks; PyTorch, eager on one thread or all, whichever is
faster, and ``torch.compile``. The rivals use all cores in their own way and get images that are
normalised already; the engine normalises bytes in every step.

Plain Flax and PyTorch train one network after another, so their rate does not depend on the number
of networks: one is measured, and from four on four (``torch.compile``: one). All take turns in one
run, in another order every round; ``engine_over_it`` is the median over rounds of the ratio within
a round. ``compile_s`` is what the first call takes longer than the second, for the engine with all
programs of a study; ``with_compile`` is the rate over ``length`` images a network, compiling
included. ``peak_mb`` is the peak resident memory of a process that does this alone, libraries and
compiler included. FLOPs are those of the direct convolution, backward counted twice, over those of
a large float32 matrix product of NumPy or JAX, whichever is faster, on all cores in the same
rounds. Run it on a quiet machine.
2 CPU cores: some 15 minutes (``--preset quick``: one).  Headline: 64 networks on digits 41,500
images a second, 7.7 times plain Flax, 10.6 naive vmap, 2.7 PyTorch; 16 on 32x32x3 3,400, 4.7, 18.7
and 1.5 times, 72 % of the matrix products' peak.
"""

from __future__ import annotations

import dataclasses
import gc
import math
import pathlib
import subprocess
import time
from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import tyro

from experiments import _plots, _tables, _throughput_plot
from experiments._trainers import Trainer, Work, peak_megabytes, trainers
from jaxact.lab.errors import first_line
from jaxact.lab.parallel import use_all_cores

TOGETHER = ("engine", "naive vmap")
_SETTLED = 0.5
_MOST_IN_TURN = {"torch.compile": 1}


@dataclasses.dataclass(frozen=True)
class Config:
    """What is measured.

    Attributes:
        images: ``"digits"`` and shapes of synthetic images.
        steps: of a call, all networks together, for each of these; ``vmap`` takes an eighth.
        cells: numbers of networks.
        trainers: names in :func:`experiments._trainers.trainers`, the engine first; those not
            installed are left out.
        widths: channels of each block.
        batch_size: images per step.
        rounds: how often everything is timed.
        length: images that a network is trained on, to count compiling in.
        longest: seconds that a call of ``vmap`` may take; beyond, it is left out.
        memory: whether to measure memory, each in a process of its own.
        matmul: size of the square matrices.
    """

    images: tuple[str, ...] = ("digits", "32x32x3")
    steps: tuple[int, ...] = (256, 32)
    cells: tuple[int, ...] = (1, 4, 16, 64, 256)
    trainers: tuple[str, ...] = (
        "engine", "plain Flax", "naive vmap", "PyTorch eager", "torch.compile",
    )  # fmt: skip
    widths: tuple[int, ...] = (32, 64, 128)
    batch_size: int = 64
    rounds: int = 5
    length: int = 20_000
    longest: float = 8.0
    memory: bool = True
    matmul: int = 2048


_QUICK = ("engine", "plain Flax", "naive vmap", "PyTorch eager")
PRESETS = {
    "default": Config(),
    "quick": Config(steps=(128, 8), cells=(1, 16), trainers=_QUICK, rounds=2, memory=False),
    "smoke": Config(
        images=("digits",), steps=(8,), cells=(1, 5), trainers=_QUICK, widths=(4, 8),
        batch_size=16, rounds=2, memory=False, matmul=64,
    ),
}  # fmt: skip


def measure(config: Config) -> pd.DataFrame:
    """One row per kind of images, number of networks and trainer."""
    use_all_cores()
    builders = {n: b for n, b in trainers().items() if n in config.trainers}
    records = []
    for images, steps in zip(config.images, config.steps, strict=True):
        # Trainers that take networks in turn serve for every number of them.
        built: dict[tuple[str, int], Trainer | str] = {}
        memory: dict[str, float] = {}
        for cells in config.cells:
            tasks = {name: _task(config, name, images, steps, cells) for name in builders}
            here: dict[str, Trainer | str] = {}
            for name, work in tasks.items():
                if name == "engine":
                    here[name] = builders[name](work)
                elif name == "naive vmap":
                    reason = _too_long(config, records, images, work)
                    here[name] = reason or _built(builders[name], work)
                else:
                    key = (name, work.cells)
                    here[name] = built[key] = built.get(key) or _built(builders[name], work)
            ready = {name: t for name, t in here.items() if isinstance(t, Trainer)}
            seconds = _rounds(config, ready)
            for name, trainer in here.items():
                if config.memory and name in ready and (name in TOGETHER or name not in memory):
                    memory[name] = _memory(name, tasks[name])
                row = {"images": images, "trainer": name, "cells": cells}
                row["measured_cells"] = tasks[name].cells
                if isinstance(trainer, Trainer):
                    row |= _numbers(config, tasks[name], cells, name, ready, seconds)
                    row |= {"peak_mb": memory.get(name, math.nan), "note": trainer.note}
                else:
                    row["note"] = trainer
                records.append(row)
                print(*(f"{v:.4g}" if isinstance(v, float) else v for v in row.values()))
            del here, ready
            gc.collect()
    return pd.DataFrame(records)


def _task(config: Config, name: str, images: str, steps: int, cells: int) -> Work:
    if name not in TOGETHER:
        cells, steps = min(cells, _MOST_IN_TURN.get(name, 4)), steps // 4
    elif name == "naive vmap":
        steps //= 8
    # With few steps of each network, the engine's call would be mostly its beginning and end.
    least = max(2, min(8, steps // 32)) if name == "engine" else 1
    return Work(images, config.widths, config.batch_size, cells, max(least, steps // cells))


def _too_long(config: Config, records: list[dict[str, Any]], images: str, work: Work) -> str | None:
    """Why naive vmap is left out, judged by its rate with fewer networks; None to build it."""
    rates = [
        record["images_per_s"]
        for record in records
        if record["images"] == images
        and record["trainer"] == "naive vmap"
        and "images_per_s" in record
    ]
    seconds = work.cells * work.batch_size / rates[-1] if rates else 0.0
    if seconds <= config.longest:
        return None
    return f"left out: a step of {work.cells} networks would take some {seconds:.0f} s"


def _built(builder: Callable[[Work], Trainer], work: Work) -> Trainer | str:
    """The trainer, or why there is none."""
    try:
        return builder(work)
    except Exception as error:
        return f"fails: {first_line(error)}"


def _rounds(config: Config, ready: dict[str, Trainer]) -> dict[str, np.ndarray]:
    """Seconds of each call by name and round, in another order every round.

    A short call has another before it that does not count: threads and memory settle.
    """
    draw = np.random.default_rng(0).standard_normal((2, config.matmul, config.matmul), np.float32)
    a, b = jnp.asarray(draw)
    product = jax.jit(jnp.matmul)
    runs: dict[str, Callable[[], Any]] = {name: t.run for name, t in ready.items()}
    runs["matmul of NumPy"] = lambda: draw[0] @ draw[1]
    runs["matmul of JAX"] = lambda: product(a, b).block_until_ready()
    order = np.random.default_rng(1)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(config.rounds):
        for name in order.permutation(list(runs)):
            if not seconds[name] or seconds[name][-1] < _SETTLED:
                runs[name]()
            begin = time.perf_counter()
            runs[name]()
            seconds[name].append(time.perf_counter() - begin)
    return {name: np.array(s) for name, s in seconds.items()}


def _numbers(
    config: Config,
    work: Work,
    cells: int,
    name: str,
    ready: dict[str, Trainer],
    seconds: dict[str, np.ndarray],
) -> dict[str, float]:
    """The measurements of a trainer, for ``cells`` networks."""
    rates = ready[name].images / seconds[name]
    rate = float(np.median(rates))
    total = cells * config.length
    products = [np.median(seconds[f"matmul of {library}"]) for library in ("NumPy", "JAX")]
    peak = 2 * config.matmul**3 / min(products) / 1e9
    gflops = rate * work.flops / 1e9
    return {
        "images_per_s": rate,
        "engine_over_it": float(np.median(ready["engine"].images / seconds["engine"] / rates)),
        "compile_s": ready[name].compile_s,
        "with_compile": total / (ready[name].compile_s + total / rate),
        "gflops": gflops,
        "peak_gflops": float(peak),
        "share_of_peak": float(gflops / peak),
    }


def _memory(name: str, work: Work) -> float:
    try:
        return peak_megabytes(name, dataclasses.replace(work, steps=min(work.steps, 2)))
    except subprocess.CalledProcessError:
        return math.nan


def readme(table: pd.DataFrame) -> pd.DataFrame:
    """For the README: images a second by trainer, with the fewest, some and the most networks."""
    numbers = sorted(set(map(int, table["cells"])))
    shown = sorted({numbers[0], numbers[len(numbers) // 2], numbers[-1]})
    columns: dict[str, Any] = {"Trained by": list(dict.fromkeys(table["trainer"]))}
    for images in dict.fromkeys(table["images"]):
        for cells in shown:
            chosen = table[(table["images"] == images) & (table["cells"] == cells)]
            rates = chosen.set_index("trainer")["images_per_s"]
            words = [float(rates.loc[name]) for name in columns["Trained by"]]
            title = f"{images}, {cells} network{'s' * (cells > 1)}"
            columns[title] = ["-" if np.isnan(v) else f"{v:,.0f}" for v in words]
    return pd.DataFrame(columns)


def figures(table: pd.DataFrame, folder: pathlib.Path) -> None:
    """Writes ``throughput.svg``."""
    _plots.write(lambda: _throughput_plot.draw(table), folder / "throughput.svg")


def main(
    preset: Literal["default", "quick", "smoke"] = "default",
    out: _tables.Out = None,
) -> None:
    """Measures, writes table and plot, and prints the table."""
    # What an earlier run compiled would hide how long it takes.
    jax.config.update("jax_enable_compilation_cache", False)
    folder = _tables.folder(__file__, preset, out)
    begin = time.perf_counter()
    table = measure(PRESETS[preset])
    _tables.save(folder, table, PRESETS[preset], time.perf_counter() - begin)
    figures(table, folder)
    print(readme(table).to_string(index=False))


if __name__ == "__main__":
    tyro.cli(main)
