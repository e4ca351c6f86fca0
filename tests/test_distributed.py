"""Distributed runs: real processes on this machine, and the mistakes of starting them."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from jaxact.lab import UserError, launch
from jaxact.lab.distributed import ALONE, Team
from jaxact.lab.launch import Launch, joined

TEAM_TALK = """
import dataclasses
import sys
import jax
import numpy as np
from jaxact.lab import Study, engine, memory
from jaxact.lab.checkpoint import Unkept
from jaxact.lab.data import Data, Dataset, Split
from jaxact.lab.errors import UserError
from jaxact.lab.launch import Launch, joined
from jaxact.lab.progress import Silent
from jaxact.lab.strategy import Strategy

rank, folder = int(sys.argv[2]), sys.argv[3]
with joined(Launch(coordinator=sys.argv[1], num_processes=2, process_id=rank)) as team:
    assert (team.size, team.rank) == (2, rank)
    cells = {
        "f": np.arange(5) / 3,
        "i": np.arange(5, dtype=np.int32),
        "b": np.arange(5) % 2 == 0,
        "wide": np.random.default_rng(0).normal(size=(5, 250_000)),
    }
    mine = team.mine(cells)
    assert len(mine["f"]) == 3 - rank
    for name, array in team.all(mine).items():
        assert array.dtype == cells[name].dtype
        np.testing.assert_array_equal(array, cells[name])
    values = (Strategy(4, "im2col"), None, 0.1, True, np.float64(0.1), {"a": np.ones(3) / 3})
    said = team.agreed((Strategy(1, "x"), 7, 0.2, 1, 0, {"a": 0}) if rank else values)
    assert said[:5] == values[:5] and type(said[2]) is float and said[3] is True
    np.testing.assert_array_equal(said[5]["a"], values[5]["a"])

    seen = team.led(lambda: open(folder + "/led", "r" if rank else "w").name)
    assert seen.endswith("led")

    assert team.any(rank == 1) and not team.any(False)
    split = Split(images=np.zeros((9, 8, 8, 1), np.uint8), labels=np.zeros(9, np.int32))
    data = Data(train=split, validation=split, mean=np.zeros(1), scale=np.ones(1))
    made = Dataset("made", data, split, 2)
    memory.free_on_host = lambda: 1 if rank else 1 << 40
    for study, streams in ((Study(), True), (Study(streaming="off"), False)):
        chosen = engine._strategy(study, made, jax.local_devices(), Unkept(), team, Silent())
        assert chosen.streams is streams

    team.check_data("made", "00")
    other = dataclasses.replace(made, test=Split(images=split.images + rank, labels=split.labels))
    study = Study(activations=("relu",), seeds=2, epochs=1, batch_size=3)
    try:
        engine.train_study(study, dataset=other, team=team)
    except UserError as error:
        if rank:
            team.tell(str(error))
        assert "--dataset made: its pictures or labels in process 1" in str(error)
        assert made.checksum.hex()[:8] in str(error)
        assert other.checksum.hex()[:8] in str(error)
    else:
        raise AssertionError("trained on different data")
    if rank:
        raise UserError("a flag is wrong")
    team.meet()
"""
QUICK = "--activations relu --lrs 1e-2 --epochs 2 --widths 4 8 8".split()


@contextlib.contextmanager
def processes(*commands):
    """Starts commands of two CPU devices each; ends those that are left."""
    environment = os.environ | {
        "JAX_NUM_CPU_DEVICES": "2",
        "PYTHONPATH": str(pathlib.Path(__file__).parents[1]),
    }
    started = [
        subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for words in commands
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def outcome(process):
    """Exit code, standard output and standard error of a process."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def free_address():
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return f"localhost:{found.getsockname()[1]}"


def compare(*words):
    return ["-m", "jaxact.lab.cli", "compare", *QUICK, *map(str, words)]


def compare_together(*words, size=2):
    """Commands of processes that share a run."""
    address = free_address()
    team = ["--coordinator", address, "--num-processes", size]
    return [compare(*words, *team, "--process-id", rank) for rank in range(size)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("num_cells", [5, 6, 13])
def test_shares_are_even_and_leave_nothing_out(size, num_cells):
    cells = {"a": np.arange(num_cells), "b": np.ones((num_cells, 2))}
    shares = [Team(size, rank).mine(cells) for rank in range(size)]
    lengths = [len(share["a"]) for share in shares]
    assert max(lengths) - min(lengths) <= 1
    np.testing.assert_array_equal(np.concatenate([s["a"] for s in shares]), cells["a"])
    assert all(s["b"].shape == (n, 2) for s, n in zip(shares, lengths, strict=True))


def test_a_team_of_one_talks_to_itself():
    value = object()
    assert ALONE.all(value) is value
    assert ALONE.agreed(value) is value
    assert ALONE.led(lambda: value) is value
    with joined(Launch()) as team:
        assert team is ALONE


THREE = {"coordinator": "localhost:1234", "num_processes": 2, "process_id": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"process_id": None}, "--process-id missing"),
        ({"coordinator": None}, "--coordinator missing"),
        ({"coordinator": None, "num_processes": None}, "--coordinator and --num-processes missing"),
        ({"process_id": 2}, "--process-id is a number from 0 to 1 with --num-processes 2, got 2"),
        ({"process_id": -1}, "--process-id is a number from 0 to 1"),
        ({"num_processes": 0}, "--num-processes must be positive, got 0"),
        ({"coordinator": "localhost"}, "--coordinator is HOST:PORT, such as 10.0.0.1:1234, got lo"),
        ({"coordinator": "localhost:http"}, "--coordinator is HOST:PORT"),
        ({"coordinator": ":1234"}, "--coordinator is HOST:PORT"),
        ({"coordinator": "localhost:70000"}, "--coordinator is HOST:PORT"),
        ({"initialization_timeout": 0}, "--initialization-timeout is at least 1 second, got 0"),
    ],
)
def test_flags_that_do_not_fit_are_refused(change, message):
    with pytest.raises(UserError, match=message):
        Launch(**(THREE | change))


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (ValueError("coordinator_address should be defined."), "no TPU pod, Slurm .* give --coord"),
        (RuntimeError("Could not parse"), "the cluster is not as expected: RuntimeError: Could"),
    ],
)
def test_without_a_cluster_the_message_says_what_to_give(failure, message, monkeypatch):
    def fails(*args, **options):
        raise failure

    monkeypatch.setenv("XLA_FLAGS", "")
    monkeypatch.setattr(launch.jax.distributed, "initialize", fails)
    monkeypatch.setattr(launch.jax.config, "update", lambda *args: None)
    codes = []
    monkeypatch.setattr(launch, "_leave_at_once", codes.append)
    with pytest.raises(UserError, match=message), joined(Launch(distributed=True)):
        pytest.fail("nobody to join")
    assert codes == [2]


def test_processes_exchange_bits_and_mistakes(tmp_path):
    (tmp_path / "talk.py").write_text(TEAM_TALK)
    script, address = str(tmp_path / "talk.py"), free_address()
    with processes(*([script, address, str(rank), str(tmp_path)] for rank in (0, 1))) as both:
        results = [outcome(process) for process in both]
    for (code, out, err), last in zip(
        results,
        ["Stopped: process 1 of 2 stopped: a flag is wrong", "UserError: a flag is wrong"],
        strict=True,
    ):
        assert code == 1
        assert not out
        assert err.strip().endswith(last), err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "devices", "more"),
    [
        ("--seeds 2 --lrs 1e-3 1e-2", 4, ()),
        ("--seeds 3 --activations relu gelu", 3, ("--streaming", "on")),
    ],
)
def test_two_processes_write_the_bytes_of_one(study, devices, more, tmp_path, data_dir):
    words = [*study.split(), "--data-dir", data_dir]
    with processes(compare(*words, "--out", tmp_path / "one")) as (alone,):
        assert outcome(alone)[0] == 0
    with processes(*compare_together(*words, *more, "--out", tmp_path / "two")) as both:
        (code, out, err), second = (outcome(process) for process in both)
    assert (code, err) == (0, "")
    assert second == (0, "", "")
    assert "Gloo" not in out
    assert "Report:" in out
    for name in ("metrics.csv", "summary.csv"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two
    run = json.loads((tmp_path / "two" / "run.json").read_text())
    assert run["processes"] == 2
    assert run["device"] == f"{devices} x cpu"
    alone = json.loads((tmp_path / "one" / "run.json").read_text())
    assert (alone["processes"], alone["device"]) == (1, "2 x cpu")


@pytest.mark.slow
def test_two_processes_add_seeds_as_one_does(tmp_path, data_dir, monkeypatch):
    """Also when both are killed in the second lot and go on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("JAX_ENABLE_COMPILATION_CACHE", "true")
    words = "--activations relu leaky_relu --seeds 5 --max-seeds 10 --margin 1e-9".split()
    words += ["--epochs", 3, "--data-dir", data_dir, "--checkpoint-seconds", 0]
    with processes(compare(*words, "--out", tmp_path / "one")) as (alone,):
        assert outcome(alone)[0] == 0
    stopped, lot = tmp_path / "stopped", tmp_path / "stopped" / "checkpoint" / "lot-5"
    with processes(*compare_together(*words, "--out", stopped)) as both:
        while not (lot / "checkpoint" / "2").exists():
            assert all(process.poll() is None for process in both)
            time.sleep(0.01)
    with processes(*compare_together(*words, "--out", stopped, "--resume")) as both:
        results = [outcome(process) for process in both]
    assert [code for code, _, _ in results] == [0, 0]
    assert "going on after 5 seeds of at most 10" in results[0][2]
    assert re.search("going on after epoch [23] of 3", results[0][2])
    for name in ("metrics.csv", "summary.csv"):
        one, two = ((tmp_path / f / name).read_bytes() for f in ("one", "stopped"))
        assert one == two
    runs = [json.loads((tmp_path / f / "run.json").read_text()) for f in ("one", "stopped")]
    assert [run["sequential"]["looks"] for run in runs] == [[5, 10], [5, 10]]
    assert [run["processes"] for run in runs] == [1, 2]


@pytest.mark.slow
def test_a_stopped_run_of_two_goes_on_alone(tmp_path, data_dir):
    words = ["--seeds", 3, "--epochs", 30, "--data-dir", data_dir, "--checkpoint-seconds", 0]
    with processes(compare(*words, "--out", tmp_path / "whole")) as (alone,):
        assert outcome(alone)[0] == 0
    out = ["--out", tmp_path / "stopped"]
    with processes(*compare_together(*words, *out)) as both:
        while not (tmp_path / "stopped" / "checkpoint" / "4").exists():
            assert all(process.poll() is None for process in both)
        both[0].terminate()
        code, _, err = outcome(both[0])
        assert code == 143
        assert "of 30 epochs are saved" in err
        code, _, err = outcome(both[1])
        assert code != 0
        assert err
    with processes(compare(*words, *out, "--resume")) as (alone,):
        code, _, err = outcome(alone)
    assert code == 0
    assert "going on after epoch" in err
    for name in ("metrics.csv", "summary.csv"):
        whole, stopped = ((tmp_path / f / name).read_bytes() for f in ("whole", "stopped"))
        assert whole == stopped


@pytest.mark.slow
def test_a_mistake_of_one_process_ends_all(tmp_path, data_dir):
    words = ["--data-dir", data_dir, "--out", tmp_path / "out"]
    first, second = compare_together(*words, "--seeds", 2)
    with processes(first, [*second, "--batch-size", "32"]) as both:
        results = [outcome(process) for process in both]
    for code, out, err in results:
        assert (code, out) == (2, "")
        assert "--batch-size is 32 in process 1 and 64 in process 0" in err
        assert "Traceback" not in err
    assert results[0][2].startswith("jaxact: process 1 of 2 stopped: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_more_processes_than_runs_are_refused_by_all(tmp_path, data_dir):
    words = ["--data-dir", data_dir, "--out", tmp_path / "out", "--seeds", 1]
    with processes(*compare_together(*words)) as both:
        results = [outcome(process) for process in both]
    for code, out, err in results:
        assert (code, out) == (2, "")
        assert "2 processes share 1 runs" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rank", "message"),
    [(0, "not all 2 processes came within 2 s"), (1, "did not answer within 2 s")],
)
def test_a_process_without_the_others_gives_up(rank, message, tmp_path):
    words = compare_together("--initialization-timeout", 2, "--out", tmp_path / "out")[rank]
    with processes(words) as (alone,):
        code, out, err = outcome(alone)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
