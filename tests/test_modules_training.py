"""Modules of channels in NNX and Linen; training, and the mask against weight decay."""

import chex
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from rows import first_by_default

import jaxact
import jaxact.linen as jl
import jaxact.nnx as jn

X = jnp.float32(np.random.default_rng(0).normal(scale=2.0, size=(5, 3)))
IMAGES = jnp.float32(np.random.default_rng(1).normal(size=(2, 6, 6, 8)))
CHANNELS = {
    "FunnelReLU": (lambda: jn.FunnelReLU(8, rngs=nnx.Rngs(0)), jl.FunnelReLU(3, False)),
    "MetaACON": (lambda: jn.MetaACON(8, 4, rngs=nnx.Rngs(0)), jl.MetaACON(4)),
    "DynamicReLU-A": (
        lambda: jn.DynamicReLU(8, shared=True, rngs=nnx.Rngs(0)),
        jl.DynamicReLU(True),
    ),
    "DynamicReLU-B": (lambda: jn.DynamicReLU(8, rngs=nnx.Rngs(0)), jl.DynamicReLU()),
    "Dice": (lambda: jn.Dice(8), jl.Dice(False)),
    "Maxout": (lambda: jn.Maxout(8, 5, 3, rngs=nnx.Rngs(0)), jl.Maxout(5, 3)),
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.slow if name.endswith("-A") else ())
        for name in CHANNELS
    ]
)
def pair(request):
    """An NNX module of channels, its Linen twin, and that one's variables with equal numbers."""
    make, twin = CHANNELS[request.param]
    module = make()
    variables = twin.init(jax.random.key(0), IMAGES)
    pure = nnx.to_pure_dict(nnx.state(module, nnx.Param))
    moved = {k: v for k, v in pure.items() if not isinstance(v, dict)}
    params = {k: v for k, v in pure.items() if isinstance(v, dict)}
    return module, twin, {**variables, "params": {**params, **({"jaxact": moved} if moved else {})}}


# --- Channels --------------------------------------------------------------------------------


def test_modules_of_channels_are_equal_in_both(pair):
    module, twin, variables = pair
    y, _ = twin.apply(variables, IMAGES, mutable=["batch_stats"])
    np.testing.assert_allclose(y, module(IMAGES), rtol=1e-5, atol=1e-6)
    grads = nnx.jit(nnx.grad(lambda m: (m(IMAGES) ** 2).sum()))(module)
    assert all(np.isfinite(g).all() for g in jax.tree.leaves(grads))
    assert sum(abs(g).max() > 0 for g in jax.tree.leaves(grads)) > 0


def test_sixteen_bits_stay_so_in_dice_and_dynamic_relu():
    x = IMAGES.astype(jnp.bfloat16)
    for module in (jn.Dice(8), jn.DynamicReLU(8, rngs=nnx.Rngs(0))):
        assert module(x).dtype == x.dtype


@pytest.mark.parametrize("shared", [True, False])
def test_dynamic_relu_starts_as_relu_and_follows_its_input(shared):
    module = jn.DynamicReLU(8, shared, rngs=nnx.Rngs(0))
    np.testing.assert_array_equal(module(IMAGES), jaxact.relu(IMAGES))
    module.excite.kernel[...] = jnp.full_like(module.excite.kernel[...], 0.1)
    assert abs(module(IMAGES) - jaxact.relu(IMAGES)).max() > 1e-3


def test_meta_acon_is_acon_c_of_the_means():
    module = jn.MetaACON(8, 4, rngs=nnx.Rngs(0))
    hidden = IMAGES.mean((1, 2), keepdims=True) @ module.squeeze.kernel[...]
    beta = jax.nn.sigmoid(hidden @ module.excite.kernel[...])
    np.testing.assert_allclose(
        module(IMAGES), jax.nn.sigmoid(beta * IMAGES) * IMAGES, rtol=1e-5, atol=1e-6
    )


def test_funnel_relu_is_a_maximum_over_neighbours():
    module = jn.FunnelReLU(8, rngs=nnx.Rngs(0))
    y = module.norm(module.conv(IMAGES))
    np.testing.assert_allclose(module(IMAGES), np.maximum(IMAGES, y), rtol=1e-5, atol=1e-6)


def test_dice_learns_the_statistics_and_uses_them():
    module = jn.Dice(8, momentum=0.5)
    x = 3.0 + 2.0 * IMAGES
    y = module(x)
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    np.testing.assert_allclose(y, x * jax.nn.sigmoid((x - mean) / variance**0.5), rtol=1e-4)
    np.testing.assert_allclose(module.mean[...], 0.5 * mean, rtol=1e-5)
    np.testing.assert_allclose(module.variance[...], 0.5 + 0.5 * variance, rtol=1e-5)
    module.eval()
    np.testing.assert_allclose(
        module(x), jaxact.dice(x, module.mean[...], module.variance[...]), rtol=1e-6
    )
    variables = jl.Dice(momentum=0.5).init(jax.random.key(0), x, use_running_average=False)
    _, moved = jl.Dice(False, 0.5).apply(variables, x, mutable=["batch_stats"])
    np.testing.assert_allclose(moved["batch_stats"]["mean"], 0.5 * mean, rtol=1e-5)


def test_rrelu_draws_in_training_only():
    module = jn.RReLU(rngs=nnx.Rngs(0))
    assert (module(X) != module(X)).any()
    module.eval()
    np.testing.assert_array_equal(module(X), jaxact.rrelu(X, deterministic=True))
    twin, key = jl.RReLU(), jax.random.key(0)
    drawn = twin.apply({}, X, deterministic=False, rngs={"activation": key})
    low, high = sorted((1 / 8, 1 / 3))
    slopes = np.asarray(drawn / X)[np.asarray(X) < 0]
    assert ((low <= slopes) & (slopes <= high)).all()
    np.testing.assert_array_equal(twin.apply({}, X, deterministic=True), module(X))


# --- Training --------------------------------------------------------------------------------


class Net(nnx.Module):
    """A layer whose parameter is called as an activation's, an activation, a module of both."""

    def __init__(self, rngs):
        self.linear = nnx.Linear(3, 8, rngs=rngs)
        self.alpha = nnx.Param(jnp.ones(8))
        self.act = jn.PELU(8)
        self.meta = jn.MetaACON(8, 4, rngs=rngs)

    def __call__(self, x):
        return self.meta(self.act(self.alpha * self.linear(x)))


class LinenNet(nn.Module):
    @nn.compact
    def __call__(self, x):
        alpha = self.param("alpha", nn.initializers.ones, (8,))
        return jl.MetaACON(4)(jl.PELU(8)(alpha * nn.Dense(8)(x)))


def test_mask_is_false_at_activation_parameters_only():
    model = Net(nnx.Rngs(0))
    mask = nnx.to_pure_dict(jn.decay_mask(model))
    assert mask["act"] == {"alpha": False, "beta": False}
    assert mask["meta"]["p1"] is mask["meta"]["p2"] is False
    assert mask["alpha"] is mask["linear"]["kernel"] is mask["meta"]["squeeze"]["kernel"] is True
    chex.assert_trees_all_equal(jn.decay_mask(nnx.state(model, nnx.Param)), jn.decay_mask(model))
    with pytest.raises(TypeError, match="plain arrays"):
        jn.decay_mask(nnx.to_pure_dict(nnx.state(model)))
    mask = jl.decay_mask(LinenNet().init(jax.random.key(0), X)["params"])
    assert mask["PELU_0"] == {"jaxact": {"alpha": False, "beta": False}}
    assert mask["MetaACON_0"]["jaxact"] == {"p1": False, "p2": False}
    assert mask["alpha"] is mask["Dense_0"]["kernel"] is True


def test_activation_parameters_do_not_decay_in_nnx():
    model = Net(nnx.Rngs(0))
    before = jax.tree.map(jnp.copy, nnx.to_pure_dict(nnx.state(model, nnx.Param)))
    tx = optax.adamw(0.1, weight_decay=0.5, mask=jn.decay_mask(model))
    optimizer = nnx.Optimizer(model, tx, wrt=nnx.Param)
    grads = jax.tree.map(jnp.zeros_like, nnx.state(model, nnx.Param))
    optimizer.update(model, grads)
    after = nnx.to_pure_dict(nnx.state(model, nnx.Param))
    chex.assert_trees_all_equal(after["act"], before["act"])
    np.testing.assert_allclose(after["alpha"], 0.95 * before["alpha"])
    np.testing.assert_allclose(after["linear"]["kernel"], 0.95 * before["linear"]["kernel"])


@pytest.mark.parametrize("early", [True, False])
def test_activation_parameters_do_not_decay_in_linen(early):
    params = LinenNet().init(jax.random.key(0), X)["params"]
    mask = jl.decay_mask(params) if early else jl.decay_mask
    tx = optax.adamw(0.1, weight_decay=0.5, mask=mask)
    updates, _ = tx.update(jax.tree.map(jnp.zeros_like, params), tx.init(params), params)
    after = optax.apply_updates(params, updates)
    chex.assert_trees_all_equal(after["PELU_0"], params["PELU_0"])
    np.testing.assert_allclose(after["alpha"], 0.95 * params["alpha"])


@pytest.mark.parametrize(
    "name", first_by_default("PReLU", "SReLU", "PWLU", "SoftExponential", "SLAF", "XIELU")
)
def test_training_finds_another_function(name):
    x = jnp.linspace(-2.0, 2.0, 81)
    target = jnp.where(x > 0, 0.8 * x + 0.3 * x * x, 0.1 * x)
    module = getattr(jn, name)()
    optimizer = nnx.Optimizer(module, optax.adam(0.03), wrt=nnx.Param)

    def loss(module):
        return ((module(x) - target) ** 2).mean()

    @nnx.jit
    def step(module, optimizer):
        value, grads = nnx.value_and_grad(loss)(module)
        optimizer.update(module, grads)
        return value

    losses = [float(step(module, optimizer)) for _ in range(60)]
    assert losses[-1] < 0.9 * losses[0]
