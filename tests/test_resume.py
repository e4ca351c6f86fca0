"""Stopped runs: what they say, and that they go on to the same bytes."""

import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from jaxact.lab import Study, UserError, cli, records, run, runner, unfinished
from jaxact.lab.strategy import Strategy

FILES = {"metrics.csv", "summary.csv", "run.json", "report.html"}
# Seven epochs are as many calls of the programs, and so as many checkpoints.
WORDS = "--activations relu gelu --lrs 1e-2 --seeds 2 --epochs 7 --widths 4 8 8".split()


def command(monkeypatch, *words):
    """Runs ``jaxact`` in this process; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["jaxact", *map(str, words)])
    try:
        cli.main()
    except SystemExit as end:
        return end.code
    return 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_says_what_is_saved_and_what_goes_on(number, code, monkeypatch, capsys, tmp_path):
    def train(study, progress, dataset, keeper, *_):
        keeper.keep({"a": np.arange(5)}, Strategy(1, "auto"), next(epochs))
        os.kill(os.getpid(), number)
        time.sleep(60)

    epochs = iter((5, 6))
    monkeypatch.setattr(cli, "train_study", train)
    monkeypatch.setattr(cli, "_leave", sys.exit)
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(number)
    assert command(monkeypatch, "compare", *WORDS) == code
    assert signal.getsignal(number) == before
    said = capsys.readouterr().err
    folder = next(pathlib.Path("runs").iterdir())
    assert f"5 of 7 epochs are saved in {folder}; to go on: jaxact compare" in said
    words = said.partition("to go on: jaxact ")[2].split()
    assert words == ["compare", *WORDS, "--resume", "--out", str(folder)]
    assert command(monkeypatch, *words) == code
    again = f"jaxact compare {' '.join(WORDS)} --out {folder} --resume"
    assert f"6 of 7 epochs are saved in {folder}; to go on: {again}" in capsys.readouterr().err
    assert command(monkeypatch, "report", folder) == 2
    words = f"{folder} holds an unfinished run; 6 of 7 epochs are saved, and this goes on"
    assert f"{words}: {again}" in capsys.readouterr().err


def test_a_stop_before_the_first_checkpoint_leaves_nothing(monkeypatch, capsys, tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "train_study", stop)
    monkeypatch.setattr(cli, "_leave", sys.exit)
    assert command(monkeypatch, "compare", *WORDS, "--out", tmp_path / "out") == 130
    assert "nothing is saved; the first checkpoint comes after 60 s" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_run_killed_before_its_first_checkpoint_is_taken_over(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "train_study", lambda study, *_, **__: study)
    monkeypatch.setattr(records, "collect", lambda study, *_: study)
    monkeypatch.setattr(runner, "save", lambda _, folder: unfinished.remove(folder))
    for folder, partial in (("a", ()), ("b", ("metrics.csv", ".summary.csv.part"))):
        unfinished.checkpoints(tmp_path / folder).mkdir(parents=True)
        unfinished.write_mark(tmp_path / folder, Study(epochs=9), "")
        for name in partial:
            (tmp_path / folder / name).touch()
        study = Study(out=str(tmp_path / folder))
        assert run(study) == study


@pytest.mark.parametrize("files", [(), ("run.json",), ("run.json", "checkpoint")])
def test_nothing_to_resume_is_said(files, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "done"
    for name in files:
        (folder / name).mkdir(parents=True)
    assert command(monkeypatch, "compare", *WORDS, "--resume") == 2
    assert "runs/ holds no unfinished run of this study" in capsys.readouterr().err
    assert command(monkeypatch, "compare", *WORDS, "--resume", "--out", folder) == 2
    reason = "holds a complete run; see jaxact report" if files else "holds no unfinished run"
    assert f"--resume: {folder} {reason}" in capsys.readouterr().err
    assert not (folder / "checkpoint").exists()


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("weights.pt", "much work"),
        ("1000/state/d/0", "much work"),
        ("study.json", "much work"),
        ("study.json", '{"study": "of another program"}'),
    ],
)
def test_a_checkpoint_folder_of_another_program_stays(
    file, text, done, monkeypatch, capsys, tmp_path
):
    path = tmp_path / "out" / "checkpoint" / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    if done:
        (tmp_path / "out" / "run.json").touch()
    before = sorted(tmp_path.rglob("*"))
    words = ("compare", *WORDS, "--out", tmp_path / "out")
    assert command(monkeypatch, *words) == 2
    said = capsys.readouterr().err
    assert ("already holds a run" if done else "checkpoint is of another program") in said
    assert command(monkeypatch, *words, "--resume") == 2
    said = capsys.readouterr().err
    assert ("holds a complete run" if done else "holds no unfinished run") in said
    unfinished.remove(tmp_path / "out")
    assert sorted(tmp_path.rglob("*")) == before
    assert path.read_text() == text


def test_checkpoint_seconds_are_checked():
    with pytest.raises(UserError, match="--checkpoint-seconds is a number from 0 on, got -1"):
        Study(checkpoint_seconds=-1)


@pytest.mark.slow
def test_ctrl_c_waits_for_no_epoch(tmp_path, data_dir):
    """Its epochs take minutes; the stop must take less."""
    huge = ["--epochs", "2", "--widths", "1024", "1024", "1024", "--activations", "relu"]
    child = process(tmp_path / "out", data_dir, *huge, stderr=subprocess.PIPE)
    while not unfinished.exists(tmp_path / "out"):
        time.sleep(0.1)
    time.sleep(30)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"stopped before the end; nothing is saved" in said
    assert not (tmp_path / "out").exists()


def process(out, data_dir, *words, stderr=subprocess.DEVNULL):
    """The command in a process of its own."""
    words = [*WORDS, "--checkpoint-seconds", "0", "--out", out, "--data-dir", data_dir, *words]
    return subprocess.Popen(
        [sys.executable, "-m", "jaxact.lab.cli", "compare", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env=os.environ | {"JAX_NUM_CPU_DEVICES": "2", "JAX_ENABLE_COMPILATION_CACHE": "true"},
        cwd=pathlib.Path(__file__).parent.parent,
    )


def names(folder):
    """Checkpoints of a run and of its lots of seeds, and parts of them, while others write."""
    places = [folder, *unfinished.checkpoints(folder).glob("lot-*")]
    with contextlib.suppress(FileNotFoundError):
        found = [path for place in places for path in unfinished.checkpoints(place).glob("*")]
        return {str(path) for path in found if path.name[0].isdigit()}
    return set()


# Two much alike, that so few seeds tell apart at no look.
LOTS = "--activations relu leaky_relu --seeds 5 --max-seeds 10 --epochs 3 --margin 1e-9".split()


@pytest.mark.slow
@pytest.mark.parametrize(("words", "most"), [((), 6), (LOTS, 4)])
def test_kills_at_any_moment_change_no_byte(words, most, tmp_path, data_dir, monkeypatch):
    """Half of the kills come anywhere in a run, half while or after a checkpoint is written."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    begin = time.monotonic()
    assert process(tmp_path / "whole", data_dir, *words).wait() == 0
    duration = time.monotonic() - begin
    if words:
        assert records.read(tmp_path / "whole").run["sequential"]["looks"] == [5, 10]
    rng, kills, rounds = random.Random(0), 0, 0
    while kills < most:
        out, rounds = tmp_path / f"killed-{rounds}", rounds + 1
        while not (out / "run.json").exists():
            begin, before = time.monotonic(), names(out)
            more = ("--devices", rng.choice("12"), "--streaming", rng.choice(("on", "off")))
            child = process(out, data_dir, *words, *more)
            anywhere, delay = kills % 2, rng.random()
            while child.poll() is None:
                if anywhere or names(out) - before:
                    break
                time.sleep(0.001)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(delay * duration if anywhere else 0.5 * delay)
            child.kill()
            code = child.wait()
            assert code in (0, -signal.SIGKILL)
            kills += code != 0
            assert kills < 40
        for name in ("metrics.csv", "summary.csv"):
            assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
        assert {path.name for path in out.iterdir()} - {"checkpoint"} == FILES
