"""Names of frameworks: the table, the ways through it, and ``jax.nn`` name by name."""

import functools
import pickle

import flax.linen
import flax.nnx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxact
from jaxact import CATALOGUE, get
from jaxact.catalogue import ALIASES
from jaxact.conventions import (
    AMBIGUOUS,
    CONVENTIONS,
    NEAR,
    equivalents,
    knows,
    lookup,
    resolve,
)

USABLE = {name: c for name, c in CONVENTIONS.items() if not c.refusal}
FREE = {name: c for name, c in USABLE.items() if not c.required}
REFUSED = {name: c for name, c in CONVENTIONS.items() if c.refusal}
GRID = np.array([*np.linspace(-12, 12, 97), -0.0, 0.0, -1e-3, 1e-3])

# --- The table -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", USABLE)
def test_convention_fits_the_function(name):
    c = USABLE[name]
    targets = [(c.canonical, c.parameters)]
    targets += [target for values in c.choices.values() for target in values.values()]
    targets += [(other, {parameter: 0.0}) for other, parameter, _ in c.instead.values()]
    for canonical, parameters in targets:
        assert set(parameters) <= set(CATALOGUE[canonical].parameters)
    ours = CATALOGUE[c.canonical].parameters
    assert set(c.renamed.values()) <= set(ours)
    words = {*c.renamed, *ours, *c.ignored}
    assert set(c.required) <= words


def test_no_name_is_there_twice():
    tables = (
        lookup.JAX, lookup.FLAX, lookup.TORCH, lookup.KERAS, lookup.TRANSFORMERS, lookup.TIMM,
        lookup.MLX, lookup.ONNX, lookup.NNLIB, lookup.DKS, lookup.ECHO,
    )  # fmt: skip
    assert sum(map(len, tables)) == len(CONVENTIONS)


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_gives_its_reason(name):
    assert REFUSED[name].canonical == ""
    with pytest.raises(KeyError) as error:
        get(name)
    assert REFUSED[name].refusal in str(error.value)


# --- From a name -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FREE)
def test_name_resolves_with_the_frameworks_defaults(name):
    c = FREE[name]
    canonical, parameters, slopes = resolve(name)
    assert (canonical, parameters) == (c.canonical, dict(c.parameters))
    act = get(name)
    assert act.name == canonical
    assert act.kink_slopes == slopes
    assert eval(repr(act), {"jaxact": jaxact}) == act
    assert pickle.loads(pickle.dumps(act)) == act


@pytest.mark.parametrize("name", [name for name in FREE if FREE[name].kinks])
def test_slopes_are_given_only_where_they_differ(name):
    act = get(name)
    for point, slope in act.kink_slopes:
        ours = jax.grad(functools.partial(act.row.fn, **dict(act.parameters)))
        assert float(ours(point)) != pytest.approx(slope)
        assert float(jax.grad(act)(point)) == pytest.approx(slope)


@pytest.mark.parametrize("name", [name for name in USABLE if USABLE[name].required])
def test_required_arguments_are_asked_for(name):
    with pytest.raises(TypeError, match=f"needs {USABLE[name].required[0]}"):
        get(name)


@pytest.mark.parametrize(
    ("name", "arguments", "canonical", "parameters"),
    [
        ("torch.GELU", {}, "gelu_exact", {}),
        ("torch.GELU", {"approximate": "tanh"}, "gelu_tanh", {}),
        ("torch.nn.functional.gelu", {"approximate": "none"}, "gelu_exact", {}),
        ("torch.ReLU", {"inplace": True}, "relu", {}),
        ("torch.Hardtanh", {"max_val": 2}, "clip", {"maximum": 2}),
        ("torch.Hardtanh", {"maximum": 2}, "clip", {"maximum": 2}),
        ("torch.Softplus", {"beta": 1}, "softplus", {}),
        ("torch.Softplus", {"beta": 2, "threshold": 20}, "smooth_relu", {"beta": 2}),
        ("torch.Softmax", {"dim": 1}, "softmax", {"axis": 1}),
        ("torch.threshold", {"threshold": 0, "value": 2}, "threshold", {"value": 2}),
        ("keras.gelu", {"approximate": True}, "gelu_tanh", {}),
        ("keras.ops.gelu", {}, "gelu_tanh", {}),
        ("keras.relu", {"max_value": None}, "relu", {}),
        ("keras.relu", {"max_value": 6}, "relu_n", {"n": 6}),
        ("keras.activations.relu", {"negative_slope": 0.1}, "leaky_relu", {"negative_slope": 0.1}),
        ("keras.relu", {"threshold": 0, "negative_slope": 0.0}, "relu", {}),
        ("keras.hard_shrink", {"threshold": 0.1}, "hard_shrink", {"lambd": 0.1}),
        ("onnx.HardSigmoid", {}, "linear_sigmoid", {}),
        ("onnx.Swish", {"alpha": 1.0}, "silu", {}),
        ("onnx.Swish", {"alpha": 0.0}, "swish_beta", {"beta": 0.0}),
        ("mlx.nn.gelu_fast_approx", {}, "quick_gelu", {}),
        ("mlx.GELU", {"approx": "fast"}, "quick_gelu", {}),
        ("flax.linen.PReLU", {}, "prelu", {"negative_slope": 0.01}),
        ("echo.EIS", {"alpha": 1, "beta": 1, "gamma": 1, "delta": 1, "theta": 1, "version": 2},
         "eis", {"theta": 0.0}),
    ],
)  # fmt: skip
def test_arguments_are_translated(name, arguments, canonical, parameters):
    act = get(name, **arguments)
    assert (act.name, act.parameters) == (canonical, get(canonical, **parameters).parameters)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        ("torch.ELU", {"beta": 1.0}, TypeError, "no argument 'beta'.*alpha"),
        ("torch.Hardtanh", {"min_val": 0.0, "minimum": 0.0}, TypeError, "both min_val and minimum"),
        ("torch.Softplus", {"threshold": 5.0}, ValueError, "no counterpart for threshold=5.0"),
        ("torch.normalize", {"p": 1.0}, ValueError, "no counterpart for p=1.0"),
        ("torch.GELU", {"approximate": "fast"}, ValueError, "one of.*'none', 'tanh'"),
        ("torch.Softmax", {"dim": None}, TypeError, "needs dim"),
        ("keras.relu", {"max_value": 2.0, "threshold": 1.0}, ValueError, "no counterpart for"),
    ],
)
def test_arguments_without_a_counterpart_are_refused(name, arguments, error, message):
    with pytest.raises(error, match=message):
        get(name, **arguments)


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("torch.Gelu", "'torch.(GELU|gelu)'"),
        ("torch.nn.LeakyRELU", "'torch.LeakyReLU'"),
        ("keras.layers.LeakyRelu", "'keras.layers.LeakyReLU'"),
        ("onnx.HardSigmod", "'onnx.HardSigmoid'"),
        ("transformers.gelu_nwe", "'transformers.gelu_new'"),
        ("pytroch.GELU", "no framework.*'torch'"),
    ],
)
def test_typo_names_the_near_ones(typo, meant):
    with pytest.raises(KeyError, match=meant):
        get(typo)


# --- Ambiguous names -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [f(n) for n in AMBIGUOUS for f in (str, str.lower)])
def test_ambiguous_name_lists_its_meanings(name):
    (key,) = [n for n in AMBIGUOUS if n.lower() == name.lower()]
    assert name not in ALIASES
    with pytest.raises(KeyError, match="several meanings") as error:
        get(name)
    assert all(meaning in str(error.value) for meaning in AMBIGUOUS[key])


@pytest.mark.parametrize("meaning", [m for meanings in AMBIGUOUS.values() for m in meanings])
def test_meanings_lead_somewhere(meaning):
    name, _, _ = meaning.partition(":")
    assert name in ALIASES or name in CONVENTIONS or "not in the catalogue" in meaning


def test_other_names_are_not_its_matter():
    assert not any(knows(name) for name in (*ALIASES, 3, None))


# --- The way back ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", USABLE)
def test_equivalents_is_the_inverse(name):
    c = USABLE[name]
    text = equivalents(c.canonical)[name]
    if not text:
        assert get(name) == get(c.canonical)
    assert all(str(key) in text for key in c.required)
    assert c.difference in text


@pytest.mark.parametrize("canonical", CATALOGUE)
def test_names_without_a_difference_are_the_function(canonical):
    for name, difference in equivalents(canonical).items():
        if difference == "":
            twins = {canonical, {"gelu": "gelu_tanh", "gelu_tanh": "gelu"}.get(canonical)}
            assert resolve(name)[0] in twins


def test_equivalents_understand_aliases_and_answer_typos():
    assert equivalents("swish") == equivalents("silu")
    assert "torch.GELU" in equivalents("gelu")
    assert equivalents("gelu")["transformers.gelu_new"] == ""
    with pytest.raises(KeyError, match="gelu"):
        equivalents("gellu")


@pytest.mark.parametrize(("one", "other"), NEAR)
def test_near_functions_differ_as_much_as_said(one, other):
    x = np.linspace(-8, 8, 160001)
    with jax.enable_x64(True):
        distance = float(abs(get(one)(x) - get(other)(x)).max())
    assert NEAR[one, other] * 0.98 < distance <= NEAR[one, other]


# --- jax.nn and Flax -------------------------------------------------------------------------

MODULES = {"jax.nn": jax.nn, "flax.linen": flax.linen, "flax.nnx": flax.nnx}
OURS = [
    (module, c)
    for module in MODULES
    for c in FREE.values()
    if c.framework == module.partition(".linen")[0].partition(".nnx")[0] and c.name != "PReLU"
    and hasattr(MODULES[module], c.name)
]  # fmt: skip


def values_and_slopes(fn, x):
    y, pull = jax.vjp(fn, x)
    return y, pull(jnp.cos(jnp.arange(y.size, dtype=y.dtype)).reshape(y.shape))[0]


@pytest.mark.parametrize(("module", "c"), OURS, ids=lambda p: getattr(p, "full_name", p))
@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_agrees_with_jax(module, c, dtype):
    with jax.enable_x64(dtype == "float64"):
        x = jnp.asarray(GRID[:100].reshape(10, 10), dtype)
        theirs = values_and_slopes(getattr(MODULES[module], c.name), x)
        for got, expected in zip(values_and_slopes(get(c.full_name), x), theirs, strict=True):
            tolerance = 1e-13 if dtype == "float64" else 2e-6
            np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("linen", [True, False])
def test_agrees_with_the_prelu_of_flax(linen):
    x = jnp.float32(GRID)
    module = flax.linen.PReLU() if linen else flax.nnx.PReLU()
    fn = (lambda x: module.apply(module.init(jax.random.key(0), x), x)) if linen else module
    for got, expected in zip(
        values_and_slopes(get("flax.PReLU"), x), values_and_slopes(fn, x), strict=True
    ):
        np.testing.assert_array_equal(got, expected)


def test_no_function_of_jax_nn_is_left_out():
    functions = {n for n, f in vars(jax.nn).items() if callable(f) and not n.startswith("_")}
    functions -= {"get_scaled_dot_general_config", "initializers"}
    assert {f"jax.nn.{n}" for n in functions} == {n for n in CONVENTIONS if n.startswith("jax.nn")}
