"""Dead units and gradient norms, against direct computation."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxact
from jaxact.lab.model import Model, _computing_in
from jaxact.lab.probe import Tap, make_probe
from jaxact.lab.train import Cell

WIDTHS = (64, 5, 4, 10)


def build(activation):
    """A small MLP, so that layers are easily computed by hand."""

    def apply(params, x):
        x = x.reshape(len(x), -1)
        for w, b in params[:-1]:
            x = activation(x @ w + b)
        w, b = params[-1]
        return x @ w + b

    return Model(init=draw, apply=apply)


def draw(key):
    shapes = zip(WIDTHS[:-1], WIDTHS[1:], strict=True)
    return [(0.1 * jax.random.normal(key, s), jnp.zeros(s[1])) for s in shapes]


def probe(activation, params, data, diverged=0, dtype="float32"):
    tap = Tap(activation)
    cell = Cell(lr=0.1, seed=0, params=params, opt_state=(), diverged=diverged)
    model = _computing_in(build(tap), dtype)
    return jax.jit(make_probe(model, tap))(cell, data)


@pytest.fixture(scope="module")
def params():
    layers = draw(jax.random.key(0))
    # Two dead units in the first layer, one in the second: their biases are far below zero.
    layers[0] = (layers[0][0], jnp.array([-100.0, 0.0, -100.0, 0.0, 0.0]))
    layers[1] = (layers[1][0], jnp.array([0.0, -100.0, 0.0, 0.0]))
    return layers


@pytest.mark.parametrize("name", ["relu", "gelu", "sigmoid", "mish"])
def test_units_that_never_respond_are_dead(few_digits, params, name):
    activation = jaxact.get(name)
    inside = probe(activation, params, few_digits.data)
    np.testing.assert_allclose(inside.dead, [2 / 5, 1 / 4], rtol=1e-6)


@pytest.mark.parametrize("name", ["leaky_relu", "identity"])
def test_units_that_leak_are_alive(few_digits, params, name):
    inside = probe(jaxact.get(name), params, few_digits.data)
    np.testing.assert_array_equal(inside.dead, [0, 0])


def test_a_unit_that_responds_to_one_image_is_alive(few_digits):
    data = few_digits.data
    x = np.asarray(data.normalise(data.train.images)).reshape(300, -1)
    layers = draw(jax.random.key(0))
    scores = x @ np.asarray(layers[0][0])[:, 0]
    threshold = np.sort(scores)[-2:].mean()
    layers[0] = (layers[0][0], layers[0][1].at[0].set(-threshold))
    inside = probe(jaxact.relu, layers, data)
    assert inside.dead[0] == 0
    layers[0] = (layers[0][0], layers[0][1].at[0].set(-scores.max() - 1))
    inside = probe(jaxact.relu, layers, data)
    np.testing.assert_allclose(inside.dead[0], 1 / 5)


def test_gradient_norm_is_that_of_each_image_alone(few_digits, params):
    data = few_digits.data

    def loss(shifts, image, label):
        x = data.normalise(image).reshape(-1)
        (w0, b0), (w1, b1), (w2, b2) = params
        h = jaxact.tanh(x @ w0 + b0 + shifts[0])
        h = jaxact.tanh(h @ w1 + b1 + shifts[1])
        return optax.softmax_cross_entropy_with_integer_labels(h @ w2 + b2, label)

    zeros = (jnp.zeros(5), jnp.zeros(4))
    per_image = jax.vmap(jax.grad(loss), (None, 0, 0))
    gradients = per_image(zeros, data.train.images, data.train.labels)
    expected = [np.sqrt(np.mean(np.sum(np.square(g), 1))) for g in gradients]
    inside = probe(jaxact.tanh, params, data)
    np.testing.assert_allclose(inside.gradient_norm, expected, rtol=1e-5)


def test_what_bfloat16_computes_is_added_up_in_float32(few_digits, params):
    inside = probe(jaxact.tanh, params, few_digits.data, dtype="bfloat16")
    whole = probe(jaxact.tanh, params, few_digits.data)
    assert inside.gradient_norm.dtype == inside.dead.dtype == jnp.float32
    np.testing.assert_allclose(inside.gradient_norm, whole.gradient_norm, rtol=5e-3)
    assert (inside.gradient_norm != inside.gradient_norm.astype(jnp.bfloat16)).any()


@pytest.mark.parametrize("name", ["relu", "gelu"])
def test_a_cell_that_has_diverged_has_no_number_of_dead_units(few_digits, params, name):
    inside = probe(jaxact.get(name), params, few_digits.data, diverged=3)
    assert np.isnan(inside.dead).all()
    assert np.isnan(inside.gradient_norm).all()
