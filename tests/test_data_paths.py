"""Which names are paths, and what is answered where nothing is, or a prepared set."""

import json
import pathlib

import pytest

from jaxact.lab import UserError
from jaxact.lab.data import load
from jaxact.lab.data.source import found_path


def test_names_are_paths_where_something_is_or_nothing_else_can_be_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flowers").mkdir()
    assert str(found_path("flowers")) == "flowers"
    assert found_path(str(tmp_path)) == tmp_path
    for name in ("mnist", "mnist:3.0.1", "imagenet_resized/64x64", "flowrs"):
        assert found_path(name) is None
    for name in ("./flowrs", "flowrs/", str(tmp_path / "flowrs")):
        with pytest.raises(UserError, match="no such file or folder; did you mean .*flowers"):
            found_path(name)
    with pytest.raises(UserError, match="no such file or folder; there is no folder nowhere"):
        found_path("nowhere/at/all.npz".replace("/at", ""))
    with pytest.raises(UserError, match=r"--dataset a.npz: no such file or folder$"):
        found_path("a.npz")


def test_a_set_prepared_in_this_folder_keeps_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    load("digits", ".")
    assert (tmp_path / "digits").is_dir()
    assert found_path("digits") is None
    assert load("digits", ".").num_classes == 10


def prepared(folder, name):
    """A folder as TensorFlow Datasets leaves it, but for the pictures."""
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").write_text(json.dumps({"name": name}))


def test_so_does_one_with_a_configuration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    version = tmp_path / "imagenet_resized" / "64x64" / "0.1.0"
    version.mkdir(parents=True)
    assert found_path("imagenet_resized/64x64") is not None
    version.rmdir()
    prepared(version, "imagenet_resized")
    assert found_path("imagenet_resized/64x64") is None
    assert found_path("imagenet_resized") is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("data/mnist", "--dataset mnist --data-dir data"),
        ("data/mnist/", "--dataset mnist --data-dir data"),
        ("data/mnist/3.0.1", "--dataset mnist:3.0.1 --data-dir data"),
        ("data", "--dataset mnist --data-dir data"),
        ("./digits", "--dataset digits --data-dir ."),
        ("digits/1.0.0", "--dataset digits:1.0.0 --data-dir ."),
        ("my sets/tiny/64x64", "--dataset tiny/64x64 --data-dir 'my sets'"),
        ("my sets/tiny", "--dataset tiny/64x64 --data-dir 'my sets'"),
        ("{here}/data/mnist", "--dataset mnist --data-dir {here}/data"),
    ],
)
def test_the_path_of_a_prepared_set_is_answered_with_its_name(tmp_path, monkeypatch, path, words):
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path / "data" / "mnist" / "3.0.1", "mnist")
    prepared(tmp_path / "digits" / "1.0.0", "digits")
    prepared(tmp_path / "my sets" / "tiny" / "64x64" / "0.1.0", "tiny")
    with pytest.raises(UserError) as caught:
        load(path.format(here=tmp_path))
    assert str(caught.value).endswith(f"TensorFlow Datasets; give {words.format(here=tmp_path)}")


def test_the_folder_of_prepared_sets_names_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path / "class_folders" / "set-0123" / "1.0.0", "class_folders")
    for name in ("mnist", "cifar10"):
        prepared(tmp_path / "data" / name / "3.0.1", name)
    prepared(tmp_path / "data" / "class_folders" / "set-0123" / "1.0.0", "class_folders")
    with pytest.raises(UserError, match="--dataset one of cifar10, mnist, and --data-dir data"):
        load("data")
    for name in ("class_folders", str(tmp_path / "class_folders" / "set-0123")):
        with pytest.raises(UserError, match="prepared from a folder of pictures; give that folder"):
            load(name)


def test_other_files_of_that_name_make_no_prepared_set(tmp_path):
    for text in ("", "[]", '{"builder_name": "json"}'):
        (tmp_path / "train").mkdir(exist_ok=True)
        (tmp_path / "train" / "dataset_info.json").write_text(text)
        assert found_path(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("~no_such_user/x", "home directory"),
        ("a" * 300, "File name too long"),
        ("./" + "b" * 300, "File name too long"),
    ],
)
def test_what_can_be_no_path_is_answered_in_words(name, words):
    with pytest.raises(UserError, match=rf"--dataset {name}: no path that can be read: .*{words}"):
        load(name)


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def closed(path, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(pathlib.Path, "exists", closed)
    with pytest.raises(UserError, match=r"x: no path that can be read: Permission denied$"):
        load(str(tmp_path / "x"))


def test_a_typo_in_a_name_with_a_configuration_gives_near_names():
    with pytest.raises(UserError, match=r"TensorFlow Datasets did you mean \['imagenet_resized'"):
        found_path("imagenet_resizd/64x64")


def test_other_files_are_refused(tmp_path):
    (tmp_path / "set.tar").write_bytes(b"x")
    with pytest.raises(UserError, match="is a file, but no .npz; unpack an archive"):
        load(str(tmp_path / "set.tar"))
