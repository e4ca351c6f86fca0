"""Folders of pictures: names of splits, Tiny ImageNet, pictures without labels or too deep."""

import os

import pytest

from jaxact.lab import UserError
from jaxact.lab.data.folder import listing


def filled(folder, classes=("ant", "bee"), number=5, below=""):
    """Class folders with files that nobody opens."""
    for name in classes:
        flat(folder / name / below, number, f"{name}_")
    return folder


def flat(folder, number=3, start=""):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(number):
        (folder / f"{start}{i}.JPEG").touch()
    return folder


def tiny(root, number=5):
    """Tiny ImageNet as it is published, in small."""
    filled(root / "train", ("n01", "n02"), number, "images")
    (root / "train" / "n01" / "n01_boxes.txt").write_text("n01_0.JPEG\t0\t0\t9\t9\n")
    flat(root / "test" / "images", 4, "test_")
    flat(root / "val" / "images", 4, "val_")
    classes = ("n02", "n01", "n02", "n02")
    lines = [f"val_{i}.JPEG\t{name}\t0\t32\t44\t62\n" for i, name in enumerate(classes)]
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    for name in ("wnids.txt", "words.txt"):
        (root / name).write_text("n01\nn02\n")
    return root


def counts(found):
    return {split: len(files) for split, files in found.splits.items()}


@pytest.mark.parametrize("other", ["testing", "dev", "eval", "test_set", "Test", "VAL", "testset"])
@pytest.mark.parametrize("train", ["train", "Training", "training_set"])
def test_usual_names_of_splits_are_known(tmp_path, train, other):
    filled(tmp_path / train)
    filled(tmp_path / other, number=2)
    found = listing(tmp_path)
    assert sorted(counts(found).values()) == [4, 10]
    assert (found.classes, found.divided, found.notes) == (("ant", "bee"), False, ())


@pytest.mark.parametrize("other", ["holdout", "test-multiple", "old_train"])
def test_another_folder_with_pictures_beside_train_is_an_error(tmp_path, other):
    filled(tmp_path / "Training")
    filled(tmp_path / "Test")
    flat(tmp_path / other / "deeper")
    with pytest.raises(UserError, match=rf"no splits by name: {other}.\nKnown are train, .*val, "):
        listing(tmp_path)


def test_other_folders_without_pictures_and_hidden_ones_do_no_harm(tmp_path):
    filled(tmp_path / "train")
    filled(tmp_path / ".cache")
    (tmp_path / "boxes" / "ant").mkdir(parents=True)
    (tmp_path / "boxes" / "ant" / "0.xml").touch()
    found = listing(tmp_path)
    assert counts(found) == {"train": 8, "test": 2}
    assert found.notes == (f"{tmp_path / 'boxes'} holds no pictures; unused",)


def test_tiny_imagenet_is_read_as_it_is_published(tmp_path):
    found = listing(tiny(tmp_path))
    assert counts(found) == {"train": 10, "validation": 4}
    assert {f.path: found.classes[f.label] for f in found.splits["validation"]} == {
        "val/images/val_0.JPEG": "n02",
        "val/images/val_1.JPEG": "n01",
        "val/images/val_2.JPEG": "n02",
        "val/images/val_3.JPEG": "n02",
    }
    assert found.notes == (
        f"{tmp_path / 'test'} has pictures but no class folders, so no labels; unused",
        "1 files that are hidden or no pictures are passed over",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("", "does not name all pictures beside it: val_0.JPEG, val_1.JPEG"),
        ("val_9.JPEG\tn01\n", "names pictures that are not beside it or in images/: val_9.JPEG"),
        ("val_3.JPEG\tn01\n", r"line 5 of .*val_annotations.txt should be .*'val_3.JPEG\\tn01'"),
        ("val_3.JPEG n02\n", "line 5 of .*val_annotations.txt should be"),
        ("n03", "names classes that train has not: n03"),
    ],
)
def test_annotations_that_do_not_match_are_named(tmp_path, change, words):
    path = tiny(tmp_path) / "val" / "val_annotations.txt"
    text = path.read_text()
    path.write_text(text.replace("n01", "n03") if change == "n03" else change and text + change)
    with pytest.raises(UserError, match=words):
        listing(tmp_path)


@pytest.mark.parametrize("below", ["", "images"])
@pytest.mark.parametrize("number", [0, 3])
def test_pictures_without_labels_are_left_out_before_splits_are_decided(tmp_path, below, number):
    filled(tmp_path / "train")
    flat(tmp_path / "test" / below, number)
    found = listing(tmp_path)
    assert (counts(found), found.divided) == ({"train": 8, "test": 2}, True)
    why = "has pictures but no class folders, so no labels" if number else "holds no pictures"
    assert found.notes == (f"{tmp_path / 'test'} {why}; unused",)
    filled(tmp_path / "val", number=1)
    assert counts(listing(tmp_path)) == {"train": 10, "validation": 2}


@pytest.mark.parametrize("below", ["", "images"])
def test_a_class_may_be_named_train(tmp_path, below):
    filled(tmp_path, ("bus", "car", "train"), below=below)
    found = listing(tmp_path)
    assert found.classes == ("bus", "car", "train")
    assert counts(found) == {"train": 12, "test": 3}


@pytest.mark.parametrize("other", ["test", "val"])
def test_flat_folders_for_splits_are_no_classes(tmp_path, other):
    flat(tmp_path / "train")
    flat(tmp_path / other)
    with pytest.raises(UserError, match="train holds no class folders, .* no labels"):
        listing(tmp_path)
    flat(tmp_path / "more")
    with pytest.raises(UserError, match="train holds no class folders, .* no labels"):
        listing(tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        ("train", "test1"),
        ("train_images", "test_images"),
        ("seg-train", "seg-test"),
        ("TrainImages", "ValImages", "TEST 2"),
        ("images_training_rev1", "images_validation_rev1"),
        ("test1", "test2"),
    ],
)
def test_folders_all_named_after_splits_are_no_classes(tmp_path, names):
    for name in names:
        flat(tmp_path / name)
    found = ", ".join(sorted(names))
    words = f"holds {found}: splits by their names, not classes; its pictures have no labels"
    with pytest.raises(UserError, match=words):
        listing(tmp_path)


def test_with_class_folders_in_them_they_should_have_other_names(tmp_path):
    for name in ("train_images", "test_images"):
        filled(tmp_path / name)
    words = "test_images, train_images: splits .* not classes; rename them to test and train$"
    with pytest.raises(UserError, match=words):
        listing(tmp_path)
    for name in ("train", "test"):
        (tmp_path / f"{name}_images").rename(tmp_path / name)
    assert counts(listing(tmp_path)) == {"train": 10, "test": 10}


@pytest.mark.parametrize("names", [("bullet_train", "steam_train"), ("test_tube", "train", "vase")])
def test_words_for_splits_in_some_names_are_no_splits(tmp_path, names):
    for name in names:
        flat(tmp_path / name)
    assert listing(tmp_path).classes == names


def test_a_test_folder_beside_an_unknown_name_for_train_is_an_error(tmp_path):
    filled(tmp_path / "test")
    filled(tmp_path / "learn")
    with pytest.raises(UserError, match="holds test but no folder named train or training"):
        listing(tmp_path)


def test_pictures_outside_class_folders_are_counted(tmp_path):
    filled(tmp_path)
    flat(tmp_path / "ant" / "small" / "images", 2)
    flat(tmp_path / "bee" / "images", 3)
    flat(tmp_path / "bee" / "images" / "old", 1)
    flat(tmp_path, 4)
    (tmp_path / "ant" / "small" / "up").symlink_to(tmp_path / "ant" / "small")
    found = listing(tmp_path)
    assert sum(counts(found).values()) == 13
    assert found.notes == (
        "7 pictures are passed over, for only those in class/ and class/images/ are read; "
        "the first of them is 0.JPEG",
    )


def test_classes_whose_pictures_lie_too_deep_are_an_error(tmp_path):
    filled(tmp_path / "animals")
    filled(tmp_path / "plants")
    with pytest.raises(UserError, match=r"animals, plants; .*animals.ant.*JPEG lies too deep"):
        listing(tmp_path)


@pytest.mark.parametrize("path", ["ant/9.jpg", "ant/images", "cow", "train", "test"])
def test_a_broken_link_is_named(tmp_path, path):
    filled(tmp_path)
    (tmp_path / path).symlink_to(tmp_path / "gone")
    with pytest.raises(UserError, match=rf"{path} is a broken link; mend or remove it"):
        listing(tmp_path)


def test_what_cannot_be_looked_at_is_named(tmp_path):
    filled(tmp_path)
    (tmp_path / "ant" / "x.jpg").symlink_to(tmp_path / "ant" / "x.jpg")
    with pytest.raises(UserError, match=r"x.jpg cannot be read: Too many levels"):
        listing(tmp_path)


def test_links_to_pictures_and_hidden_broken_ones_are_fine(tmp_path):
    filled(tmp_path / "set")
    flat(tmp_path / "elsewhere", 1)
    os.symlink(tmp_path / "elsewhere" / "0.JPEG", tmp_path / "set" / "ant" / "9.JPEG")
    os.symlink(tmp_path / "gone", tmp_path / "set" / "ant" / ".#lock")
    assert sum(counts(listing(tmp_path / "set")).values()) == 11


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (["images"], "images holds class folders: give that.$"),
        (["set/data/images"], "set.data.images holds class folders: give that.$"),
        (["a/train", "a/test"], "a holds folders for splits: give that.$"),
        (["animals", "plants"], "animals, .*plants hold class folders: give one of them.$"),
        (["train/train", "test/test"], "train.train holds class folders: move them into .*.$"),
        (["train/images", "test/images"], "train.images holds .*: move them into .*train.$"),
        (
            ["seg_train/seg_train", "seg_test/seg_test"],
            "lie deeper: move .*seg_test.seg_test to .*test, .*seg_train.seg_train to .*train$",
        ),
    ],
)
def test_class_folders_that_lie_deeper_are_named(tmp_path, sets, words):
    for place in sets:
        filled(tmp_path / place)
    with pytest.raises(UserError, match=words):
        listing(tmp_path)


def test_idx_files_that_lie_deeper_are_named(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "train-images-idx3-ubyte").touch()
    for other in ("raw", "processed"):
        (tmp_path / other).mkdir(exist_ok=True)
        with pytest.raises(UserError, match="raw holds IDX files: give that.$"):
            listing(tmp_path)


def test_what_cannot_be_read_deeper_does_not_hide_the_error(tmp_path):
    filled(tmp_path / "one" / "two")
    (tmp_path / "one" / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(UserError, match="there is one, one$"):
        listing(tmp_path)
