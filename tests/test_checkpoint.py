"""Checkpoints: what is kept comes back, bit for bit, from whatever a disk has left of it."""

import contextlib
import dataclasses
import os
import re
import shutil
import time
from unittest import mock

import hypothesis
import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import jax
import ml_dtypes
import numpy as np
import pytest

from jaxact.lab import Study, UserError, checkpoint, engine, unfinished
from jaxact.lab.checkpoint import Checkpoints
from jaxact.lab.engine import train_study
from jaxact.lab.strategy import Strategy

STUDY = Study(
    activations=("relu",),
    lrs=(1e-2,),
    seeds=2,
    epochs=3,
    batch_size=30,
    widths=(4, 8, 8),
    devices=1,
    checkpoint_seconds=0,
)
STRATEGY = Strategy(1, "im2col")


def as_bytes(tree):
    return [(leaf.dtype, leaf.shape, leaf.tobytes()) for leaf in jax.tree.leaves(tree)]


def state(value):
    """Something to keep."""
    noise = np.random.default_rng(value).random((30, 40), np.float32)
    return {"a": noise, "b": (np.float64(value), np.arange(5))}


@contextlib.contextmanager
def opened(folder, study=STUDY):
    with contextlib.closing(Checkpoints(folder, study, "a command")) as keeper:
        yield keeper


@pytest.fixture
def stopped(tmp_path):
    """The folder of a run that was stopped after two checkpoints."""
    folder = tmp_path / "runs" / "stopped"
    with opened(folder) as keeper:
        for epochs in (1, 2):
            keeper.keep(state(epochs), STRATEGY, epochs)
    return folder


class Stopping(Checkpoints):
    """Is stopped after the second checkpoint."""

    def keep(self, state, strategy, epochs):
        super().keep(state, strategy, epochs)
        if epochs == 2:
            raise KeyboardInterrupt


def test_a_stopped_run_goes_on_to_the_same_bytes(few_digits, tmp_path, capsys, monkeypatch):
    compiled = []

    def once(*args):
        compiled.append(compiled[0] if compiled else compile_study(*args))
        return compiled[0]

    compile_study = engine._compiled
    monkeypatch.setattr(engine, "_compiled", once)
    undisturbed = train_study(STUDY, dataset=few_digits)
    with contextlib.closing(Stopping(tmp_path, STUDY)) as keeper:
        keeper.clock.seconds, keeper.clock.waited = {"import": 2e6, "train": 1e6}, 5e5
        with pytest.raises(KeyboardInterrupt):
            train_study(STUDY, dataset=few_digits, keeper=keeper)
    with opened(tmp_path) as keeper:
        before = dict(keeper.clock.seconds)
        resumed = train_study(STUDY, dataset=few_digits, keeper=keeper)
    assert as_bytes(resumed.activations) == as_bytes(undisturbed.activations)
    assert len(compiled) == 3
    # Those of the processes before count as well.
    assert resumed.seconds["import"] == 2e6
    assert resumed.seconds["train"] > before["train"] > 1e6
    assert (resumed.waited, undisturbed.waited) == (5e5, 0)
    assert unfinished.steps(tmp_path) == [3, 2]
    assert "going on after epoch 2 of 3" in capsys.readouterr().err


TYPES = ["?", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", ml_dtypes.bfloat16]
SHAPES = hnp.array_shapes(min_dims=0, min_side=0, max_side=4)


@hypothesis.settings(max_examples=10, deadline=None)
@hypothesis.given(
    seed=st.integers(0, 2**32 - 1),
    leaves=st.lists(st.tuples(SHAPES, st.sampled_from(TYPES)), min_size=1, max_size=8),
)
def test_what_is_kept_comes_back_bit_for_bit(tmp_path_factory, seed, leaves):
    rng, tree = np.random.default_rng(seed), {"nothing": None, "leaves": []}
    for shape, kind in leaves:
        dtype = np.dtype(kind)
        # Bytes of which many NaN, infinities, subnormal numbers and minus zeros are made.
        some = np.array([0, 1] if kind == "?" else [0, 1, 127, 128, 192, 255], np.uint8)
        raw = rng.choice(some, int(np.prod(shape)) * dtype.itemsize)
        tree["leaves"].append(raw.view(dtype).reshape(shape))
    folder = tmp_path_factory.mktemp("kept")
    with opened(folder) as keeper:
        keeper.keep(tree, STRATEGY, 1)
    with opened(folder) as keeper:
        kept = keeper.kept(jax.tree.map(np.zeros_like, tree))
    assert as_bytes(kept) == as_bytes(tree)
    assert jax.tree.structure(kept) == jax.tree.structure(tree)
    assert all(leaf.flags.writeable for leaf in jax.tree.leaves(kept))


def test_two_checkpoints_are_kept_with_their_strategy(stopped):
    with opened(stopped) as keeper:
        assert keeper.strategy == STRATEGY
        keeper.keep(state(3), Strategy(4, "lax"), 3)
        assert keeper.strategy == Strategy(4, "lax")
    assert unfinished.steps(stopped) == [3, 2]


def each_file(folder):
    return [path for path in (folder / "state").rglob("d/*") if path.stat().st_size]


def truncate(folder):
    for path in each_file(folder):
        os.truncate(path, path.stat().st_size - 20)


def garble(folder):
    for path in each_file(folder):
        path.write_bytes(b"garbage" * 99)


def flip_a_bit(folder):
    for path in each_file(folder):
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)


def lose_the_state(folder):
    shutil.rmtree(folder / "state")


def lose_the_files(folder):
    for path in each_file(folder):
        path.unlink()


def lose_all(folder):
    shutil.rmtree(folder)
    folder.mkdir()


def garble_the_header(folder):
    (folder / "header" / "metadata").write_text('{"study": {')


def empty_the_header(folder):
    (folder / "header" / "metadata").write_text("{}")


DAMAGES = [truncate, garble, flip_a_bit, lose_the_state, lose_the_files, lose_all,
           garble_the_header, empty_the_header]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_checkpoint_falls_back_to_the_one_before(damage, stopped, capsys):
    damage(unfinished.checkpoints(stopped) / "2")
    with opened(stopped) as keeper:
        assert as_bytes(keeper.kept(state(0))) == as_bytes(state(1))
        said = capsys.readouterr().err
        assert re.search("checkpoint of epoch 2 in .* is damaged, trying that of epoch 1", said)
        keeper.keep(state(2), STRATEGY, 2)
        assert as_bytes(keeper.kept(state(0))) == as_bytes(state(2))
    damage(unfinished.checkpoints(stopped) / "2")
    damage(unfinished.checkpoints(stopped) / "1")
    with opened(stopped) as keeper:
        like = state(0)
        assert keeper.kept(like) is like
        assert "epoch 1 in" in (said := capsys.readouterr().err)
        assert "is damaged, starting from the beginning" in said
    assert not stopped.joinpath("checkpoint").exists()


@pytest.mark.parametrize(
    "like",
    [
        state(0) | {"c": np.zeros(3)},
        state(0) | {"a": np.zeros((30, 41), np.float32)},
        state(0) | {"a": np.zeros((1200,), np.float32)},
        state(0) | {"a": np.zeros((30, 40), np.float64)},
    ],
    ids=["more", "longer", "flat", "wider"],
)
def test_arrays_of_another_shape_are_refused_and_stay(like, stopped):
    with opened(stopped) as keeper, pytest.raises(UserError, match="not as it was when the unfin"):
        keeper.kept(like)
    with opened(stopped) as keeper:
        assert as_bytes(keeper.kept(state(0))) == as_bytes(state(2))


def test_a_checkpoint_that_cannot_be_written_stops_nothing(stopped, capsys, monkeypatch):
    with opened(stopped) as keeper:
        with monkeypatch.context() as patch:
            patch.setattr(type(keeper._row._manager()), "save", lambda *_, **__: 1 / 0)
            keeper.keep(state(3), STRATEGY, 3)
        assert "no checkpoint of epoch 3, training goes on: ZeroDiv" in capsys.readouterr().err
        with monkeypatch.context() as patch:
            full = OSError(28, "No space left on device")
            patch.setattr(type(keeper._row._manager()), "save", mock.Mock(side_effect=full))
            keeper.keep(state(3), STRATEGY, 3)
        assert "training goes on: the disk is full" in capsys.readouterr().err
        assert as_bytes(keeper.kept(state(0))) == as_bytes(state(2))
        keeper.keep(state(3), STRATEGY, 3)
        assert as_bytes(keeper.kept(state(0))) == as_bytes(state(3))


def test_another_study_is_refused_with_its_differences(stopped):
    study = dataclasses.replace(STUDY, seeds=5, lrs=(1e-3, 1e-2), data_dir="x", chunk=None)
    with pytest.raises(UserError) as error:
        Checkpoints(stopped, study)
    message = str(error.value)
    assert "another study: --lrs 0.01, not 0.001 0.01; --seeds 2, not 5. Give those" in message
    with opened(stopped) as keeper:
        assert as_bytes(keeper.kept(state(0))) == as_bytes(state(2))


def test_a_stop_while_a_run_is_removed_leaves_its_mark(stopped, monkeypatch):
    removed, rmtree = [], shutil.rmtree

    def stopping(path, **options):
        removed.append(path.name)
        if len(removed) == 2:
            raise KeyboardInterrupt
        rmtree(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", stopping)
        with pytest.raises(KeyboardInterrupt):
            unfinished.remove(stopped)
    assert removed
    unfinished.refuse_foreign(stopped)
    unfinished.remove(stopped)
    assert not (stopped / "checkpoint").exists()


def test_another_release_of_jax_goes_on_and_says_so(stopped, monkeypatch, capsys):
    monkeypatch.setattr(checkpoint, "_versions", lambda: {"jax": "99.0"})
    with opened(stopped) as keeper:
        assert as_bytes(keeper.kept(state(0))) == as_bytes(state(2))
    version = re.escape(jax.__version__)
    assert re.search(f"jax {version}, now 99.0; the bits .* may differ", capsys.readouterr().err)


def test_a_checkpoint_is_due_when_its_seconds_are_over(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with opened(tmp_path, dataclasses.replace(STUDY, checkpoint_seconds=60)) as keeper:
        assert not keeper.due()
        now[0] += 60
        assert keeper.due()
        keeper.keep(state(1), STRATEGY, 1)
        assert not keeper.due()
    with opened(tmp_path) as keeper:
        assert keeper.due()


def test_one_process_at_a_time_is_at_work(stopped):
    with opened(stopped), pytest.raises(UserError, match="another process is at work there"):
        Checkpoints(stopped, STUDY)


def test_the_newest_unfinished_run_of_a_study_is_found(stopped):
    runs = stopped.parent
    assert unfinished.newest(STUDY, runs) == stopped
    # A run that was killed before its first checkpoint is newer, but holds less.
    unfinished.checkpoints(runs / "killed").mkdir(parents=True)
    unfinished.write_mark(runs / "killed", STUDY, "")
    assert unfinished.newest(STUDY, runs) == stopped
    shutil.copytree(stopped, runs / "later")
    assert unfinished.newest(STUDY, runs) == runs / "later"
    (runs / "later" / "run.json").touch()
    with opened(stopped):
        assert unfinished.newest(STUDY, runs) == runs / "killed"
    with pytest.raises(UserError, match="no unfinished run of this study; of other studies there"):
        unfinished.newest(dataclasses.replace(STUDY, seeds=3), runs)
    shutil.rmtree(runs / "killed")
    with opened(stopped), pytest.raises(UserError, match="another process is at work in"):
        unfinished.newest(STUDY, runs)
