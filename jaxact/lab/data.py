"""Data: a name becomes images on the device, split for training, choosing and testing."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import io
import logging
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxact.lab._state import state
from jaxact.lab.errors import UserError, first_line

_SPLIT_SEED = 0


@state
class Split:
    """Images and labels.

    Attributes:
        images: uint8, shape (N, H, W, C).
        labels: int32, shape (N,); -1 marks padding, which counts for nothing.
    """

    images: Any
    labels: Any


@state
class Data:
    """What a training run reads: a pytree that lives on the device.

    Attributes:
        train: images to learn from.
        validation: images to choose the learning rate by.
        mean: of the training images in [0, 1], shape (C,).
        scale: their standard deviation, shape (C,).
    """

    train: Split
    validation: Split
    mean: Any
    scale: Any

    def normalise(self, images: jax.Array) -> jax.Array:
        """Images of bytes as float32 with mean 0 and variance 1 over the training set."""
        return (images.astype(jnp.float32) / 255.0 - self.mean) / self.scale


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A data set in host memory.

    Attributes:
        name: as given.
        data: training and validation images.
        test: the test images, apart so that they are read once.
        num_classes: number of labels.
    """

    name: str
    data: Data
    test: Split
    num_classes: int

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.data.train.images.shape[1:]


def load(name: str, data_dir: str | None = None, validation: float = 0.2) -> Dataset:
    """Loads a set of TensorFlow Datasets by name, preparing it on first use.

    Neither preparing ``digits`` nor reading any set needs TensorFlow.

    Args:
        name: such as ``"digits"`` or ``"mnist"``.
        data_dir: where sets are prepared; by default that of TensorFlow Datasets.
        validation: share of the training images to hold out, if there is no such split.

    Returns:
        All images in memory.

    Raises:
        UserError: if there is no such set, it cannot be prepared here, or it does not hold
            images of one size with labels.
    """
    try:
        with _quiet():
            return _load(name, data_dir, validation)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"--dataset {name}: could not be read: {first_line(error)}\n"
            "If its files are damaged, remove its folder and it will be prepared again."
        ) from None


def _load(name: str, data_dir: str | None, validation: float) -> Dataset:
    builder = _prepared(name, data_dir)
    image_key, label_key = _feature_names(name, builder)
    sources = {name: _source(builder, name) for name in ("train", "validation", "test")}
    found = [name for name, source in sources.items() if source is not None]
    if "train" not in found or len(found) < 2:
        raise UserError(
            f"--dataset {name} has splits {found}; it needs train, and test or validation"
        )
    splits = {n: _read(name, n, sources[n], image_key, label_key) for n in found}
    train, test = splits["train"], splits[found[-1]]
    if len(found) == 3:
        held_out = splits["validation"]
    else:
        train, held_out = _divide(train, validation)
    empty = [s for s in (train, held_out, test) if not len(s.labels)]
    if empty:
        raise UserError(
            f"--dataset {name}: no images are left to train, choose or test on; with "
            f"--validation {validation:g} there are {len(train.labels)}, {len(held_out.labels)} "
            f"and {len(test.labels)}"
        )
    mean, scale = _moments(train.images)
    return Dataset(
        name=name,
        data=Data(
            train=train,
            validation=held_out,
            mean=mean,
            scale=scale,
        ),
        test=test,
        num_classes=builder.info.features[label_key].num_classes,
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps libraries from writing over the progress bar."""
    loggers = [logging.getLogger(name) for name in ("absl", "urllib3")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def padded(split: Split, size: int) -> Split:
    """``split`` with images repeated up to ``size``, labelled -1."""
    extra = size - len(split.labels)
    return Split(
        images=np.concatenate(
            [split.images, np.resize(split.images, (extra, *split.images.shape[1:]))]
        ),
        labels=np.concatenate([split.labels, np.full(extra, -1, np.int32)]),
    )


def _prepared(name: str, data_dir: str | None) -> Any:
    import tensorflow_datasets as tfds

    import jaxact.lab.digits  # noqa: F401  (registers the builder)

    try:
        builder = tfds.builder(name, data_dir=data_dir, file_format="array_record")
    except (tfds.core.DatasetNotFoundError, ValueError, AssertionError) as error:
        near = _similar(name, tfds.list_builders(with_community_datasets=False))
        raise UserError(f"--dataset {name}: no such data set{near} ({first_line(error)})") from None
    tfds.disable_progress_bar()
    try:
        builder.download_and_prepare(file_format="array_record")
    except Exception as error:
        problem = f"could not be prepared in {builder.data_dir}: {first_line(error)}"
        if name == "digits":
            raise UserError(f"--dataset digits {problem}; give a folder with --data-dir") from None
        raise UserError(
            f"--dataset {name}: {problem}\n"
            "Prepare it where TensorFlow and a network are at hand, with: tfds build "
            f"{name} --file_format=array_record, then give its folder with --data-dir."
        ) from None
    return builder


def _similar(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3)
    return f"; did you mean {near}?" if near else ""


def _feature_names(name: str, builder: Any) -> tuple[str, str]:
    features = builder.info.features
    image, label = (builder.info.supervised_keys or ("image", "label"))[:2]
    labelled = label in features and hasattr(features[label], "num_classes")
    if image not in features or not labelled:
        raise UserError(
            f"--dataset {name} has features {list(features)}; it needs an image and a class label"
        )
    return image, label


def _source(builder: Any, split: str) -> Any:
    """The examples of a split, by number; None if there is no such split."""
    try:
        return builder.as_data_source(split=split)
    except ValueError:
        return None


def _read(name: str, split: str, source: Any, image_key: str, label_key: str) -> Split:
    examples = [source[i] for i in range(len(source))]
    sizes = sorted({example[image_key].shape for example in examples})
    if len(sizes) != 1:
        raise UserError(
            f"--dataset {name}: split {split} has pictures of {len(sizes)} sizes, such as "
            f"{sizes[:2]}; it needs pictures of one size"
        )
    return Split(
        images=np.stack([example[image_key] for example in examples]),
        labels=np.array([example[label_key] for example in examples], np.int32),
    )


def _moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of bytes in [0, 1] by channel, from counts of the levels."""
    levels = np.arange(256) / 255
    counts = np.stack([np.bincount(c.ravel(), minlength=256) for c in np.moveaxis(images, -1, 0)])
    share = counts / counts.sum(1, keepdims=True)
    mean = share @ levels
    scale = np.sqrt(np.maximum(share @ levels**2 - mean**2, 0))
    return mean.astype(np.float32), np.maximum(scale, 1e-3).astype(np.float32)


def _divide(split: Split, share: float) -> tuple[Split, Split]:
    """The rest and ``share`` of a split, the same ones at every call."""
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(split.labels))
    held_out, rest = np.split(order, [round(share * len(order))])

    def take(indices: np.ndarray) -> Split:
        return Split(images=split.images[indices], labels=split.labels[indices])

    return take(rest), take(held_out)
