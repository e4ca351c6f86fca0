"""Convolution and pooling: dtypes, transformations and derivatives, against those of lax."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax import lax
from jax.test_util import check_grads
from rows import first_by_default

import jaxact
from jaxact._convolution import conv, conv_im2col, conv_winograd, max_pool
from jaxact.models import CNN

FORMS = [
    (conv_im2col, (2, 4, 4, 3), (3, 3, 3, 4)),
    (conv_winograd, (2, 4, 4, 6), (3, 3, 6, 4)),
]


@pytest.fixture(params=FORMS, ids=["im2col", "winograd"])
def case(request):
    form, images, kernel = request.param
    return form, *draw(images, kernel)


def draw(*shapes):
    return [jax.random.normal(jax.random.key(i), s) for i, s in enumerate(shapes)]


def lax_conv(x, kernel):
    layout = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=layout)


def test_float32_errors_stay_near_one_rounding():
    x, k = draw((8, 16, 16, 32), (3, 3, 32, 64))
    with jax.enable_x64(True):
        expected = lax_conv(x.astype("float64"), k.astype("float64"))
    scale = np.abs(expected).max()
    for form in (conv_im2col, conv_winograd):
        assert np.abs(jax.jit(form)(x, k) - np.asarray(expected)).max() < 2e-6 * scale


def test_bfloat16_is_kept_in_value_and_gradient(case):
    form, x, k = case
    low = [a.astype(jnp.bfloat16) for a in (x, k)]
    y, pull = jax.vjp(jax.jit(form), *low)
    expected, exact_pull = jax.vjp(jax.jit(lax_conv), *(a.astype(jnp.float32) for a in low))
    results, exact = (y, *pull(y)), (expected, *exact_pull(y.astype(jnp.float32)))
    for a, b in zip(results, exact, strict=True):
        assert a.dtype == jnp.bfloat16
        assert jnp.abs(a.astype(jnp.float32) - b).max() < 0.03 * jnp.abs(b).max()


@pytest.mark.slow
def test_vmap_over_kernels_and_images_equals_a_loop(case):
    form, x, k = case
    kernels, images = jnp.stack([k, 2 * k - 1]), jnp.stack([x, x + 1])

    def gradient(x, k):
        return jax.grad(lambda k: jnp.square(form(x, k)).sum())(k)

    for f in (jax.jit(form), jax.jit(gradient)):
        one = jax.vmap(f, (None, 0))(x, kernels)
        both = jax.vmap(f)(images, kernels)
        chex.assert_trees_all_close(one, jnp.stack([f(x, k) for k in kernels]), rtol=1e-4)
        looped = [f(x, k) for x, k in zip(images, kernels, strict=True)]
        chex.assert_trees_all_close(both, jnp.stack(looped), rtol=1e-4, atol=1e-3)


def test_second_derivatives_in_both_modes_equal_those_of_lax(case):
    form, x, k = case
    vx, vk = jnp.cos(x), jnp.cos(k)

    def both_modes(conv):
        def loss(x, k):
            return (jnp.square(conv(x, k)) / 100).sum()

        gradient = jax.grad(loss, (0, 1))

        def along(x, k):
            return sum(jnp.vdot(g, v) for g, v in zip(gradient(x, k), (vx, vk), strict=True))

        forward = jax.jvp(gradient, (x, k), (vx, vk))[1]
        return forward, jax.grad(along, (0, 1))(x, k)

    chex.assert_trees_all_close(
        jax.jit(lambda: both_modes(form))(), jax.jit(lambda: both_modes(lax_conv))(), atol=1e-4
    )


def test_pool_has_two_derivatives_in_both_modes():
    x = jax.random.permutation(jax.random.key(0), jnp.arange(60.0)).reshape(1, 5, 4, 3)

    @jax.jit
    def squared(x):
        return jnp.square(max_pool(x) / 10)

    check_grads(squared, (x,), order=2, modes=["fwd", "rev"], atol=0.02, rtol=0.02)


@pytest.mark.parametrize("dtype", first_by_default("float32", "bfloat16"))
def test_pool_shares_the_gradient_among_ties(dtype):
    x = jnp.array([[1, 1, 5, 5], [1, 1, 5, 0], [2, 0, 7, 7], [2, 1, 3, 3]], dtype)[None, ..., None]
    gradient = jax.grad(lambda x: max_pool(x).sum())(x)
    share = [
        [1 / 4, 1 / 4, 1 / 3, 1 / 3],
        [1 / 4, 1 / 4, 1 / 3, 0],
        [0.5, 0, 0.5, 0.5],
        [0.5, 0, 0, 0],
    ]
    chex.assert_trees_all_equal(gradient[0, ..., 0], jnp.array(share, dtype))
    tangent = jax.jvp(max_pool, (x,), (jnp.ones_like(x),))[1]
    chex.assert_trees_all_equal(tangent, jnp.ones_like(tangent))


def test_pool_passes_nan_on_in_value_and_gradient():
    x = jnp.ones((1, 2, 2, 1)).at[0, 1, 0, 0].set(jnp.nan)
    assert jnp.isnan(max_pool(x)).all()
    assert jnp.isnan(jax.grad(lambda x: jnp.square(max_pool(x)).sum())(x)).all()


@pytest.mark.slow
def test_pool_under_vmap_equals_a_loop():
    x = draw((3, 2, 5, 4, 2))[0]
    for f in (max_pool, jax.grad(lambda x: jnp.square(max_pool(x)).sum())):
        chex.assert_trees_all_equal(jax.vmap(f)(x), jnp.stack([f(row) for row in x]))


@pytest.mark.slow
def test_forward_mode_through_the_network_equals_reverse_mode():
    model = CNN(jaxact.gelu, 5, (16, 16, 3), (4, 8), rngs=nnx.Rngs(0))
    x, dx = draw((2, 16, 16, 3), (2, 16, 16, 3))

    @jax.jit
    def both_modes(x, dx):
        y, dy = jax.jvp(model, (x,), (dx,))
        return y, dy, jax.vjp(model, x)[1](y)[0]

    y, dy, pulled = both_modes(x, dx)
    chex.assert_trees_all_close((y * dy).sum(), (pulled * dx).sum(), rtol=1e-4)


@pytest.mark.slow
def test_weight_without_influence_has_no_gradient_on_small_images():
    # Adam would turn a rounding error in place of zero into a step.
    x, kernel = draw((4, 2, 2, 8), (3, 3, 8, 8))
    x = x.at[:, 0, 0].set(0)
    gradient = jax.grad(lambda k: jnp.square(conv(x, k, (1, 1), "SAME")).sum())(kernel)
    # On 2x2 images, the first tap sees the first pixel alone, and that is zero.
    assert (gradient[0, 0] == 0).all()
    assert (gradient[1, 1] != 0).all()
