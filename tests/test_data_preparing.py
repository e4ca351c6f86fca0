"""Preparing folders of pictures: two processes at once, classes that are lost, odd names."""

import json
import os
import re
import sys

import numpy as np
import psutil
import pytest
from PIL import Image

from jaxact.lab import UserError
from jaxact.lab.data import folder_builder, load, named, source
from jaxact.lab.data.folder import listing
from jaxact.lab.data.folder_builder import ClassFolders

RNG = np.random.default_rng(0)


def filled(folder, classes=("ant", "bee"), number=10):
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(number):
            pixels = RNG.integers(0, 256, (4, 4, 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder


def spoil(folder):
    for path in folder.glob("*.png"):
        path.write_bytes(b"no picture")


@pytest.fixture
def read(tmp_path):
    """Loads a folder, prepared in the test's own one."""
    return lambda folder, **options: load(str(folder), str(tmp_path / "prepared"), **options)


@pytest.fixture
def overtaken(read, monkeypatch):
    """Has another one prepare a folder, in a way that is given, before it gets its name."""

    def overtake(folder, **options):
        prepare = ClassFolders._download_and_prepare

        def late(self, *args, **kwargs):
            prepare(self, *args, **kwargs)
            monkeypatch.setattr(ClassFolders, "_download_and_prepare", prepare)
            read(folder, **options)

        monkeypatch.setattr(ClassFolders, "_download_and_prepare", late)

    return overtake


def test_who_comes_second_uses_what_the_first_has_prepared(tmp_path, read, overtaken):
    folder = filled(tmp_path / "set")
    overtaken(folder)
    found = read(folder)
    assert found.checksum == read(folder).checksum
    prepared = tmp_path / "prepared" / "class_folders"
    assert [path.name for path in next(prepared.iterdir()).iterdir()] == ["1.0.0"]


def test_a_half_prepared_folder_is_not_used(tmp_path, read, monkeypatch):
    folder = filled(tmp_path / "set")

    def fail(config, base):
        (base / "class_folders" / config.name / "1.0.0").mkdir(parents=True)
        raise FileExistsError("in the way")

    monkeypatch.setattr(folder_builder, "_prepare", fail)
    with pytest.raises(UserError, match="could not be prepared in .*in the way; give another"):
        read(folder)


@pytest.mark.parametrize("again", [False, True])
def test_a_class_that_is_corrupt_as_a_whole_is_an_error(tmp_path, read, monkeypatch, again):
    folder = filled(tmp_path / "set", ("ant", "bee", "cow"))
    spoil(folder / "bee")
    with monkeypatch.context() as m:
        if again:  # Prepared before this was looked at.
            m.setattr(folder_builder, "refuse_corrupt", lambda *args: None)
            assert read(folder, on_corrupt="skip").num_classes == 3
    with pytest.raises(
        UserError, match=r"all pictures for train are corrupt of bee, such as bee/\d.png; mend"
    ):
        read(folder, on_corrupt="skip")
    with pytest.raises(UserError, match="10 corrupt pictures"):
        read(folder)


def test_so_is_one_in_the_folder_for_testing(tmp_path, read):
    filled(tmp_path / "set" / "train")
    filled(tmp_path / "set" / "test")
    spoil(tmp_path / "set" / "test" / "ant")
    with pytest.raises(
        UserError, match="all pictures for test are corrupt of ant, such as test/ant/"
    ):
        read(tmp_path / "set", on_corrupt="skip")


def test_a_share_for_testing_may_lose_a_class_but_not_all(tmp_path, read):
    folder = filled(tmp_path / "set", number=5)
    ant, bee = sorted(listing(folder).splits["test"])
    (folder / ant.path).write_bytes(b"no picture")
    np.testing.assert_array_equal(read(folder, on_corrupt="skip").test.labels, 1)
    (folder / bee.path).write_bytes(b"no picture")
    with pytest.raises(UserError, match="all pictures for test are corrupt of ant, bee"):
        read(folder, on_corrupt="skip")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_classes_keep_their_names_whatever_they_are(tmp_path, read):
    names = ["a\nb", "c ", "ü", os.fsdecode(b"caf\xe9"), "(d)"]
    folder = filled(tmp_path / os.fsdecode(b"s\xe9t"), names, 4)
    (folder / names[3] / "bad (1).png").write_bytes(b"")
    for _ in range(2):
        found = read(folder, on_corrupt="skip")
        assert set(found.classes) == {"a\nb", "c ", "ü", "caf\\xe9", "(d)"}
        assert found.num_classes == 5
        assert found.skipped == ("caf\\xe9/bad (1).png (empty)",)
        json.dumps(found.identity()).encode()
        for split in found.splits.values():
            assert set(split.labels) <= set(range(5))


def test_a_preparation_that_holds_names_of_classes_is_read(tmp_path, read, monkeypatch):
    import tensorflow_datasets as tfds

    folder = filled(tmp_path / "set")
    label = tfds.features.ClassLabel
    with monkeypatch.context() as m:
        m.setattr(tfds.features, "ClassLabel", lambda num_classes: label(names=["ant", "bee"]))
        before = read(folder)
    assert list((tmp_path / "prepared").rglob("label.labels.txt"))
    after = read(folder)
    assert (after.classes, after.checksum) == (before.classes, before.checksum)


def test_a_set_of_more_shards_than_may_be_open_is_read(tmp_path, read, monkeypatch):
    resource = pytest.importorskip("resource")
    folder = filled(tmp_path / "set", number=40)
    monkeypatch.setattr(folder_builder, "_SHARD_BYTES", 1)
    expected = read(folder).checksum
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = psutil.Process().num_fds() + 20
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, limits[1]))
        assert read(folder).checksum == expected
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (few, few))
    with pytest.raises(UserError, match=f"is in 80 files .* no more than {few} here; raise"):
        read(folder)


def test_a_folder_of_grey_palettes_is_grey(tmp_path, read):
    expected = set()
    for name in ("ant", "bee"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(5):
            grey = Image.fromarray(RNG.integers(0, 256, (4, 4), np.uint8)).quantize(8)
            grey.save(tmp_path / "set" / name / f"{i}.{'png' if i % 2 else 'gif'}")
            expected.add(np.asarray(grey.convert("L")).tobytes())
    found = read(tmp_path / "set")
    assert found.image_shape == (4, 4, 1)
    assert {image.tobytes() for s in found.splits.values() for image in s.images} == expected


@pytest.mark.parametrize(
    ("kind", "streaming", "place", "advice"),
    [
        ("digits", "auto", "digits", "Give a smaller --image-size, or --streaming on."),
        ("mnist:3.0.1", "on", "mnist/3.0.1", "Give a smaller --image-size."),
        ("my set", "off", "class_folders/my_set-*", "a smaller --image-size, or --streaming on."),
        ("idx", "off", None, "or a folder of class folders, which can stream."),
        ("set.npz", "off", None, "or a folder of class folders, which can stream."),
    ],
)
def test_what_cannot_be_read_or_held_is_answered_each_in_its_way(
    kind, streaming, place, advice, tmp_path, monkeypatch
):
    name, prepared = kind, tmp_path / "prepared"
    if kind in ("my set", "idx", "set.npz"):
        name = str(tmp_path / kind)
        (tmp_path / "my set" / "ant").mkdir(parents=True)
        (tmp_path / "idx").mkdir()
        (tmp_path / "idx" / "train-images-idx3-ubyte").touch()
        (tmp_path / "set.npz").touch()

    def failing(error):
        def fail(*_):
            raise error

        monkeypatch.setattr(named, "read_named", fail)
        monkeypatch.setattr(source, "_of_path", fail)

    failing(MemoryError("Unable to allocate 9 TiB"))
    with pytest.raises(UserError) as caught:
        load(name, str(prepared), streaming=streaming)
    first, second = str(caught.value).splitlines()
    assert first == (
        f"--dataset {name} does not fit in memory (MemoryError: Unable to allocate 9 TiB)"
    )
    assert second.endswith(advice)

    failing(OSError("no such record"))
    with pytest.raises(UserError) as caught:
        load(name, str(prepared), streaming=streaming)
    first, *more = str(caught.value).splitlines()
    assert first == f"--dataset {name}: could not be read: OSError: no such record"
    removed = f"remove {prepared / place} and it will be prepared again." if place else ""
    assert more == ([f"If its files are damaged, {removed}"] if place else [])


def test_the_folder_to_remove_is_that_of_the_preparation(tmp_path, read, monkeypatch):
    folder = filled(tmp_path / "my set")
    read(folder)

    def broken(*_):
        raise ValueError("cut short")

    monkeypatch.setattr(source, "assemble", broken)
    with pytest.raises(UserError, match="could not be read: ValueError: cut short") as caught:
        read(folder)
    (place,) = re.findall("remove (.*) and it", str(caught.value))
    (found,) = (tmp_path / "prepared" / "class_folders").iterdir()
    assert found.match(place)
