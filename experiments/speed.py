"""How fast are value and gradient, beside jax.nn, PyTorch and a plain copy?

    python -m experiments.speed --preset default

2^22 normal float32 numbers; forward, and forward plus backward (the pullback of a given
cotangent), each a jitted program. All libraries take turns in one process; ratios are medians
over rounds of the ratio within a round. Run it on a quiet machine.
2 CPU cores: 2 minutes.  Headline: 0.84 of jax.nn's time forward and 0.86 forward and backward
(geometric means); slowest squareplus and gelu, 1.35 and 1.34 forward; 0.70 and 1.09 of PyTorch's.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import tyro

from experiments import _tables
from experiments._rivals import in_jax_nn, in_torch, torch
from jaxact import CATALOGUE, Row


@dataclasses.dataclass(frozen=True)
class Config:
    """What is measured.

    Attributes:
        functions: names in the catalogue; none for all elementwise ones.
        elements: length of the array.
        rounds: how often everything is timed.
        calls: calls per timing.
    """

    functions: tuple[str, ...] = ()
    elements: int = 2**22
    rounds: int = 9
    calls: int = 2


PRESETS = {"default": Config(), "smoke": Config(("relu", "gelu_tanh"), 2**12, rounds=2)}


def measure(config: Config) -> pd.DataFrame:
    """One row per function, direction and library."""
    names = config.functions or [n for n, row in CATALOGUE.items() if row.elementwise]
    draw = np.random.default_rng(0).standard_normal((2, config.elements), np.float32)
    records = []
    for name in names:
        for direction in ("forward", "both"):
            runs = _programs(CATALOGUE[name], direction, draw)
            seconds = _interleaved(runs, config)
            records += _ratios(name, direction, seconds, config.elements)
    return pd.DataFrame(records)


def _programs(row: Row, direction: str, draw: np.ndarray) -> dict[str, Callable[[], Any]]:
    x, cotangent = jnp.asarray(draw)

    def in_jax(fn: Callable[[jax.Array], jax.Array]) -> Callable[[], Any]:
        if direction == "forward":
            program = jax.jit(lambda x, _: fn(x))
        else:
            program = jax.jit(lambda x, t: (lambda y, pull: (y, pull(t)))(*jax.vjp(fn, x)))
        return lambda: jax.block_until_ready(program(x, cotangent))

    runs = {"jaxact": in_jax(row.plain), "copy": in_jax(_copy)}
    if (fn := in_jax_nn(row)) is not None:
        runs["jax.nn"] = in_jax(fn)
    if (fn := in_torch(row)) is not None:
        runs["torch"] = _in_torch(fn, direction, draw)
    return runs


def _copy(x: jax.Array) -> jax.Array:
    """The least that a function of an array can do: read it and write one."""
    return x + 1.0


def _in_torch(fn: Callable[..., Any], direction: str, draw: np.ndarray) -> Callable[[], Any]:
    x, cotangent = (torch.from_numpy(part) for part in draw)
    if direction == "forward":
        return lambda: fn(x)

    def both() -> Any:
        leaf = x.detach().requires_grad_()
        fn(leaf).backward(cotangent)
        return leaf.grad

    return both


def _interleaved(runs: dict[str, Callable[[], Any]], config: Config) -> dict[str, np.ndarray]:
    """Seconds per call, by library and round, in another order every round.

    Each has a call that does not count first: it compiles, and lets the threads and the memory of
    whoever ran before it settle.
    """
    order = np.random.default_rng(0)
    seconds = {name: [] for name in runs}
    for _ in range(config.rounds):
        for name in order.permutation(list(runs)):
            runs[name]()
            start = time.perf_counter()
            for _ in range(config.calls):
                runs[name]()
            seconds[name].append((time.perf_counter() - start) / config.calls)
    return {name: np.array(s) for name, s in seconds.items()}


def _ratios(
    name: str, direction: str, seconds: dict[str, np.ndarray], elements: int
) -> list[dict[str, Any]]:
    ours = seconds["jaxact"]
    return [
        {
            "function": name,
            "direction": direction,
            "library": library,
            "ns_per_element": float(np.median(s)) / elements * 1e9,
            "jaxact_over_it": float(np.median(ours / s)),
        }
        for library, s in seconds.items()
    ]


def mean_ratio(table: pd.DataFrame, library: str, direction: str) -> float:
    """Geometric mean over functions of the time of jaxact over that of a library."""
    chosen = table[(table["library"] == library) & (table["direction"] == direction)]
    return math.exp(np.log(chosen["jaxact_over_it"]).mean())


def readme(table: pd.DataFrame) -> pd.DataFrame:
    """For the README: times of jaxact over those of ``jax.nn`` and PyTorch."""
    wide = table.pivot(index="function", columns=["direction", "library"], values="jaxact_over_it")
    wide = wide[wide["forward"]["jax.nn"].notna()]
    cells: dict[str, Any] = {"Function": wide.index}
    for direction, title in (("forward", "Forward"), ("both", "Forward and backward")):
        for library in ("jax.nn", "torch"):
            if library in wide[direction]:
                words = ["-" if np.isnan(v) else f"{v:.2f}" for v in wide[direction][library]]
                cells[f"{title}, over {library}"] = words
    return pd.DataFrame(cells)


def main(
    preset: Literal["default", "smoke"] = "default",
    functions: Annotated[tuple[str, ...], tyro.conf.arg(help="Names; all if none.")] = (),
    out: _tables.Out = None,
) -> None:
    """Measures, writes the table and prints the ratios' geometric means."""
    table = _tables.run(measure, PRESETS[preset], functions, _tables.folder(__file__, preset, out))
    print(table.to_string(index=False, float_format="%.2f"))
    for library in ("jax.nn", "torch"):
        if library in set(table["library"]):
            both = (mean_ratio(table, library, d) for d in ("forward", "both"))
            print(library, *(f"{ratio:.3f}" for ratio in both))


if __name__ == "__main__":
    tyro.cli(main)
