"""JAX's transformations give the numbers of plain calls; one program holds every function."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec
from rows import FIRST_OF_FAMILY, first_of_each, mechanism, quick_first

from jaxact import CATALOGUE

# One function of each mechanism, or family, for a program of all takes long to compile.
FEW = first_of_each(mechanism, quick_first(CATALOGUE.values()))
SELECTIONS = [
    pytest.param(tuple(FEW), id="few"),
    pytest.param(
        [CATALOGUE[name] for name in sorted(FIRST_OF_FAMILY)], id="families", marks=pytest.mark.slow
    ),
    pytest.param(tuple(CATALOGUE.values()), id="all", marks=pytest.mark.exhaustive),
]


def draw(seed):
    """An array for every function."""
    x = np.random.default_rng(seed).normal(scale=3.0, size=(2, 3, 4)).astype(np.float32)
    return dict.fromkeys(CATALOGUE, x)


X, TANGENT = draw(0), draw(1)


def of_one_shape(row):
    """The function, made to give the shape that it takes."""
    if row.axis_factor < 1:
        copies = [1.0, -2.0, 0.5, 3.0][: round(1 / row.axis_factor)]
        return lambda x: row.plain(jnp.concatenate([c * x for c in copies], axis=-1))
    if row.axis_factor > 1:
        return lambda x: row.plain(x)[..., : x.shape[-1]] - row.plain(x)[..., x.shape[-1] :]
    return row.plain


@pytest.fixture(scope="module", params=SELECTIONS)
def everything(request):
    """Every function of its own array, along the last axis where it works along one."""
    functions = {row.name: of_one_shape(row) for row in request.param}
    return lambda x: {name: fn(x[name]) for name, fn in functions.items()}


def both(fn):
    """Values, and their derivative along the tangent in reverse mode."""

    def value_and_slope(x):
        y, pull = jax.vjp(fn, x)
        return y, pull({name: TANGENT[name] for name in y})[0]

    return value_and_slope


def squashed(fn):
    """An iteration that stays within -3 and 3."""

    def step(x):
        return {**x, **{name: 3 * y / (1 + abs(y)) for name, y in fn(x).items()}}

    return step


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
def plain(everything):
    return both(everything)(X)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS.keys())
def test_numbers_stay_the_same(transform, everything, plain):
    assert_same(jax.jit(both(transform(everything)))(X), plain)


def test_scan_is_a_loop(everything):
    step = squashed(everything)
    assert_same(jax.jit(both(scanned(step)))(X), jax.jit(both(thrice(step)))(X))


def test_forward_mode_is_the_transpose_of_reverse_mode(everything, plain):
    def linearized(x):
        y, linear = jax.linearize(everything, x)
        return y, linear(TANGENT)

    primal, forward = jax.jit(lambda x: jax.jvp(everything, (x,), (TANGENT,)))(X)
    assert_same(primal, plain[0])
    assert_same(jax.jit(linearized)(X), (primal, forward))
    for name, y in forward.items():
        along, back = (y * TANGENT[name]).sum(), (plain[1][name] * TANGENT[name]).sum()
        np.testing.assert_allclose(along, back, rtol=1e-5, atol=1e-5)
