"""Data: preparing and reading without TensorFlow, splits, and errors."""

import dataclasses
import sys
import tracemalloc
import types

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from jaxact.lab import UserError
from jaxact.lab.data import Split, load, padded
from jaxact.lab.data.named import source_of
from jaxact.lab.data.reading import Source, assemble, mixed
from jaxact.lab.data.sets import moments


@pytest.fixture(scope="module")
def digits(data_dir):
    return load("digits", data_dir)


def test_digits_are_those_of_scikit_learn(digits):
    raw = load_digits()
    splits = (digits.data.train, digits.data.validation, digits.test)
    images = np.concatenate([s.images for s in splits])
    labels = np.concatenate([s.labels for s in splits])
    assert images.shape == (1797, 8, 8, 1)
    assert images.dtype == np.uint8
    ours = sorted((label, *image.ravel()) for image, label in zip(images, labels, strict=True))
    grey = np.rint(raw.images * 255 / 16).astype(np.uint8).reshape(1797, 64)
    assert ours == sorted((y, *x) for x, y in zip(grey, raw.target, strict=True))


def test_digits_are_split_by_class(digits):
    counts = np.bincount(digits.test.labels)
    assert len(digits.data.validation.labels) == round(0.2 * (1797 - counts.sum()))
    np.testing.assert_array_equal(counts, np.bincount(load_digits().target) // 5)


def test_reading_twice_gives_the_same(digits, data_dir):
    again = load("digits", data_dir)
    np.testing.assert_array_equal(again.data.train.images, digits.data.train.images)
    np.testing.assert_array_equal(again.data.validation.labels, digits.data.validation.labels)


def test_normalised_training_images_have_mean_0_and_variance_1(digits):
    x = np.asarray(digits.data.normalise(digits.data.train.images))
    assert abs(x.mean()) < 1e-4
    assert abs(x.std() - 1) < 1e-4


def test_validation_share_is_held_out_of_training(data_dir):
    few = load("digits", data_dir, validation=0.5).data
    assert abs(len(few.validation.labels) - len(few.train.labels)) <= 1


def test_any_image_set_of_tensorflow_datasets_goes_the_same_way():
    with tfds.testing.mock_data(num_examples=12):
        mnist = load("mnist")
        colour = load("cifar10")
    assert mnist.image_shape == (28, 28, 1)
    assert mnist.num_classes == 10
    assert colour.image_shape == (32, 32, 3)
    assert colour.data.mean.shape == colour.data.scale.shape == (3,)


def test_tensorflow_is_not_loaded(digits):
    assert "tensorflow" not in sys.modules


def test_padding_repeats_images_and_labels_them_minus_one():
    split = Split(images=np.arange(6, dtype=np.uint8).reshape(3, 2, 1, 1), labels=np.arange(3))
    longer = padded(split, 5)
    np.testing.assert_array_equal(longer.labels, [0, 1, 2, -1, -1])
    np.testing.assert_array_equal(longer.images[3:], split.images[:2])


def test_unknown_set_names_near_ones():
    with pytest.raises(
        UserError, match=r"--dataset mnits: no such data set, and here no .*; did you mean .*mnist"
    ):
        load("mnits")


def test_set_without_class_labels_is_refused():
    with (
        tfds.testing.mock_data(num_examples=4),
        pytest.raises(UserError, match="needs an image and a class label"),
    ):
        load("div2k")


def test_pictures_of_several_sizes_are_refused():
    sizes = (
        r"pictures are of \d sizes .*smallest \d+x\d+, .*largest.*, .*median.*\n.*--image-size N"
    )
    with tfds.testing.mock_data(num_examples=8), pytest.raises(UserError, match=sizes):
        load("imagenette")


@pytest.mark.parametrize(
    ("name", "size", "shape", "classes"),
    [
        ("imagenette", 32, (32, 32, 3), 10),
        ("imagenet2012", 16, (16, 16, 3), 1000),
        ("imagenet2012_subset", 16, (16, 16, 3), 1000),
        ("imagenet_resized/64x64", None, (64, 64, 3), 1000),
        ("imagenet_resized/64x64", 8, (8, 8, 3), 1000),
        ("cifar100", None, (32, 32, 3), 100),
        ("fashion_mnist", 14, (14, 14, 1), 10),
    ],
)
def test_big_names_are_read_and_resized(name, size, shape, classes):
    with tfds.testing.mock_data(num_examples=10):
        found = load(name, image_size=size)
    assert (found.image_shape, found.num_classes) == (shape, classes)
    assert found.data.train.images.dtype == np.uint8
    assert len(found.classes) == classes


class Records(list):
    """Examples by number."""

    decoders = None


def test_a_test_split_without_labels_is_not_used():
    builder = tfds.builder("imagenet2012")
    images = np.zeros((20, 16, 16, 3), np.uint8)

    def records(split):
        labels = np.full(20, -1) if split == "test" else np.arange(20)
        return Records({"image": i, "label": n} for i, n in zip(images, labels, strict=True))

    made = types.SimpleNamespace(info=builder.info, as_data_source=records)
    source = source_of("imagenet2012", made)
    found = assemble("imagenet2012", source, 0.2, None)
    assert source.notes == ("--dataset imagenet2012: its test split has no labels; unused",)
    assert sorted(found.test.labels) == list(range(20))
    assert len(found.data.train.labels) == 16


def test_pictures_that_are_not_of_bytes_are_refused():
    with (
        tfds.testing.mock_data(num_examples=4),
        pytest.raises(UserError, match="it needs bytes"),
    ):
        load("eurosat/all")


def test_moments_are_those_of_numpy_and_need_little_memory():
    images = np.random.default_rng(0).integers(0, 256, (700, 64, 64, 3), np.uint8)
    tracemalloc.start()
    mean, scale = moments(images)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(mean, (images / 255).mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(scale, (images / 255).std((0, 1, 2)), rtol=1e-6)
    assert peak < 3 * images.nbytes


def test_every_stretch_of_a_mixed_order_holds_classes_in_proportion():
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    order = mixed(labels)
    np.testing.assert_array_equal(np.sort(order), np.arange(160))
    for start in range(0, 160, 16):
        counts = np.bincount(labels[order[start : start + 16]], minlength=3)
        assert np.abs(counts - [10, 5, 1]).max() <= 1


def test_reading_holds_each_picture_once(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (4000, 32, 32, 3), np.uint8)
    labels = np.arange(4000, dtype=np.int32) % 10

    read = []

    class Part:
        def __len__(self):
            return 4000

        def __iter__(self):
            for i, (image, label) in enumerate(zip(images, labels, strict=True)):
                read.append(i)
                yield image.copy(), int(label)

    source = Source(parts={"train": Part(), "test": Part()}, classes=tuple("abcdefghij"))
    tracemalloc.start()
    found = assemble("made", source, 0.25, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(s.labels) for s in found.splits.values()] == [3000, 1000, 4000]
    assert read == [*range(4000)] * 2
    np.testing.assert_array_equal(found.test.images, images)
    # Two splits, and counting levels eight bytes a pixel in pieces.
    assert peak < 2 * images.nbytes + (48 << 20)


def test_checksum_changes_with_a_pixel_and_with_a_label(few_digits):
    test = few_digits.test
    images, labels = test.images.copy(), test.labels.copy()
    images[3, 4, 4, 0] ^= 1
    labels[5] ^= 1
    others = [dataclasses.replace(test, images=images), dataclasses.replace(test, labels=labels)]
    sums = {dataclasses.replace(few_digits, test=other).checksum for other in others}
    assert len(sums | {few_digits.checksum}) == 3
    assert few_digits.checksum == dataclasses.replace(few_digits, name="other").checksum


def test_set_that_cannot_be_prepared_says_what_to_do(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no network\nat all")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(UserError, match=r"OSError: no network\n.*tfds build mnist") as caught:
        load("mnist", str(tmp_path))
    assert "--data-dir" in str(caught.value)


def test_without_a_network_a_download_is_tried_for_seconds(tmp_path, monkeypatch):
    from tensorflow_datasets.core.download import downloader

    seen = []

    def fail(*args, **kwargs):
        seen.append(downloader.MAX_RETRIES)
        raise OSError("no network")

    usual = downloader.MAX_RETRIES
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(UserError, match="no network"):
        load("mnist", str(tmp_path))
    assert seen[0] < usual == downloader.MAX_RETRIES
