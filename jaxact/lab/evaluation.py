"""Loss and accuracy of a network over images, in batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import optax
from jax import lax

from jaxact.lab._state import state
from jaxact.lab.data import Data, Split
from jaxact.lab.model import Model

if TYPE_CHECKING:
    from jaxact.lab.train import Cell

_MAX_BATCH = 256


@state
class Score:
    """Loss and accuracy over some images.

    Attributes:
        loss: mean cross-entropy in nats.
        accuracy: share of images whose label has the largest logit.
    """

    loss: Any
    accuracy: Any


def judged(diverged: jax.Array, score: Score) -> Score:
    """The score of a cell; one that has diverged has the loss NaN and the accuracy 0."""
    return Score(
        loss=jnp.where(diverged, jnp.nan, score.loss),
        accuracy=jnp.where(diverged, 0.0, score.accuracy),
    )


def evaluate(model: Model, cell: Cell, data: Data, split: Split) -> Score:
    """Loss and accuracy over all images of a split, in batches; labels of -1 do not count."""
    return total(cell.diverged, map_batches(make_tally(model, cell.params, data), batched(split)))


def make_tally(
    model: Model, params: Any, data: Data
) -> Callable[[jax.Array, jax.Array], tuple[jax.Array, ...]]:
    """Returns the sums of losses and of hits over a batch, and the number of its images."""

    def tally(images: jax.Array, labels: jax.Array) -> tuple[jax.Array, ...]:
        losses, hits = losses_and_hits(model, params, data.normalise(images), labels)
        counts = labels >= 0
        return jnp.where(counts, losses, 0.0).sum(), hits.sum(), counts.sum()

    return tally


def total(diverged: jax.Array, tallies: tuple[jax.Array, ...]) -> Score:
    """The score of a cell from what :func:`make_tally` found in all batches, in their order."""
    loss, hits, count = (part.sum() for part in tallies)
    return judged(diverged, Score(loss=loss / count, accuracy=hits / count))


def division(num_images: int) -> tuple[int, int]:
    """Number and size of the equal batches in which images are evaluated."""
    num_batches = -(-num_images // _MAX_BATCH)
    return num_batches, -(-num_images // num_batches)


def batched(split: Split) -> Split:
    """Images in the batches of :func:`division`; those that fill the last have the label -1."""
    num_batches, size = division(split.labels.shape[0])
    extra = num_batches * size - split.labels.shape[0]

    def cut(array: jax.Array, fill: int) -> jax.Array:
        pad = jnp.full((extra, *array.shape[1:]), fill, array.dtype)
        return jnp.concatenate([array, pad]).reshape(num_batches, size, *array.shape[1:])

    return Split(images=cut(split.images, 0), labels=cut(split.labels, -1))


def map_batches(function: Callable[[jax.Array, jax.Array], Any], batches: Split) -> Any:
    """``function(images, labels)`` of each of several batches; results are stacked."""
    return lax.map(lambda xy: function(*xy), (batches.images, batches.labels))


def losses_and_hits(
    model: Model, params: Any, x: jax.Array, labels: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Cross-entropy of softmax, and whether the largest logit is the label's; one per image."""
    logits = model.apply(params, x).astype(jnp.float32)
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(labels, 0))
    # Of logits that are not finite, argmax would still name a class.
    hits = (logits.argmax(-1) == labels) & jnp.isfinite(logits).all(-1)
    return losses, hits.astype(jnp.float32)
