"""Strategies: the race names one, all agree within rounding, and memory cuts the chunk."""

import dataclasses
import inspect
import json
import re

import jax
import numpy as np
import pytest

from jaxact.lab import Study, UserError, parallel, programs, race, records
from jaxact.lab.engine import train_study
from jaxact.lab.parallel import Program
from jaxact.lab.progress import Silent
from jaxact.lab.strategy import Strategy, candidates, fitting, fixed

STUDY = Study(
    activations=("tanh",), lrs=(1e-3, 1e-2), seeds=2, epochs=2, batch_size=50, widths=(4, 8),
    devices=1,
)  # fmt: skip
RTOL = 1e-4
"""How far the losses of two strategies may lie apart after two epochs; 1e-7 was seen."""


def trained(dataset, study=STUDY, **fields):
    return train_study(dataclasses.replace(study, **fields), dataset=dataset)


def scores(measured):
    """Losses and accuracies of every epoch, and those of the test images."""
    found = measured.activations["tanh"]
    return jax.tree.leaves((found["epochs"], found["end"][0]))


def assert_same_bits(a, b):
    for x, y in zip(jax.tree.leaves(a.activations), jax.tree.leaves(b.activations), strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.fixture(scope="module")
def by_map(few_digits):
    return trained(few_digits)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        {"strategy": "vmap", "chunk": 4},
        {"strategy": "vmap", "chunk": 1},
        {"convolution": "winograd"},
        {"convolution": "im2col"},
        {"convolution": "lax"},
    ],
    ids=lambda fields: "-".join(map(str, fields.values())),
)
def test_strategies_agree_within_rounding(fields, few_digits, by_map):
    other = trained(few_digits, **fields)
    assert other.strategy == Strategy(
        chunk=fields.get("chunk", 1), convolution=fields.get("convolution", "auto")
    )
    for a, b in zip(scores(other), scores(by_map), strict=True):
        np.testing.assert_allclose(a, b, rtol=RTOL)


@pytest.mark.slow
def test_a_chunk_that_splits_a_seed_is_cut_to_whole_seeds(few_digits, by_map):
    other = trained(few_digits, strategy="vmap", chunk=3)
    assert other.strategy.chunk == 2
    for a, b in zip(scores(other), scores(by_map), strict=True):
        np.testing.assert_allclose(a, b, rtol=RTOL)


@pytest.mark.parametrize("chunk", [2, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 4))])
def test_learning_rates_of_a_seed_share_its_images(few_digits, chunk):
    devices = jax.devices()[:1]
    setup = programs.set_up(STUDY, few_digits, devices, Strategy(chunk, "im2col"))
    assert setup.grid.group == (2 if chunk > 1 else 1)
    train = programs.compile_all(setup, Silent(), with_measure=False)["tanh"].train
    batches = re.findall(r"u8\[([\d,]+),8,8,1\]\S* gather\(", train.compiled.as_text())
    seeds = chunk // setup.grid.group
    assert [np.prod([int(n) for n in b.split(",")]) for b in batches] == [seeds * STUDY.batch_size]


@pytest.mark.slow
def test_a_chunk_of_one_is_the_map_bit_for_bit(few_digits, by_map):
    assert_same_bits(trained(few_digits, strategy="vmap", chunk=1), by_map)


@pytest.mark.slow
def test_the_race_names_a_candidate_and_its_numbers_are_those_of_that_name(few_digits, tmp_path):
    study = dataclasses.replace(STUDY, lrs=(1e-2,), epochs=1, strategy="race", convolution="im2col")
    raced = trained(few_digits, study)
    tried = candidates(study, fixed(study, few_digits.image_shape, "cpu"))
    assert tried == [Strategy(1, "im2col"), Strategy(2, "im2col")]
    assert raced.strategy in tried
    results = records.collect(study, raced, "a test")
    records.write(results, tmp_path)
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["study"]["strategy"] == "race"
    assert run["strategy"] == dataclasses.asdict(raced.strategy)
    named = {key: run["strategy"][key] for key in ("chunk", "convolution")}
    by_name = trained(few_digits, study, **named, strategy="vmap")
    assert_same_bits(raced, by_name)


class Watched:
    def __init__(self):
        self.totals, self.done = {}, {}

    def phase(self, name, total):
        self.totals[name], self.now = total, name

    def advance(self, amount):
        self.done[self.now] = self.done.get(self.now, 0) + amount


def entrants(monkeypatch, costs):
    """A race among made-up strategies; by name, calls as they came."""
    calls = []

    def compiled(study, dataset, devices, chosen, deadline):
        def train_for(candidate, cost):
            def train():
                calls.append(candidate)
                if cost is None:
                    raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: out of memory")
                clock[0] += cost

            return train

        return [
            race._Entrant(c, 1, train_for(c, costs[c.convolution]))
            for c in chosen if c.chunk == 1 and c.convolution in costs
        ]  # fmt: skip

    clock = [0.0]
    monkeypatch.setattr(race, "_compiled", compiled)
    monkeypatch.setattr(race.time, "perf_counter", lambda: clock[0])
    return calls


def raced(few_digits, progress=None):
    return race.fastest(STUDY, few_digits, jax.devices()[:2], progress or Watched())


def test_the_fastest_wins_and_the_slow_are_asked_once(monkeypatch, few_digits):
    calls = entrants(monkeypatch, {"auto": 0.5, "im2col": 0.3, "lax": 1.0, "winograd": None})
    progress = Watched()
    assert raced(few_digits, progress) == Strategy(1, "im2col")
    assert [calls.count(Strategy(1, c)) for c in ("im2col", "lax", "winograd")] == [5, 1, 1]
    assert progress.done == progress.totals
    assert set(progress.totals) == {"race"}


def test_a_race_ends_in_time(monkeypatch, few_digits):
    calls = entrants(monkeypatch, {"auto": 15.0, "im2col": 10.0, "lax": 8.0})
    assert raced(few_digits) == Strategy(1, "im2col")
    assert len(calls) == 2


def test_where_nothing_fits_the_race_names_the_least(monkeypatch, few_digits):
    entrants(monkeypatch, dict.fromkeys(("auto", "im2col", "lax", "winograd")))
    assert raced(few_digits).chunk == 1


@pytest.mark.slow
def test_a_diverging_study_does_not_win_time(few_digits):
    """The race trains at a rate of its own, at which cells take all their steps."""
    wild = dataclasses.replace(STUDY, lrs=(1e30,), seeds=1, devices=1)
    entrant = race._enter(wild, few_digits, jax.devices()[:1], Strategy(1, "im2col"))
    entrant.train()
    states = inspect.getclosurevars(entrant.train).nonlocals["cells"]
    np.testing.assert_array_equal(states.diverged, 0)


@pytest.mark.slow
@pytest.mark.parametrize("at_start", [False, True])
def test_running_out_of_memory_halves_the_chunk_and_goes_on(
    at_start, few_digits, by_map, monkeypatch
):
    widest = []
    plain, compile_plain = Program.__call__, parallel.Spread.compile

    def compile_noting(self, *args, **options):
        widest.append(self.chunk)
        return compile_plain(self, *args, **options)

    def call(self, cells, *shared):
        if (shared or at_start) and widest[-1] > 2:
            raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes")
        return plain(self, cells, *shared)

    monkeypatch.setattr(parallel.Spread, "compile", compile_noting)
    monkeypatch.setattr(Program, "__call__", call)
    measured = trained(few_digits, strategy="vmap", chunk=4)
    assert list(dict.fromkeys(widest)) == [4, 2]
    assert measured.strategy.chunk == 2
    for a, b in zip(scores(measured), scores(by_map), strict=True):
        np.testing.assert_allclose(a, b, rtol=RTOL)


@pytest.mark.parametrize("fields", [{}, {"model": "jaxact.models:MLP"}], ids=["ours", "own"])
def test_a_single_run_that_does_not_fit_is_answered_in_two_lines(fields, few_digits, monkeypatch):
    def call(self, *args):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes")

    monkeypatch.setattr(programs.Program, "__call__", call)
    with pytest.raises(UserError) as caught:
        trained(few_digits, epochs=1, **fields)
    first, second = str(caught.value).splitlines()
    assert first.startswith("the memory of a device does not hold one run at a time (")
    assert "allocating 9 bytes" in first
    assert second == ("Give a smaller --batch-size, --widths or --image-size, or --streaming on.")


def test_images_that_do_not_fit_a_device_are_answered(few_digits, monkeypatch):
    def place(self, shared):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory")

    monkeypatch.setattr(parallel.Spread, "broadcast", place)
    with pytest.raises(UserError, match="--image-size, or --streaming on"):
        trained(few_digits, strategy="vmap", chunk=4)
    with pytest.raises(UserError, match="--image-size.$"):
        trained(few_digits, streaming="on")


def test_another_error_of_a_device_stays_as_it_is(few_digits, monkeypatch):
    def place(self, shared):
        raise jax.errors.JaxRuntimeError("INTERNAL: broken")

    monkeypatch.setattr(parallel.Spread, "broadcast", place)
    with pytest.raises(jax.errors.JaxRuntimeError, match="INTERNAL: broken"):
        trained(few_digits)


class Device:
    """A device that tells its memory."""

    platform = "gpu"

    def __init__(self, limit, in_use=0):
        self.stats = {"bytes_limit": limit, "bytes_in_use": in_use}

    def memory_stats(self):
        return self.stats


def test_the_chunk_is_cut_to_the_free_memory():
    strategy = Strategy(16, "im2col")
    assert fitting(strategy, 1000, Device(1000)) == strategy
    assert fitting(strategy, 1000, Device(1500, 1000)) == Strategy(7, "im2col")
    assert fitting(strategy, 1000, Device(1)).chunk == 1
    assert fitting(Strategy(1, "lax"), 1000, Device(1)) == Strategy(1, "lax")


def test_a_device_that_tells_no_memory_has_enough():
    device = Device(0)
    device.stats = None
    assert fitting(Strategy(16, "im2col"), 10**15, device).chunk == 16


def test_the_rule_is_one_after_another_on_a_cpu_and_all_at_once_elsewhere():
    assert fixed(STUDY, (8, 8, 1), "cpu") == Strategy(1, "auto")
    assert fixed(STUDY, (8, 8, 1), "gpu") == Strategy(4, "im2col")
    by_hand = dataclasses.replace(STUDY, strategy="vmap", chunk=2, convolution="lax")
    for platform in ("cpu", "gpu"):
        assert fixed(by_hand, (8, 8, 1), platform) == Strategy(2, "lax")


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({}, 8),
        ({"dtype": "bfloat16"}, 4),
        ({"batch_size": 61}, 61),
        ({"widths": (4, 8)}, 1),
        ({"model": "jaxact.models:CNN"}, 1),
    ],
)
def test_on_a_cpu_large_batches_are_split_where_the_network_is_ours(fields, parts):
    study = dataclasses.replace(STUDY, **{"batch_size": 64, "widths": (32, 64)} | fields)
    assert fixed(study, (32, 32, 3), "cpu").parts == parts
    assert fixed(study, (32, 32, 3), "gpu").parts == 1


@pytest.mark.slow
def test_parts_of_a_batch_add_up_to_it(few_digits, by_map):
    setup = programs.set_up(STUDY, few_digits, jax.devices()[:1], Strategy(1, "auto", parts=5))
    in_parts = programs.compile_all(setup, Silent(), with_measure=False)["tanh"]
    cells = in_parts.start(setup.settings)
    epochs = setup.grid.broadcast(next(programs.calls(STUDY.epochs)))
    _, found = in_parts.train(cells, epochs, setup.data)
    whole = by_map.activations["tanh"]["epochs"]
    for a, b in zip(jax.tree.leaves(setup.grid.gather(found)), jax.tree.leaves(whole), strict=True):
        np.testing.assert_allclose(a, b, rtol=RTOL)


@pytest.mark.slow
def test_equal_starts_are_compiled_once(few_digits):
    study = dataclasses.replace(STUDY, activations=("tanh", "relu"))
    setup = programs.set_up(study, few_digits, jax.devices()[:1], Strategy(1, "auto"))
    compiled = programs.compile_all(setup, Silent(), with_measure=False)
    assert compiled["tanh"].start is compiled["relu"].start


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"strategy": "pmap"}, "--strategy: there is no 'pmap'; did you mean map or vmap"),
        ({"convolution": "fft"}, "--convolution: there is no 'fft'; known are auto, im2col"),
        ({"strategy": "vmap", "chunk": 0}, "--chunk must be positive, got 0"),
        ({"chunk": 2}, "--chunk is for --strategy vmap"),
    ],
)
def test_a_strategy_that_makes_no_sense_is_refused(fields, message):
    with pytest.raises(UserError, match=message):
        Study(**fields)
