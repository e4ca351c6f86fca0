"""JAX's transformations give the numbers of plain calls; one program holds every function."""

import chex
import jax
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec

from jaxact import CATALOGUE


def draw(seed):
    """An array for every function."""
    x = np.random.default_rng(seed).normal(scale=3.0, size=(2, 3, 4)).astype(np.float32)
    return dict.fromkeys(CATALOGUE, x)


X, TANGENT = draw(0), draw(1)


def everything(x):
    """Every function of its own array, along the last axis where it works along one."""
    return {name: row.fn(x[name]) for name, row in CATALOGUE.items()}


def both(fn):
    """Values, and their derivative along the tangent in reverse mode."""

    def value_and_slope(x):
        y, pull = jax.vjp(fn, x)
        return y, pull(TANGENT)[0]

    return value_and_slope


def thrice(fn):
    """Three iterations, unrolled."""
    return lambda x: fn(fn(fn(x)))


def scanned(fn):
    """Three iterations as a loop."""
    return lambda x: jax.lax.scan(lambda carry, _: (fn(carry), None), x, length=3)[0]


def sharded(fn):
    """One shard for each of two devices."""
    mesh, spec = Mesh(np.array(jax.devices()[:2]), ("devices",)), PartitionSpec("devices")
    return jax.shard_map(fn, mesh=mesh, in_specs=spec, out_specs=spec)


def assert_same(got, expected):
    chex.assert_trees_all_close(got, expected, rtol=2e-6, atol=1e-6)


TRANSFORMS = {
    "jit": lambda f: f,
    "vmap": jax.vmap,
    "map": lambda f: lambda x: jax.lax.map(f, x),
    "checkpoint": jax.checkpoint,
    "pmap": lambda f: jax.pmap(f, devices=jax.devices()[:2]),
    "shard_map": sharded,
}


@pytest.fixture(scope="module")
def plain():
    return both(everything)(X)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS.keys())
def test_numbers_stay_the_same(transform, plain):
    assert_same(jax.jit(both(transform(everything)))(X), plain)


def test_scan_is_a_loop():
    assert_same(jax.jit(both(scanned(everything)))(X), jax.jit(both(thrice(everything)))(X))


def test_forward_mode_is_the_transpose_of_reverse_mode(plain):
    primal, forward = jax.jit(lambda x: jax.jvp(everything, (x,), (TANGENT,)))(X)
    assert_same(primal, plain[0])
    assert_same(jax.jit(linearized)(X), (primal, forward))
    for name, y in forward.items():
        along, back = (y * TANGENT[name]).sum(), (plain[1][name] * TANGENT[name]).sum()
        np.testing.assert_allclose(along, back, rtol=1e-5)


def linearized(x):
    y, linear = jax.linearize(everything, x)
    return y, linear(TANGENT)
