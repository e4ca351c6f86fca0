"""Gated units: halves and two arrays, which half gates, derivatives, masks of clipping, errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from reference import REFERENCE

from jaxact import CATALOGUE, clipped_swiglu, glu, swiglu
from jaxact.activations._gating import gated

GATED = {name: row for name, row in CATALOGUE.items() if row.family == "gated"}
TWO_INPUTS = {name: row for name, row in GATED.items() if "gate_input" in row.parameters}
X = np.random.default_rng(0).normal(scale=2.0, size=(3, 4, 6)).astype(np.float32)
A, B = np.random.default_rng(1).normal(scale=2.0, size=(2, 3, 5)).astype(np.float32)


@pytest.fixture(scope="module", params=GATED.values(), ids=list(GATED))
def row(request):
    return request.param


@pytest.fixture(scope="module", params=TWO_INPUTS.values(), ids=list(TWO_INPUTS))
def pair(request):
    return request.param


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=3e-6, atol=1e-6)


# --- Values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [-1, 1, 2, -2])
def test_halves_of_an_axis(row, axis):
    expected = REFERENCE[row.name](X.astype(np.float64), axis=axis)
    close(row.fn(X, axis=axis), expected)
    close(jax.vmap(lambda x: row.fn(x, axis=axis % 3 - 1))(X), expected)


@pytest.mark.parametrize("gate", ["first", "second"])
def test_either_half_gates(pair, gate):
    close(pair.fn(X, gate=gate), REFERENCE[pair.name](X.astype(np.float64), gate=gate))
    value, gates = (X[..., 3:], X[..., :3]) if gate == "first" else (X[..., :3], X[..., 3:])
    np.testing.assert_array_equal(pair.fn(X, gate=gate), pair.fn(value, gate_input=gates))


def test_two_arrays(pair):
    close(pair.fn(A, B), REFERENCE[pair.name](A.astype(np.float64), B.astype(np.float64)))
    column = pair.fn(A, B[:, :1])
    assert column.shape == A.shape
    close(column, pair.fn(A, np.broadcast_to(B[:, :1], A.shape)))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_the_value_decides_the_dtype(pair, dtype):
    with jax.numpy_dtype_promotion("strict"):
        y, pull = jax.vjp(pair.fn, jnp.asarray(A, dtype), jnp.asarray(B))
        assert y.dtype == dtype
        assert [t.dtype for t in pull(jnp.ones_like(y))] == [dtype, jnp.float32]


def test_gate_is_the_second_half_except_for_swiglu():
    assert {name for name, row in TWO_INPUTS.items() if row.parameters["gate"] == "first"} == {
        "swiglu",
        "clipped_swiglu",
    }


def test_closed_gates_give_zero():
    x = np.array([-np.inf, 3.0], np.float32)
    for fn in (swiglu, clipped_swiglu):
        np.testing.assert_array_equal(fn(x), [0.0])
        np.testing.assert_array_equal(jax.grad(lambda x, fn=fn: fn(x)[0])(x), [0.0, 0.0])


def test_the_tail_of_the_gate_is_not_lost():
    # sigmoid(-89) is no normal number, -89 sigmoid(-89) is.
    b = np.float32(-89.0)
    expected = np.float64(b) * np.exp(np.float64(b))
    np.testing.assert_allclose(swiglu(np.float32(1.0), b), expected, rtol=3e-7)


def test_clipping_cuts_the_slopes_beyond_the_limit():
    a, b = np.float32([8.0, -8.0, 7.0, 1.0]), np.float32([1.0, 1.0, 7.0, 8.0])
    by_value, by_gate = jax.grad(lambda a, b: clipped_swiglu(a, b).sum(), (0, 1))(a, b)
    np.testing.assert_array_equal(by_value == 0, [True, True, False, False])
    np.testing.assert_array_equal(by_gate == 0, [False, False, False, True])


def test_parameters_of_the_clipped_unit_are_traced():
    y = REFERENCE["clipped_swiglu"](A.astype(np.float64), B.astype(np.float64), alpha=1.0, limit=2)
    close(clipped_swiglu(A, B, alpha=1.0, limit=2.0), y)
    with jax.enable_x64(True):
        check_grads(
            lambda alpha, limit: clipped_swiglu(
                np.float64(A), np.float64(B), -1, "first", alpha, limit
            ),
            (1.5, 2.1),
            order=2,
            atol=1e-6,
            rtol=1e-6,
        )


# --- Derivatives and memory ------------------------------------------------------------------


@pytest.mark.exhaustive
def test_numerical_derivatives_agree(row):
    with jax.enable_x64(True):
        x = X[0].astype(np.float64)
        check_grads(row.fn, (x,), order=2, atol=1e-5, rtol=1e-5)
        if row.name in TWO_INPUTS:
            check_grads(row.fn, (x[:, :3], x[:, 3:]), order=2, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_backward_pass_keeps_the_input(row, dtype):
    x = jnp.zeros((4, 256), dtype)
    pull = jax.eval_shape(lambda x: jax.vjp(row.fn, x)[1], x)
    assert sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(pull)) <= x.nbytes


def test_any_activation_may_gate():
    y = gated(X, None, lambda a, b: a * jnp.cos(b))
    close(y, X[..., :3] * np.cos(X[..., 3:]))


# --- Errors ----------------------------------------------------------------------------------


def test_odd_lengths_are_refused_with_both_sizes(row):
    with pytest.raises(ValueError, match="odd length 5.*sizes 2 and 3"):
        row.fn(A)


def test_missing_axes_are_refused(row):
    with pytest.raises(ValueError, match="must be from -3 to 2 .*got 3"):
        row.fn(X, axis=3)
    with pytest.raises(ValueError, match="works along an axis"):
        row.fn(1.0)


def test_shapes_that_do_not_fit_are_refused(pair):
    with pytest.raises(ValueError, match=r"\(3, 5\).*\(3, 4\) do not broadcast"):
        pair.fn(A, B[:, :4])


def test_unknown_gates_are_refused(pair):
    with pytest.raises(ValueError, match="'first' or 'second', got 'third'"):
        pair.fn(X, gate="third")


def test_glu_is_called_as_in_jax_nn():
    close(glu(X, 1), jax.nn.glu(X, 1))
    close(glu(x=X, axis=-1), jax.nn.glu(x=X, axis=-1))
