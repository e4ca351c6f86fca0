"""The command: what a person gets, and the errors a person can mend."""

import datetime
import errno
import gc
import json
import pathlib
import shutil
import signal
import sys
import time
import types

import pandas as pd
import pytest

from jaxact.lab import cli, records, runner
from jaxact.lab.engine import train_study

QUICK = "--activations relu sigmoid --lrs 1e-2 --seeds 2 --epochs 1 --widths 4 8 8".split()


MEASURED = []

BLIND = """
import jax.numpy as jnp

def model(activation, num_classes, image_shape):
    init = lambda key: {"w": jnp.zeros((image_shape[0] * image_shape[1], num_classes))}
    return init, lambda params, x: x.reshape(len(x), -1) @ params["w"]
"""


OWN = """
import jax

def halves(x):
    return x[..., :1]

def integers(x):
    return x.astype(int)

def fails(x):
    raise KeyError("a reason")

def two(x, y):
    return x + y

@jax.custom_vjp
def straight_through(x):
    return (x > 0).astype(x.dtype)

straight_through.defvjp(lambda x: (straight_through(x), None), lambda _, t: (t,))
"""


def command(monkeypatch, *words):
    """Runs ``jaxact`` in this process; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["jaxact", *words])
    try:
        cli.main()
    except SystemExit as end:
        return end.code
    return 0


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data_dir):
    """A small run made by the command, with what it printed."""
    folder = tmp_path_factory.mktemp("run") / "out"

    def train_and_keep(*args):
        MEASURED.append(train_study(*args))
        return MEASURED[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "train_study", train_and_keep)
        code = command(patch, "compare", *QUICK, "--data-dir", data_dir, "--out", str(folder))
    assert code == 0
    return folder


def test_a_run_leaves_its_files(finished):
    assert {p.name for p in finished.iterdir()} == {
        "metrics.csv", "summary.csv", "run.json", "report.html",
    }  # fmt: skip
    run = json.loads((finished / "run.json").read_text())
    assert run["command"].startswith("jaxact compare --activations relu sigmoid")
    assert run["study"]["seeds"] == 2
    assert list(run["seconds"]) == ["import", "data", "compile", "train", "report"]
    assert run["device"]
    assert {"jax", "flax", "python"} <= set(run["versions"])
    metrics = pd.read_csv(finished / "metrics.csv")
    cells = metrics.groupby(["activation", "lr", "seed"]).size()
    assert len(cells) == 4
    assert cells.nunique() == 1
    assert set(metrics[metrics["split"] == "test"]["epoch"]) == {1}


def test_the_report_is_rebuilt_from_the_files_alone(finished, monkeypatch, capsys):
    report = finished / "report.html"
    before = report.read_bytes()
    report.unlink()
    assert command(monkeypatch, "report", str(finished)) == 0
    after = report.read_bytes()
    seconds = json.loads((finished / "run.json").read_text())["seconds"]
    assert seconds["report"] > 0
    assert len(after) == pytest.approx(len(before), rel=0.01)
    assert command(monkeypatch, "report", str(finished)) == 0
    assert report.read_bytes() == after
    printed = capsys.readouterr().out
    for words in ("Activation", "relu", "sigmoid", "ms/step", "ReLU is more accurate", str(report)):
        assert words in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--activations rellu", "no activation 'rellu'; did you mean ['relu', "),
        ("--activations softmax", "softmax works across an axis"),
        ("--activations relu relu", "--activations names relu twice"),
        ("--activations no_such_module:f", "no module 'no_such_module'"),
        ("--activations math:coshh", "module 'math' has no 'coshh'; did you mean ['cosh'"),
        ("--activations math:pi", "math:pi is no function"),
        ("--lrs", "--lrs is empty"),
        ("--lrs 1e-3 0", "--lrs must be from 1.18e-38 to 3.4e+38, as float32 has them, got 0"),
        ("--lrs nan", "--lrs must be from 1.18e-38 to 3.4e+38, as float32 has them, got nan"),
        ("--seeds 0", "--seeds must be positive and finite, got 0"),
        ("--epochs -1", "--epochs must be positive"),
        ("--batch-size 0", "--batch-size must be positive"),
        ("--validation 1.5", "--validation is a share between 0 and 1, got 1.5"),
        ("--target 80", "--target is an accuracy between 0 and 1, got 80"),
        (
            "--dataset mnits",
            "no such data set, and here no such file or folder; did you mean ['mnist'",
        ),
        ("--model cnnn", "--model cnnn: write module:name"),
        ("--model math:pi", "--model math:pi is no function"),
        ("--activations :f", "--activations :f: write module:name"),
        ("--activations broken_module:f", "importing broken_module failed: NameError"),
        ("--model blind_module:model", "--model must call the activation"),
        ("--validation 0.0001", "no images are left"),
        ("--activations jax.nn:softmax", "jax.nn:softmax mixes elements"),
        ("--activations own_functions:halves", "into float32 of shape (1, 2, 2, 1)"),
        ("--activations own_functions:integers", "into int32 of shape (1, 2, 2, 3)"),
        (
            "--activations own_functions:fails",
            "own_functions:fails fails on float32 arrays: KeyErr",
        ),
        ("--activations own_functions:two", "own_functions:two fails on float32 arrays: TypeError"),
        ("--out=", "--out is empty"),
        ("--dataset digits:9.9.9", "--dataset digits:9.9.9: no such data set"),
        ("--devices 99", "--devices 99: there are 8 devices (cpu); give 8 or fewer"),
        ("--model no_such_module:f", "--model no_such_module:f: no module 'no_such_module'"),
        ("--out /dev/null/x", "--out /dev/null/x: Not a directory"),
        ("--widths 4 8 8 8", "4 poolings need images of 16x16 or more, got 8x8"),
        ("--batch-size 5000", "--batch-size 5000 is more than the"),
    ],
)
def test_a_mistake_is_answered_in_a_line_with_code_2(
    words, message, monkeypatch, capsys, tmp_path, data_dir
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken_module.py").write_text("undefined\n")
    (tmp_path / "blind_module.py").write_text(BLIND)
    (tmp_path / "own_functions.py").write_text(OWN)
    code = command(monkeypatch, "compare", "--data-dir", data_dir, *words.split())
    printed = capsys.readouterr().err
    assert code == 2
    assert message in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) <= 2
    assert not list(tmp_path.glob("runs/*"))


def test_an_unknown_flag_has_code_2(monkeypatch, capsys):
    assert command(monkeypatch, "compare", "--activation", "relu") == 2
    assert "--activations" in capsys.readouterr().err


def test_a_folder_with_a_run_is_not_overwritten(finished, monkeypatch, capsys):
    before = (finished / "metrics.csv").read_bytes()
    assert command(monkeypatch, "compare", "--out", str(finished)) == 2
    assert "already holds a run" in capsys.readouterr().err
    assert (finished / "metrics.csv").read_bytes() == before


def test_a_full_disk_loses_no_table(finished, monkeypatch, capsys, tmp_path):
    write_text = records.write_text

    def full(path, text):
        if tmp_path in path.parents:
            raise OSError(28, "No space left on device")
        write_text(path, text)

    monkeypatch.setattr(records, "write_text", full)
    monkeypatch.setattr(cli, "train_study", lambda *args: MEASURED[0])
    code = command(monkeypatch, "compare", *QUICK, "--out", str(tmp_path / "out"))
    captured = capsys.readouterr()
    assert code == 2
    assert "ReLU is more accurate" in captured.out
    assert "No space left on device; the results are in" in captured.err
    refuge = captured.err.partition("the results are in ")[2].split(",")[0]
    assert len(pd.read_csv(pathlib.Path(refuge) / "metrics.csv")) > 0
    shutil.rmtree(refuge)


def test_odd_names_are_printed_and_written(finished, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(cli, "train_study", lambda *args: MEASURED[0])
    name = "s\udce9t [small]"
    # Other systems refuse names that are no UTF-8.
    out = tmp_path / ("runs [b] :smile:" + "\udce9" * (sys.platform == "linux"))
    page = out / "report.html"
    assert command(monkeypatch, "compare", *QUICK, "--dataset", name, "--out", str(out)) == 0
    assert "<title>Which activation trains best on s\\udce9t [small]?</title>" in page.read_text(
        "utf-8"
    )
    monkeypatch.setattr("jaxact.lab.report._page", lambda results: "")
    assert command(monkeypatch, "report", str(out)) == 0
    printed = capsys.readouterr().out
    told = str(page).replace("\udce9", "\\udce9")
    assert printed.count(f"Report: {told}\n") == 2
    assert printed.count("s\\udce9t [small]: 1 learning rate x 2 seeds each") == 2


def test_a_closed_pipe_loses_no_file(finished, monkeypatch, tmp_path):
    def closed(*args):
        raise BrokenPipeError

    monkeypatch.setattr(cli, "train_study", lambda *args: MEASURED[0])
    monkeypatch.setattr(cli.terminal, "view", closed)
    with pytest.raises(BrokenPipeError):
        command(monkeypatch, "compare", *QUICK, "--out", str(tmp_path / "out"))
    assert (tmp_path / "out" / "metrics.csv").exists()
    assert (tmp_path / "out" / "report.html").exists()


def test_a_closed_pipe_leaves_the_report_rebuilt(finished, monkeypatch, tmp_path):
    def closed(*args):
        raise BrokenPipeError

    shutil.copytree(finished, tmp_path / "run")
    (tmp_path / "run" / "report.html").unlink()
    monkeypatch.setattr(cli.terminal, "view", closed)
    with pytest.raises(BrokenPipeError):
        command(monkeypatch, "report", str(tmp_path / "run"))
    assert (tmp_path / "run" / "report.html").exists()


def test_a_table_that_cannot_be_printed_is_a_line(finished, monkeypatch, capsys):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cli.terminal, "view", full)
    monkeypatch.setattr(cli, "_leave", sys.exit)
    assert command(monkeypatch, "report", str(finished)) == 2
    assert capsys.readouterr().err == "jaxact: No space left on device\n"


def test_runs_of_the_same_second_have_folders_of_their_own(finished, monkeypatch, tmp_path):
    now = datetime.datetime(2030, 1, 2, 3, 4, 5)
    stopped = types.SimpleNamespace(datetime=types.SimpleNamespace(now=lambda: now))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "train_study", lambda *args: MEASURED[0])
    monkeypatch.setattr(runner, "datetime", stopped)
    for _ in range(3):
        assert command(monkeypatch, "compare", *QUICK) == 0
    name = "compare-2030-01-02-030405"
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == [name, f"{name}-2", f"{name}-3"]


def test_where_runs_cannot_be_a_folder_it_is_said(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").symlink_to("nowhere")
    assert command(monkeypatch, "compare", *QUICK) == 2
    assert capsys.readouterr().err == "jaxact: --out runs: File exists\n"


@pytest.mark.slow
def test_an_activation_with_a_backward_pass_of_its_own_trains(monkeypatch, tmp_path, data_dir):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_steps.py").write_text(OWN)
    words = "--activations own_steps:straight_through --lrs 1e-2 --seeds 1 --epochs 1".split()
    out = ["--out", "out", "--data-dir", data_dir]
    assert command(monkeypatch, "compare", *words, *out) == 0
    table = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert table.loc[0, "activation"] == "own_steps:straight_through"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("metrics.csv", "activation,lr,seed,epoch,split,metric,value\n"),
        ("metrics.csv", "activation,lr,seed,epoch,split,metric,value\nrelu,1,0,1,train,loss,x\n"),
        ("run.json", "{}"),
    ],
)
def test_a_damaged_run_is_named(file, text, finished, monkeypatch, capsys, tmp_path):
    shutil.copytree(finished, tmp_path / "run")
    (tmp_path / "run" / file).write_text(text)
    assert command(monkeypatch, "report", str(tmp_path / "run")) == 2
    assert str(tmp_path / "run") in capsys.readouterr().err


def test_stopping_by_hand_is_no_crash(monkeypatch, capsys, tmp_path):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "train_study", interrupt)
    monkeypatch.setattr(cli, "_leave", sys.exit)
    assert command(monkeypatch, "compare", "--out", str(tmp_path / "out")) == 130
    assert "stopped" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_while_garbage_is_collected_stops(number, code, monkeypatch, capsys):
    """What a callback of the collector raises is dropped, and JAX has such a callback."""
    pending = [number]

    def callback(phase, info):
        while pending:
            signal.raise_signal(pending.pop())

    def work():
        with cli.mistakes_answered():
            gc.collect()
            for _ in range(200):
                time.sleep(0.05)

    monkeypatch.setattr(cli, "_leave", sys.exit)
    gc.callbacks.append(callback)
    try:
        with pytest.raises(SystemExit) as end:
            work()
    finally:
        gc.callbacks.remove(callback)
    assert end.value.code == code
    assert "stopped" in capsys.readouterr().err
