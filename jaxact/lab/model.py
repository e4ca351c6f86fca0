"""Models as pairs of pure functions, made from what a factory returns, and their activations."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxact.catalogue import Activation
from jaxact.lab.errors import UserError, first_line
from jaxact.lab.study import Study, activation_named, load_object

_STATEFUL = (
    "--model keeps state besides its parameters (batch statistics, random keys); "
    "the lab trains pure functions of the parameters"
)

ActivationFn = Callable[[jax.Array], jax.Array]


@dataclasses.dataclass(frozen=True)
class Model:
    """A network as pure functions.

    Attributes:
        init: key to parameters, a pytree.
        apply: parameters and images of shape (N, H, W, C) to logits of shape (N, classes).
        decays: parameters to booleans: which of them a weight decay shrinks.
    """

    init: Callable[[jax.Array], Any]
    apply: Callable[[Any, jax.Array], jax.Array]
    decays: Callable[[Any], Any] = lambda params: jax.tree.map(lambda _: True, params)


def build(
    study: Study,
    activation: ActivationFn,
    num_classes: int,
    image_shape: tuple[int, int, int],
    convolution: str = "auto",
) -> Model:
    """The study's network with an activation.

    Raises:
        UserError: if the factory fails, or returns something that is no model.
    """
    if study.model == "cnn":
        from jaxact.models import CNN

        factory: Any = functools.partial(CNN, widths=study.widths, convolution=convolution)
    else:
        factory = load_object(study.model, "--model")
        if not callable(factory):
            raise UserError(f"--model {study.model} is no function or class")
    make = functools.partial(
        factory, activation=activation, num_classes=num_classes, image_shape=image_shape
    )
    try:
        model = _from_nnx(make) if _takes_rngs(factory) else _from_object(make(), image_shape)
        model = _computing_in(model, study.dtype)
        params = jax.eval_shape(model.init, jax.random.key(0))
        images = jax.ShapeDtypeStruct((2, *image_shape), jnp.float32)
        logits = jax.eval_shape(model.apply, params, images)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"--model {study.model} on {_size(image_shape)} images: {error}") from error
    if getattr(logits, "shape", None) != (2, num_classes):
        raise UserError(
            f"--model {study.model} gives logits of shape {getattr(logits, 'shape', logits)} for "
            f"2 images; it should be (2, {num_classes})"
        )
    return model


def _computing_in(model: Model, dtype: str) -> Model:
    """The model with parameters as they are, computing in ``dtype``."""
    if dtype == "float32":
        return model

    def cast(a: jax.Array) -> jax.Array:
        return a.astype(dtype) if jnp.issubdtype(a.dtype, jnp.floating) else a

    def apply(params: Any, x: jax.Array) -> jax.Array:
        return model.apply(*jax.tree.map(cast, (params, x)))

    return dataclasses.replace(model, apply=apply)


def check_activation(name: str) -> None:
    """Tries an activation on a few numbers, unless the library's own tests have done so.

    Raises:
        UserError: if it fails, changes shape or dtype, mixes elements or has no derivative.
    """
    f = activation_named(name)
    if isinstance(f, Activation) and not f.row.settings:
        return
    x = jnp.linspace(-2.0, 2.0, 12).reshape(1, 2, 2, 3)
    try:
        y, pull = jax.vjp(f, x)
        one_by_one = jnp.stack([f(v.reshape(1, 1, 1, 1)) for v in x.ravel()]).reshape(x.shape)
        fits = y.shape == x.shape and y.dtype == x.dtype
        pull(jnp.ones_like(y))
    except (Exception, SystemExit) as error:
        raise UserError(
            f"--activations: {name} fails on float32 arrays: {first_line(error)}"
        ) from error
    if not fits:
        raise UserError(
            f"--activations: {name} turns float32 of shape {x.shape} into {y.dtype} of shape "
            f"{y.shape}; it should keep both"
        )
    if not jnp.allclose(y, one_by_one, rtol=1e-3, atol=1e-5, equal_nan=True):
        raise UserError(
            f"--activations: {name} mixes elements, so it cannot stand between layers; it should "
            "work element by element"
        )


def _takes_rngs(factory: Any) -> bool:
    while isinstance(factory, functools.partial):
        factory = factory.func
    # The metaclass of NNX hides the signature of a class.
    function = factory.__init__ if inspect.isclass(factory) else factory
    return "rngs" in inspect.signature(function).parameters


def _size(image_shape: tuple[int, int, int]) -> str:
    return "x".join(map(str, image_shape))


def _from_nnx(make: Callable[..., Any]) -> Model:
    from flax import nnx

    from jaxact.nnx import decay_mask

    def init(key: jax.Array) -> Any:
        _, params, rest = nnx.split(make(rngs=nnx.Rngs(key)), nnx.Param, ...)
        if jax.tree.leaves(rest):
            raise UserError(_STATEFUL)
        return params

    graph = nnx.graphdef(nnx.eval_shape(lambda: make(rngs=nnx.Rngs(0))))
    return Model(init=init, apply=lambda params, x: nnx.merge(graph, params)(x), decays=decay_mask)


def _from_object(made: Any, image_shape: tuple[int, int, int]) -> Model:
    from jaxact.linen import decay_mask

    if isinstance(made, tuple) and len(made) == 2 and all(map(callable, made)):
        return Model(*made, decays=decay_mask)
    from flax import linen, nnx

    if isinstance(made, linen.Module):
        images = jnp.zeros((1, *image_shape))
        collections = jax.eval_shape(made.init, jax.random.key(0), images)
        if set(collections) != {"params"}:
            raise UserError(_STATEFUL)
        return Model(
            init=lambda key: made.init(key, images),
            apply=lambda params, x: jnp.asarray(made.apply(params, x)),
            decays=decay_mask,
        )
    hint = "; take rngs to return an NNX module" if isinstance(made, nnx.Module) else ""
    raise UserError(
        f"--model returned {type(made).__name__}; it should return a pair of functions "
        f"init(key) and apply(params, x), a Linen module, or an NNX module{hint}"
    )
