"""The engine: equal to a plain loop, and a cell's numbers depend on that cell alone."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import jaxact
from jaxact.lab import Study, UserError
from jaxact.lab.engine import train_study
from jaxact.lab.parallel import spread

SMALL = Study(
    activations=("gelu",),
    lrs=(1e-3, 1e-2),
    seeds=3,
    epochs=2,
    batch_size=30,
    widths=(4, 8, 8),
    devices=2,
)


def as_bytes(tree):
    return [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(tree)]


@pytest.fixture(scope="module")
def small(few_digits):
    return train_study(SMALL, dataset=few_digits).activations["gelu"]


class PlainCNN(nnx.Module):
    """The default network with Flax's own convolution and pooling."""

    def __init__(self, rngs):
        widths = (1, *SMALL.widths)
        self.convs = nnx.List(
            nnx.Conv(widths[i], widths[i + 1], (3, 3), rngs=rngs) for i in range(3)
        )
        self.head = nnx.Linear(widths[-1], 10, rngs=rngs)

    def __call__(self, x):
        for layer in self.convs:
            x = nnx.max_pool(jax.nn.gelu(layer(x)), (2, 2), strides=(2, 2))
        return self.head(x.mean((1, 2)))


def plain_loop(dataset, lr, seed):
    """Losses by epoch on training steps, and losses and accuracy on validation and test."""
    key, data = jax.random.key(seed), dataset.data
    model = PlainCNN(nnx.Rngs(jax.random.fold_in(key, 0)))
    optimizer = nnx.Optimizer(model, optax.adam(lr), wrt=nnx.Param)

    def loss(model, images, labels):
        logits = model((images / jnp.float32(255) - data.mean) / data.scale)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    @nnx.jit
    def score(model, split):
        logits = model((split.images / jnp.float32(255) - data.mean) / data.scale)
        hits = logits.argmax(-1) == split.labels
        return loss(model, split.images, split.labels), hits.mean()

    @nnx.jit
    def step(model, optimizer, images, labels):
        value, gradients = nnx.value_and_grad(loss)(model, images, labels)
        optimizer.update(model, gradients)
        return value

    losses = []
    for epoch in range(1, SMALL.epochs + 1):
        order = np.asarray(jax.random.permutation(jax.random.fold_in(key, epoch), 300))
        steps = []
        for batch in order.reshape(10, 30):
            images, labels = data.train.images[batch], data.train.labels[batch]
            steps.append(float(step(model, optimizer, images, labels)))
        losses.append(np.mean(steps))
    return losses, score(model, data.validation), score(model, dataset.test)


@pytest.mark.parametrize("cell", [pytest.param(0, marks=pytest.mark.slow), 5])
def test_a_cell_equals_a_plain_flax_loop(few_digits, small, cell):
    lr, seed = SMALL.lrs[cell // 3], cell % 3
    losses, validation, test = plain_loop(few_digits, lr, seed)
    train_scores, validation_scores = small["epochs"]
    np.testing.assert_allclose(train_scores.loss[cell], losses, rtol=1e-4)
    np.testing.assert_allclose(validation_scores.loss[cell, -1], validation[0], rtol=1e-3)
    assert abs(validation_scores.accuracy[cell, -1] - validation[1]) < 0.021
    np.testing.assert_allclose(small["end"][0].loss[cell], test[0], rtol=1e-3)
    assert abs(small["end"][0].accuracy[cell] - test[1]) < 0.015


@pytest.mark.slow
@pytest.mark.parametrize("devices", [1, 3, 8])
def test_bits_do_not_depend_on_the_number_of_devices(few_digits, small, devices):
    study = dataclasses.replace(SMALL, devices=devices)
    other = train_study(study, dataset=few_digits).activations["gelu"]
    assert as_bytes(other) == as_bytes(small)


@pytest.mark.slow
def test_bits_do_not_depend_on_the_other_cells(few_digits, small):
    study = dataclasses.replace(SMALL, activations=("gelu",), lrs=(1e-2,), seeds=2)
    other = train_study(study, dataset=few_digits).activations["gelu"]
    shared = jax.tree.map(lambda leaf: leaf[3:5], small)
    assert as_bytes(other) == as_bytes(shared)


def test_runs_with_the_same_seed_are_paired(small):
    loss = small["start"][0].loss.reshape(2, 3)
    np.testing.assert_array_equal(loss[0], loss[1])
    assert len(set(loss[0].tolist())) == 3


def test_training_learns(small):
    loss = small["epochs"][0].loss
    assert (loss[3:, -1] < loss[3:, 0]).all()
    assert (small["epochs"][1].loss[3:, -1] < small["start"][0].loss[3:]).all()


@pytest.mark.slow
def test_test_images_change_nothing_but_the_final_score(few_digits, small):
    test = few_digits.test
    mislabelled = dataclasses.replace(test, labels=(test.labels + 1) % 10)
    dataset = dataclasses.replace(few_digits, test=mislabelled)
    other = train_study(SMALL, dataset=dataset).activations["gelu"]
    for part in ("start", "epochs"):
        assert as_bytes(other[part]) == as_bytes(small[part])
    assert as_bytes(other["end"][1]) == as_bytes(small["end"][1])
    assert as_bytes(other["end"][0]) != as_bytes(small["end"][0])


TRACES = []


def counted(x):
    TRACES.append(x.shape)
    return jaxact.relu(x)


@pytest.mark.slow
def test_learning_rates_and_seeds_are_data(few_digits):
    def traces(**fields):
        TRACES.clear()
        study = dataclasses.replace(
            SMALL, activations=(f"{__name__}:counted",), epochs=1, devices=1, **fields
        )
        train_study(study, dataset=few_digits)
        return len(TRACES)

    assert traces(lrs=(1e-3,), seeds=1) == traces(lrs=(1e-3, 3e-3, 1e-2), seeds=2) > 0


@pytest.mark.parametrize("num_cells", [1, 2, 5, 8, 13])
@pytest.mark.parametrize("num_devices", [1, 2, 3, 8])
def test_spread_returns_every_cell_once_in_order(num_cells, num_devices):
    grid = spread(num_cells, jax.devices()[:num_devices])
    cells = np.arange(num_cells * 2, dtype=np.float32).reshape(num_cells, 2)
    assert grid.counts.sum() == num_cells
    assert np.ptp(grid.counts) <= 1
    np.testing.assert_array_equal(grid.gather(grid.scatter(cells)), cells)
    double = grid.compile(lambda cell, k: k * cell, grid.scatter(cells), grid.broadcast(2.0))
    results = grid.gather(double(grid.scatter(cells), grid.broadcast(2.0)))
    np.testing.assert_array_equal(results, 2 * cells)


@pytest.mark.parametrize(("num_cells", "group", "chunk"), [(6, 3, 3), (12, 2, 5), (12, 3, 12)])
@pytest.mark.parametrize("num_devices", [1, 2])
def test_a_group_computes_what_it_shares_once(num_cells, group, chunk, num_devices):
    grid = spread(num_cells, jax.devices()[:num_devices], chunk, group)
    assert grid.group == group
    each = np.arange(num_cells, dtype=np.float32)
    shared = np.tile(np.arange(num_cells // group, dtype=np.float32), group)
    shapes = []

    def function(cell):
        shapes.append(jax.typeof(cell[1]).shape)
        return 2 * cell[0] + cell[1]

    program = grid.compile(function, grid.scatter((each, shared)), axes=(0, None))
    results = grid.gather(program(grid.scatter((each, shared))))
    np.testing.assert_array_equal(results, 2 * each + shared)
    assert set(shapes) == {()}


@pytest.mark.parametrize(("chunk", "num_devices"), [(2, 1), (6, 3)])
def test_cells_are_not_grouped_where_a_chunk_is_small_or_a_device_would_idle(chunk, num_devices):
    assert spread(6, jax.devices()[:num_devices], chunk, group=3).group == 1


def test_a_batch_larger_than_the_data_is_refused(few_digits):
    study = dataclasses.replace(SMALL, batch_size=301)
    with pytest.raises(UserError, match="--batch-size 301 is more than the 300 training images"):
        train_study(study, dataset=few_digits)


def test_more_devices_than_there_are_is_refused(few_digits):
    study = dataclasses.replace(SMALL, devices=99)
    with pytest.raises(UserError, match=r"--devices 99: there are \d+ devices \(cpu\)"):
        train_study(study, dataset=few_digits)
