"""Folders of class folders: layouts, splits, colour, sizes, corrupt pictures, preparing again."""

import ast
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

from jaxact.lab import UserError
from jaxact.lab.data import load
from jaxact.lab.data.folder import listing

RNG = np.random.default_rng(0)


def picture(path, shape=(8, 8, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, shape, np.uint8)).save(path)


def filled(folder, classes=("ant", "bee"), number=10, shape=(8, 8, 3), below=""):
    for name in classes:
        for i in range(number):
            picture(folder / name / below / f"{i}.png", shape)
    return folder


@pytest.fixture
def read(tmp_path):
    """Loads a folder, prepared in the test's own one."""
    return lambda folder, **options: load(str(folder), str(tmp_path / "prepared"), **options)


def pixels(dataset):
    return {image.tobytes() for s in dataset.splits.values() for image in s.images}


def on_disk(folder):
    return {np.asarray(Image.open(p)).tobytes() for p in folder.rglob("*.png")}


def test_class_folders_alone_are_split_by_class(tmp_path, read):
    folder = filled(tmp_path / "set", ("ant", "bee", "cow"), 20)
    found = read(folder)
    assert (found.num_classes, found.classes) == (3, ("ant", "bee", "cow"))
    assert [len(s.labels) for s in found.splits.values()] == [38, 10, 12]
    for split in found.splits.values():
        counts = np.bincount(split.labels)
        assert counts.max() - counts.min() <= 1
    assert pixels(found) == on_disk(folder)
    assert "tensorflow" not in sys.modules


def test_labels_are_those_of_the_folders(tmp_path, read):
    folder = filled(tmp_path / "set", ("ant", "bee"), 10)
    ants = on_disk(folder / "ant")
    for split in read(folder).splits.values():
        for image, label in zip(split.images, split.labels, strict=True):
            assert (image.tobytes() in ants) == (label == 0)


def test_the_same_pictures_are_held_out_wherever_the_folder_is(tmp_path, read):
    first = filled(tmp_path / "set")
    before = read(first)
    first.rename(tmp_path / "moved")
    for path in (tmp_path / "moved").rglob("*.png"):
        os.utime(path)
    after = read(tmp_path / "moved")
    assert after.checksum == before.checksum


def test_of_a_folder_for_training_alone_a_fifth_is_for_testing(tmp_path, read):
    folder = filled(tmp_path / "set" / "train").parent
    found = read(folder)
    assert [len(s.labels) for s in found.splits.values()] == [13, 3, 4]
    assert found.notes == (
        f"--dataset {folder} has only a train split: 4 of its 20 pictures are for testing",
    )
    assert read(folder / "train").notes == ()


@pytest.mark.parametrize("other", ["test", "val", "valid", "validation"])
def test_with_one_other_split_validation_is_held_out_of_train(tmp_path, read, other):
    filled(tmp_path / "set" / "train", number=10)
    filled(tmp_path / "set" / other, number=3)
    found = read(tmp_path / "set", validation=0.25)
    assert [len(s.labels) for s in found.splits.values()] == [15, 5, 6]
    assert {i.tobytes() for i in found.test.images} == on_disk(tmp_path / "set" / other)


def test_three_splits_are_all_used_and_images_may_lie_one_deeper(tmp_path, read):
    for split, number in (("train", 6), ("val", 2), ("test", 3)):
        filled(tmp_path / "set" / split, number=number, below="images")
    found = read(tmp_path / "set")
    assert [len(s.labels) for s in found.splits.values()] == [12, 4, 6]
    assert {i.tobytes() for i in found.data.validation.images} == on_disk(tmp_path / "set" / "val")


def test_grey_stays_grey_and_becomes_colour_among_colour(tmp_path, read):
    folder = filled(tmp_path / "set", shape=(8, 8))
    assert read(folder).image_shape == (8, 8, 1)
    picture(folder / "ant" / "colour.png")
    found = read(folder)
    assert found.image_shape == (8, 8, 3)
    grey = [i for s in found.splits.values() for i in s.images if (i == i[..., :1]).all()]
    assert len(grey) == 20


def test_several_sizes_need_the_flag(tmp_path, read):
    folder = filled(tmp_path / "set", shape=(10, 12, 3))
    picture(folder / "ant" / "small.png", (4, 6, 3))
    picture(folder / "bee" / "large.png", (30, 20, 3))
    words = r"3 sizes \(height x width\): the smallest 4x6, the largest 30x20, the median 10x12"
    with pytest.raises(UserError, match=words + r".\n.*--image-size 10"):
        read(folder)
    assert read(folder, image_size=8).image_shape == (8, 8, 3)
    assert read(folder, image_size=5).image_shape == (5, 5, 3)


def spoiled(tmp_path):
    folder = filled(tmp_path / "set")
    whole = (folder / "ant" / "0.png").read_bytes()
    (folder / "ant" / "1.png").write_bytes(whole[:-40])
    (folder / "bee" / "2.png").write_bytes(b"")
    (folder / "bee" / "3.png").write_bytes(b"no picture")
    (folder / "bee" / "4.png").write_bytes(whole[:100])
    return folder


def test_corrupt_pictures_stop_with_their_names_and_number(tmp_path, read):
    folder = spoiled(tmp_path)
    with pytest.raises(UserError, match=r"4 corrupt pictures: .*\.png \(.*and 1 more.\n.*skip"):
        read(folder)
    assert not list((tmp_path / "prepared").rglob("dataset_info.json"))


def test_corrupt_pictures_are_left_out_on_demand(tmp_path, read):
    folder = spoiled(tmp_path)
    for _ in range(2):
        found = read(folder, on_corrupt="skip")
        assert sum(len(s.labels) for s in found.splits.values()) == 16
        skipped = found.identity()["skipped"]
        assert skipped["number"] == 4
        assert {n.split(" ")[0] for n in skipped["names"]} == {
            "ant/1.png", "bee/2.png", "bee/3.png", "bee/4.png",
        }  # fmt: skip
        assert "4 corrupt pictures are left out" in found.notes[0]
    with pytest.raises(UserError, match="4 corrupt pictures"):
        read(folder)


def test_a_set_is_prepared_once_and_again_when_it_changes(tmp_path, read, monkeypatch):
    from jaxact.lab.data import folder_builder

    folder = filled(tmp_path / "set")
    calls = []
    shape = folder_builder._shape
    monkeypatch.setattr(folder_builder, "_shape", lambda *a: calls.append(a) or shape(*a))
    first = read(folder)
    assert (read(folder).checksum, len(calls)) == (first.checksum, 1)
    picture(folder / "ant" / "0.png")
    assert read(folder).checksum != first.checksum
    assert len(calls) == 2
    read(folder, image_size=4)
    assert len(calls) == 3
    (folder / "ant" / "3.png").unlink()
    assert sum(len(s.labels) for s in read(folder).splits.values()) == 19


def test_hidden_files_and_those_that_are_no_pictures_are_counted(tmp_path, read):
    folder = filled(tmp_path / "set")
    for name in ("words.txt", "ant/._0.png", "bee/boxes.txt"):
        (folder / name).write_text("x")
    (folder / ".git").mkdir()
    assert read(folder).notes == (
        f"--dataset {folder}: 3 files that are hidden or no pictures are passed over",
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda f: f.mkdir(), "should hold two or more class folders .* there is none"),
        (lambda f: filled(f, ("ant",)), "there is one, ant"),
        (lambda f: (filled(f), (f / "cow").mkdir()), r"without pictures in .*: cow; .*\.png"),
        (lambda f: filled(f / "test"), "holds test but no folder named train"),
        (
            lambda f: [filled(f / s) for s in ("train", "val", "valid")],
            "holds both val and valid; keep one",
        ),
        (
            lambda f: [filled(f / "train"), filled(f / "test", ("ant", "cow", "dog"))],
            "has classes that train has not: cow, dog",
        ),
    ],
)
def test_mistakes_in_the_layout_are_named(tmp_path, make, words):
    make(tmp_path / "set")
    with pytest.raises(UserError, match=words):
        listing(tmp_path / "set")


def test_a_class_may_be_missing_from_the_test_split(tmp_path, read):
    filled(tmp_path / "set" / "train", ("ant", "bee", "cow"))
    filled(tmp_path / "set" / "test", ("cow",))
    found = read(tmp_path / "set")
    assert found.num_classes == 3
    np.testing.assert_array_equal(found.test.labels, 2)


def test_a_bomb_in_a_folder_is_named(tmp_path, read, monkeypatch):
    folder = filled(tmp_path / "set")
    picture(folder / "ant" / "bomb.png", (100, 100, 3))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    for options in ({}, {"on_corrupt": "skip"}):
        with pytest.raises(UserError, match=r"bomb.png is a decompression bomb"):
            read(folder, **options)


def test_damaged_exif_data_spoil_no_picture_and_warn_of_nothing(tmp_path, read):
    folder = filled(tmp_path / "set")
    damaged = b"Exif\0\0II*\0\x08\0\0\0\xff\xff"
    Image.new("RGB", (8, 8)).save(folder / "ant" / "damaged.jpg", exif=damaged)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        with Image.open(folder / "ant" / "damaged.jpg") as image:
            image.getexif()
        assert ["Corrupt EXIF data" in str(warning.message) for warning in found] == [True]
        assert sum(len(s.labels) for s in read(folder).splits.values()) == 21
        assert len(found) == 1


def test_where_nothing_can_be_prepared_another_place_is_asked_for(tmp_path):
    folder = filled(tmp_path / "set")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="could not be prepared in .*--data-dir"):
        load(str(folder), str(tmp_path / "file"))


def test_one_picture_that_changes_size_under_way_is_answered(tmp_path, read, monkeypatch):
    from jaxact.lab.data import pictures

    folder = filled(tmp_path / "set")
    monkeypatch.setattr(pictures, "header", lambda path: ((8, 8), False))
    picture(folder / "ant" / "4.png", (9, 8, 3))
    with pytest.raises(UserError, match="2 sizes"):
        read(folder)


# Of this program alone: ru_maxrss of a child begins with what its parent takes.
PEAK = """
import re, pathlib
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1]) << 10
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak")
def test_many_pictures_prepare_load_and_train_in_little_memory(tmp_path):
    for name in "ab":
        (tmp_path / "set" / name).mkdir(parents=True)
    for i in range(20_000):
        # Large ones, for the process alone takes half a gigabyte.
        pixels = RNG.integers(0, 256, (12, 12, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        Image.fromarray(pixels).save(tmp_path / "set" / "ab"[i % 2] / f"{i}.png")
    folder, prepared = str(tmp_path / "set"), str(tmp_path / "prepared")
    load_all = (
        f"from jaxact.lab.data import load; base = peak(); d = load({folder!r}, {prepared!r}); "
        "print(base, peak(), sum(s.images.nbytes for s in d.splits.values()))"
    )
    base, loaded, size = numbers_of(PEAK + load_all)
    assert size == 20_000 * 96 * 96 * 3
    # The pictures once, and a shard or two beside them.
    assert loaded - base < 1.25 * size + (350 << 20)
    (tmp_path / "linear.py").write_text(LINEAR)
    # A machine with little memory leaves the pictures on disk.
    train_from_disk = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from jaxact.lab import Study, memory, "
        "engine; memory.free_on_host = lambda: 1 << 30; s = Study(activations=('relu',), lrs=(0.1,)"
        f", seeds=1, epochs=1, devices=1, dataset={folder!r}, data_dir={prepared!r}, "
        "model='linear:linear', streaming='on'); r = engine.train_study(s); "
        "print(peak(), r.strategy.streams)"
    )
    trained, streams = numbers_of(PEAK + train_from_disk)
    assert streams
    assert trained < loaded


LINEAR = """
import jax.numpy as jnp
from jaxact.activations import relu

def linear(activation, num_classes, image_shape):
    def init(key):
        return jnp.zeros((image_shape[-1], num_classes))
    def apply(params, x):
        return activation(x.mean((1, 2)) @ params)
    return init, apply
"""


def numbers_of(code):
    words = [sys.executable, "-c", code]
    answer = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return [ast.literal_eval(word) for word in answer.split()]
