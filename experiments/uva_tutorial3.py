"""When does sigmoid leave chance, and which units of relu die, in UvA's tutorial 3?

    python -m experiments.uva_tutorial3 --preset default --dataset fashion_mnist

The tutorial's set-up: an MLP of 512, 256, 256 and 128 units on Fashion-MNIST scaled to [-1, 1],
weights and biases uniform in +-1/sqrt(fan-in), SGD at 0.01 with momentum 0.9, batches of 256, up to
50 epochs, a sixth of the training images held out, a slope of 0.1 in leaky ReLU. The tutorial
trains one seed, stops where 7 epochs brought nothing new on validation images and tests the best
epoch. Here every seed runs to the end and test accuracy is that of the last epoch; where the
tutorial's rule would have stopped, and with what validation accuracy, is read off the run. Dead
units are those of its definition: zero for every training image.
Published: https://uvadlc-notebooks.readthedocs.io, tutorial 3, in JAX and in PyTorch.
``--dataset`` may be a folder with the four files of Fashion-MNIST.
2 CPU cores: 78 minutes, with other work on them.  Headline: all 50 runs of sigmoid leave chance for
good, at a median epoch of 17 [16, 17], the last at 19, and end at 79.2 % [78.8, 79.7]; 78.46 in JAX
is a match. The tutorial's rule would have stopped 39 before that, 32 of them never above chance, as
in PyTorch, 10.00. Of the last five of ten layers of relu 48.2 % [47.4, 49.1] (n=20) of the units
are dead before training, and 49.1 % as published; counts of dead units match in 17 of 18 layers.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import jax
import numpy as np
import pandas as pd
import tyro
from scipy import stats

import jaxact
from experiments import _plots, _studies, _tables, _uva_plot
from experiments._uva_rules import PATIENCE, left_chance, stopped_early
from jaxact.lab import Results, Study, cli
from jaxact.lab.statistics import estimate

PUBLISHED = {  # test accuracy in per cent: JAX, PyTorch
    "sigmoid": (78.46, 10.00), "tanh": (88.57, 87.59), "relu": (88.65, 88.62),
    "leaky_relu_0_1": (88.33, 88.92), "elu": (88.32, 87.27), "silu": (88.33, 88.73),
}  # fmt: skip
# Dead units of relu by layer, in JAX; of the network of ten layers before training.
PUBLISHED_DEAD = {"before": (0, 0, 3, 7), "after": (0, 0, 3, 3)}
PUBLISHED_DEEP = (0, 1, 1, 19, 75, 53, 71, 57, 64, 69)
WIDTHS = (512, 256, 256, 128)
DEEP = (256,) * 5 + (128,) * 5
# Mean and standard deviation of Fashion-MNIST's training images, which the lab takes out.
_MEAN, _SCALE = 0.2860, 0.3530

leaky_relu_0_1 = jaxact.get("leaky_relu", negative_slope=0.1)


@dataclasses.dataclass(frozen=True)
class Config:
    """What is trained.

    Attributes:
        dataset: Fashion-MNIST, as ``jaxact compare --dataset`` takes it.
        seeds: of each activation but sigmoid.
        sigmoid_seeds: of sigmoid, whose accuracy depends on when it leaves chance.
        deep_seeds: of the network of ten layers, which is measured and hardly trained.
        epochs: passes over the training images.
    """

    dataset: str = "fashion_mnist"
    seeds: int = 5
    sigmoid_seeds: int = 50
    deep_seeds: int = 20
    epochs: int = 50


PRESETS = {"default": Config(), "smoke": Config("digits", 2, 2, 2, 2)}


def shallow(activation: Callable[[Any], Any], num_classes: int, image_shape: Any) -> Any:
    """The tutorial's network, as a factory for ``--model``."""
    return _mlp(WIDTHS, activation, num_classes, image_shape)


def deep(activation: Callable[[Any], Any], num_classes: int, image_shape: Any) -> Any:
    """The tutorial's network of ten hidden layers."""
    return _mlp(DEEP, activation, num_classes, image_shape)


def _mlp(
    widths: tuple[int, ...], activation: Callable[[Any], Any], num_classes: int, image_shape: Any
) -> tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]:
    sizes = (int(np.prod(image_shape)), *widths, num_classes)

    def init(key: Any) -> Any:
        layers = []
        for i, (fan_in, fan_out) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
            keys = jax.random.split(jax.random.fold_in(key, i))
            shapes = ((fan_in, fan_out), (fan_out,))
            bound = fan_in**-0.5
            layers.append(
                [
                    jax.random.uniform(k, s, minval=-bound, maxval=bound)
                    for k, s in zip(keys, shapes, strict=True)
                ]
            )
        return layers

    def apply(params: Any, x: Any) -> Any:
        x = 2 * (x * _SCALE + _MEAN) - 1
        x = x.reshape(len(x), -1)
        for weights, biases in params[:-1]:
            x = activation(x @ weights + biases)
        weights, biases = params[-1]
        return x @ weights + biases

    return init, apply


def study(config: Config, activations: tuple[str, ...], seeds: int) -> Study:
    """A study in the tutorial's set-up."""
    return Study(
        activations=_studies.activations(activations, "uva_tutorial3"), lrs=(1e-2,), seeds=seeds,
        epochs=config.epochs, batch_size=256,
        optimizer="sgd", optimizer_options=("momentum=0.9",), validation=1 / 6,
        dataset=config.dataset, model="experiments.uva_tutorial3:shallow",
    )  # fmt: skip


def studies(config: Config, preset: str) -> dict[str, Study]:
    """The studies by the folder that each is kept in; sigmoid has more seeds than the others."""
    others = tuple(name for name in PUBLISHED if name != "sigmoid")
    parts = {
        "sigmoid": study(config, ("sigmoid",), config.sigmoid_seeds),
        "others": study(config, others, config.seeds),
        "deep": dataclasses.replace(
            study(config, ("relu",), config.deep_seeds),
            epochs=1, model="experiments.uva_tutorial3:deep",
        ),
    }  # fmt: skip
    return {f"uva_tutorial3-{preset}-{label}": part for label, part in parts.items()}


def runs(results: Results) -> pd.DataFrame:
    """One row per run of a study."""
    metrics: Any = results.metrics
    last = metrics["epoch"].max()
    network = "10 layers" if results.run["study"]["model"].endswith(":deep") else "4 layers"
    records = []
    for (name, seed), rows in metrics.groupby(["activation", "seed"], sort=False):
        validation = rows[(rows["split"] == "validation") & (rows["metric"] == "accuracy")]
        by_epoch = validation[validation["epoch"] > 0].sort_values("epoch")
        test = rows[(rows["split"] == "test") & (rows["metric"] == "accuracy")]
        records.append(
            {
                "network": network,
                "activation": name,
                "seed": seed,
                "test_accuracy": float(test["value"].iloc[0]),
                "validation_accuracy": _numbers(by_epoch["value"]),
                "dead_before": _by_layer(rows, "dead_share", 0),
                "dead_after": _by_layer(rows, "dead_share", last),
                "gradients_before": _by_layer(rows, "gradient_norm", 0),
            }
        )
    return pd.DataFrame(records)


def _by_layer(rows: pd.DataFrame, metric: str, epoch: int) -> str:
    """A metric of the layers, from the first on, as numbers with spaces between them."""
    chosen = rows[(rows["epoch"] == epoch) & rows["metric"].str.startswith(f"{metric}.")]
    layers = chosen["metric"].str.split(".").str[1].astype(int)
    return _numbers(chosen["value"].to_numpy()[np.argsort(layers)])


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{v:.6g}" for v in values)


def numbers(texts: pd.Series) -> np.ndarray:
    """The numbers of a column of :func:`runs`, by epoch or layer, shape (runs, numbers)."""
    return np.array([[float(v) for v in text.split()] for text in texts])


def readme(table: pd.DataFrame) -> list[pd.DataFrame]:
    """For the README: accuracies, when sigmoid leaves chance, and dead units."""
    return [accuracies(table), leaving(table), dead_units(table)]


def accuracies(table: pd.DataFrame) -> pd.DataFrame:
    """Test accuracies beside the published ones, and whether those could be one run more."""
    records = []
    for name, (in_jax, in_torch) in PUBLISHED.items():
        chosen = table[(table["network"] == "4 layers") & (table["activation"] == name)]
        here = 100 * chosen["test_accuracy"].to_numpy()
        records.append(
            {
                "Activation": name,
                "JAX, one run": f"{in_jax:.2f} ({_studies.one_more(in_jax, here)})",
                "PyTorch, one run": f"{in_torch:.2f} ({_studies.one_more(in_torch, here)})",
                "Here": estimate(here).text(2),
                "From worst to best run": f"{here.min():.2f} to {here.max():.2f}",
                f"A patience of {PATIENCE} stops before it leaves chance": stopped_early(
                    numbers(chosen["validation_accuracy"])
                ),
            }
        )
    return pd.DataFrame(records)


def leaving(table: pd.DataFrame) -> pd.DataFrame:
    """When runs of sigmoid leave chance: quantiles over seeds; the median's interval is exact."""
    epochs = sigmoid_leaves(table)
    mean = estimate(epochs).text(1) if np.isfinite(epochs).all() else "not all leave"
    shares = {"First": 0, "5 %": 0.05, "25 %": 0.25, "Median": 0.5, "75 %": 0.75, "95 %": 0.95}
    shown = np.quantile(epochs, [*shares.values(), 1], method="inverted_cdf")
    words = {"Seeds": f"{len(epochs)}", "Epoch at which sigmoid leaves chance for good, mean": mean}
    for name, value in zip((*shares, "Last"), shown, strict=True):
        words[name] = f"{value:g}"
    ends = stats.quantile_test(epochs, p=0.5).confidence_interval(0.95)
    if not np.isnan(ends.low) and not np.isnan(ends.high):
        words["Median"] += f" [{ends.low:g}, {ends.high:g}]"
    return pd.DataFrame([words]).replace("inf", "never")


def sigmoid_leaves(table: pd.DataFrame) -> np.ndarray:
    """The epoch at which each run of sigmoid leaves chance for good; infinity where none."""
    curves = numbers(table.loc[table["activation"] == "sigmoid", "validation_accuracy"])
    return np.array([left_chance(curve) for curve in curves])


def dead_units(table: pd.DataFrame) -> pd.DataFrame:
    """Dead units of relu by layer, mean over seeds, beside the published ones."""
    records = []
    for network, moment, widths, published in (
        ("4 layers", "before", WIDTHS, PUBLISHED_DEAD["before"]),
        ("4 layers", "after", WIDTHS, PUBLISHED_DEAD["after"]),
        ("10 layers", "before", DEEP, PUBLISHED_DEEP),
    ):
        chosen = table[(table["network"] == network) & (table["activation"] == "relu")]
        counts = np.rint(numbers(chosen[f"dead_{moment}"]) * np.array(widths))
        records.append(
            {
                "Dead units of relu": f"{network}, {moment} training",
                "Units": " ".join(map(str, widths)),
                "Published, one run": " ".join(map(str, published)),
                "Here, mean": " ".join(f"{mean:.1f}" for mean in counts.mean(0)),
                "Standard deviation": " ".join(f"{v:.1f}" for v in counts.std(0, ddof=1)),
                "Runs": f"{len(counts)}",
                "Verdict by layer": ", ".join(
                    _studies.one_more(theirs, ours)
                    for theirs, ours in zip(published, counts.T, strict=True)
                ),
            }
        )
    return pd.DataFrame(records)


def figures(table: pd.DataFrame, folder: pathlib.Path) -> None:
    """Writes ``leaving_chance.svg``."""
    epochs = sigmoid_leaves(table)
    _plots.write(lambda: _uva_plot.draw(epochs), folder / "leaving_chance.svg")


def main(
    preset: Literal["default", "smoke"] = "default",
    dataset: Annotated[str | None, tyro.conf.arg(help="Fashion-MNIST, by name or folder.")] = None,
    out: _tables.Out = None,
) -> None:
    """Trains, writes the table and prints what it says."""
    config = PRESETS[preset]
    config = dataclasses.replace(config, dataset=dataset or config.dataset)
    folder = _tables.folder(__file__, preset, out)
    table = _studies.publish(studies(config, preset), config, folder, runs)
    figures(table, folder)
    _tables.show(*readme(table))


if __name__ == "__main__":
    with cli.mistakes_answered():
        tyro.cli(main)
