"""How much memory does the gradient need, here and in jax.nn?

    python -m experiments.memory --preset default

Three figures a function, float32 and compiled for this machine, nothing is run. Kept: bytes an
element that the backward pass of the function alone keeps. Scan: temporary memory of the gradient
of 16 layers f(x w) under lax.scan, in arrays of one layer's size; each layer's input is kept
anyway, and to write the loop's state takes a few more. Unrolled: the same for 8 layers in one jit.
2 CPU cores: 2 minutes.  Headline: every elementwise function keeps a mask or at most one array and
needs at most 36.0 arrays under scan (jax.nn's gelu 100, mish 85) and 16 unrolled (23, 29).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
import pandas as pd
import tyro

from experiments import _tables
from experiments._rivals import in_jax_nn
from jaxact import CATALOGUE, Row

_WIDTH, _BATCH = 64, 4096
_LAYER = _WIDTH * _BATCH * 4

Function = Callable[[jax.Array], jax.Array]


@dataclasses.dataclass(frozen=True)
class Config:
    """What is measured.

    Attributes:
        functions: names in the catalogue; none for all that keep the shape.
        scanned: layers under ``lax.scan``.
        unrolled: layers in one jit.
    """

    functions: tuple[str, ...] = ()
    scanned: int = 16
    unrolled: int = 8


PRESETS = {"default": Config(), "smoke": Config(("relu", "gelu_tanh", "softmax"))}


def measure(config: Config) -> pd.DataFrame:
    """One row per function and library."""
    names = config.functions or [n for n, row in CATALOGUE.items() if row.axis_factor == 1]
    records = []
    for name in names:
        for library, fn in _libraries(CATALOGUE[name]):
            records.append(
                {
                    "function": name,
                    "library": library,
                    "kept_bytes_float32": kept(fn, jnp.float32),
                    "kept_bytes_bfloat16": kept(fn, jnp.bfloat16),
                    "scan_layers": temporary(_scanned(fn), config.scanned),
                    "unrolled_layers": temporary(_unrolled(fn), config.unrolled),
                }
            )
    return pd.DataFrame(records)


def kept(fn: Function, dtype: Any) -> float:
    """Bytes an element between forward and backward pass, per element of the input."""
    x = jax.ShapeDtypeStruct((_BATCH, _WIDTH), dtype)
    pullback = jax.eval_shape(lambda x: jax.vjp(fn, x)[1], x)
    arrays = [a for a in jax.tree.leaves(pullback) if a.size >= _BATCH]
    return sum(a.size * a.dtype.itemsize for a in arrays) / (_BATCH * _WIDTH)


def temporary(loss: Callable[[jax.Array, jax.Array], jax.Array], layers: int) -> float:
    """Temporary memory of a gradient by the weights, in arrays of one layer's size."""
    weights = jax.ShapeDtypeStruct((layers, _WIDTH, _WIDTH), jnp.float32)
    x = jax.ShapeDtypeStruct((_BATCH, _WIDTH), jnp.float32)
    compiled = jax.jit(jax.grad(loss)).lower(weights, x).compile()
    analysis = compiled.memory_analysis()
    assert analysis is not None
    return analysis.temp_size_in_bytes / _LAYER


def _scanned(fn: Function) -> Callable[[jax.Array, jax.Array], jax.Array]:
    return lambda ws, x: jax.lax.scan(lambda x, w: (fn(x @ w), None), x, ws)[0].sum()


def _unrolled(fn: Function) -> Callable[[jax.Array, jax.Array], jax.Array]:
    def loss(weights: jax.Array, x: jax.Array) -> jax.Array:
        for i in range(weights.shape[0]):
            x = fn(x @ weights[i])
        return x.sum()

    return loss


def _libraries(row: Row) -> Iterator[tuple[str, Function]]:
    yield "jaxact", row.plain
    if (fn := in_jax_nn(row)) is not None:
        yield "jax.nn", fn


def readme(table: pd.DataFrame) -> pd.DataFrame:
    """For the README: what functions need that ``jax.nn`` has too."""
    wide = table.pivot(index="function", columns="library")
    wide = wide[wide["scan_layers"]["jax.nn"].notna()]
    titles = {
        "kept_bytes_float32": "Kept, bytes",
        "scan_layers": "16 layers, scan",
        "unrolled_layers": "8 layers, one jit",
    }
    cells: dict[str, Any] = {"Function": wide.index}
    for column, title in titles.items():
        for library in ("jaxact", "jax.nn"):
            cells[f"{title}, {library}"] = [f"{v:.0f}" for v in wide[column][library]]
    return pd.DataFrame(cells)


def main(
    preset: Literal["default", "smoke"] = "default",
    functions: Annotated[tuple[str, ...], tyro.conf.arg(help="Names; all if none.")] = (),
    out: _tables.Out = None,
) -> None:
    """Measures, writes the table and prints it."""
    table = _tables.run(measure, PRESETS[preset], functions, _tables.folder(__file__, preset, out))
    print(table.to_string(index=False, float_format="%.2f"))


if __name__ == "__main__":
    tyro.cli(main)
