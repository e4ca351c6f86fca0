"""The entry's experiment: its tables say what a run says, and it goes on to 1,000 classes."""

import json

import numpy as np
import pandas as pd
import pytest
import tensorflow_datasets as tfds

from experiments import _tables, imagenet_subset, rebuild
from jaxact.lab import Results, claims, records

DIGITS = _tables.RESULTS / "compare_digits"
RATE = 0.003


@pytest.fixture(scope="module")
def digits():
    """A part of a committed run, for speed."""
    metrics = pd.read_csv(DIGITS / "metrics.csv")
    kept = metrics["activation"].isin(imagenet_subset.ENTRY) & (metrics["lr"] == RATE)
    run = json.loads((DIGITS / "run.json").read_text())
    run["study"]["lrs"] = [RATE]
    run["dataset"] = {"num_classes": 10}
    return Results(metrics[kept], run)


def test_the_entrys_figures_stand_beside_those_of_the_run(digits):
    table = imagenet_subset.entry_table(digits).set_index("Activation")
    summary = digits.summary.set_index("activation")
    assert list(table.index) == list(summary.index)
    assert table.loc["sigmoid", "The entry"].startswith("71 %, slow")
    for name, row in table.iterrows():
        mean = 100 * summary.loc[name, "accuracy_mean"]
        assert row["Accuracy, %"].startswith(f"{mean:.1f} [")
        assert row["Accuracy, %"].endswith("(n=10)")
        assert len(row["Dead units by layer, %"].split(", ")) == 3
        low = float(row["Gradient, first over last layer"].split("[")[1].split(",")[0])
        assert low <= float(row["Gradient, first over last layer"].split()[0])
    lead = 100 * (summary["accuracy_mean"]["sigmoid"] - summary["accuracy_mean"]["relu"])
    assert table.loc["sigmoid", "Minus ReLU, points, the pair alone"].startswith(f"{lead:.1f} [")
    assert table.loc["sigmoid", "Minus ReLU, points, the pair alone"].endswith("; entry -7")


def test_what_a_run_cannot_test_is_said(digits):
    few = imagenet_subset.claim_table(digits).set_index("Claim of the entry")["Here"]
    for finding in claims.judge(digits):
        assert few[finding.claim] == finding.verdict
    assert few["Softmax over 1000 classes"] == "not tested"
    digits.run["dataset"]["num_classes"] = 1000
    many = imagenet_subset.claim_table(digits)["Claim of the entry"]
    assert set(few.index) - set(many) == {"Softmax over 1000 classes"}


def test_a_study_has_the_tables_of_its_script(digits, tmp_path):
    folder = tmp_path / "any"
    folder.mkdir()
    digits.run["command"] = "python -m experiments.imagenet_subset --out any"
    records.write(digits, folder)
    ours = rebuild.tables(folder)
    assert "| Activation | The entry |" in ours
    assert "\n\n| Claim of the entry |" in ours


@pytest.mark.slow
def test_the_same_script_runs_at_1000_classes(tmp_path):
    with tfds.testing.mock_data(num_examples=64):
        imagenet_subset.main("smoke", "imagenet_resized/64x64", image_size=16, out=tmp_path / "o")
    results = records.read(tmp_path / "o")
    assert "71 %, slow" in str(imagenet_subset.readme(results)[0].to_dict())
    assert results.run["dataset"]["num_classes"] == 1000
    assert results.run["dataset"]["images"] == {"train": 64, "validation": 64, "test": 64}
    start = results.metrics.query("epoch == 0 and metric == 'loss'")["value"]
    np.testing.assert_allclose(start, np.log(1000), atol=1)


def test_dead_units_of_runs_that_diverged_are_not_finite(digits):
    tidy = digits.metrics.copy()
    dead = tidy["metric"].str.startswith("dead_share") & (tidy["activation"] == "gelu")
    tidy.loc[dead & (tidy["seed"] == 3) & (tidy["epoch"] > 0), "value"] = np.nan
    table = imagenet_subset.entry_table(Results(tidy, digits.run)).set_index("Activation")
    assert table["Dead units by layer, %"]["gelu"] == "not finite"
    assert len(table["Dead units by layer, %"]["relu"].split(", ")) == 3
