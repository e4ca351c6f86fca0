"""Training of one cell: pure functions of arrays, so that jit, map, vmap and pmap compose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import chex
import jax
import jax.numpy as jnp
import optax
from jax import lax

from jaxact.lab._state import state
from jaxact.lab.augmentation import UNCHANGED, Augmentation, Draws
from jaxact.lab.data import Data, Split
from jaxact.lab.model import Model

_MAX_EVALUATION_BATCH = 256

Optimizer = Callable[[Any], optax.GradientTransformation]
"""From a learning rate, perhaps traced, to the optimiser."""


@state
class Cell:
    """One run of the grid: its setting and its state.

    Attributes:
        lr: learning rate, float32 scalar.
        seed: int32 scalar; initial values and order of the data follow from it alone.
        params: pytree of parameters.
        opt_state: the optimiser's state.
        diverged: int32 scalar, the epoch in which the loss or a parameter ceased to be finite;
            0 while none did. From then on the cell stands still.
    """

    lr: Any
    seed: Any
    params: Any
    opt_state: Any
    diverged: Any


@state
class Score:
    """Loss and accuracy over some images.

    Attributes:
        loss: mean cross-entropy in nats.
        accuracy: share of images whose label has the largest logit.
    """

    loss: Any
    accuracy: Any


@state
class Batch:
    """Images of one step.

    Attributes:
        numbers: of the training images, int32 of shape (B,).
        draws: how they are changed; None if they are not.
    """

    numbers: Any
    draws: Draws | None


def make_start(model: Model, optimizer: Optimizer) -> Callable[[jax.Array, jax.Array], Cell]:
    """Returns ``start(lr, seed)``: a cell before its first step."""

    def start(lr: jax.Array, seed: jax.Array) -> Cell:
        params = model.init(jax.random.fold_in(jax.random.key(seed), 0))
        opt_state = optimizer(lr).init(params)
        return Cell(
            lr=lr, seed=seed, params=params, opt_state=opt_state, diverged=jnp.zeros((), jnp.int32)
        )

    return start


def make_train(
    model: Model,
    optimizer: Optimizer,
    batch_size: int,
    parts: int = 1,
    together: bool = False,
    augmentation: Augmentation = UNCHANGED,
) -> Callable[[Cell, jax.Array, Data], tuple[Cell, tuple[Score, Score]]]:
    """Returns ``train(cell, epochs, data)``: a scan over epochs of a loop over steps.

    The gradient of a batch is the mean of those of its ``parts``, computed one after another.
    With ``together`` it is made for ``vmap``: all cells take as many steps, so that those of one
    seed read the same images.

    ``epochs`` are the numbers of the epochs to run, int32 of shape (E,). The scores are those
    of each epoch's training steps and of the validation images after it, each of shape (E,);
    see :func:`judged` for those of a diverged cell.
    """

    def train(cell: Cell, epochs: jax.Array, data: Data) -> tuple[Cell, tuple[Score, Score]]:
        update = optimizer(cell.lr).update
        num_images = data.train.labels.shape[0]
        num_steps = num_images // batch_size
        shape = (batch_size, *data.train.images.shape[1:])

        def gradients_and_score(params: Any, batch: Batch) -> tuple[Any, Score]:
            images, labels = data.train.images[batch.numbers], data.train.labels[batch.numbers]
            if batch.draws is not None:
                images = augmentation.apply(images, batch.draws)

            def loss(params: Any) -> tuple[jax.Array, Score]:
                losses, hits = _losses_and_hits(model, params, data.normalise(images), labels)
                score = Score(loss=losses.mean(), accuracy=hits.mean())
                return score.loss, score

            return jax.grad(loss, has_aux=True)(params)

        def step(batch: Batch, state: tuple[Any, Any, Score]) -> tuple[Any, Any, Score]:
            params, opt_state, sums = state
            chex.assert_shape(batch.numbers, (batch_size,))
            gradients, score = _mean_over_parts(
                lambda part: gradients_and_score(params, part), batch, parts
            )
            updates, opt_state = update(gradients, opt_state, params)
            params = optax.apply_updates(params, updates)
            return params, opt_state, jax.tree.map(jnp.add, sums, score)

        def epoch(cell: Cell, number: jax.Array) -> tuple[Cell, tuple[Score, Score]]:
            key = jax.random.fold_in(jax.random.key(cell.seed), number)
            order = jax.random.permutation(key, num_images)[: num_steps * batch_size]
            batches = order.reshape(num_steps, batch_size)
            zeros = Score(loss=jnp.zeros(()), accuracy=jnp.zeros(()))

            def advance(i: jax.Array, before: Any) -> Any:
                draws = augmentation.draw(cell.seed, number, i, shape)
                after = step(Batch(numbers=batches[i], draws=draws), before)
                if not together:
                    return after
                return jax.tree.map(lambda b, a: jnp.where(cell.diverged, b, a), before, after)

            # A diverged cell stays as it is; alone, it takes no steps.
            steps = num_steps if together else jnp.where(cell.diverged, 0, num_steps)
            params, opt_state, sums = lax.fori_loop(
                0, steps, advance, (cell.params, cell.opt_state, zeros)
            )
            score = jax.tree.map(lambda total: total / num_steps, sums)
            finite = [jnp.isfinite(leaf).all() for leaf in jax.tree.leaves((score.loss, params))]
            fine = (cell.diverged > 0) | jnp.stack(finite).all()
            cell = dataclasses.replace(
                cell,
                params=params,
                opt_state=opt_state,
                diverged=jnp.where(fine, cell.diverged, number),
            )
            return cell, (judged(cell, score), evaluate(model, cell, data, data.validation))

        return lax.scan(epoch, cell, epochs)

    return train


def _mean_over_parts(function: Callable[[Batch], Any], batch: Batch, parts: int) -> Any:
    """The mean of ``function`` over equal parts of a batch."""
    if parts == 1:
        return function(batch)
    some = jax.tree.map(lambda a: a.reshape(parts, -1), batch)

    def part(i: Any) -> Any:
        return function(jax.tree.map(lambda a: a[i], some))

    shapes = jax.eval_shape(part, 0)
    zeros = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)
    sums = lax.fori_loop(0, parts, lambda i, sums: jax.tree.map(jnp.add, sums, part(i)), zeros)
    return jax.tree.map(lambda a: a / parts, sums)


def judged(cell: Cell, score: Score) -> Score:
    """The score of a cell; one that has diverged has the loss NaN and the accuracy 0."""
    return Score(
        loss=jnp.where(cell.diverged, jnp.nan, score.loss),
        accuracy=jnp.where(cell.diverged, 0.0, score.accuracy),
    )


def evaluate(model: Model, cell: Cell, data: Data, split: Split) -> Score:
    """Loss and accuracy over all images of a split, in batches; labels of -1 do not count."""

    def batch(images: jax.Array, labels: jax.Array) -> tuple[jax.Array, ...]:
        losses, hits = _losses_and_hits(model, cell.params, data.normalise(images), labels)
        counts = labels >= 0
        return jnp.where(counts, losses, 0.0).sum(), hits.sum(), counts.sum()

    loss, hits, count = (part.sum() for part in map_batches(batch, split))
    return judged(cell, Score(loss=loss / count, accuracy=hits / count))


def map_batches(function: Callable[[jax.Array, jax.Array], Any], split: Split) -> Any:
    """``function(images, labels)`` over all images, in equal batches; results are stacked.

    The last batch is filled with images whose label is -1.
    """
    num_images = split.labels.shape[0]
    num_batches = -(-num_images // _MAX_EVALUATION_BATCH)
    size = -(-num_images // num_batches)
    extra = num_batches * size - num_images

    def batched(array: jax.Array, fill: int) -> jax.Array:
        pad = jnp.full((extra, *array.shape[1:]), fill, array.dtype)
        return jnp.concatenate([array, pad]).reshape(num_batches, size, *array.shape[1:])

    images, labels = batched(split.images, 0), batched(split.labels, -1)
    return lax.map(lambda xy: function(*xy), (images, labels))


def _losses_and_hits(
    model: Model, params: Any, x: jax.Array, labels: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Cross-entropy of softmax, and whether the largest logit is the label's; one per image."""
    logits = model.apply(params, x).astype(jnp.float32)
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(labels, 0))
    # Of logits that are not finite, argmax would still name a class.
    hits = (logits.argmax(-1) == labels) & jnp.isfinite(logits).all(-1)
    return losses, hits.astype(jnp.float32)
