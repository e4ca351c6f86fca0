"""Images that stream: the bits of images on the devices, in their order, by a rule for memory."""

import contextlib
import dataclasses
import time

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxact.lab import Study, UserError, memory, records, stream_programs
from jaxact.lab.checkpoint import Checkpoints
from jaxact.lab.data import blocks, load
from jaxact.lab.data.blocks import Cut, Flow, Item, Orders
from jaxact.lab.engine import train_study
from jaxact.lab.train import batches_of_epoch

# 300 images are 7 batches of 40, in 3 blocks; 20 are left out.
STUDY = Study(
    activations=("relu", "tanh"), lrs=(1e-3, 1e6), seeds=2, epochs=3, batch_size=40, widths=(2, 4),
    optimizer="sgd", devices=2, checkpoint_seconds=0,
)  # fmt: skip
STEPS_OF_A_BLOCK = 3


def linear_model(activation, num_classes, image_shape):
    """A model of one's own."""

    def init(key):
        shape = (int(np.prod(image_shape)), num_classes)
        return {"w": 0.1 * jax.random.normal(key, shape)}

    def apply(params, x):
        return activation(x.reshape(len(x), -1) @ params["w"])

    return init, apply


@pytest.fixture
def small_blocks(monkeypatch):
    """Several blocks an epoch, of training and of evaluation."""
    monkeypatch.setattr(stream_programs, "_BLOCK_BYTES", 2 * STEPS_OF_A_BLOCK * 2 * 40 * 64)


def tables(study, dataset, **fields):
    """The bytes of ``metrics.csv`` and ``summary.csv``, and what ``run.json`` says."""
    study = dataclasses.replace(study, **fields)
    measured = train_study(study, dataset=dataset)
    results = records.collect(study, measured, "a test")
    summary = results.summary.drop(columns="step_ms")
    return results.metrics.to_csv(), summary.to_csv(), results.run


@pytest.mark.parametrize(
    "fields",
    [
        {"model": f"{__name__}:linear_model", "lrs": (1e-2, 1e38)},
        pytest.param({}, marks=pytest.mark.slow),
        pytest.param(
            {"devices": 1, "batch_size": 64, "augment": ("flip", "crop")}, marks=pytest.mark.slow
        ),
    ],
    ids=str,
)
def test_a_streamed_run_has_the_bytes_of_one_with_images_on_the_devices(
    fields, few_digits, small_blocks, monkeypatch
):
    taken = []
    take = Flow.take
    monkeypatch.setattr(Flow, "take", lambda *args: taken.append(args[1]) or take(*args))
    here = tables(STUDY, few_digits, streaming="off", **fields)
    assert not taken
    assert "model" not in fields or "dead_share.1,\n" in here[0]  # of a run that diverged
    streamed = tables(STUDY, few_digits, streaming="on", **fields)
    assert streamed[:2] == here[:2]
    assert streamed[2]["strategy"] == here[2]["strategy"] | {"streams": True}
    assert streamed[2]["waited_for_images"] > here[2]["waited_for_images"] == 0
    # Once for all activations, and several a pass.
    assert len(taken) == len(set(taken))
    assert max(item.i for item in taken if item.kind == "train") > 0


@pytest.mark.slow
def test_several_at_a_time_agree_within_rounding(few_digits, small_blocks):
    fields = {"strategy": "vmap", "activations": ("tanh",), "lrs": (1e-3, 1e-2)}
    here, streamed = (
        train_study(dataclasses.replace(STUDY, streaming=s, **fields), dataset=few_digits)
        for s in ("off", "on")
    )
    assert streamed.strategy.chunk == 2
    for a, b in zip(
        jax.tree.leaves(here.activations), jax.tree.leaves(streamed.activations), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


class Stopping(Checkpoints):
    """Is stopped after the first checkpoint."""

    def keep(self, state, strategy, epochs):
        super().keep(state, strategy, epochs)
        raise KeyboardInterrupt


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_streaming_to_the_same_bits(
    few_digits, small_blocks, tmp_path
):
    study = dataclasses.replace(STUDY, activations=("tanh",), streaming="on")
    whole = train_study(study, dataset=few_digits)
    with (
        contextlib.closing(Stopping(tmp_path, study)) as keeper,
        pytest.raises(KeyboardInterrupt),
    ):
        train_study(study, dataset=few_digits, keeper=keeper)
    study = dataclasses.replace(study, streaming="off", devices=1)
    with contextlib.closing(Checkpoints(tmp_path, study)) as keeper:
        waited = keeper.clock.waited
        other = train_study(study, dataset=few_digits, keeper=keeper)
    assert other.waited > waited > 0
    assert other.strategy.streams
    for a, b in zip(
        jax.tree.leaves(whole.activations), jax.tree.leaves(other.activations), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def orders(num_images, batch_size):
    return Orders(
        lambda seed, n: batches_of_epoch(jax.random.key(seed), n, num_images, batch_size), kept=4
    )


def test_an_epoch_reads_each_image_once_in_the_order_of_the_seed(few_digits):
    train, order, cut = few_digits.data.train, orders(300, 40), Cut(7, 3)
    seeds = [[5, 7], [7]]
    parts = [blocks.training_block(train, order, seeds, cut, 2, i) for i in range(len(cut))]
    assert [part.count.tolist() for part in parts] == [[3, 3], [3, 3], [1, 1]]
    assert [part.first.tolist() for part in parts] == [[0, 0], [3, 3], [6, 6]]
    for device, slot, seed in ((0, 0, 5), (0, 1, 7), (1, 0, 7)):
        key = jax.random.fold_in(jax.random.key(seed), 2)
        expected = np.asarray(jax.random.permutation(key, 300))[:280]
        for name in ("images", "labels"):
            found = [getattr(p, name)[device, slot, : p.count[device]] for p in parts]
            found = np.concatenate([f.reshape(-1, *f.shape[2:]) for f in found])
            np.testing.assert_array_equal(found, getattr(train, name)[expected])
        assert len(set(expected.tolist())) == 280


def test_blocks_to_evaluate_hold_each_image_once(few_digits):
    split = few_digits.test
    cut = Cut(4, 3)
    parts = [blocks.evaluation_block(split, 20, cut, i) for i in range(len(cut))]
    labels = np.concatenate([part.labels.ravel() for part in parts])
    images = np.concatenate([part.images.reshape(-1, 8, 8, 1) for part in parts])
    assert labels.shape == (120,)
    np.testing.assert_array_equal(images[:70], split.images)
    np.testing.assert_array_equal(labels, [*split.labels, *[-1] * 50])


@given(st.integers(1, 500), st.integers(0, 40), st.integers(1, 3))
def test_pieces_make_up_the_whole(length, most, least):
    cut = Cut.into(length, most, least)
    bounds = [cut.bounds(i) for i in range(len(cut))]
    assert [b for _, b in bounds] == [a for a, _ in bounds[1:]] + [length]
    assert bounds[0][0] == 0
    assert min(least, length) <= cut.size <= max(most, 2 * least)


def test_blocks_are_read_ahead_and_the_plan_goes_on_from_any_place():
    plan = [Item("train", 1, i) for i in range(9)]
    read = []
    with contextlib.closing(Flow(plan, lambda item: read.append(item) or item)) as flow:
        assert flow.take(plan[0]) == plan[0]
        assert flow.take(plan[1]) == plan[1]
        for _ in range(1000):  # Those after it come while nobody asks.
            if len(read) == 4:
                break
            time.sleep(0.01)
        assert sorted(read) == plan[:4]
        assert flow.take(plan[5]) == plan[5]
        assert [flow.take(item) for item in plan[6:]] == plan[6:]


class Device:
    """A device that tells its memory."""

    def __init__(self, platform, limit=None):
        self.platform = platform
        self.stats = {"bytes_limit": limit, "bytes_in_use": 0} if limit else None

    def memory_stats(self):
        return self.stats


def test_images_stream_by_a_rule_for_the_memory(few_digits, monkeypatch):
    needed = 420 * 64
    for share, expected in ((0.9, False), (1.1, True)):
        limit = int(needed / memory.DEVICE_SHARE / share)
        assert memory.streams(STUDY, few_digits, [Device("gpu", limit)]) is expected
        free = int(2 * needed / memory.HOST_SHARE / share)
        monkeypatch.setattr(memory, "free_on_host", lambda free=free: free)
        assert memory.streams(STUDY, few_digits, [Device("cpu")] * 2) is expected
        assert memory.stay_on_disk(2 * needed, "auto", [Device("cpu")]) is expected
        assert not memory.stay_on_disk(2 * needed, "off", [Device("cpu")])
    assert not memory.streams(STUDY, few_digits, [Device("gpu")])
    for word, expected in (("on", True), ("off", False)):
        study = dataclasses.replace(STUDY, streaming=word)
        assert memory.streams(study, few_digits, [Device("gpu", 1)]) is expected


def test_images_that_devices_hold_stay_on_disk_only_where_the_host_cannot_hold_them(monkeypatch):
    monkeypatch.setattr(memory, "free_on_host", lambda: 32_000)
    holds, full, silent = (Device("gpu", limit) for limit in (20_000, 10_000, None))
    for devices, stays in (([holds], False), ([holds, full], True), ([silent], False)):
        assert memory.stay_on_disk(4000, "auto", devices) is stays
        assert memory.stay_on_disk(4000, "on", devices)
        assert not memory.stay_on_disk(900, "on", devices)
    assert memory.stay_on_disk(4001, "auto", [silent])
    assert not memory.stay_on_disk(4001, "off", [full])


def test_the_limit_of_a_container_counts(tmp_path):
    everything = memory.free_on_host(tmp_path)
    (tmp_path / "memory.current").write_text("600\n")
    for limit, free in (("1000\n", 400), ("500\n", 0), ("max\n", None)):
        (tmp_path / "memory.max").write_text(limit)
        found = memory.free_on_host(tmp_path)
        assert found == free if free is not None else found > everything / 2
    (tmp_path / "memory.max").write_text("1000\n")
    # Files that were read count as used, but make room when it is wanted.
    (tmp_path / "memory.stat").write_text("anon 100\ninactive_file 450\nactive_file 50\n")
    assert memory.free_on_host(tmp_path) == 850


def test_what_is_large_stays_on_disk_and_is_the_same(data_dir, monkeypatch):
    here = load("digits", data_dir, streaming="auto")
    monkeypatch.setattr(memory, "HOST_SHARE", 0.0)
    there = load("digits", data_dir, streaming="auto")
    assert here.in_memory
    assert not there.in_memory
    assert load("digits", data_dir, streaming="off").in_memory
    with monkeypatch.context() as patched:
        patched.setattr(jax, "local_devices", lambda: [Device("gpu", 1 << 30)])
        assert load("digits", data_dir, streaming="auto").in_memory
        assert not load("digits", data_dir, streaming="on").in_memory
    assert there.identity() == here.identity()
    for name in ("mean", "scale"):
        np.testing.assert_array_equal(getattr(there.data, name), getattr(here.data, name))
    for a, b in zip(there.splits.values(), here.splits.values(), strict=True):
        assert (a.images.shape, a.images.nbytes) == (b.images.shape, b.images.nbytes)
        np.testing.assert_array_equal(a.labels, b.labels)
        np.testing.assert_array_equal(a.images[3:9], b.images[3:9])
        numbers = np.array([7, 0, 7])
        np.testing.assert_array_equal(a.images[numbers], b.images[numbers])
    assert memory.streams(dataclasses.replace(STUDY, streaming="off"), there, [Device("cpu")])

    def broken(*_):
        raise OSError("gone")

    monkeypatch.setattr(type(there.data.train.images.part), "read", broken)
    with pytest.raises(UserError, match="prepared pictures can no longer be read: OSError: gone"):
        there.data.train.images[:1]


@pytest.mark.slow
def test_images_on_disk_train_to_the_same_bits(data_dir, monkeypatch):
    study = dataclasses.replace(STUDY, activations=("relu",), data_dir=data_dir)
    here = tables(study, None, streaming="off")
    monkeypatch.setattr(memory, "HOST_SHARE", 0.0)
    assert tables(study, None)[:2] == here[:2]


def test_a_word_that_streaming_does_not_know_is_refused():
    with pytest.raises(UserError, match="--streaming: there is no 'yes'; known are auto, on, off"):
        Study(streaming="yes")


def test_what_goes_wrong_while_reading_reaches_who_waits():
    def read(item):
        raise UserError(f"no block {item.i}")

    plan = [Item("train", 1, 0)]
    with contextlib.closing(Flow(plan, read)) as flow, pytest.raises(UserError, match="no block 0"):
        flow.take(plan[0])


@pytest.mark.parametrize(("seeds", "devices", "used"), [(9, 3, 3), (2, None, 2)])
def test_copies_are_counted_for_the_devices_that_train(seeds, devices, used, data_dir, monkeypatch):
    asked = []

    def ask(num_bytes, streaming, devices):
        asked.append(devices)
        raise UserError("enough")

    monkeypatch.setattr(memory, "stay_on_disk", ask)
    study = dataclasses.replace(STUDY, lrs=(1e-3,), seeds=seeds, devices=devices, data_dir=data_dir)
    with pytest.raises(UserError, match="enough"):
        train_study(study)
    assert asked == [jax.devices()[:used]]
