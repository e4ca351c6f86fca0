"""Experiments: each script runs, and its committed results are those of its files."""

import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from jaxact.lab import UserError, records

ROOT = pathlib.Path(__file__).parent.parent
SCRIPTS = sorted({p.stem for p in (ROOT / "experiments").glob("[a-z]*.py")} - {"rebuild"})
RESULTS = sorted(p.parent for p in (ROOT / "experiments" / "results").glob("*/run.json"))
STUDIES = [folder for folder in RESULTS if (folder / "metrics.csv").exists()]


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_smoke_preset_runs(script, tmp_path):
    words = [sys.executable, "-m", f"experiments.{script}", "--preset", "smoke"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(words, cwd=tmp_path, env=environment, check=True)
    out = tmp_path / "runs" / script / "smoke"
    if (out / "metrics.csv").exists():
        assert records.read(out).summary["n"].min() == 2
    else:
        assert len(pd.read_csv(out / "table.csv")) > 2


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_docstring_says_how_to_run_it_and_what_came_out(script):
    doc = importlib.import_module(f"experiments.{script}").__doc__
    assert f"python -m experiments.{script} --preset default" in doc
    assert "Headline:" in doc
    assert doc.splitlines()[0].endswith("?")


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_committed_tables_follow_from_committed_metrics(folder):
    results = records.read(folder)
    pd.testing.assert_frame_equal(
        pd.read_csv(folder / "summary.csv").fillna({"notes": ""}),
        results.summary.drop(columns="step_ms"),
    )
    assert sum(f.stat().st_size for f in folder.iterdir()) < 1_000_000
    assert not {"out", "data_dir", "resume"} & set(results.run["study"])


@pytest.mark.parametrize("source", RESULTS, ids=lambda folder: folder.name)
def test_what_follows_from_results_is_made_anew(source, tmp_path):
    from experiments import rebuild

    folder = tmp_path / source.name
    folder.mkdir()
    for given in ("metrics.csv", "table.csv", "run.json"):
        if (source / given).exists():
            shutil.copy(source / given, folder)
    rebuild.main((folder,))
    assert sorted(p.name for p in folder.iterdir()) == sorted(p.name for p in source.iterdir())
    for path in source.iterdir():
        assert content(folder / path.name) == content(path), path.name


def content(path):
    """The text of a file; of a drawing its words, for how it is drawn is Matplotlib's matter."""
    text = path.read_text()
    if path.suffix == ".svg":
        return re.findall(r"<!-- (.*?) -->", text)
    return re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)


def test_a_table_is_written_between_its_own_markers():
    from experiments.rebuild import fresh

    marker = "<!-- table: experiments/results/gelu_mnist -->\n"
    text = f"a\n{marker}<!-- end -->\nb\n{marker}old\n<!-- end -->\nc\n"
    first, second, last = fresh(text).split("<!-- end -->\n")
    assert first.startswith(f"a\n{marker}| Activation |")
    assert second == "b" + first.removeprefix("a")
    assert last == "c\n"


def test_a_folder_without_results_is_named(tmp_path):
    from experiments import rebuild

    with pytest.raises(UserError, match=f"{tmp_path} holds no results"):
        rebuild.main((tmp_path,))
    (tmp_path / "run.json").write_text('{"command": "jaxact compare"}')
    with pytest.raises(UserError, match="of another program: jaxact compare"):
        rebuild.main((tmp_path,))
    (tmp_path / "run.json").write_text('{"command": "python -m experiments.speed"}')
    with pytest.raises(UserError, match="holds no table"):
        rebuild.main((tmp_path,))
    with pytest.raises(UserError, match="takes no folders"):
        rebuild.main((tmp_path,), check=True)


def test_the_tables_of_the_readme_are_those_of_the_results():
    from experiments.rebuild import fresh

    text = (ROOT / "README.md").read_text()
    assert "<!-- table: experiments/results/" in text
    assert fresh(text) == text


def test_run_files_name_a_device():
    for folder in RESULTS:
        assert json.loads((folder / "run.json").read_text())["device"]


@pytest.mark.slow
def test_one_and_two_devices_give_the_same_bits(tmp_path):
    """Two processes, so that the number of threads differs too."""
    files = []
    for devices in ("1", "2"):
        out = tmp_path / devices
        words = "compare --activations relu gelu --lrs 1e-2 --seeds 3 --epochs 2".split()
        subprocess.run(
            [sys.executable, "-m", "jaxact.lab.cli", *words, "--devices", devices, "--out", out],
            env={"PATH": "", "HOME": str(tmp_path)},
            cwd=ROOT,
            check=True,
        )
        files.append((out / "metrics.csv").read_bytes())
    assert files[0] == files[1]
