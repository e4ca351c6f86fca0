"""Whole programs kept between runs: the same bits, nothing traced, and never the wrong program."""

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import os
import pickle
import types
import zlib

import jax
import numpy as np
import pytest
from jax.experimental.compilation_cache import compilation_cache

from jaxact.lab import Study, executables, programs
from jaxact.lab.data import padded
from jaxact.lab.engine import train_study
from jaxact.lab.executables import Shelf, key
from jaxact.lab.progress import Silent
from jaxact.lab.strategy import Strategy

SMALL = Study(activations=("relu",), lrs=(1e-2,), seeds=2, epochs=1, widths=(2,), devices=1)


def own(x):
    return x * x


@contextlib.contextmanager
def caching(folder):
    """JAX's compile cache, and with it that of whole programs, in a folder."""
    jax.config.update("jax_enable_compilation_cache", True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    compilation_cache.reset_cache()
    try:
        yield folder / "jaxact"
    finally:
        jax.config.update("jax_enable_compilation_cache", False)
        jax.config.update("jax_compilation_cache_dir", None)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 1.0)
        compilation_cache.reset_cache()


ONE_BY_ONE = Strategy(1, "auto")


def set_up(dataset, strategy=ONE_BY_ONE, **fields):
    study = dataclasses.replace(SMALL, **fields)
    return programs.set_up(study, dataset, jax.devices()[: study.devices], strategy)


def as_bytes(measured):
    return [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(measured.activations)]


@pytest.fixture(scope="module")
def first(few_digits, tmp_path_factory):
    """The folder that a run filled which found nothing, and its programs."""
    with caching(tmp_path_factory.mktemp("cache")) as folder:
        made = programs.compile_all(set_up(few_digits), Silent())
    return folder, made["relu"]


@pytest.fixture
def cache(tmp_path):
    with caching(tmp_path) as folder:
        yield folder


def test_a_second_run_traces_nothing_and_has_the_bits_of_one_without_a_cache(
    few_digits, first, monkeypatch
):
    without = as_bytes(train_study(SMALL, dataset=few_digits))
    monkeypatch.setattr(programs, "build", None)
    monkeypatch.setattr(jax, "make_jaxpr", None)
    with caching(first[0].parent):
        assert as_bytes(train_study(SMALL, dataset=few_digits)) == without


def test_jax_keeps_none_of_these_programs(first):
    folder, _ = first
    assert [path.name for path in folder.parent.iterdir()] == ["jaxact"]
    assert folder.stat().st_mode & 0o777 == 0o700


FIELDS = {
    "epochs": 2,
    "batch_size": 32,
    "optimizer": "sgd",
    "optimizer_options": ("b1=0.8",),
    "weight_decay": 0.1,
    "schedule": "cosine",
    "warmup": 0.5,
    "dtype": "bfloat16",
    "widths": (3,),
    "seeds": 3,
    "lrs": (1e-2, 1e-3),
    "devices": 2,
}


@pytest.mark.parametrize("field", FIELDS)
def test_the_key_depends_on_the_study(few_digits, field):
    other = set_up(few_digits, **{field: FIELDS[field]})
    assert key(other, "relu") != key(set_up(few_digits), "relu")


def test_the_key_depends_on_strategy_activation_and_shapes(few_digits):
    setup = set_up(few_digits)
    data = dataclasses.replace(few_digits.data, validation=padded(few_digits.data.validation, 80))
    longer = dataclasses.replace(few_digits, data=data)
    more = dataclasses.replace(few_digits, num_classes=11)
    keys = [
        key(setup, "relu"),
        key(setup, "gelu"),
        key(setup, "torch.LeakyReLU"),
        key(setup, "leaky_relu"),
        *(key(set_up(dataset), "relu") for dataset in (longer, more)),
        *(
            key(set_up(few_digits, strategy), "relu")
            for strategy in (Strategy(2, "auto"), Strategy(1, "lax"), Strategy(1, "auto", 2))
        ),
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("what", ["_sources", "_versions", "_machine"])
def test_the_key_depends_on_code_versions_and_machine(few_digits, monkeypatch, what):
    setup = set_up(few_digits)
    before = key(setup, "relu")
    monkeypatch.setattr(executables, what, lambda: "another")
    assert key(setup, "relu") != before


def test_the_key_depends_on_settings_of_jax_and_xla(few_digits, monkeypatch):
    setup = set_up(few_digits)
    before = key(setup, "relu")
    with jax.default_matmul_precision("highest"):
        assert key(setup, "relu") != before
    with jax.debug_nans(True):
        assert key(setup, "relu") != before
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    assert key(setup, "relu") != before


def test_the_key_is_that_of_every_run_with_equal_programs(few_digits):
    setup = set_up(few_digits)
    other = {"lrs": (0.1,), "first_seed": 7, "activations": ("gelu", "relu"), "out": "runs/x"}
    assert key(set_up(few_digits, **other), "relu") == key(setup, "relu")
    assert key(setup, "swish") == key(setup, "silu")


def test_sources_are_all_of_the_package(monkeypatch, tmp_path):
    (tmp_path / "sub").mkdir()
    monkeypatch.setattr(executables.jaxact, "__file__", str(tmp_path / "__init__.py"))
    digests = [executables._sources.__wrapped__()]
    for name, code in (("a.py", ""), ("a.py", "1"), ("sub/b.py", "1"), ("sub/b.py", "2")):
        (tmp_path / name).write_text(code)
        digests.append(executables._sources.__wrapped__())
    assert digests[0] == ""
    assert len(set(digests)) == 5


def with_digest(packed):
    return hashlib.sha256(packed).digest() + packed


DAMAGES = {
    "empty": lambda entry: b"",
    "truncated": lambda entry: entry[:-100],
    "flipped": lambda entry: entry[:999] + bytes([entry[999] ^ 1]) + entry[1000:],
    "foreign": lambda entry: with_digest(b"another program"),
    "no programs": lambda entry: with_digest(zlib.compress(pickle.dumps({"start": (b"", 1, 2)}))),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_none_and_is_written_again(
    few_digits, first, cache, monkeypatch, damage
):
    _, made = first
    Shelf(set_up(few_digits)).put("relu", made.compiled)
    (path,) = cache.iterdir()
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert Shelf(set_up(few_digits)).take("relu") is None
    monkeypatch.setattr(programs, "_compile", lambda *_: made)
    assert programs.compile_all(set_up(few_digits), Silent())["relu"] is made
    assert Shelf(set_up(few_digits)).take("relu").keys() == {"start", "train", "measure"}


def test_code_of_others_is_never_kept(few_digits, cache):
    shelf = Shelf(set_up(few_digits))
    assert shelf.holds("relu")
    assert not shelf.holds(f"{__name__}:own")
    assert not Shelf(set_up(few_digits, model="tests.factories:linen")).holds("relu")


def test_nothing_is_kept_where_jax_keeps_nothing(few_digits, tmp_path):
    setup = set_up(few_digits)
    assert not Shelf(setup).holds("relu")
    with caching(tmp_path):
        jax.config.update("jax_compilation_cache_dir", "gs://bucket/cache")
        assert not Shelf(setup).holds("relu")
        jax.config.update("jax_compilation_cache_dir", None)
        assert not Shelf(setup).holds("relu")


def test_other_machines_and_several_processes_go_without(few_digits, cache, monkeypatch):
    setup = set_up(few_digits)
    gpu = types.SimpleNamespace(platform="gpu")
    elsewhere = dataclasses.replace(setup, grid=types.SimpleNamespace(devices=(gpu,)))
    assert not Shelf(elsewhere).holds("relu")
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    assert not Shelf(setup).holds("relu")


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(few_digits, first, cache):
    cache.touch()
    shelf = Shelf(set_up(few_digits))
    shelf.put("relu", first[1].compiled)
    assert shelf.take("relu") is None


def test_the_least_recently_used_go_first(few_digits, first, cache, monkeypatch):
    shelf, compiled = Shelf(set_up(few_digits)), first[1].compiled
    for i, name in enumerate(("relu", "gelu", "tanh")):
        shelf.put(name, compiled)
        os.utime(cache / key(set_up(few_digits), name), (i, i))
    assert shelf.take("relu") is not None
    size = max(path.stat().st_size for path in cache.iterdir())
    monkeypatch.setattr(executables, "MOST_BYTES", 3 * size)
    (cache / ".left.part").write_bytes(bytes(10))
    os.utime(cache / ".left.part", (0, 0))
    shelf.put("silu", compiled)
    left = {key(set_up(few_digits), name) for name in ("relu", "tanh", "silu")}
    assert {path.name for path in cache.iterdir()} == left


def test_readers_and_writers_at_once_see_whole_entries(few_digits, first, cache):
    shelves = [Shelf(set_up(few_digits)) for _ in range(6)]
    shelves[0].put("relu", first[1].compiled)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for shelf in shelves[:3]:
            pool.submit(shelf.put, "relu", first[1].compiled)
        found = list(pool.map(lambda shelf: shelf.take("relu"), shelves[3:]))
    assert all(f is not None for f in found)
    assert len([*cache.iterdir()]) == 1


@pytest.mark.slow
def test_what_jax_keeps_is_compiled_again_to_be_kept(few_digits, cache):
    own_first = dataclasses.replace(SMALL, activations=(f"{__name__}:own", "relu"))
    alone = dataclasses.replace(SMALL, activations=(f"{__name__}:own",))
    runs = [train_study(study, dataset=few_digits) for study in (alone, own_first, own_first)]
    assert as_bytes(runs[1]) == as_bytes(runs[2])
    assert len([*cache.iterdir()]) == 1
    assert any(path.name.endswith("-cache") for path in cache.parent.iterdir())
