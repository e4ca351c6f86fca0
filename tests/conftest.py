"""Data that the tests of the lab share."""

import os

import numpy as np
import pytest
from sklearn.datasets import load_digits

from jaxact.lab.data import Data, Dataset, Split


@pytest.fixture(scope="session")
def few_digits() -> Dataset:
    """A few hundred digits, without the file system."""
    digits = load_digits()
    images = np.rint(digits.images * 255 / 16).astype(np.uint8)[..., None]
    labels = digits.target.astype(np.int32)

    def take(start: int, stop: int) -> Split:
        return Split(images=images[start:stop], labels=labels[start:stop])

    pixels = images[:300] / 255
    data = Data(
        train=take(0, 300),
        validation=take(300, 350),
        mean=pixels.mean((0, 1, 2), dtype=np.float32),
        scale=pixels.std((0, 1, 2), dtype=np.float32),
    )
    return Dataset(name="digits", data=data, test=take(350, 420), num_classes=10)


@pytest.fixture(scope="session")
def data_dir() -> str:
    """The folder for prepared data sets."""
    return os.environ["TFDS_DATA_DIR"]
