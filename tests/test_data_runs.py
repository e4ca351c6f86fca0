"""Runs on data of one's own: what run.json and the terminal say, and resuming on changed data."""

import contextlib
import dataclasses
import sys

import numpy as np
import pytest
from PIL import Image

from jaxact.lab import Study, UserError, cli, engine, records, unfinished
from jaxact.lab.checkpoint import Checkpoints, Unkept
from jaxact.lab.engine import train_study
from jaxact.lab.strategy import Strategy

STUDY = Study(
    activations=("relu",), lrs=(1e-2,), seeds=1, epochs=3, widths=(2, 2, 2), batch_size=8,
    devices=1, checkpoint_seconds=0,
)  # fmt: skip


def compare(monkeypatch, *words):
    """Runs ``jaxact compare`` in this process; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["jaxact", "compare", *map(str, words)])
    try:
        cli.main()
    except SystemExit as end:
        return end.code
    return 0


def test_a_folder_of_pictures_runs_without_a_line_of_code(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    for name in ("ant", "bee"):
        (tmp_path / "insects" / name).mkdir(parents=True)
        for i in range(20):
            size = (int(rng.integers(9, 20)), int(rng.integers(9, 20)), 3)
            pixels = rng.integers(0, 256, size, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "insects" / name / f"{i}.png")
    (tmp_path / "insects" / "ant" / "bad.jpg").write_bytes(b"bad")
    monkeypatch.chdir(tmp_path)
    words = "--activations relu --lrs 1e-2 --seeds 1 --epochs 1 --widths 2 2 2 --batch-size 8"
    words = [*words.split(), "--dataset", "insects", "--data-dir", "prepared", "--out", "out"]
    assert compare(monkeypatch, *words) == 2
    assert "sizes (height x width)" in capsys.readouterr().err
    words += ["--image-size", "8"]
    assert compare(monkeypatch, *words) == 2
    assert "1 corrupt pictures: ant/bad.jpg" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert compare(monkeypatch, *words, "--on-corrupt", "skip") == 0
    note = "--dataset insects: 1 corrupt pictures are left out, the first of them ant/bad.jpg"
    note = f"{note} (no picture that Pillow knows)"
    assert note in capsys.readouterr().err
    run = records.read(tmp_path / "out").run
    checksum = run["dataset"].pop("checksum")
    assert len(bytes.fromhex(checksum)) == 32
    assert run["dataset"] == {
        "name": "insects",
        "images": {"train": 26, "validation": 6, "test": 8},
        "image_shape": [8, 8, 3],
        "num_classes": 2,
        "classes": ["ant", "bee"],
        "skipped": {"number": 1, "names": ["ant/bad.jpg (no picture that Pillow knows)"]},
        "notes": [note],
    }
    assert run["study"]["image_size"] == 8


class Stopping(Checkpoints):
    """Is stopped after the first checkpoint."""

    def keep(self, state, strategy, epochs):
        super().keep(state, strategy, epochs)
        raise KeyboardInterrupt


@pytest.mark.slow
def test_a_run_goes_on_with_the_same_data_only(few_digits, tmp_path, monkeypatch):
    compiled = []

    def once(study, dataset, *others):
        if not compiled:
            compiled.append(compile_study(study, dataset, *others))
        setup, programs = compiled[0]
        return dataclasses.replace(setup, dataset=dataset), programs

    compile_study = engine._compiled
    monkeypatch.setattr(engine, "_compiled", once)
    with (
        contextlib.closing(Stopping(tmp_path, STUDY)) as keeper,
        pytest.raises(KeyboardInterrupt),
    ):
        train_study(STUDY, dataset=few_digits, keeper=keeper)
    images = few_digits.test.images.copy()
    images[0, 0, 0, 0] ^= 1
    changed = dataclasses.replace(
        few_digits, test=dataclasses.replace(few_digits.test, images=images)
    )
    with (
        contextlib.closing(Checkpoints(tmp_path, STUDY)) as keeper,
        pytest.raises(UserError, match="--dataset digits: its pictures or labels are not those"),
    ):
        train_study(STUDY, dataset=changed, keeper=keeper)
    with contextlib.closing(Checkpoints(tmp_path, STUDY)) as keeper:
        measured = train_study(STUDY, dataset=few_digits, keeper=keeper)
    assert measured.dataset == few_digits.identity()


def in_colour(split):
    return dataclasses.replace(split, images=split.images.repeat(3, -1))


def test_data_of_another_shape_are_refused_and_the_state_stays(few_digits, tmp_path):
    with contextlib.closing(Checkpoints(tmp_path, STUDY)) as keeper:
        keeper.data = few_digits.checksum.hex()
        keeper.keep({"a": np.arange(3)}, Strategy(1, "im2col"), 1)
    data, test = few_digits.data, few_digits.test
    colour = dataclasses.replace(
        data, train=in_colour(data.train), validation=in_colour(data.validation)
    )
    more = dataclasses.replace(test, labels=np.where(test.labels == 0, 10, test.labels))
    for changed in (
        dataclasses.replace(few_digits, data=colour, test=in_colour(test)),
        dataclasses.replace(few_digits, test=more, num_classes=11),
    ):
        with (
            contextlib.closing(Checkpoints(tmp_path, STUDY)) as keeper,
            pytest.raises(UserError, match="--dataset digits: its pictures or labels are not"),
        ):
            train_study(STUDY, dataset=changed, keeper=keeper)
    assert unfinished.steps(tmp_path) == [1]


def test_notes_are_printed_where_a_run_begins(few_digits, capsys):
    dataset = dataclasses.replace(few_digits, notes=("a note",))
    assert dataset.identity() == few_digits.identity() | {"notes": ["a note"]}
    keeper, study = Unkept(), dataclasses.replace(STUDY, batch_size=301)
    for said in ("jaxact: a note\n", ""):
        with pytest.raises(UserError, match="--batch-size"):  # Nothing is to be trained.
            train_study(study, dataset=dataset, keeper=keeper)
        assert capsys.readouterr().err == said
