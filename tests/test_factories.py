"""Models of one's own: pairs of functions, Linen and NNX modules, and what is refused."""

import sys
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen, nnx

import jaxact
from jaxact.lab import Study, UserError
from jaxact.lab.model import build

SHAPE = (4, 4, 1)


def pair(activation, num_classes, image_shape):
    size = int(np.prod(image_shape))

    def apply(params, x):
        return activation(x.reshape(len(x), -1)) @ params["w"]

    return lambda key: {"w": jax.random.normal(key, (size, num_classes))}, apply


class Linen(linen.Module):
    activation: object
    num_classes: int
    image_shape: tuple

    @linen.compact
    def __call__(self, x):
        return linen.Dense(self.num_classes)(self.activation(x.reshape(len(x), -1)))


class LinenWithState(Linen):
    @linen.compact
    def __call__(self, x):
        x = linen.BatchNorm(use_running_average=True)(x)
        return linen.Dense(self.num_classes)(self.activation(x.reshape(len(x), -1)))


class Nnx(nnx.Module):
    def __init__(self, activation, num_classes, image_shape, *, rngs):
        self.activation = activation
        self.linear = nnx.Linear(int(np.prod(image_shape)), num_classes, rngs=rngs)

    def __call__(self, x):
        return self.linear(self.activation(x.reshape(len(x), -1)))


class WithState(Nnx):
    def __init__(self, activation, num_classes, image_shape, *, rngs):
        super().__init__(activation, num_classes, image_shape, rngs=rngs)
        self.norm = nnx.BatchNorm(num_classes, rngs=rngs)


def function_for_nnx(activation, num_classes, image_shape, rngs):
    return Nnx(activation, num_classes, image_shape, rngs=rngs)


def wrong_logits(activation, num_classes, image_shape):
    return pair(activation, num_classes + 1, image_shape)


def no_model(activation, num_classes, image_shape):
    return 3


def failing(activation, num_classes, image_shape):
    raise RuntimeError("out of ideas")


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    module = types.ModuleType("own_models")
    vars(module).update(globals())
    monkeypatch.setitem(sys.modules, "own_models", module)


def built(name, activation=jaxact.relu):
    return build(Study(model=f"own_models:{name}"), activation, 3, SHAPE)


@pytest.mark.parametrize("name", ["pair", "Linen", "Nnx", "function_for_nnx"])
def test_every_kind_of_model_becomes_a_pair_of_pure_functions(name):
    model, identity = built(name), built(name, jaxact.identity)
    params = jax.jit(model.init)(jax.random.key(0))
    again = jax.jit(model.init)(jax.random.key(0))
    other = jax.jit(model.init)(jax.random.key(1))
    x = jax.random.normal(jax.random.key(2), (5, *SHAPE))
    y = jax.jit(model.apply)(params, x)
    assert y.shape == (5, 3)
    np.testing.assert_array_equal(y, jax.jit(model.apply)(again, x))
    assert not np.allclose(y, model.apply(other, x))
    assert not np.allclose(y, identity.apply(params, x))
    np.testing.assert_allclose(
        model.apply(params, jnp.abs(x)), identity.apply(params, jnp.abs(x)), rtol=1e-5
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wrong_logits", r"gives logits of shape \(2, 4\) for 2 images; it should be \(2, 3\)"),
        ("no_model", "returned int; it should return a pair of functions"),
        ("failing", "4x4x1 images: out of ideas"),
        ("LinenWithState", "keeps state besides its parameters"),
        ("WithState", "keeps state besides its parameters"),
        ("Nnyx", r"module 'own_models' has no 'Nnyx'; did you mean \['Nnx'"),
    ],
)
def test_what_is_no_model_is_refused(name, message):
    with pytest.raises(UserError, match=message):
        built(name)
