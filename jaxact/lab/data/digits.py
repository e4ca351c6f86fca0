"""The default data set: scikit-learn's handwritten digits as a TensorFlow Datasets builder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

_GREY_LEVELS = 16


class Digits(tfds.core.GeneratorBasedBuilder):
    """1,797 handwritten digits, 8x8 grey, that scikit-learn carries: no download, no TensorFlow.

    In each class every fifth image is for testing. Grey levels 0 to 16 become 0 to 255.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description="Handwritten digits of the UCI repository, as scikit-learn carries them.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1), encoding_format="png"),
                    "label": tfds.features.ClassLabel(num_classes=10),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            citation="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, 1998.",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator[Any]]:
        return {"train": self._generate_examples(False), "test": self._generate_examples(True)}

    def _generate_examples(self, for_test: bool) -> Iterator[tuple[int, dict[str, Any]]]:
        from PIL import Image
        from sklearn.datasets import load_digits

        digits: Any = load_digits()
        seen = np.zeros(10, int)
        for i, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
            seen[label] += 1
            if (seen[label] % 5 == 0) == for_test:
                grey = np.rint(image * (255 / _GREY_LEVELS)).astype(np.uint8)
                # TensorFlow Datasets encodes arrays with TensorFlow, but not PIL images.
                yield i, {"image": Image.fromarray(grey), "label": int(label)}
