"""Does GELU reach the lowest training loss on MNIST, as its paper says?

    python -m experiments.gelu_mnist --preset default --dataset data/mnist

The paper's set-up (Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415, section 3.1, and
``mnist_fcn.py`` of https://github.com/hendrycks/GELUs): 8 hidden layers of 128 units, the initial
weights of each unit normal and scaled to norm 1 ("unit norm rows"), biases 0, grey values from 0
to 1, GELU by its tanh formula, Adam, batches of 128, 50 epochs; of the learning rates 1e-3, 1e-4
and 1e-5 the best on 5,000 of the 60,000 training images. Published, in figure 2 and without
numbers: "the GELU tends to have the lowest median training log loss with and without dropout", of
five runs.
Here without dropout alone, for models of the lab draw nothing at random while they train, and
without the rate of 1e-5, where one run of GELU ended at a training loss of 0.114 and 95.6 % of the
validation images (0.007 and 97.2 % at 1e-4, 0.010 and 97.8 % at 1e-3). Compared are logarithms of
the training loss over the last epoch.
``--dataset`` may be a folder with the four files of MNIST.
2 CPU cores: 20 minutes.  Headline: undecided. At the chosen rate, 1e-3 for all, GELU's median loss
is the lowest, 0.0070 (ReLU 0.0085, ELU 0.0101), but seeds differ by more: five can see one 2.3
times as large; at 1e-4 ReLU's median is the lowest. Test errors are 1.98 % [1.88, 2.09], 2.07
[1.74, 2.41] and 2.07 [1.95, 2.18] (n=5).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import tyro
from flax import nnx

from experiments import _studies, _tables
from jaxact.lab import Study, cli
from jaxact.lab.statistics import Comparison, Comparisons, compare_all, estimate
from jaxact.models import MLP

ACTIVATIONS = ("gelu", "relu", "elu")
WIDTHS = (128,) * 8
# Mean and standard deviation of MNIST's training images, which the lab takes out.
_MEAN, _SCALE = 0.1307, 0.3081
# What makes no difference: losses within 10 % of each other, and a tenth of a point of accuracy.
_TIE, _TIE_ACCURACY = float(np.log(1.1)), 0.001


@dataclasses.dataclass(frozen=True)
class Config:
    """What is trained.

    Attributes:
        dataset: MNIST, as ``jaxact compare --dataset`` takes it.
        lrs: learning rates to choose from.
        seeds: of each activation and learning rate.
        epochs: passes over the training images.
    """

    dataset: str = "mnist"
    lrs: tuple[float, ...] = (1e-3, 1e-4)
    seeds: int = 5
    epochs: int = 50


PRESETS = {"default": Config(), "smoke": Config("digits", (1e-3, 1e-4), 2, 2)}


def network(
    activation: Callable[[Any], Any], num_classes: int, image_shape: Any, *, rngs: nnx.Rngs
) -> nnx.Module:
    """The paper's network, as a factory for ``--model``."""
    layers = MLP(activation, num_classes, image_shape, WIDTHS, kernel_init=unit_norm, rngs=rngs)
    return nnx.Sequential(lambda x: x * _SCALE + _MEAN, layers)


def unit_norm(key: Any, shape: Any, dtype: Any = jnp.float32) -> jax.Array:
    """Weights of shape (inputs, units): normal, those of each unit scaled to norm 1."""
    weights = jax.random.normal(key, shape, dtype)
    return weights / jnp.linalg.norm(weights, axis=0)


def study(config: Config) -> Study:
    """A study in the paper's set-up."""
    return Study(
        activations=ACTIVATIONS, lrs=config.lrs, seeds=config.seeds, epochs=config.epochs,
        batch_size=128, validation=1 / 12, dataset=config.dataset,
        model="experiments.gelu_mnist:network",
    )  # fmt: skip


def readme(table: pd.DataFrame) -> list[pd.DataFrame]:
    """For the README: what the runs say at the chosen rates, and of the claim at each rate."""
    return [at_chosen_rates(table), claims(table)]


def at_chosen_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Losses and errors at the chosen rates, and GELU beside each of the others."""
    chosen = table[table["chosen"]]
    losses = _studies.by_seed(chosen, "train_loss")
    correct = _studies.by_seed(chosen, "test_accuracy")
    lower = compared(losses)
    more = compare_all(correct, _TIE_ACCURACY, names=[*lower.pairs])
    records = []
    for name in losses:
        words = {
            "Activation": name,
            "Learning rate": f"{chosen.loc[chosen['activation'] == name, 'lr'].iloc[0]:g}",
            "Training loss, median": f"{np.median(losses[name]):.4f}",
            "GELU's loss over it, by seed": "-",
            "Test error, %": estimate(1 - correct[name]).text(2, 100),
            "GELU's error minus it, points": "-",
        }
        if name != "gelu":
            loss, hits = lower.of("gelu", name), more.of("gelu", name)
            words["GELU's loss over it, by seed"] = f"{ratio(loss)}: {verdict(lower, name)}"
            less = hits.turned().difference.text(2, 100)
            words["GELU's error minus it, points"] = f"{less}: {hits.verdict}"
        records.append(words)
    return pd.DataFrame(records)


def compared(losses: dict[str, np.ndarray]) -> Comparisons:
    """GELU against each of the others by minus the logarithm of the loss; losses by seed."""
    with np.errstate(divide="ignore"):
        logs = {name: -np.log(values) for name, values in losses.items()}
    return compare_all(logs, _TIE, names=[("gelu", n) for n in losses if n != "gelu"])


def ratio(found: Comparison) -> str:
    """GELU's loss over the other's, with its interval."""
    d = found.difference
    if not np.isfinite(d.mean):
        return d.text()
    mean, low, high = np.exp([-d.mean, -d.high, -d.low])
    return f"{mean:.2f} times [{low:.2f}, {high:.2f}] (n={d.n})"


def verdict(found: Comparisons, name: str) -> str:
    """What runs say of GELU's loss being lower than another's."""
    return _studies.verdict(found, "gelu", name, "better", lambda d: f"a ratio of {np.exp(d):.2f}")


def claim(losses: dict[str, np.ndarray]) -> str:
    """What runs say of the paper's claim that GELU's training loss is the lowest.

    Args:
        losses: training losses by activation, one per seed.

    Returns:
        ``match`` if GELU's is told to be lower than both others; ``mismatch`` if one of them is
        told to be lower or to tie; else ``undecided``.
    """
    found = compared(losses)
    verdicts = [verdict(found, name) for _, name in found.pairs]
    against = [v for v in verdicts if v.startswith("mismatch")]
    if against:
        return "; ".join(against)
    return "match" if set(verdicts) == {"match"} else "undecided"


def claims(table: pd.DataFrame) -> pd.DataFrame:
    """Median training loss by activation, and the claim's verdict, at each rate and the chosen."""
    parts = [(f"{lr:g}", runs) for lr, runs in table.groupby("lr", sort=False)]
    records = []
    for label, runs in [*parts, ("chosen", table[table["chosen"]])]:
        losses = _studies.by_seed(runs, "train_loss")
        medians = {name: f"{np.median(v):.4f}" for name, v in losses.items()}
        records.append({"Learning rate": label} | medians | {"GELU lowest": claim(losses)})
    return pd.DataFrame(records)


def main(
    preset: Literal["default", "smoke"] = "default",
    dataset: Annotated[str | None, tyro.conf.arg(help="MNIST, by name or folder.")] = None,
    out: _tables.Out = None,
) -> None:
    """Trains, writes the table and prints what it says."""
    config = PRESETS[preset]
    config = dataclasses.replace(config, dataset=dataset or config.dataset)
    studies = {f"gelu_mnist-{preset}": study(config)}
    table = _studies.publish(
        studies, config, _tables.folder(__file__, preset, out), _studies.finals
    )
    _tables.show(*readme(table))


if __name__ == "__main__":
    with cli.mistakes_answered():
        tyro.cli(main)
