"""Pointwise modules with learnable activations: NNX and Linen against the functions."""

import pickle
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxact
import jaxact.linen as jl
import jaxact.nnx as jn
from jaxact._learnable import CLASSES, as_shape, raw_values, trained

X = jnp.float32(np.random.default_rng(0).normal(scale=4.0, size=(9, 3)))
SETTINGS = {"ProbAct": {"deterministic": True}}


@pytest.fixture(params=CLASSES)
def name(request):
    return request.param


def raw(module):
    """The stored parameters of an NNX module."""
    return {n: getattr(module, n)[...] for n in module.names}


def perturbed(tree):
    """Parameters a little off, each differently."""
    rng = np.random.default_rng(2)
    return jax.tree.map(lambda p: p + jnp.float32(rng.uniform(0.02, 0.1, p.shape)), tree)


# --- Pointwise -------------------------------------------------------------------------------


def test_every_learnable_activation_has_a_module():
    rows = {row.name for row in jaxact.CATALOGUE.values() if row.learnable and row.elementwise}
    assert rows - {"dice"} <= set(CLASSES.values())
    for module in (jn, jl):
        assert set(CLASSES) <= set(module.__all__)
        assert all(hasattr(module, n) for n in module.__all__)


def test_modules_start_as_their_function(name):
    settings = SETTINGS.get(name, {})
    expected = jaxact.get(CLASSES[name])(X, **settings)
    for shape in ((), 3):
        ours = getattr(jn, name)(shape)
        assert {n: v.shape for n, v in raw(ours).items()} == {
            n: np.shape(ours.activation.row.parameters[n]) + as_shape(shape) for n in ours.names
        }
        np.testing.assert_allclose(ours(X, **settings), expected, rtol=1e-5, atol=1e-6)
    y, _ = getattr(jl, name)(3).init_with_output(jax.random.key(0), X, **settings)
    np.testing.assert_array_equal(y, getattr(jn, name)(3)(X, **settings))


@pytest.mark.slow
def test_other_numbers_are_equal_in_all_three(name):
    settings = SETTINGS.get(name, {})
    module = getattr(jn, name)(3)
    parameters = perturbed(raw(module))
    nnx.update(module, parameters)
    got = module(X, **settings)
    twin = getattr(jl, name)(3).apply({"params": {"jaxact": parameters}}, X, **settings)
    np.testing.assert_array_equal(got, twin)
    low = {n: module.activation.row.constraints.get(n, (None,))[0] for n in parameters}
    plain = {n: jax.nn.softplus(v) if low[n] == 0.0 else v for n, v in parameters.items()}
    if name == "XIELU":
        plain["alpha_n"] = 0.5 + plain["alpha_n"]
    row = module.activation.row
    np.testing.assert_allclose(got, row.fn(X, **plain, **settings), rtol=1e-5, atol=1e-6)


def test_gradients_reach_every_parameter(name):
    settings = SETTINGS.get(name, {})
    module = getattr(jn, name)(3)
    nnx.update(module, perturbed(raw(module)))
    x = X if name != "JumpReLU" else X.at[0].set(module.threshold[...])
    grads = nnx.jit(nnx.grad(lambda m: (m(x, **settings) * (1 + X**2)).sum()))(module)
    for leaf in jax.tree.leaves(grads):
        assert np.isfinite(leaf).all()
        # In the deterministic mode the noise has no size.
        assert name == "ProbAct" or abs(leaf).max() > 0


def test_initial_values_are_chosen_by_name_and_checked():
    act = jn.PReLU(negative_slope=0.5)
    assert float(act(-2.0)) == -1.0
    assert float(jn.Learnable(jaxact.get("prelu", negative_slope=0.5))(-2.0)) == -1.0
    twin = jl.PReLU((), {"negative_slope": 0.5})
    np.testing.assert_array_equal(twin.init_with_output(jax.random.key(0), -2.0)[0], -1.0)
    assert float(jn.PELU(alpha=2.0)(-50.0)) == pytest.approx(-2.0)
    with pytest.raises(TypeError, match="no parameter 'slope'"):
        jn.PReLU(slope=0.5)
    with pytest.raises(ValueError, match="alpha of pelu"):
        jn.PELU(alpha=-1.0)
    with pytest.raises(ValueError, match="alpha_n of xielu"):
        jn.XIELU(alpha_n=0.25)
    with pytest.raises(ValueError, match="relu has no learnable parameters"):
        jn.Learnable("relu")


def test_a_parameter_that_would_enlarge_the_input_is_refused():
    with pytest.raises(ValueError, match="negative_slope of prelu has the shape"):
        jn.PReLU(4)(X)
    with pytest.raises(ValueError, match="of apl has the shape"):
        jl.APL(4).init(jax.random.key(0), X)


def test_positive_parameters_stay_positive():
    module = jn.PELU(3)
    nnx.update(module, jax.tree.map(lambda p: p - 5.0, raw(module)))
    assert (module(-X * X) <= 0).all()
    assert np.isfinite(module(X)).all()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_dtype_of_the_input_is_kept(name, dtype):
    settings = SETTINGS.get(name, {})
    module = getattr(jn, name)(3)
    x = X.astype(dtype)
    assert jax.eval_shape(lambda: module(x, **settings)).dtype == x.dtype
    assert all(p.dtype == jnp.float32 for p in raw(module).values())


def test_transformations_give_equal_numbers():
    module = jn.SReLU(3)
    nnx.update(module, perturbed(raw(module)))
    plain = module(X)
    np.testing.assert_allclose(nnx.jit(lambda m, x: m(x))(module, X), plain, rtol=1e-6)
    np.testing.assert_allclose(jax.vmap(module)(X), plain, rtol=1e-6)
    graph, state = nnx.split(module)

    def step(carry, x):
        return carry, nnx.merge(graph, state)(x)

    np.testing.assert_allclose(jax.lax.scan(step, 0, X)[1], plain, rtol=1e-6)
    twin = jl.SReLU(3)
    variables = {"params": {"jaxact": raw(module)}}
    np.testing.assert_allclose(
        jax.jit(jax.vmap(twin.apply, (None, 0)))(variables, X), plain, rtol=1e-6
    )


def test_classes_pickle_and_say_what_they_are(name):
    for module in (jn, jl):
        cls = getattr(module, name)
        assert pickle.loads(pickle.dumps(cls)) is cls
        assert f":func:`jaxact.{CLASSES[name]}`" in cls.__doc__


# --- Imports ---------------------------------------------------------------------------------


def test_the_package_does_not_import_flax():
    code = "import sys, jaxact; assert 'flax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", ["nnx", "linen"])
def test_without_flax_the_error_says_what_to_install(module):
    code = f"import sys; sys.modules['flax'] = None; import jaxact.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode != 0
    assert 'pip install "jaxact[flax]"' in done.stderr


def test_stored_values_start_at_the_defaults():
    for name in CLASSES.values():
        act = jaxact.get(name)
        raw = raw_values(act, (), jnp.float32)
        assert tuple(raw) == trained(act.row)
