"""When does sigmoid leave chance, and which units of relu die, in UvA's tutorial 3?

    python -m experiments.uva_tutorial3 --preset default --dataset fashion_mnist

The tutorial's set-up: an MLP of 512, 256, 256 and 128 units on Fashion-MNIST scaled to [-1, 1],
weights and biases uniform in +-1/sqrt(fan-in), SGD at 0.01 with momentum 0.9, batches of 256, up to
50 epochs, a sixth of the training images held out. The tutorial trains one seed and takes the best
epoch on validation images, with a patience of 7; here every seed runs to the end, and test accuracy
is that of the last epoch. Dead units are those of its definition: zero for every training image.
Published: https://uvadlc-notebooks.readthedocs.io, tutorial 3, in JAX and in PyTorch.
``--dataset`` may be a folder with the four files of Fashion-MNIST.
2 CPU cores: about 90 minutes.  Headline: of the last five of ten layers of relu 48.2 % [47.4, 49.1]
(n=20) of the units are dead before training, and 49.1 % as published; runs over all epochs are to
come.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Annotated, Any, Literal

import jax
import numpy as np
import pandas as pd
import tyro
from scipy import stats

from experiments import _studies, _tables
from jaxact.lab import Study, cli
from jaxact.lab.records import Results
from jaxact.lab.statistics import estimate

RESULTS = _tables.RESULTS / "uva_tutorial3"
PUBLISHED = {  # test accuracy in per cent: JAX, PyTorch
    "sigmoid": (78.46, 10.00), "tanh": (88.57, 87.59), "relu": (88.65, 88.62),
    "leaky_relu": (88.33, 88.92), "elu": (88.32, 87.27), "silu": (88.33, 88.73),
}  # fmt: skip
PUBLISHED_DEAD = {"before": (0, 0, 3, 7), "after": (0, 0, 3, 3)}
"""Dead units of relu by layer, in JAX."""
PUBLISHED_DEEP = (0, 1, 1, 19, 75, 53, 71, 57, 64, 69)
"""Those of the network of ten layers before training, in JAX."""
WIDTHS = (512, 256, 256, 128)
DEEP = (256,) * 5 + (128,) * 5
_LEFT = 0.15  # validation accuracy beyond chance, which is 0.1
# Mean and standard deviation of Fashion-MNIST's training images, which the lab takes out.
_MEAN, _SCALE = 0.2860, 0.3530


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
        activations=activations, lrs=(1e-2,), seeds=seeds, epochs=config.epochs, batch_size=256,
        optimizer="sgd", optimizer_options=("momentum=0.9",), validation=1 / 6,
        dataset=config.dataset, model="experiments.uva_tutorial3:shallow",
    )  # fmt: skip


def measure(config: Config, name: str) -> tuple[pd.DataFrame, float]:
    """One row per run: its accuracy, when it left chance, its dead units by layer; and seconds."""
    others = tuple(name for name in PUBLISHED if name != "sigmoid")
    parts = {
        "sigmoid": study(config, ("sigmoid",), config.sigmoid_seeds),
        "others": study(config, others, config.seeds),
        "deep": dataclasses.replace(
            study(config, ("relu",), config.deep_seeds),
            epochs=1, model="experiments.uva_tutorial3:deep",
        ),
    }  # fmt: skip
    tables, seconds = [], 0.0
    for label, part in parts.items():
        results = _studies.kept(part, f"{name}-{label}")
        tables.append(runs(results))
        tables[-1].insert(0, "network", "10 layers" if label == "deep" else "4 layers")
        seconds += sum(results.run["seconds"].values())
    return pd.concat(tables, ignore_index=True), seconds


def runs(results: Results) -> pd.DataFrame:
    """One row per run of a study."""
    metrics: Any = results.metrics
    last = metrics["epoch"].max()
    records = []
    for (name, seed), rows in metrics.groupby(["activation", "seed"], sort=False):
        validation = rows[(rows["split"] == "validation") & (rows["metric"] == "accuracy")]
        by_epoch = validation[validation["epoch"] > 0].sort_values("epoch")
        left = by_epoch.loc[by_epoch["value"] > _LEFT, "epoch"]
        test = rows[(rows["split"] == "test") & (rows["metric"] == "accuracy")]
        records.append(
            {
                "activation": name,
                "seed": seed,
                "test_accuracy": float(test["value"].iloc[0]),
                "best_validation_accuracy": float(by_epoch["value"].max()),
                "left_chance": int(left.iloc[0]) if len(left) else 0,
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
    return " ".join(f"{v:.6g}" for v in chosen["value"].to_numpy()[np.argsort(layers)])


def layers(texts: pd.Series) -> np.ndarray:
    """The numbers of :func:`runs` by layer, shape (runs, layers)."""
    return np.array([[float(v) for v in text.split()] for text in texts])


def readme(table: pd.DataFrame) -> pd.DataFrame:
    """For the README: accuracy beside the published ones, and what it says of them."""
    records = []
    for name, (in_jax, in_torch) in PUBLISHED.items():
        chosen = table[(table["network"] == "4 layers") & (table["activation"] == name)]
        accuracies = 100 * chosen["test_accuracy"].to_numpy()
        here, spread, n = estimate(accuracies), accuracies.std(ddof=1), len(accuracies)
        # One published seed is a draw like one of ours: 95 of 100 lie within.
        reach = stats.t.ppf(0.975, n - 1) * spread * np.sqrt(1 + 1 / n)
        verdicts = [
            "match" if abs(value - here.mean) <= reach else "mismatch"
            for value in (in_jax, in_torch)
        ]
        records.append(
            {
                "Activation": name,
                "JAX, one seed": f"{in_jax:.2f} ({verdicts[0]})",
                "PyTorch, one seed": f"{in_torch:.2f} ({verdicts[1]})",
                "Here": here.text(1),
                "Standard deviation": f"{spread:.2f}",
                "Leaves chance, epoch": _when(chosen["left_chance"]),
            }
        )
    return pd.DataFrame(records)


def _when(epochs: pd.Series) -> str:
    """Median and range of the epoch at which runs leave chance, and how many never do."""
    left = epochs[epochs > 0]
    never = f"; never {len(epochs) - len(left)} of {len(epochs)}" if len(left) < len(epochs) else ""
    if not len(left):
        return never.removeprefix("; ")
    return f"{left.median():g} ({left.min()} to {left.max()}){never}"


def dead_units(table: pd.DataFrame) -> pd.DataFrame:
    """Dead units of relu by layer, mean over seeds, beside the published ones."""
    records = []
    for network, widths in (("4 layers", WIDTHS), ("10 layers", DEEP)):
        chosen = table[(table["network"] == network) & (table["activation"] == "relu")]
        for moment in ("before", "after"):
            if network == "10 layers" and moment == "after":
                continue
            counts = layers(chosen[f"dead_{moment}"]) * np.array(widths)
            published = PUBLISHED_DEAD[moment] if network == "4 layers" else PUBLISHED_DEEP
            for layer, (mine, theirs) in enumerate(zip(counts.T, published, strict=True)):
                words = {"Network": network, "Training": moment, "Layer": layer + 1}
                words |= {"Units": widths[layer], "Published": theirs}
                records.append(words | {"Here": estimate(mine).text(1)})
    return pd.DataFrame(records)


def main(
    preset: Literal["default", "smoke"] = "default",
    dataset: Annotated[str | None, tyro.conf.arg(help="Fashion-MNIST, by name or folder.")] = None,
    out: Annotated[pathlib.Path, tyro.conf.arg(help="Folder for the table.")] = RESULTS,
) -> None:
    """Trains, writes the table and prints what it says."""
    config = PRESETS[preset]
    config = dataclasses.replace(config, dataset=dataset or config.dataset)
    table, seconds = measure(config, f"uva_tutorial3-{preset}")
    _tables.save(out, table, config, seconds)
    _tables.show(readme(table), dead_units(table))


if __name__ == "__main__":
    with cli.mistakes_answered():
        tyro.cli(main)
