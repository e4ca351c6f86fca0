"""Optimisers: those of optax by name, with the learning rate as data; schedules; dtypes."""

import dataclasses
import sys
import types

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from rows import first_by_default

import jaxact.nnx
from jaxact.lab import Study, UserError
from jaxact.lab.engine import train_study
from jaxact.lab.model import build
from jaxact.lab.optimizers import OPTIMIZERS, make_optimizer
from jaxact.lab.train import make_start, make_train
from jaxact.models import CNN

STUDY = Study(activations=("tanh",), lrs=(1e-2,), seeds=1, epochs=2, batch_size=150, widths=(4, 4))
PARAMS = {"kernel": jnp.linspace(-1.0, 2.0, 12).reshape(3, 4), "bias": jnp.array([0.5, -0.25])}
GRADIENTS = jax.tree.map(lambda p: jnp.cos(3 * p), PARAMS)


def everything(params):
    return jax.tree.map(lambda _: True, params)


def stepped(make, lr, steps=2, as_data=True):
    """Parameters after some steps along fixed gradients; ``make`` is called inside of jit."""

    def run(lr):
        optimizer = make(lr)
        params, state = PARAMS, optimizer.init(PARAMS)
        for _ in range(steps):
            updates, state = optimizer.update(GRADIENTS, state, params)
            params = optax.apply_updates(params, updates)
        return params

    return jax.jit(run)(jnp.float32(lr)) if as_data else run(lr)


def assert_close(a, b, rtol=1e-5):
    for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-7)


@pytest.mark.parametrize("name", first_by_default(*OPTIMIZERS))
def test_every_optimizer_gives_the_numbers_of_optax(name):
    ours = make_optimizer(dataclasses.replace(STUDY, optimizer=name), everything, 2)
    result = stepped(ours, 1e-2)
    assert_close(result, stepped(getattr(optax, name), 1e-2, as_data=False))
    assert all((a != b).any() for a, b in zip(*map(jax.tree.leaves, (result, PARAMS)), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains_cells_at_rates_of_their_own(name, few_digits):
    study = dataclasses.replace(STUDY, optimizer=name, lrs=(1e-3, 1e-2), epochs=1, devices=2)
    params = train_study(study, dataset=few_digits).activations["tanh"]
    validation = params["epochs"][1].loss[:, 0]
    assert np.isfinite(validation).all()
    assert validation[0] != validation[1]


@pytest.mark.slow
def test_the_program_of_a_cell_holds_no_rate(few_digits):
    """One trace serves all rates, and the cell at each is the plain loop's."""
    model = build(STUDY, jnp.tanh, 10, (8, 8, 1))
    optimizer = make_optimizer(STUDY, model.decays, 2)
    start, train = make_start(model, optimizer), jax.jit(make_train(model, optimizer, 150))
    data, epochs = jax.device_put((few_digits.data, np.array([1], np.int32)))
    for lr in (1e-3, 1e-2):
        cell = start(jnp.float32(lr), jnp.int32(0))
        ended, _ = train(cell, epochs, data)
        plain = optax.adam(lr)
        params, state = cell.params, plain.init(cell.params)
        key = jax.random.fold_in(jax.random.key(0), 1)
        for batch in np.asarray(jax.random.permutation(key, 300)).reshape(2, 150):
            images, labels = (
                few_digits.data.train.images[batch],
                few_digits.data.train.labels[batch],
            )

            def loss(params, images=images, labels=labels):
                logits = model.apply(params, data.normalise(jnp.asarray(images)))
                return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

            updates, state = plain.update(jax.jit(jax.grad(loss))(params), state, params)
            params = optax.apply_updates(params, updates)
        assert_close(ended.params, params, rtol=1e-3)
    assert train._cache_size() == 1


@pytest.mark.parametrize(
    ("options", "plain"),
    [
        (("momentum=0.9", "nesterov=True"), lambda lr: optax.sgd(lr, 0.9, nesterov=True)),
        (("momentum=None",), optax.sgd),
    ],
)
def test_options_reach_optax(options, plain):
    study = dataclasses.replace(STUDY, optimizer="sgd", optimizer_options=options)
    assert_close(stepped(make_optimizer(study, everything, 2), 0.1), stepped(plain, 0.1))


@pytest.mark.parametrize(
    ("fields", "schedule"),
    [
        ({"schedule": "cosine"}, lambda lr: optax.cosine_decay_schedule(lr, 20)),
        ({"schedule": "linear"}, lambda lr: optax.linear_schedule(lr, 0.0, 20)),
        (
            {"schedule": "cosine", "warmup": 0.5},
            lambda lr: optax.warmup_cosine_decay_schedule(lr / 6, lr, 5, 20),
        ),
        ({"warmup": 0.5}, lambda lr: optax.linear_schedule(lr / 6, lr, 5)),
    ],
    ids=["cosine", "linear", "warm cosine", "warm constant"],
)
def test_schedules_are_those_of_optax(fields, schedule):
    study = dataclasses.replace(STUDY, optimizer="sgd", **fields)
    ours = make_optimizer(study, everything, steps_per_epoch=10)
    for steps in (1, 3, 12, 20):
        expected = stepped(lambda lr: optax.sgd(schedule(lr)), 0.1, steps, as_data=False)
        assert_close(stepped(ours, 0.1, steps), expected, rtol=1e-4)
    rest = schedule(0.1)(20)
    assert rest == pytest.approx(0.1 if study.schedule == "constant" else 0.0, abs=1e-9)


def test_no_step_is_taken_at_a_rate_of_zero():
    study = dataclasses.replace(STUDY, optimizer="sgd", schedule="linear", warmup=1.0)
    ours = make_optimizer(study, everything, steps_per_epoch=4)
    after = [stepped(ours, 0.1, steps)["bias"] for steps in range(9)]
    assert all((a != b).any() for a, b in zip(after[:-1], after[1:], strict=True))


def with_prelu(activation, num_classes, image_shape, rngs):
    """A network with a trained activation, and the one under study."""
    prelu = jaxact.nnx.PReLU()

    class Network(nnx.Module):
        def __init__(self):
            self.prelu = prelu
            self.cnn = CNN(activation, num_classes, image_shape, widths=(4,), rngs=rngs)

        def __call__(self, x):
            return self.cnn(self.prelu(x))

    return Network()


@pytest.fixture
def own(monkeypatch):
    module = types.ModuleType("own_prelu")
    module.factory = with_prelu
    monkeypatch.setitem(sys.modules, "own_prelu", module)
    return "own_prelu:factory"


@pytest.mark.parametrize("name", first_by_default("adamw", "sgd", "adafactor", "lion"))
def test_weight_decay_spares_the_parameters_of_activations(own, name):
    study = dataclasses.replace(STUDY, model=own, optimizer=name, weight_decay=0.5)
    model = build(study, jnp.tanh, 10, (8, 8, 1))
    params = model.init(jax.random.key(0))
    optimizer = make_optimizer(study, model.decays, 2)(0.1)
    nothing = jax.tree.map(jnp.zeros_like, params)
    updates, _ = optimizer.update(nothing, optimizer.init(params), params)
    after = optax.apply_updates(params, updates)
    assert after["prelu"]["negative_slope"][...] == params["prelu"]["negative_slope"][...] == 0.25
    kernel = params["cnn"]["convs"][0]["kernel"][...]
    assert (abs(after["cnn"]["convs"][0]["kernel"][...]) < abs(kernel)).all()


def test_a_weight_decay_of_zero_is_none():
    plain = make_optimizer(dataclasses.replace(STUDY, optimizer="sgd"), everything, 2)
    zero = dataclasses.replace(STUDY, optimizer="sgd", weight_decay=0.0)
    assert_close(stepped(make_optimizer(zero, everything, 2), 0.1), stepped(plain, 0.1), rtol=0)
    lessened = dataclasses.replace(STUDY, optimizer="adamw", weight_decay=0.0)
    assert_close(stepped(make_optimizer(lessened, everything, 2), 0.1), stepped(optax.adam, 0.1))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"optimizer": "adma"}, "--optimizer: there is no 'adma'; did you mean adam"),
        ({"optimizer": "zzz"}, "--optimizer: there is no 'zzz'; known are adabelief, "),
        ({"schedule": "cosin"}, "--schedule: there is no 'cosin'; did you mean cosine"),
        ({"warmup": 2.0}, "--warmup 2: it is a number of epochs, from 0 to less than --epochs 2"),
        ({"warmup": -1.0}, "--warmup -1: it is a number of epochs"),
        ({"weight_decay": -0.1}, "--weight-decay is a number from 0 on, got -0.1"),
        ({"optimizer_options": ("b1",)}, "--optimizer-options b1: write name=value"),
        ({"optimizer_options": ("mom=0.9",)}, "adam has no 'mom'; it has b1, b2, eps"),
        ({"optimizer_options": ("learning_rate=1",)}, "adam has no 'learning_rate'"),
        ({"optimizer_options": ("b1=fast",)}, "b1=fast: 'fast' is no number, True, False or None"),
        ({"dtype": "float16"}, "--dtype: there is no 'float16'; did you mean bfloat16"),
    ],
)
def test_a_mistake_is_answered_with_what_would_be_right(fields, message):
    with pytest.raises(UserError) as caught:
        dataclasses.replace(STUDY, **fields)
    assert message in str(caught.value)


@pytest.mark.slow
def test_bfloat16_computes_in_it_and_keeps_float32_parameters(few_digits):
    study = dataclasses.replace(STUDY, dtype="bfloat16")
    model = build(study, jnp.tanh, 10, (8, 8, 1))
    optimizer = make_optimizer(study, model.decays, 2)
    cell = make_start(model, optimizer)(jnp.float32(1e-2), jnp.int32(0))
    train = make_train(model, optimizer, 150)
    epochs = jnp.array([1], jnp.int32)
    program = str(jax.make_jaxpr(train)(cell, epochs, few_digits.data))
    products = [line for line in program.splitlines() if "dot_general[" in line or "= tanh" in line]
    assert len(products) > 6
    assert all("bf16[" in line for line in products)
    ended, (scores, _) = jax.jit(train)(cell, epochs, few_digits.data)
    kinds = {leaf.dtype.name for leaf in jax.tree.leaves((ended.params, scores))}
    assert kinds == {"float32"}
    plain = build(STUDY, jnp.tanh, 10, (8, 8, 1))
    expected, (exact, _) = jax.jit(make_train(plain, optimizer, 150))(cell, epochs, few_digits.data)
    np.testing.assert_allclose(scores.loss, exact.loss, rtol=0.02)
    assert any(
        (a != b).any() for a, b in zip(*map(jax.tree.leaves, (ended, expected)), strict=True)
    )
