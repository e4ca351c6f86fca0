"""The package as a whole: what importing it loads, and how it looks from outside."""

import inspect
import os
import subprocess
import sys
import types

import chex
import flax.linen
import jax
import jax.numpy as jnp
import pytest

import jaxact


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*{{m.partition('.')[0] for m in sys.modules}})"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


def test_import_jaxact_loads_jax_and_nothing_heavier():
    heavy = loaded_by("import jaxact") - loaded_by("import jax, jax.numpy")
    assert heavy <= {"jaxact", "difflib"}


JAX_NN = [name for name in dir(jax.nn) if not name.startswith("_")]


def test_the_public_names_are_those_of_the_catalogue_and_of_jax_nn():
    functions = {n for n in jaxact.__all__ if n.islower()} - {"get", "equivalents"}
    aliases = {a for row in jaxact.CATALOGUE.values() for a in row.aliases}
    known = set(jaxact.CATALOGUE) | aliases | set(JAX_NN)
    assert set(jaxact.CATALOGUE) <= functions <= known


@pytest.mark.parametrize("name", JAX_NN)
def test_every_name_of_jax_nn_is_here_with_its_signature(name):
    ours, theirs = getattr(jaxact, name), getattr(jax.nn, name)
    if callable(theirs):
        plain = [
            [(p.name, p.default, p.kind) for p in inspect.signature(f).parameters.values()]
            for f in (ours, theirs)
        ]
        # The names of the first argument are free: nobody passes it by name.
        assert plain[0][1:] == plain[1][1:]


class Classifier(flax.linen.Module):
    """A small network that names jax.nn only by ``nn``."""

    nn: types.ModuleType

    @flax.linen.compact
    def __call__(self, images, labels):
        nn = self.nn
        x = flax.linen.Dense(16, kernel_init=nn.initializers.he_normal())(images)
        x = nn.relu(x) + nn.gelu(x) * nn.sigmoid(x)
        x = nn.standardize(x, axis=-1)
        x = nn.glu(flax.linen.Dense(16)(x), axis=-1) + nn.leaky_relu(x[..., :8], 0.1)
        x = nn.hard_swish(nn.softplus(x)) + nn.squareplus(x, 2.0)
        logits = nn.log_softmax(flax.linen.Dense(4)(nn.celu(x, alpha=0.5)))
        loss = -(nn.one_hot(labels, 4) * logits).sum(-1) + nn.logsumexp(nn.tanh(x), axis=-1)
        return loss.mean()


@pytest.mark.slow
def test_jaxact_stands_in_for_jax_nn_in_a_flax_model():
    images = jax.random.normal(jax.random.key(0), (8, 5))
    labels = jnp.arange(8) % 4
    variables = Classifier(jax.nn).init(jax.random.key(1), images, labels)
    assert jax.tree.structure(variables) == jax.tree.structure(
        Classifier(jaxact).init(jax.random.key(1), images, labels)
    )

    def loss_and_gradient(nn):
        loss = lambda v: Classifier(nn).apply(v, images, labels)  # noqa: E731
        return jax.jit(jax.value_and_grad(loss))(variables)

    chex.assert_trees_all_close(
        loss_and_gradient(jaxact), loss_and_gradient(jax.nn), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("module", ["jaxact", "jaxact.lab"])
def test_all_lists_what_is_there(module):
    namespace = __import__(module, fromlist=["__all__"])
    assert all(hasattr(namespace, name) for name in namespace.__all__)
    assert len(namespace.__all__) == len(set(namespace.__all__))


def test_a_cpu_appears_as_one_device_per_core():
    code = (
        "import os, jax; from jaxact.lab.parallel import use_all_cores; use_all_cores();"
        "print(len(jax.devices()), os.cpu_count()); use_all_cores()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={k: v for k, v in os.environ.items() if k != "JAX_NUM_CPU_DEVICES"},
        capture_output=True,
        text=True,
        check=True,
    )
    devices, cores = map(int, answer.stdout.split())
    assert 1 <= devices <= cores
    assert devices == cores or hasattr(os, "sched_getaffinity")
