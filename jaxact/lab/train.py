"""Training of one cell: pure functions of arrays, so that jit, map, vmap and pmap compose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import lax

from jaxact.lab._state import state
from jaxact.lab.augmentation import UNCHANGED, Augmentation, Draws
from jaxact.lab.data import Data
from jaxact.lab.evaluation import Score, evaluate, judged, losses_and_hits
from jaxact.lab.model import Model

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
class Batch:
    """Images of one step, or of a part of it.

    Attributes:
        numbers: of the images, int32 of shape (B,).
        draws: how they are changed; None if they are not.
    """

    numbers: Any
    draws: Draws | None


@state
class Steps:
    """Some steps of an epoch.

    Attributes:
        number: of the epoch, from 1 on, int32 scalar.
        first: how many steps of the epoch were taken before.
        count: how many are to be taken.
    """

    number: Any
    first: Any
    count: Any


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
    steps_of = make_steps(model, optimizer, parts, together, augmentation)

    def train(cell: Cell, epochs: jax.Array, data: Data) -> tuple[Cell, tuple[Score, Score]]:
        num_images = data.train.labels.shape[0]
        num_steps = num_images // batch_size

        def epoch(cell: Cell, number: jax.Array) -> tuple[Cell, tuple[Score, Score]]:
            key = jax.random.key(cell.seed)
            batches = batches_of_epoch(key, number, num_images, batch_size)

            def read(_: jax.Array, numbers: jax.Array) -> tuple[jax.Array, jax.Array]:
                return data.train.images[numbers], data.train.labels[numbers]

            steps = Steps(number=number, first=0, count=num_steps)
            cell, sums = steps_of(cell, no_score(), data, steps, lambda i: batches[i], read)
            cell, score = end_epoch(cell, sums, number, num_steps)
            return cell, (score, evaluate(model, cell, data, data.validation))

        return lax.scan(epoch, cell, epochs)

    return train


def batches_of_epoch(key: jax.Array, number: Any, num_images: int, batch_size: int) -> jax.Array:
    """Numbers of the images of each step of an epoch, int32 of shape (steps, batch size).

    Args:
        key: of the cell's seed.
        number: of the epoch, from 1 on.
        num_images: how many there are to learn from; what fills no batch is left out.
        batch_size: images of a step.
    """
    num_steps = num_images // batch_size
    order = jax.random.permutation(jax.random.fold_in(key, number), num_images)
    return order[: num_steps * batch_size].reshape(num_steps, batch_size)


def make_steps(
    model: Model,
    optimizer: Optimizer,
    parts: int = 1,
    together: bool = False,
    augmentation: Augmentation = UNCHANGED,
) -> Callable[..., tuple[Cell, Score]]:
    """Returns what takes some steps of an epoch, wherever their images come from.

    It is called with a cell, the sums of its scores so far, what normalises images, the
    :class:`Steps`, a function from the number of a step among these to what :func:`read` needs to
    find its images, int32 of shape (batch size,), and ``read(i, numbers)``, which returns images
    and labels. Results are the cell and the sums. See :func:`make_train` for the arguments.
    """

    def steps_of(
        cell: Cell, sums: Score, data: Data, steps: Steps, numbers: Any, read: Any
    ) -> tuple[Cell, Score]:
        update = optimizer(cell.lr).update

        def gradients_and_score(params: Any, i: jax.Array, part: Batch) -> tuple[Any, Score]:
            images, labels = read(i, part.numbers)
            if part.draws is not None:
                images = augmentation.apply(images, part.draws)

            def loss(params: Any) -> tuple[jax.Array, Score]:
                losses, hits = losses_and_hits(model, params, data.normalise(images), labels)
                score = Score(loss=losses.mean(), accuracy=hits.mean())
                return score.loss, score

            return jax.grad(loss, has_aux=True)(params)

        def step(i: jax.Array, state: tuple[Any, Any, Score]) -> tuple[Any, Any, Score]:
            params, opt_state, sums = state
            chosen = numbers(i)
            images, _ = jax.eval_shape(read, i, chosen)
            draws = augmentation.draw(cell.seed, steps.number, steps.first + i, images.shape)
            gradients, score = _mean_over_parts(
                lambda part: gradients_and_score(params, i, part),
                Batch(numbers=chosen, draws=draws),
                parts,
            )
            updates, opt_state = update(gradients, opt_state, params)
            params = optax.apply_updates(params, updates)
            return params, opt_state, jax.tree.map(jnp.add, sums, score)

        def advance(i: jax.Array, before: Any) -> Any:
            after = step(i, before)
            if not together:
                return after
            return jax.tree.map(lambda b, a: jnp.where(cell.diverged, b, a), before, after)

        # A diverged cell stays as it is; alone, it takes no steps.
        count = steps.count if together else jnp.where(cell.diverged, 0, steps.count)
        params, opt_state, sums = lax.fori_loop(
            0, count, advance, (cell.params, cell.opt_state, sums)
        )
        return dataclasses.replace(cell, params=params, opt_state=opt_state), sums

    return steps_of


def no_score() -> Score:
    """The sums of scores before the first step of an epoch."""
    return Score(loss=jnp.zeros(()), accuracy=jnp.zeros(()))


def end_epoch(cell: Cell, sums: Score, number: Any, num_steps: int) -> tuple[Cell, Score]:
    """The cell after the steps of an epoch, diverged or not, and its score in them.

    Args:
        cell: after the last step.
        sums: of the scores of the steps.
        number: of the epoch.
        num_steps: how many there were.
    """
    score = jax.tree.map(lambda total: total / num_steps, sums)
    finite = [jnp.isfinite(leaf).all() for leaf in jax.tree.leaves((score.loss, cell.params))]
    fine = (cell.diverged > 0) | jnp.stack(finite).all()
    cell = dataclasses.replace(cell, diverged=jnp.where(fine, cell.diverged, number))
    return cell, judged(cell.diverged, score)


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
