"""``get`` and ``Activation``: text becomes a function with an identity by value."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rows import FIRST_OF_FAMILY, other, sampled

import jaxact
from jaxact import CATALOGUE, Activation, get

X = jnp.linspace(-3.0, 3.0, 12)
NUMBERS = {
    (name, key): value
    for name, row in CATALOGUE.items()
    for key, value in row.parameters.items()
    if isinstance(value, bool | float)
}
CHOSEN = [
    get(name, **{key: other(CATALOGUE[name], key)})
    for name, key in NUMBERS
    if name in FIRST_OF_FAMILY
]
ACTIVATIONS = [*map(get, CATALOGUE), *CHOSEN]


@pytest.fixture(scope="module", params=ACTIVATIONS, ids=repr)
def act(request):
    return request.param


@pytest.fixture(scope="module", params=sampled(ACTIVATIONS, repr, lambda act: act.row))
def called(request):
    return request.param


# --- A function ------------------------------------------------------------------------------


def settings(act):
    """What a call needs besides x, so that it is a function of x alone."""
    return {
        key: value for key, value in act.row.settings.items() if key not in dict(act.parameters)
    }


def test_call_is_the_function(called):
    act, given = called, settings(called)
    expected = CATALOGUE[act.name].fn(X, **given, **dict(act.parameters))
    np.testing.assert_array_equal(act(X, **given), expected)
    jitted = jax.jit(lambda x: act(x, **given))(X)  # folds the parameters into constants
    np.testing.assert_allclose(jitted, expected, rtol=1e-6, atol=1e-7)
    assert act.row is CATALOGUE[act.name]


def test_gradient_is_that_of_the_function(called):
    act, given = called, settings(called)

    def total(fn, **parameters):
        return lambda x: (fn(x, **parameters) ** 2).sum()

    expected = jax.grad(total(act.row.fn, **given, **dict(act.parameters)))(X)
    np.testing.assert_array_equal(jax.grad(total(act, **given))(X), expected)


# --- An identity -----------------------------------------------------------------------------


def test_equal_by_value(act):
    again = get(act.name, **dict(act.parameters))
    assert again == act
    assert hash(again) == hash(act)
    assert isinstance(act, Activation)


def test_different_ones_differ():
    assert len(set(ACTIVATIONS)) == len(ACTIVATIONS)


@pytest.mark.parametrize(("name", "key"), NUMBERS)
def test_default_is_no_difference(name, key):
    assert get(name, **{key: NUMBERS[name, key]}) == get(name)


def test_numbers_are_equal_across_types():
    assert get("swish") == get("silu")
    assert get("elu", alpha=1) == get("elu", alpha=1.0) == get("elu")
    assert get("elu", alpha=2) == get("elu", alpha=2.0)
    assert hash(get("elu", alpha=2)) == hash(get("elu", alpha=2.0))


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, np.array])
def test_numpy_scalars_are_numbers(kind):
    act = get("elu", alpha=kind(2))
    assert act == get("elu", alpha=2.0)
    assert repr(act) in ("jaxact.get('elu', alpha=2.0)", "jaxact.get('elu', alpha=2)")


def test_repr_evaluates(act):
    assert eval(repr(act), {"jaxact": jaxact}) == act


@pytest.mark.parametrize(
    "journey", [lambda a: pickle.loads(pickle.dumps(a)), copy.copy, copy.deepcopy]
)
def test_copies_are_equal(act, journey):
    assert journey(act) == act
    assert hash(journey(act)) == hash(act)


def test_frozen(act):
    with pytest.raises(AttributeError):
        act.name = "relu"


# --- A pytree without leaves -----------------------------------------------------------------


def test_has_no_leaves(act):
    leaves, structure = jax.tree.flatten({"act": act})
    assert leaves == []
    assert jax.tree.unflatten(structure, leaves) == {"act": act}


def test_passes_through_jit_and_traces_once():
    traces = []

    @jax.jit
    def apply(act, x):
        traces.append(act)
        return act, act(x)

    for make in (lambda: get("elu", alpha=0.5), lambda: get("elu", alpha=np.float64(0.5))):
        act, y = apply(make(), X)
        assert act == make()
        np.testing.assert_array_equal(y, make()(X))
    assert len(traces) == 1
    apply(get("swish"), X)
    apply(get("silu"), X)
    assert len(traces) == 2


def test_serves_as_a_static_argument():
    apply = jax.jit(lambda act, x: act(x), static_argnums=0)
    np.testing.assert_array_equal(apply(get("elu", alpha=2), X), jaxact.elu(X, 2.0))


def test_rides_in_a_scan():
    act = get("leaky_relu", negative_slope=0.5)

    def step(carry, _):
        act, x = carry
        return (act, act(x)), None

    (same, by_carry), _ = jax.lax.scan(step, (act, X), length=3)
    by_closure, _ = jax.lax.scan(lambda x, _: (act(x), None), X, length=3)
    assert same == act
    np.testing.assert_array_equal(by_carry, act(act(act(X))))
    np.testing.assert_array_equal(by_closure, by_carry)


# --- Errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typo", "meant"), [("rellu", "relu"), ("gellu", "gelu"), ("swich", "swish"), ("Mish", "mish")]
)
def test_typo_names_the_near_ones(typo, meant):
    with pytest.raises(KeyError, match=f"{typo}.*'{meant}'"):
        get(typo)


def test_nonsense_lists_all_names():
    with pytest.raises(KeyError) as error:
        get("qqqqqq")
    assert all(name in str(error.value) for name in CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_unknown_parameter_lists_the_known(name):
    with pytest.raises(TypeError, match="nonsense") as error:
        get(name, nonsense=1.0)
    assert all(key in str(error.value) for key in CATALOGUE[name].parameters)


@pytest.mark.parametrize("value", [jnp.ones(3), np.ones(3), jnp.float32(1.0), [1.0], "1", None])
def test_only_numbers_are_parameters(value):
    with pytest.raises(TypeError, match=r"alpha of elu must be a number.*jaxact\.elu"):
        get("elu", alpha=value)
