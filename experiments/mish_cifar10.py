"""Does Mish's table of accuracies hold for another network, and with tuned learning rates?

    python -m experiments.mish_cifar10 --preset default --dataset data/cifar10-subset.npz

Published, of 23 runs: https://github.com/digantamisra98/Mish, section "Significance Level":
SqueezeNet on CIFAR-10, Adam at 1e-3, batches of 128, 50 epochs, test accuracies, p-values against
Mish without a correction for the number of tests, and one learning rate for all activations.
Here it is another network on less data: the lab's CNN of three blocks (16, 32 and 64 channels) on a
fifth of CIFAR-10 (every fifth image of each class by file name: 10,000 for training, of which a
tenth is held out, and 2,000 for testing) brought to 16x16 pixels, Adam, batches of 128, 20 epochs.
So accuracies are not comparable; what is compared is each activation's difference from Mish, and
the order. Both are shown at 1e-3, as published, and at the better of 1e-3 and 5e-3 on held-out
images. Differences are tested by paired t-tests, corrected for their number. The activations are 13
of the published 34, with the published parameters.
``--dataset cifar10`` takes the whole set, and five times as long.
2 CPU cores: 26 minutes.  Headline: five runs on so little data tell Mish from two of twelve, at
1e-3: it is 14.5 points [13.1, 16.0] above sigmoid and 4.9 [3.1, 6.7] above softplus, both as
published. Nothing contradicts the table, but its order is not found again: the rank correlation is
0.20 [0.10, 0.52], where chance reaches 0.48. At its better rate sigmoid gains 11 points, and Mish
is told from none.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import tyro
from scipy import stats

import jaxact
from experiments import _studies, _tables
from jaxact.lab import Study, cli
from jaxact.lab.statistics import FEWEST_TO_DECIDE, Comparisons, Estimate, compare_all

PUBLISHED = {  # test accuracy in per cent: mean, standard deviation; p-value against Mish
    "e_swish_1_75": (87.49, 0.411, "0.9075"), "mish": (87.48, 0.3967, ""),
    "elish": (87.38, 0.47731, "0.4283"), "gelu": (87.37, 0.472, "0.4003"),
    "silu": (87.32, 0.414, "0.1973"), "leaky_relu_0_3": (86.85, 0.4569, "<0.0001"),
    "relu": (86.66, 0.584, "<0.0001"), "elu": (86.41, 0.3371, "<0.0001"),
    "selu": (83.91, 0.5995, "<0.0001"), "tanh": (83.15, 0.6887, "<0.0001"),
    "softplus": (83.004, 1.4015, "<0.0001"), "hard_shrink": (75.03, 0.98345, "<0.0001"),
    "sigmoid": (74.82, 5.7662, "<0.0001"),
}  # fmt: skip
FIXED = 1e-3

e_swish_1_75 = jaxact.get("e_swish", beta=1.75)
leaky_relu_0_3 = jaxact.get("leaky_relu", negative_slope=0.3)


@dataclasses.dataclass(frozen=True)
class Config:
    """What is trained.

    Attributes:
        dataset: CIFAR-10 or a part of it, as ``jaxact compare --dataset`` takes it.
        activations: keys of ``PUBLISHED``; Mish is one of them.
        lrs: learning rates to choose from; 1e-3 is one of them.
        seeds: of each activation and learning rate.
        epochs: passes over the training images.
        image_size: height and width in pixels that pictures are brought to; None to keep theirs.
    """

    dataset: str = "cifar10"
    activations: tuple[str, ...] = tuple(PUBLISHED)
    lrs: tuple[float, ...] = (FIXED, 5e-3)
    seeds: int = 5
    epochs: int = 20
    image_size: int | None = 16


PRESETS = {
    "default": Config(),
    "smoke": Config("digits", ("mish", "leaky_relu_0_3", "sigmoid"), (FIXED, 1e-2), 2, 2, None),
}


def study(config: Config) -> Study:
    """A study of the lab's CNN; activations with parameters are those of this module."""
    return Study(
        activations=_studies.activations(config.activations, "mish_cifar10"),
        lrs=config.lrs, seeds=config.seeds, epochs=config.epochs, batch_size=128,
        validation=0.1, dataset=config.dataset, image_size=config.image_size,
    )  # fmt: skip


def views(table: pd.DataFrame) -> dict[str, dict[str, np.ndarray]]:
    """Test accuracies by activation and seed, at the published rate and at the chosen ones."""
    parts = {f"at {FIXED:g}": table["lr"] == FIXED, "tuned": table["chosen"]}
    return {
        label: _studies.by_seed(table[those], "test_accuracy") for label, those in parts.items()
    }


def claimed(name: str) -> str:
    """What is published of Mish beside another: ``better``, ``worse``, or ``tie``."""
    mean, _, p = PUBLISHED[name]
    if float(p.removeprefix("<")) > 0.05:
        return "tie"
    return "better" if PUBLISHED["mish"][0] > mean else "worse"


def compared(accuracies: dict[str, np.ndarray]) -> Comparisons:
    """Mish against each of the others, corrected for that many tests; accuracies by seed."""
    return compare_all(accuracies, names=[("mish", n) for n in accuracies if n != "mish"])


def verdict(found: Comparisons, name: str) -> str:
    """What a run says of the published difference between Mish and another."""
    return _studies.verdict(found, "mish", name, claimed(name), lambda d: f"{100 * d:.1f} points")


def readme(table: pd.DataFrame) -> list[pd.DataFrame]:
    """For the README: each activation beside Mish, and the orders."""
    return [beside_mish(table), orders(table)]


def beside_mish(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracies beside the published ones, and each activation beside Mish."""
    pairs = {label: compared(accuracies) for label, accuracies in views(table).items()}
    tuned = table[table["chosen"]]
    records = []
    for name, accuracies in next(iter(views(table).values())).items():
        mean, spread, p = PUBLISHED[name]
        here = 100 * accuracies
        words = {
            "Activation": name,
            "SqueezeNet, CIFAR-10, 23 runs": f"{mean:.2f} ± {spread:.2f}",
            f"CNN here, {len(here)} runs at {FIXED:g}": (
                f"{here.mean():.2f} ± {here.std(ddof=1):.2f}"
            ),
            "Tuned rate": f"{tuned.loc[tuned['activation'] == name, 'lr'].iloc[0]:g}",
            "Mish minus it, published": "-",
        }
        if name != "mish":
            theirs = PUBLISHED["mish"][0] - mean
            words["Mish minus it, published"] = f"{theirs:.2f} (p {_relation(p)})"
        for label, found in pairs.items():
            words[f"Here {label}"] = "-"
            if name != "mish":
                difference = found.of("mish", name).difference.text(1, 100)
                words[f"Here {label}"] = f"{difference}: {verdict(found, name)}"
        records.append(words)
    return pd.DataFrame(records)


def _relation(p: str) -> str:
    return f"< {p[1:]}" if p.startswith("<") else f"= {p}"


def orders(table: pd.DataFrame) -> pd.DataFrame:
    """How alike the published order and ours are, and how many differences hold."""
    records = []
    for label, accuracies in views(table).items():
        found, names = compared(accuracies), [n for n in accuracies if n != "mish"]
        words = [verdict(found, name).split()[0] for name in names]
        counts = ", ".join(f"{w} {words.count(w)}" for w in ("match", "mismatch", "undecided"))
        published = [PUBLISHED[name][0] for name in accuracies]
        alike = rank_correlation(published, list(accuracies.values()))
        records.append(
            {
                "Learning rate": label,
                "Rank correlation": alike.text(2),
                "Order": order_verdict(alike, len(published)),
                "Differences from Mish": counts,
            }
        )
    return pd.DataFrame(records)


def rank_correlation(published: list[float], values: list[np.ndarray]) -> Estimate:
    """Spearman's rank correlation of published means with ours.

    Args:
        published: a mean per activation.
        values: per activation, one number per seed; seeds are shared.

    Returns:
        The correlation, with a 95 % bootstrap interval over seeds, expanded for few seeds as that
        of :func:`jaxact.lab.statistics.estimate`.
    """
    theirs: Any = stats.zscore(stats.rankdata(published))

    def statistic(*samples: Any, axis: int = -1) -> Any:
        ranks = stats.rankdata([s.mean(axis) for s in samples], axis=0)
        ours: Any = stats.zscore(ranks, axis=0)
        return np.tensordot(theirs, ours, 1) / len(theirs)

    n = len(values[0])
    center = float(statistic(*values))
    if n < 2:
        return Estimate(center, np.nan, np.nan, n)
    tail = float(stats.norm.cdf(stats.t.ppf(0.025, n - 1) * np.sqrt(n / (n - 1))))
    interval = stats.bootstrap(
        values, statistic, paired=True, vectorized=True, n_resamples=9999,
        confidence_level=1 - 2 * tail, method="percentile", rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    return Estimate(center, float(interval.low), float(interval.high), n)


def order_verdict(alike: Estimate, activations: int) -> str:
    """Whether an order is more like the published one than chance would have it.

    Returns:
        ``alike`` if the whole interval lies above what one order in twenty, drawn at random,
        exceeds; ``unlike`` if it lies below; else ``undecided``, as with fewer than five seeds.
    """
    if alike.n < FEWEST_TO_DECIDE:
        return "undecided (too few seeds)"
    quantile = stats.t.ppf(0.95, activations - 2)
    by_chance = quantile / np.sqrt(activations - 2 + quantile**2)
    if alike.low > by_chance:
        return "alike"
    beyond = f"chance reaches {by_chance:.2f}"
    return f"unlike ({beyond})" if alike.high < by_chance else f"undecided ({beyond})"


def main(
    preset: Literal["default", "smoke"] = "default",
    dataset: Annotated[
        str | None, tyro.conf.arg(help="CIFAR-10 or a part, by name or file.")
    ] = None,
    out: _tables.Out = None,
) -> None:
    """Trains, writes the table and prints what it says."""
    config = PRESETS[preset]
    config = dataclasses.replace(config, dataset=dataset or config.dataset)
    studies = {f"mish_cifar10-{preset}": study(config)}
    table = _studies.publish(
        studies, config, _tables.folder(__file__, preset, out), _studies.finals
    )
    _tables.show(*readme(table))


if __name__ == "__main__":
    with cli.mistakes_answered():
        tyro.cli(main)
