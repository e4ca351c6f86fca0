"""The measurement of throughput: rivals do the same work, and the table follows from the clock."""

import numpy as np
import pytest

from experiments import throughput
from experiments._trainers import Trainer, Work, naive_vmap, peak_megabytes, plain_flax, trainers

TINY = Work("digits", (4, 8), 16, 2, 3)


def test_the_products_are_those_of_the_direct_convolution():
    digits = Work("digits", (32, 64, 128), 64, 1, 1)
    forward = 64 * 9 * 32 + 16 * 9 * 32 * 64 + 4 * 9 * 64 * 128 + 128 * 10
    assert digits.flops == 3 * 2 * forward
    assert Work("32x32x3", (5,), 64, 1, 1).flops == 3 * 2 * (1024 * 27 * 5 + 50)


@pytest.mark.slow
def test_vmap_trains_what_the_plain_loop_trains():
    plain, together = plain_flax(TINY), naive_vmap(TINY)
    assert plain.images == together.images == 2 * 3 * 16
    losses = [[trainer.run() for _ in range(3)] for trainer in (plain, together)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    assert losses[0][2] < losses[0][0]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of torch.compile
def test_every_trainer_learns():
    for name, build in trainers().items():
        trainer = build(TINY)
        losses = [trainer.run() for _ in range(40)]
        assert trainer.images == 2 * 3 * 16, name
        assert losses[-1] < 0.95 * losses[0], name


@pytest.mark.slow
def test_the_memory_is_that_of_a_process_of_its_own():
    hoard = np.ones(2**27)
    megabytes = peak_megabytes("plain Flax", TINY)
    assert 50 < megabytes < hoard.nbytes / 2**20 + 200
    assert peak_megabytes("plain Flax", Work("64x64x3", (64, 8), 64, 1, 3)) > megabytes + 100


@pytest.fixture(scope="module")
def table():
    """A run of made-up trainers, whose calls move a clock."""
    clock = [0.0]
    built = []

    def read():
        clock[0] += 1e-6
        return clock[0]

    def builder(name, images_per_s):
        def build(work):
            built.append((name, work.cells))
            images = work.cells * work.steps * work.batch_size

            def run():
                clock[0] += images / images_per_s
                return 0.0

            return Trainer(run, images, compile_s=2.0, note=name)

        return build

    def broken(work):
        raise RuntimeError("no C++ compiler\nand much more")

    made = {
        "engine": builder("engine", 1000.0),
        "plain Flax": builder("plain Flax", 250.0),
        "naive vmap": builder("naive vmap", 100.0),
        "torch.compile": broken,
    }
    config = throughput.Config(
        images=("digits", "8x8x3"), steps=(8, 8), cells=(1, 4, 16, 64), batch_size=16, rounds=2,
        memory=False, matmul=8, longest=5.0, length=100,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throughput, "trainers", lambda: made)
        patch.setattr(throughput.time, "perf_counter", read)
        patch.setattr(throughput, "use_all_cores", lambda: None)
        return throughput.measure(config), built


def test_the_table_follows_from_the_clock(table):
    rows = table[0].set_index(["images", "trainer", "cells"])
    assert len(rows) == 2 * 4 * 4
    for images in ("digits", "8x8x3"):
        for cells in (1, 4, 16, 64):
            assert rows.loc[(images, "engine", cells), "images_per_s"] == pytest.approx(
                1000, rel=1e-3
            )
            plain = rows.loc[(images, "plain Flax", cells)]
            assert plain["engine_over_it"] == pytest.approx(4.0, rel=1e-3)
            assert plain["measured_cells"] == min(cells, 4)
            seconds = 2.0 + cells * 100 / 250
            assert plain["with_compile"] == pytest.approx(cells * 100 / seconds, rel=1e-3)
            failed = rows.loc[(images, "torch.compile", cells)]
            assert failed["note"] == "fails: RuntimeError: no C++ compiler"
            assert np.isnan(failed["images_per_s"])


def test_networks_in_turn_are_built_once_and_a_long_vmap_is_left_out(table):
    rows, built = table[0].set_index(["images", "trainer", "cells"]), table[1]
    assert built.count(("plain Flax", 4)) == built.count(("plain Flax", 1)) == 2
    assert built.count(("engine", 64)) == 2
    assert ("naive vmap", 16) in built
    assert ("naive vmap", 64) not in built
    note = rows.loc[("digits", "naive vmap", 64), "note"]
    assert note == "left out: a step of 64 networks would take some 10 s"


def test_the_plot_and_the_table_of_the_readme_are_made_from_the_table(table, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        throughput.figures(table[0], tmp_path / name)
    found = [(tmp_path / name / "throughput.svg").read_bytes() for name in "ab"]
    assert found[0] == found[1]
    words = throughput.readme(table[0]).set_index("Trained by")
    assert words.loc["engine", "digits, 64 networks"] == "1,000"
    assert words.loc["plain Flax", "8x8x3, 1 network"] == "250"
    assert words.loc["naive vmap", "digits, 64 networks"] == "-"
