"""Does the encyclopedia entry's table hold where it was measured, on a subset of ImageNet?

    python -m experiments.imagenet_subset --preset default --dataset DIR

The entry's set-up as far as it names one: three blocks of convolution, activation and pooling,
softmax over the classes, cross-entropy; sigmoid, ReLU and GELU, and here tanh, leaky ReLU and SiLU.
It names neither its subset nor network, budget or number of runs, so its accuracies cannot be
checked; differences and remarks can, row by row, and ``jaxact.lab.claims`` judges them.
``--dataset`` takes what ``jaxact compare --dataset`` takes: a folder with train/class/*.JPEG and
val/class/*.JPEG, imagenette, or imagenet_resized/64x64, which is all of ImageNet with its 1,000
classes. Where there is val and no test, val is for testing alone, and a fifth of train is held out
to choose learning rates. Intervals are over seeds: another draw of test images is not in them.

The default is for 20 classes of Tiny ImageNet (500 and 50 pictures each, 64x64) on 2 CPU cores.
Of a pilot with one seed: at 32x32 an epoch takes a quarter of the time of one at 64x64 and ReLU's
validation accuracy after two is the same (28.0 and 28.8 %); after eight ReLU is at 38.4 % with a
learning rate of 1e-3, 43.1 with 3e-3, 32.8 with 1e-2, GELU at 41.6, 45.2 and 45.4, sigmoid with
3e-3 and 1e-2 at 22.7 and 29.4; 3e-2 leaves ReLU and GELU at chance, 5 %, and sigmoid at 9.2. ReLU
has 49.1 % of its training images right by then and begins to overfit; sigmoid is still rising.
2 CPU cores: 36 minutes.  Headline: sigmoid 35.0 % [33.3, 36.8], relu 45.3 [43.7, 46.8], gelu 46.6
[45.4, 47.7] (n=5): GELU is 1.3 points [0.0, 2.6] above ReLU, and 1 in the entry, sigmoid 10.2 [8.2,
12.1] below, and 7 in the entry. Sigmoid does not reach the target in 12 epochs, ReLU does in 11 and
GELU in 9; a step of ReLU takes 21.8 ms, of sigmoid 22.9 and of GELU 27.2. 0.9 % of ReLU's units die
[-0.0, 1.9], which five seeds leave undecided.

``full`` is for GPUs. A run that was stopped goes on with the same command; a whole one is not
overwritten. Tables, figures and report are made anew from a folder's files by
``python -m experiments.rebuild FOLDER``.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import tyro

from experiments import _tables
from jaxact.lab import Results, Study, claims, cli, records
from jaxact.lab.statistics import estimate
from jaxact.lab.summary import accuracy, readings, speed

_NAMES = ("sigmoid", "relu", "gelu", "tanh", "leaky_relu", "silu")

ENTRY = {
    "sigmoid": (71, "slow", "vanishing gradients in deep layers"),
    "relu": (78, "fast", "a few neurons go dead"),
    "gelu": (79, "fast", "smooth, transformer favorite"),
}
"""The entry's table: accuracy in per cent, speed, notes."""

PRESETS = {
    "default": Study(
        activations=_NAMES, lrs=(1e-3, 3e-3, 1e-2), seeds=5, epochs=12, image_size=32,
        dataset="imagenette",
    ),
    "full": Study(
        activations=_NAMES, lrs=(1e-3, 3e-3, 1e-2, 3e-2), seeds=10, epochs=30,
        widths=(32, 64, 128), image_size=64, augment=("flip", "crop"), dataset="imagenette",
    ),
    "smoke": Study(activations=_NAMES[:3], lrs=(1e-2,), seeds=2, epochs=1, widths=(4, 8, 8)),
}  # fmt: skip


def entry_table(results: Results) -> pd.DataFrame:
    """The entry's rows beside those of a run, cells as text.

    Args:
        results: of a study with relu among its activations.

    Returns:
        One row per activation: what the entry says; accuracy on the test images, learning rate, and
        difference from relu's accuracy with the interval of that pair alone; ms per step and epochs
        to the target; dead units of each layer after training; gradient norm at the first layer
        over that at the last before training.
    """
    found = readings(results.metrics, results.run)
    rows = []
    for row in results.summary.to_dict("records"):
        name, reading = row["activation"], found[row["activation"]]
        rows.append(
            {
                "Activation": name,
                "The entry": _said(name),
                "Accuracy, %": accuracy(row).text(1, 100),
                "Learning rate": f"{row['lr']:g}",
                "Minus ReLU, points, the pair alone": _lead(
                    name, reading.accuracy - found["relu"].accuracy
                ),
                "Train speed": speed(row),
                "Dead units by layer, %": _dead(reading.dead.mean(0)),
                "Gradient, first over last layer": _ratio(reading.gradient_ratio),
            }
        )
    return pd.DataFrame(rows)


def _dead(shares: np.ndarray) -> str:
    """Shares of the layers in per cent; of runs that diverged there are none."""
    return (
        ", ".join(f"{100 * s:.1f}" for s in shares) if np.isfinite(shares).all() else "not finite"
    )


def _said(name: str) -> str:
    """What the entry says of an activation."""
    if name not in ENTRY:
        return "-"
    percent, pace, notes = ENTRY[name]
    return f"{percent} %, {pace}, {notes}"


def _lead(name: str, differences: np.ndarray) -> str:
    """How much more accurate an activation is than relu, and was in the entry."""
    if name == "relu":
        return "-"
    said = f"; entry {ENTRY[name][0] - ENTRY['relu'][0]:+d}" if name in ENTRY else ""
    return f"{estimate(differences).text(1, 100)}{said}"


def _ratio(ratios: np.ndarray) -> str:
    """Geometric mean of a ratio over seeds, with its interval."""
    logs = estimate(np.log10(ratios))
    mean, low, high = (f"{10**v:.2g}" for v in (logs.mean, logs.low, logs.high))
    return f"{mean} [{low}, {high}]" if logs.n > 1 else mean


def claim_table(results: Results) -> pd.DataFrame:
    """What a run says of each claim of the entry, and which claims it cannot test."""
    found = [(f.claim, f.verdict, f.evidence) for f in claims.judge(results)]
    found += [(claim, "not tested", why) for claim, why in _beyond(results.run)]
    return pd.DataFrame(found, columns=["Claim of the entry", "Here", "Evidence"])


def _beyond(run: dict[str, Any]) -> list[tuple[str, str]]:
    """Claims that no run of this script tests, or not this one, each with the reason."""
    classes = run["dataset"]["num_classes"]
    beyond = [
        (
            "Sigmoid 71 %, ReLU 78 %, GELU 79 %",
            "the entry names neither its images nor its network, nor how long and how often it "
            "trained; differences can be compared, not these figures",
        ),
        ("Gradients vanish with depth", "three layers, and no other number of them"),
        ("GELU is the favourite in transformers", "there is no transformer here"),
    ]
    if classes < 1000:
        beyond.append(("Softmax over 1000 classes", f"softmax over {classes} classes"))
    return beyond


def readme(results: Results) -> list[pd.DataFrame]:
    """For the README: the entry's table, then its claims."""
    return [entry_table(results), claim_table(results)]


def main(
    preset: Literal["default", "full", "smoke"] = "default",
    dataset: Annotated[
        str | None, tyro.conf.arg(help="Subset of ImageNet, as of jaxact compare.")
    ] = None,
    image_size: Annotated[
        int | None, tyro.conf.arg(help="Height and width in pixels to bring pictures to.")
    ] = None,
    out: _tables.Out = None,
) -> None:
    """Runs the study, or goes on with it; prints its report, then the entry's table beside it."""
    study, folder = PRESETS[preset], _tables.folder(__file__, preset, out)
    cli.compare(
        dataclasses.replace(
            study,
            dataset=study.dataset if dataset is None else dataset,
            image_size=study.image_size if image_size is None else image_size,
            out=str(folder),
        )
    )
    for table in readme(records.read(folder)):
        print(f"\n{_tables.markdown(table)}")


if __name__ == "__main__":
    with cli.mistakes_answered():
        tyro.cli(main)
