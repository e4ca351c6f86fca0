"""How far from the truth are values and derivatives, here, in jax.nn and in PyTorch?

    python -m experiments.accuracy --preset default

Every elementwise function against its float64 oracle (tests/reference, itself checked with
mpmath): 2^20 float32 inputs spread over all exponents, every bfloat16 and every float16 input,
jitted; in units in the last place (ULP), wherever the true result is a normal number.
2 CPU cores: 1 minute.  Headline: 115 of 120 functions are within 4 ULP (values) and 8 (slopes) in
float32 and 1 in 16 bits; five learnable ones say in their rows where they are not. Of jax.nn's,
gelu, silu and mish lose every digit of a tail; gelu, squareplus and sparse_plus have inputs for
which a value or derivative is no number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import tyro

from experiments import _tables
from experiments._rivals import in_jax_nn, in_torch, torch_jet
from experiments._ulp import DTYPES, LIMITS, errors, jax_jet, oracle_of, patterns
from jaxact import CATALOGUE, Row
from tests.reference import REFERENCE, SLOPE


@dataclasses.dataclass(frozen=True)
class Config:
    """What is measured.

    Attributes:
        functions: names in the catalogue; none for all.
        inputs: number of float32 inputs.
    """

    functions: tuple[str, ...] = ()
    inputs: int = 2**20


PRESETS = {"default": Config(), "smoke": Config(("relu", "gelu_tanh", "softplus"), 2**12)}


def measure(config: Config) -> pd.DataFrame:
    """One row per function, library, dtype and quantity."""
    names = config.functions or [n for n, row in CATALOGUE.items() if row.elementwise]
    records = []
    with np.errstate(all="ignore"):
        for dtype in DTYPES:
            x = patterns(dtype, config.inputs)
            for name in names:
                records += _of_function(CATALOGUE[name], dtype, x)
    return pd.DataFrame(records)


def _of_function(row: Row, dtype: str, x: np.ndarray) -> Iterator[dict[str, Any]]:
    truth = oracle_of(row, REFERENCE), oracle_of(row, SLOPE)
    for library, jet in _libraries(row):
        for quantity, error in errors(jet, truth, row.kinks, dtype, x).items():
            yield {
                "function": row.name,
                "library": library,
                "dtype": dtype,
                "quantity": quantity,
                **dataclasses.asdict(error),
            }


def _libraries(row: Row) -> Iterator[tuple[str, Callable[[np.ndarray], list[np.ndarray]]]]:
    yield "jaxact", jax_jet(row.plain)
    if (fn := in_jax_nn(row)) is not None:
        yield "jax.nn", jax_jet(fn)
    if (fn := in_torch(row)) is not None:
        yield "torch", torch_jet(fn)


def misses(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of jaxact beyond the limits."""
    limit = [LIMITS[key] for key in zip(table["dtype"], table["quantity"], strict=True)]
    return table.loc[(table["library"] == "jaxact") & (table["largest"] > np.array(limit))]


def readme(table: pd.DataFrame) -> pd.DataFrame:
    """For the README: largest errors of the functions that jax.nn has, beside its own."""
    float32 = table[table["dtype"] == "float32"]
    wide = float32.pivot(index="function", columns=["quantity", "library"], values="largest")
    wide = wide[wide["value"].get("jax.nn").notna()]
    cells = {"Function": wide.index}
    for quantity in ("value", "slope"):
        for library in ("jaxact", "jax.nn", "torch"):
            if library in wide[quantity]:
                words = [_ulp_words(v) for v in wide[quantity][library]]
                cells[f"{'Value' if quantity == 'value' else 'Derivative'}, {library}"] = words
    return pd.DataFrame(cells)


def _ulp_words(ulp: float) -> str:
    if np.isnan(ulp):
        return "-"
    if ulp == np.inf:
        return "no number"
    return f"{ulp:.1f}" if ulp < 100 else f"{ulp:.0e}".replace("e+0", "e").replace("e+", "e")


def main(
    preset: Literal["default", "smoke"] = "default",
    functions: Annotated[tuple[str, ...], tyro.conf.arg(help="Names; all if none.")] = (),
    out: _tables.Out = None,
) -> None:
    """Measures, writes the table and prints what lies beyond the limits."""
    table = _tables.run(measure, PRESETS[preset], functions, _tables.folder(__file__, preset, out))
    beyond = misses(table)
    print(beyond.to_string() if len(beyond) else "every function is within the limits")


if __name__ == "__main__":
    tyro.cli(main)
