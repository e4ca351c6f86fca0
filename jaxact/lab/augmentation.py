"""Random changes of training images, inside the compiled step.

What is drawn follows from seed, epoch, step and place in the batch alone, so every activation and
learning rate of a seed sees the same changed images.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import chex
import jax
import jax.numpy as jnp
from jax import lax

from jaxact.lab._state import state
from jaxact.lab.errors import check_known

NAMES = ("flip", "crop")
# Of a seed's keys, number 0 draws parameters and those from 1 on the order of each epoch.
_FIRST_KEY = 2**31


@state
class Draws:
    """What happens to the images of a batch of B.

    Attributes:
        flip: whether an image is mirrored, bool of shape (B,).
        top: first row of the window that a padded image is cut to, int32 of shape (B,).
        left: first column of that window, int32 of shape (B,).
    """

    flip: Any
    top: Any
    left: Any


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """Changes that a label survives.

    ``flip`` mirrors an image left to right with probability 1/2. ``crop`` pads it with zeros, an
    eighth of its height and width on each side, and cuts out a window of the old size, all windows
    being as likely: 4 pixels at 32x32, as in He et al., 2016, https://arxiv.org/abs/1512.03385.

    Attributes:
        names: which, of :data:`NAMES`; none leaves images as they are.
    """

    names: tuple[str, ...] = ()

    def draw(
        self, seed: Any, epoch: Any, step: Any, shape: tuple[int, int, int, int]
    ) -> Draws | None:
        """What happens in a step; None if nothing does.

        Args:
            seed: of the run, int32 scalar.
            epoch: from 1 on, int32 scalar.
            step: of the epoch, int32 scalar.
            shape: of the images, (B, H, W, C).
        """
        if not self.names:
            return None
        key = jax.random.fold_in(jax.random.key(seed), jnp.uint32(_FIRST_KEY) + epoch)
        keys = jax.random.split(jax.random.fold_in(key, step), 3)
        count, height, width, _ = shape
        return Draws(
            flip=jax.random.bernoulli(keys[0], 0.5, (count,)),
            top=jax.random.randint(keys[1], (count,), 0, 2 * _margin(height) + 1),
            left=jax.random.randint(keys[2], (count,), 0, 2 * _margin(width) + 1),
        )

    def apply(self, images: jax.Array, draws: Draws) -> jax.Array:
        """The changed images, of the same shape (B, H, W, C) and dtype."""
        chex.assert_rank(images, 4)
        chex.assert_shape(jax.tree.leaves(draws), (len(images),))
        if "flip" in self.names:
            flip = draws.flip[:, None, None, None]
            images = jnp.where(flip, images[:, :, ::-1], images)
        if "crop" in self.names:
            images = jax.vmap(_window)(images, draws.top, draws.left)
        return images


UNCHANGED = Augmentation()


def _margin(size: int) -> int:
    """Pixels of padding on each side."""
    return max(1, size // 8)


def _window(image: jax.Array, top: jax.Array, left: jax.Array) -> jax.Array:
    height, width, _ = image.shape
    rows, columns = _margin(height), _margin(width)
    padded = jnp.pad(image, ((rows, rows), (columns, columns), (0, 0)))
    return lax.dynamic_slice(padded, (top, left, 0), image.shape)


def check(names: Sequence[str]) -> None:
    """Whether there are such changes.

    Raises:
        UserError: if not.
    """
    for name in names:
        check_known("augment", name, NAMES)
