"""The network: its fast convolution and pooling, and its only nonlinearity."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax import lax
from rows import first_by_default

import jaxact
from jaxact._convolution import conv, conv_im2col, conv_winograd, max_pool
from jaxact.models import CNN, MLP

LAYOUT = ("NHWC", "HWIO", "NHWC")


def lax_conv(x, kernel):
    return lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=LAYOUT)


def draw(*shapes):
    return [jax.random.normal(jax.random.key(i), s) for i, s in enumerate(shapes)]


@pytest.mark.parametrize(
    ("form", "images", "kernel"),
    [
        pytest.param(conv_im2col, (2, 8, 8, 1), (3, 3, 1, 4), marks=pytest.mark.slow),
        (conv_im2col, (2, 7, 5, 3), (3, 3, 3, 4)),
        pytest.param(conv_im2col, (2, 6, 6, 3), (5, 2, 3, 4), marks=pytest.mark.slow),
        pytest.param(conv_im2col, (2, 6, 6, 3), (1, 1, 3, 4), marks=pytest.mark.slow),
        (conv_winograd, (2, 8, 8, 6), (3, 3, 6, 4)),
        pytest.param(conv_winograd, (3, 2, 10, 8), (3, 3, 8, 5), marks=pytest.mark.slow),
    ],
)
def test_convolution_equals_that_of_lax_in_value_and_gradient(form, images, kernel):
    x, k = draw(images, kernel)
    weight = draw((*images[:3], kernel[3]))[0]

    def weighted(f):
        return lambda x, k: (f(x, k) * weight).sum()

    chex.assert_trees_all_close(jax.jit(form)(x, k), lax_conv(x, k), atol=2e-5)
    chex.assert_trees_all_close(
        jax.jit(jax.grad(weighted(form), (0, 1)))(x, k),
        jax.jit(jax.grad(weighted(lax_conv), (0, 1)))(x, k),
        atol=2e-4,
    )


@pytest.mark.parametrize(
    ("size", "channels"),
    [(7, 3), (8, 1), *(pytest.param(*p, marks=pytest.mark.slow) for p in ((8, 8), (32, 3)))],
)
def test_conv_layer_equals_that_of_flax(size, channels):
    x = draw((2, size, size, channels))[0]
    fast = nnx.Conv(channels, 5, (3, 3), conv_general_dilated=conv, rngs=nnx.Rngs(0))
    plain = nnx.Conv(channels, 5, (3, 3), rngs=nnx.Rngs(0))
    chex.assert_trees_all_close(fast(x), plain(x), atol=2e-5)


@pytest.mark.parametrize(
    "options",
    [{"strides": 2}, {"padding": "VALID"}, {"kernel_dilation": 2}, {"feature_group_count": 2}],
)
def test_conv_layer_goes_to_lax_where_no_fast_form_fits(options):
    x = draw((2, 8, 8, 6))[0]
    fast = nnx.Conv(6, 4, (3, 3), conv_general_dilated=conv, rngs=nnx.Rngs(0), **options)
    plain = nnx.Conv(6, 4, (3, 3), rngs=nnx.Rngs(0), **options)
    chex.assert_trees_all_equal(fast(x), plain(x))


@pytest.mark.parametrize("shape", first_by_default((2, 7, 9, 3), (2, 8, 8, 3), (1, 2, 2, 1)))
def test_pool_equals_that_of_flax_in_value_and_gradient(shape):
    x = draw(shape)[0]

    def plain(x):
        return nnx.max_pool(x, (2, 2), strides=(2, 2))

    chex.assert_trees_all_equal(max_pool(x), plain(x))
    chex.assert_trees_all_equal(
        jax.grad(lambda x: jnp.square(max_pool(x)).sum())(x),
        jax.grad(lambda x: jnp.square(plain(x)).sum())(x),
    )


def primitives(jaxpr):
    """Names of the primitives in a jaxpr and all jaxprs inside it."""
    for equation in jaxpr.eqns:
        inner = [v for v in equation.params.values() if hasattr(v, "eqns") or hasattr(v, "jaxpr")]
        for closed in inner:
            yield from primitives(getattr(closed, "jaxpr", closed))
        if not inner:
            yield equation.primitive.name


def test_the_activation_is_the_only_nonlinearity():
    linear_or_pool = {
        "add", "sub", "mul", "div", "neg", "dot_general", "conv_general_dilated", "max",
        "reduce_sum", "reshape", "broadcast_in_dim", "concatenate", "slice", "pad", "squeeze",
        "transpose", "convert_element_type", "copy", "stack", "unstack", "split",
    }  # fmt: skip
    calls = []

    def activation(x):
        calls.append(x.shape)
        return lax.sinh_p.bind(x)

    model = CNN(activation, image_shape=(32, 32, 3), widths=(4, 8, 8), rngs=nnx.Rngs(0))
    names = list(primitives(jax.make_jaxpr(model)(jnp.ones((2, 32, 32, 3))).jaxpr))
    assert set(names) - linear_or_pool == {"sinh"}
    assert names.count("sinh") == len(calls) == 3
    assert calls == [(2, 32, 32, 4), (2, 16, 16, 8), (2, 8, 8, 8)]
    # Products of two things that depend on the image would be nonlinear too.
    assert names.count("mul") == 0


@pytest.mark.slow
def test_network_equals_plain_flax():
    model = CNN(jaxact.gelu, 7, (16, 16, 3), (4, 8, 8), rngs=nnx.Rngs(1))
    x = draw((2, 16, 16, 3))[0]
    y = x
    for layer in model.convs:
        z = lax_conv(y, layer.kernel[...]) + layer.bias[...]
        y = nnx.max_pool(jax.nn.gelu(z), (2, 2), strides=(2, 2))
    expected = y.mean((1, 2)) @ model.head.kernel[...] + model.head.bias[...]
    chex.assert_trees_all_close(model(x), expected, atol=1e-5)


def test_the_activation_is_the_only_nonlinearity_of_the_mlp():
    model = MLP(lax.sinh_p.bind, image_shape=(4, 4, 3), widths=(5, 6), rngs=nnx.Rngs(0))
    names = list(primitives(jax.make_jaxpr(model)(jnp.ones((2, 4, 4, 3))).jaxpr))
    linear = {"add", "dot_general", "reshape", "broadcast_in_dim", "copy"}
    assert set(names) - linear == {"sinh"}
    assert names.count("sinh") == 2


def test_mlp_is_linear_maps_with_the_activation_between():
    model = MLP(
        jaxact.tanh, 7, (4, 3, 2), (5, 6), nnx.initializers.ones, nnx.initializers.ones,
        rngs=nnx.Rngs(0),
    )  # fmt: skip
    x = draw((3, 4, 3, 2))[0]
    first = np.tanh(np.sum(x, (1, 2, 3)) + 1)
    second = np.tanh(5 * first + 1)
    expected = np.broadcast_to(6 * second[:, None] + 1, (3, 7))
    chex.assert_trees_all_close(model(x), expected, atol=1e-5)


def test_images_too_small_to_pool_are_refused():
    with pytest.raises(ValueError, match="3 poolings need images of 8x8 or more, got 7x28"):
        CNN(jaxact.relu, image_shape=(7, 28, 1), rngs=nnx.Rngs(0))


def test_images_of_another_shape_are_refused():
    model = CNN(jaxact.relu, image_shape=(8, 8, 1), rngs=nnx.Rngs(0))
    with pytest.raises(AssertionError, match="shape"):
        model(np.zeros((2, 8, 8, 3), np.float32))
