"""Data that cannot be meant so: each message says what is wrong with it, or each note."""

import numpy as np
import pytest
from PIL import Image

from jaxact.lab import UserError, memory
from jaxact.lab.data import load

RNG = np.random.default_rng(0)


def noise(*shape):
    return RNG.integers(0, 256, shape, np.uint8)


def labels(number, classes=4):
    return np.arange(number) % classes


def saved(path, **changes):
    """The path of an NPZ file of 40 and 8 pictures."""
    arrays = {
        "x_train": noise(40, 6, 6, 3),
        "y_train": labels(40),
        "x_test": noise(8, 6, 6, 3),
        "y_test": labels(8),
    }
    np.savez(path, **arrays | changes)
    return str(path)


def pictures(folder, classes=("ant", "bee"), number=10):
    """Class folders with pictures."""
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(number):
            Image.fromarray(noise(6, 6, 3)).save(folder / name / f"{i}.png")
    return folder


@pytest.mark.parametrize("name", ["digits", "set.npz", "set"])
def test_a_size_that_cannot_fit_is_refused_before_pictures_are_read(tmp_path, name):
    path = saved(tmp_path / "set.npz") if name == "set.npz" else str(tmp_path)
    words = r"^--image-size 10000000: one picture takes 300,000 GB, and 6 times .* GB are free$"
    with pytest.raises(UserError, match=words):
        load("digits" if name == "digits" else path, str(tmp_path / "no"), image_size=10**7)
    assert not (tmp_path / "no").exists()


def test_pictures_that_cannot_all_fit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_on_host", lambda: 30_000)
    path = saved(tmp_path / "set.npz")
    assert load(path, image_size=8).image_shape == (8, 8, 3)
    words = "does not fit in memory .*40 pictures take 0.0 GB; 0.0 GB are free"
    with pytest.raises(UserError, match=words):
        load(path, image_size=20)


@pytest.mark.parametrize("size", [None, 6])
def test_splits_in_grey_and_in_colour_are_told_apart(tmp_path, size):
    path = saved(tmp_path / "set.npz", x_train=noise(40, 6, 6))
    words = r"pictures of train are grey \(1 .* test are in colour \(3 .*; all should be grey \(one"
    with pytest.raises(UserError, match=words) as caught:
        load(path, image_size=size)
    assert "--image-size" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        (
            {"y_train": labels(40, 2) * 7, "y_test": labels(8, 2) * 7},
            ["no training picture is of the classes 1, 2, 3, 4, 5 and 1 more, though the network"],
        ),
        (
            {"classes": np.array(["a", "b", "c", "d", "e"])},
            ["no training picture is of the class e, though"],
        ),
        ({"y_test": labels(8, 2)}, ["no test picture is of the classes 2, 3"]),
    ],
)
def test_classes_without_pictures_are_noted(tmp_path, changes, words):
    path = saved(tmp_path / "set.npz", **changes)
    notes = load(path).notes
    assert len(notes) == len(words)
    for note, start in zip(notes, words, strict=True):
        assert note.startswith(f"--dataset {path}: {start}")


def test_a_class_that_a_folder_does_not_test_is_noted(tmp_path):
    pictures(tmp_path / "set" / "train")
    pictures(tmp_path / "set" / "test", ("bee",))
    path = str(tmp_path / "set")
    found = load(path, str(tmp_path / "prepared"))
    assert found.notes == (f"--dataset {path}: no test picture is of the class ant",)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x.npy", "holds one array; save pictures and labels together with np.savez"),
        ("x.JPG", "is one picture; give the folder that holds the class folders"),
        ("train-images-idx3-ubyte.gz", "is one of several IDX files; give their folder, "),
        ("x.tar.gz", "is a file, but no .npz; unpack an archive and name its folder"),
        ("x.csv", "is a file, but no .npz; give an NPZ file, or a folder of class folders or IDX"),
    ],
)
def test_a_file_that_is_no_set_gets_advice_by_its_name(tmp_path, name, words):
    (tmp_path / name).touch()
    with pytest.raises(UserError, match=f"{name} {words}"):
        load(str(tmp_path / name))


def test_the_empty_split_is_told(tmp_path):
    empty = {"x_val": noise(0, 6, 6, 3), "y_val": labels(0)}
    with pytest.raises(UserError, match="or test on; there are 40, 0 and 8$"):
        load(saved(tmp_path / "set.npz", **empty))
    with pytest.raises(UserError, match="with --validation 0.001 there are 40, 0 and 8$"):
        load(saved(tmp_path / "set.npz"), validation=0.001)
