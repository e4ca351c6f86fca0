"""Lots of seeds: when they end, and that a run of them goes on after any stop."""

import dataclasses
import itertools
import re
import shutil
import sys
import zlib

import numpy as np
import pytest

from jaxact.lab import Study, UserError, cli, records, runner, sequential, unfinished
from jaxact.lab.checkpoint import Checkpoints
from jaxact.lab.engine import Measured, train_study
from jaxact.lab.evaluation import Score
from jaxact.lab.probe import Inside
from jaxact.lab.strategy import Strategy

THREE_LOTS = Study(
    activations=("sigmoid", "relu"), lrs=(1e-3, 1e-2), seeds=5, max_seeds=12, epochs=2,
    batch_size=30, widths=(4, 8, 8), margin=1e-4, strategy="race", checkpoint_seconds=0,
)  # fmt: skip
CHECKSUM = 32 * "00"


class Pretended:
    """Trains in no time: what it measures follows from activation, rate, seed and epoch.

    Attributes:
        trained: first seed, number of seeds and epoch of what was trained, in order.
        strategies: of the lots.
        data: checksums of the data of the run, as each training was told them.
    """

    races = itertools.count(2)

    def __init__(self, moment=lambda: None):
        self.trained = []
        self.strategies = []
        self.data = []
        self.moment = moment

    def train(self, study, keeper):
        lrs, seeds = study.settings
        keys = [f"{a} {lr} {s}" for a in study.activations for lr, s in zip(lrs, seeds)]  # noqa: B905
        state = {"calls": np.int32(0), "values": np.zeros((len(keys), study.epochs), np.float32)}
        self.data.append(keeper.data)
        keeper.data = CHECKSUM
        strategy = keeper.strategy
        if strategy is not None:
            state = keeper.kept(state)
        elif study.strategy == "race":
            strategy = Strategy(next(self.races), "lax")
        else:
            strategy = Strategy(study.chunk or 1, study.convolution)
        self.strategies.append(strategy)
        self.moment()
        for epoch in range(int(state["calls"]) + 1, study.epochs + 1):
            self.trained.append((study.first_seed, study.seeds, epoch))
            noise = [np.random.default_rng(zlib.crc32(f"{k} {epoch}".encode())) for k in keys]
            state["values"][:, epoch - 1] = [rng.random() for rng in noise]
            clock = keeper.clock.seconds
            clock["data"] = clock.get("data", 0) + 1
            keeper.keep(state | {"calls": np.int32(epoch)}, strategy, epoch)
        values = state["values"].reshape(len(study.activations), len(seeds), -1)
        return self.measured(study, values, strategy, keeper.clock.seconds)

    def measured(self, study, values, strategy, seconds):
        def at(some):
            return Score(loss=some, accuracy=some)

        def of(some):
            inside = Inside(dead=some[:, :1], gradient_norm=some[:, -1:])
            ends = (at(some[:, 0]), inside)
            return {"start": ends, "epochs": (at(some), at(1 - some)), "end": ends}

        return Measured(
            activations={n: of(v) for n, v in zip(study.activations, values, strict=True)},
            step_ms=dict.fromkeys(study.activations, float(study.first_seed)),
            seconds=seconds,
            devices=["cpu"],
            processes=1,
            strategy=strategy,
            dataset={"name": "digits", "checksum": CHECKSUM},
        )


def test_the_seeds_end_once_the_pair_is_decided(monkeypatch):
    """Verdicts decide when to stop, whatever was trained."""
    verdicts = iter(["undecided", "tie", "undecided"])
    monkeypatch.setattr(sequential, "_judged", lambda *_: {"verdict": next(verdicts)})
    pretended = Pretended()
    sequential.results_of(
        dataclasses.replace(THREE_LOTS, max_seeds=15, epochs=1), pretended.train, ""
    )
    assert pretended.trained == [(0, 5, 1), (5, 5, 1)]
    assert pretended.data == [None, CHECKSUM]


def finish(study, folder, pretended):
    """Trains a study with its checkpoints in a folder, and writes its tables there."""
    study = dataclasses.replace(study, out=str(folder))
    with runner.opened(study) as (_, keeper):
        results = sequential.results_of(study, pretended.train, "", keeper=keeper)
        records.write_tables(results, folder)
    return results


def tables(folder):
    return [(folder / name).read_bytes() for name in ("metrics.csv", "summary.csv")]


@pytest.fixture(scope="module")
def kills(tmp_path_factory):
    """A run that nobody disturbs, and what a kill would have left of it at many moments.

    Those are, for each lot: its begin, each of its epochs, and before, between and after the parts
    in which the end of it is written down.
    """
    place = tmp_path_factory.mktemp("sequential")
    out, left = place / "out", []

    def moment():
        left.append((place / f"killed-{len(left)}", len(pretended.trained)))
        shutil.copytree(out, left[-1][0])

    pretended = Pretended(moment)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (Checkpoints, "keep_arrays"), (unfinished, "remove_lots"), (records, "write"),
        ):  # fmt: skip
            patch.setattr(owner, name, followed(getattr(owner, name), moment))
        results = finish(THREE_LOTS, out, pretended)
    assert [of[:2] for of in pretended.trained[::2]] == [(0, 5), (5, 5), (10, 2)]
    return results, out, pretended.trained, left


def followed(function, moment):
    def call(*args):
        function(*args)
        moment()

    return call


@pytest.mark.parametrize(
    "some", [slice(1, None, 4), pytest.param(slice(None), marks=pytest.mark.slow)]
)
def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(some, kills, tmp_path):
    whole, out, trained, left = kills
    assert len({epochs for _, epochs in left}) == 7
    for folder, epochs in left[some]:
        work = shutil.copytree(folder, tmp_path / folder.name)
        pretended = Pretended()
        results = finish(THREE_LOTS, work, pretended)
        assert tables(work) == tables(out)
        assert pretended.trained == trained[epochs:], folder.name
        for name in ("sequential", "step_ms", "study", "dataset"):
            assert results.run[name] == whole.run[name]
        assert results.run["seconds"]["data"] == len(trained)
        won = Strategy(**results.run["strategy"])
        assert {(s.chunk, s.convolution) for s in pretended.strategies} == {(won.chunk, "lax")}
        # The race is run again only if no epoch of the first lot was kept.
        assert (results.run["strategy"] == whole.run["strategy"]) == (epochs > 0)


def after(kills, epochs, folder):
    """A copy of what the last kill after so many epochs left."""
    *_, last = (left for left, at in kills[3] if at == epochs)
    return shutil.copytree(last, folder)


@pytest.mark.parametrize(
    ("epochs", "part", "goes_on", "said"),
    [
        (5, "lot-10/checkpoint/1", 4, "epoch 1 in .*/lot-10 is damaged, starting from the begin"),
        (4, "10", 2, "checkpoint of 10 seeds in .* is damaged, trying that of 5 seeds"),
        (2, "5", 0, "checkpoint of 5 seeds in .* is damaged, starting from the beginning"),
    ],
)
def test_damaged_lots_are_trained_again(epochs, part, goes_on, said, kills, tmp_path, capsys):
    _, out, trained, _ = kills
    work, pretended = after(kills, epochs, tmp_path / "work"), Pretended()
    for path in (work / "checkpoint" / part / "state").rglob("d/*"):
        path.write_bytes(b"garbage" * 99)
    results = finish(THREE_LOTS, work, pretended)
    assert re.search(said, capsys.readouterr().err)
    assert pretended.trained == trained[goes_on:]
    assert tables(work) == tables(out)
    assert results.run["sequential"]["looks"] == [5, 10, 12]


@pytest.mark.parametrize("epochs", [1, 4, 5])
def test_another_study_is_refused_in_every_lot(epochs, kills, tmp_path):
    work = after(kills, epochs, tmp_path / "work")
    other = dataclasses.replace(THREE_LOTS, max_seeds=20, decide=("relu", "sigmoid"))
    with pytest.raises(UserError, match="--decide , not relu sigmoid; --max-seeds 12, not 20"):
        finish(other, work, Pretended())
    with pytest.raises(UserError, match="--seeds 5, not 12; --max-seeds 12, not None"):
        finish(dataclasses.replace(THREE_LOTS, seeds=12, max_seeds=None), work, Pretended())
    with pytest.raises(UserError, match="holds no unfinished run; start one without it"):
        finish(dataclasses.replace(THREE_LOTS, resume=True), tmp_path / "none", Pretended())


@pytest.mark.parametrize("epochs", [1, 2, 4])
def test_lots_of_other_data_are_refused_before_they_are_trained(
    epochs, kills, few_digits, tmp_path
):
    """In the first lot, and after it where a lot has no checkpoint yet."""
    work = after(kills, epochs, tmp_path / "work")
    pretended, steps = Pretended(), unfinished.steps(work)

    def train(study, keeper):
        return train_study(study, dataset=few_digits, keeper=keeper)

    with (
        runner.opened(dataclasses.replace(THREE_LOTS, out=str(work))) as (_, keeper),
        pytest.raises(UserError, match="not those with which the unfinished run began"),
    ):
        sequential.results_of(THREE_LOTS, train, "", keeper=keeper)
    assert unfinished.steps(work) == steps
    finish(THREE_LOTS, work, pretended)
    assert pretended.trained == kills[2][epochs:]
    assert set(pretended.data) == {CHECKSUM}


WORDS = (
    "--activations sigmoid relu --lrs 1e-3 1e-2 --seeds 5 --max-seeds 12 --epochs 2 "
    "--batch-size 30 --widths 4 8 8 --margin 1e-4 --strategy race --checkpoint-seconds 0"
).split()


def test_a_stop_says_what_is_saved_and_what_goes_on(kills, monkeypatch, capsys, tmp_path):
    """In the first lot, and at the begin of the third; and goes on with --resume."""
    folder = tmp_path / "out"

    def stopping_at(epochs):
        def stop():
            if len(pretended.trained) == epochs:
                raise KeyboardInterrupt

        return stop

    def compare(*words):
        monkeypatch.setattr(sys, "argv", ["jaxact", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, capsys.readouterr().err

    pretended = Pretended(stopping_at(4))
    monkeypatch.setattr(
        cli, "train_study", lambda s, _, __, keeper, ___: pretended.train(s, keeper)
    )
    monkeypatch.setattr(cli, "_leave", sys.exit)
    monkeypatch.setattr(Checkpoints, "keep", followed(Checkpoints.keep, stopping_at(1)))
    words = ["compare", *WORDS, "--out", str(folder)]
    code, said = compare(*words)
    assert code == 130
    saved = f"0 of at most 12 seeds and 1 of 2 epochs of the next are saved in {folder}"
    again = f"{' '.join(words)} --resume"
    assert f"{saved}; to go on: " in said
    assert said.endswith(f"{again}\n")

    code, said = compare(*words, "--resume")
    assert "going on after epoch 1 of 2" in said
    look = f"jaxact report {unfinished.look(folder)}"
    assert f"10 of at most 12 seeds are saved in {folder}; to go on: " in said
    assert f"{again}; to see the last look: " in said
    assert said.strip().endswith(look)
    report = compare("report", str(folder))[1]
    assert "unfinished run; 10 of at most 12 seeds are saved, and this goes on: " in report
    assert again in report
    seen = records.read(unfinished.look(folder))
    assert (seen.run["study"]["seeds"], seen.run["sequential"]["verdict"]) == (10, "undecided")
    pretended.moment = lambda: None
    finish(THREE_LOTS, folder, pretended)
    assert tables(folder) == tables(kills[1])
    assert pretended.trained == kills[2]


def test_the_newest_run_that_adds_seeds_is_found(kills, tmp_path):
    in_a_lot = after(kills, 1, tmp_path / "runs" / "in-a-lot")
    unfinished.checkpoints(tmp_path / "runs" / "begun").mkdir(parents=True)
    unfinished.write_mark(tmp_path / "runs" / "begun", THREE_LOTS, "")
    assert unfinished.newest(THREE_LOTS, tmp_path / "runs") == in_a_lot
