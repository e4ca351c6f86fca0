"""Augmentation: windows and mirrors of the images, drawn alike for every activation."""

import dataclasses

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxact.lab import Study, UserError
from jaxact.lab.augmentation import UNCHANGED, Augmentation
from jaxact.lab.engine import train_study
from jaxact.lab.optimizers import make_optimizer
from jaxact.lab.train import Cell, make_train

BOTH = Augmentation(("flip", "crop"))


def changed(image, flip, top, left, names):
    """An image as NumPy changes it."""
    if "flip" in names and flip:
        image = np.fliplr(image)
    if "crop" in names:
        rows, columns = (max(1, n // 8) for n in image.shape[:2])
        padded = np.pad(image, ((rows, rows), (columns, columns), (0, 0)))
        image = padded[top : top + image.shape[0], left : left + image.shape[1]]
    return image


@settings(deadline=None, max_examples=6)
@given(
    height=st.integers(2, 20),
    width=st.integers(2, 20),
    channels=st.sampled_from([1, 3]),
    seed=st.integers(0, 2**31 - 1),
    names=st.sampled_from([("flip",), ("crop",), ("flip", "crop"), ("crop", "flip")]),
)
def test_images_are_those_of_numpy(height, width, channels, seed, names):
    shape = (5, height, width, channels)
    images = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    augmentation = Augmentation(names)
    draws = augmentation.draw(seed, 1, 0, shape)
    found = augmentation.apply(jnp.asarray(images), draws)
    chex.assert_shape(found, shape)
    chex.assert_type(found, np.uint8)
    for i, image in enumerate(images):
        expected = changed(image, draws.flip[i], int(draws.top[i]), int(draws.left[i]), names)
        np.testing.assert_array_equal(found[i], expected)


def test_all_windows_are_as_likely():
    draws = BOTH.draw(0, 1, 0, (18_000, 32, 16, 3))
    assert abs(float(draws.flip.mean()) - 0.5) < 4 * 0.5 / 18_000**0.5
    for places, windows in ((draws.top, 9), (draws.left, 5)):
        counts, expected = np.bincount(np.asarray(places)), 18_000 / windows
        assert len(counts) == windows
        assert (abs(counts - expected) < 5 * expected**0.5).all()


def test_seed_epoch_and_step_each_change_the_draws():
    shape = (64, 32, 32, 3)
    first = BOTH.draw(0, 1, 0, shape)
    again = BOTH.draw(0, 1, 0, shape)
    chex.assert_trees_all_equal(first, again)
    for other in (BOTH.draw(1, 1, 0, shape), BOTH.draw(0, 2, 0, shape), BOTH.draw(0, 1, 1, shape)):
        for a, b in zip(jax.tree.leaves(first), jax.tree.leaves(other), strict=True):
            assert (a != b).mean() > 0.2


def test_without_names_nothing_is_drawn():
    assert UNCHANGED.draw(0, 1, 0, (4, 8, 8, 1)) is None


LINEAR = Study(
    activations=("relu", "gelu"),
    lrs=(1e-3, 1e-2),
    seeds=2,
    epochs=2,
    batch_size=30,
    augment=("flip", "crop"),
    model="tests.test_augmentation:linear",
    devices=2,
)


def linear(activation, num_classes, image_shape):
    """A linear model, for which all activations are the same."""
    size = int(np.prod(image_shape))
    return (
        lambda key: {"w": jax.random.normal(key, (size, num_classes)) / size},
        lambda params, x: x.reshape(len(x), -1) @ params["w"] + 0 * activation(x).sum(),
    )


def test_every_activation_sees_the_same_images(few_digits):
    found = train_study(LINEAR, dataset=few_digits).activations
    relu, gelu = (found[name]["epochs"][0].loss for name in LINEAR.activations)
    np.testing.assert_array_equal(relu, gelu)
    plain = dataclasses.replace(LINEAR, activations=("relu",), augment=())
    unchanged = train_study(plain, dataset=few_digits).activations["relu"]
    assert (unchanged["epochs"][0].loss != relu).all()


def test_a_cell_is_trained_on_the_images_of_its_draws(few_digits):
    """Against a loop in NumPy: softmax regression by Adam's plain rule, sgd."""
    study = dataclasses.replace(
        LINEAR, activations=("relu",), lrs=(0.1,), seeds=1, epochs=1, optimizer="sgd"
    )
    found = train_study(study, dataset=few_digits).activations["relu"]["epochs"][0].loss
    data, key = few_digits.data, jax.random.key(0)
    w = np.asarray(linear(jax.nn.relu, 10, (8, 8, 1))[0](jax.random.fold_in(key, 0))["w"])
    order = np.asarray(jax.random.permutation(jax.random.fold_in(key, 1), 300))
    losses = []
    for step, batch in enumerate(order.reshape(10, 30)):
        draws = BOTH.draw(0, 1, step, (30, 8, 8, 1))
        images = [
            changed(data.train.images[n], draws.flip[i], int(draws.top[i]), int(draws.left[i]),
                    BOTH.names)
            for i, n in enumerate(batch)
        ]  # fmt: skip
        x = ((np.stack(images) / 255 - data.mean) / data.scale).reshape(30, -1)
        logits = x @ w
        chances = np.exp(logits - logits.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        labels = data.train.labels[batch]
        losses.append(-np.log(chances[np.arange(30), labels]).mean())
        w = w - 0.1 * x.T @ (chances - np.eye(10)[labels]) / 30
    np.testing.assert_allclose(found[0, 0], np.mean(losses), rtol=1e-5)


class Linear:
    """A linear model as the trainer takes it."""

    @staticmethod
    def apply(params, x):
        return x.reshape(len(x), -1) @ params["w"]


@pytest.mark.slow
def test_parts_of_a_batch_keep_their_draws(few_digits):
    optimizer = make_optimizer(LINEAR, lambda params: params, steps_per_epoch=10)
    params = {"w": jnp.zeros((64, 10))}
    cell = Cell(
        lr=jnp.float32(0.01), seed=jnp.int32(3), params=params,
        opt_state=optimizer(0.01).init(params), diverged=jnp.int32(0),
    )  # fmt: skip
    found = []
    for parts in (1, 3):
        train = make_train(Linear, optimizer, 30, parts, augmentation=BOTH)
        after, _ = jax.jit(train)(cell, jnp.arange(1, 2), few_digits.data)
        found.append(after.params["w"])
    np.testing.assert_allclose(*found, atol=1e-5)
    assert abs(found[0]).max() > 0.01


@pytest.mark.slow
def test_draws_do_not_depend_on_devices_or_chunks(few_digits):
    study = dataclasses.replace(
        LINEAR, activations=("gelu",), model="cnn", widths=(4, 8, 8), batch_size=64
    )
    two = train_study(study, dataset=few_digits).activations
    one = train_study(dataclasses.replace(study, devices=1), dataset=few_digits).activations
    chex.assert_trees_all_equal(one, two)
    some = dataclasses.replace(study, strategy="vmap", chunk=4)
    chex.assert_trees_all_close(
        train_study(some, dataset=few_digits).activations["gelu"]["epochs"],
        two["gelu"]["epochs"],
        rtol=1e-4,
        atol=1e-2,
    )


def test_what_is_unknown_is_refused():
    with pytest.raises(UserError, match=r"--augment: there is no 'flop'; did you mean flip"):
        Study(augment=("flop",))
    with pytest.raises(UserError, match="--augment names flip twice"):
        Study(augment=("flip", "flip"))
