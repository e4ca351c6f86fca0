"""What happens inside a network: dead units and gradient norms at every activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import optax

from jaxact.lab._state import state
from jaxact.lab.data import Data
from jaxact.lab.errors import UserError
from jaxact.lab.evaluation import batched, map_batches
from jaxact.lab.model import ActivationFn, Model

if TYPE_CHECKING:
    from jaxact.lab.train import Cell

DEAD_SLOPE = 1e-3
"""A unit is dead if the slope of its activation stays below this over the training set."""


@state
class Inside:
    """Measurements at each activation, from the first layer to the last, float32 (sites,).

    Those of a cell that has diverged are NaN.

    Attributes:
        dead: share of units (channels) whose slope is below :data:`DEAD_SLOPE` at every
            position of every training image.
        gradient_norm: norm of the loss gradient of one image at the inputs of the activation,
            root mean square over the training images.
    """

    dead: Any
    gradient_norm: Any


class Tap:
    """Stands in for an activation and notes its inputs while a model is being traced."""

    def __init__(self, activation: ActivationFn):
        self.activation = activation
        self._shifts: Any = None
        self._inputs: list[jax.Array] | None = None

    def __call__(self, x: jax.Array) -> jax.Array:
        """The activation of ``x``, which is noted if somebody listens."""
        if self._inputs is None:
            return self.activation(x)
        if self._shifts is not None:
            x = x + self._shifts[len(self._inputs)]
        self._inputs.append(x)
        return self.activation(x)

    def listen(self, function: Callable[[], Any], shifts: Any = None) -> tuple[Any, Any]:
        """Calls ``function``; returns its result and the inputs, ``shifts`` added to them."""
        self._shifts, self._inputs = shifts, []
        try:
            result = function()
            return result, tuple(self._inputs)
        finally:
            self._shifts, self._inputs = None, None


def make_probe(model: Model, tap: Tap) -> Any:
    """Returns ``probe(cell, data)``, which measures :class:`Inside` on the training images.

    Args:
        model: its activation is the tap.
        tap: of an activation that works element by element; the last axis of its inputs is the
            units'.
    """
    look = make_look(model, tap)

    def probe(cell: Cell, data: Data) -> Inside:
        batches = batched(data.train)
        looks = map_batches(lambda *batch: look(cell.params, data, *batch), batches)
        return inside(cell.diverged, looks)

    return probe


def make_look(model: Model, tap: Tap) -> Any:
    """Returns ``look(params, data, images, labels)``: what :func:`inside` needs of a batch.

    That is the largest slope of each unit, the squared gradients at each activation, summed, and
    the number of images. See :func:`make_probe` for the arguments.
    """

    def forward(shifts: Any, params: Any, x: jax.Array, labels: jax.Array) -> Any:
        logits, inputs = tap.listen(lambda: model.apply(params, x), shifts)
        logits = logits.astype(jnp.float32)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(labels, 0))
        return jnp.where(labels >= 0, losses, 0.0).sum(), inputs

    def look(params: Any, data: Data, images: jax.Array, labels: jax.Array) -> Any:
        x = data.normalise(images)
        _, shapes = jax.eval_shape(lambda: forward(None, params, x, labels))
        if not shapes or any(s.shape[:1] != labels.shape for s in shapes):
            raise UserError(
                "--model must call the activation on arrays whose first axis is the images', "
                f"outside jit, vmap and checkpoint; it called it on {[*map(str, shapes)]}"
            )
        shifts = tuple(jnp.zeros(s.shape, s.dtype) for s in shapes)
        gradients, inputs = jax.grad(forward, has_aux=True)(shifts, params, x, labels)
        counts = labels >= 0
        slopes = tuple(_largest_slope(tap.activation, z, counts) for z in inputs)
        squares = [jnp.square(g.astype(jnp.float32)).sum() for g in gradients]
        return slopes, jnp.stack(squares), counts.sum()

    return look


def inside(diverged: jax.Array, looks: Any) -> Inside:
    """The measurements of a cell from what :func:`make_look` found in all batches, in order."""
    slopes, squares, counts = looks
    dead = jnp.stack([(s.max(0) < DEAD_SLOPE).mean() for s in slopes])
    norm = jnp.sqrt(squares.sum(0) / counts.sum())
    return Inside(
        dead=jnp.where(diverged, jnp.nan, dead), gradient_norm=jnp.where(diverged, jnp.nan, norm)
    )


def _largest_slope(activation: ActivationFn, z: jax.Array, counts: jax.Array) -> jax.Array:
    """Largest absolute slope of each unit over the images that count, shape (units,)."""
    # Reverse mode, which works for custom_vjp too. A slope that is no number is not small.
    y, pull = jax.vjp(activation, z)
    (slope,) = pull(jnp.ones_like(y))
    slope = jnp.where(jnp.isnan(slope), jnp.inf, jnp.abs(slope))
    masked = slope * counts.reshape(-1, *(1,) * (z.ndim - 1))
    return masked.reshape(-1, z.shape[-1]).max(0)
