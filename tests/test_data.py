"""Data: preparing and reading without TensorFlow, splits, and errors."""

import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from jaxact.lab import UserError
from jaxact.lab.data import Split, load, padded


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
    with pytest.raises(UserError, match=r"--dataset mnits: no such data set; did you mean .*mnist"):
        load("mnits")


def test_set_without_class_labels_is_refused():
    with (
        tfds.testing.mock_data(num_examples=4),
        pytest.raises(UserError, match="needs an image and a class label"),
    ):
        load("div2k")


def test_pictures_of_several_sizes_are_refused():
    with (
        tfds.testing.mock_data(num_examples=8),
        pytest.raises(UserError, match="pictures of .* sizes"),
    ):
        load("imagenette")


def test_set_that_cannot_be_prepared_says_what_to_do(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no network\nat all")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(UserError, match=r"OSError: no network\n.*tfds build mnist") as caught:
        load("mnist", str(tmp_path))
    assert "--data-dir" in str(caught.value)
