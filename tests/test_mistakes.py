"""Wrong calls: each error is short, names the function, and says what would be right."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxact
import jaxact.linen as jl
import jaxact.nnx as jn
from experiments import rebuild
from jaxact import CATALOGUE, elu, entmax, equivalents, get, prelu, rrelu, swiglu
from jaxact.lab import UserError
from jaxact.models import CNN, MLP

X = np.linspace(-2.0, 2.0, 24, dtype=np.float32).reshape(4, 6)
KEY = jax.random.key(0)
RNGS = nnx.Rngs(0)
NAMES = {**vars(jaxact), "jax": jax, "np": np, "jn": jn, "jl": jl, "CNN": CNN, "MLP": MLP}
NAMES |= {"X": X, "KEY": KEY, "RNGS": RNGS}
# The catalogue's arguments that are no numbers, and what their errors say.
KINDS = {"axis": "integer", "gate": "'first' or 'second'", "where": "booleans", "key": "random key"}
# fmt: off
TYPE_ERRORS = {
    "softmax(X, X)": "axis of softmax must be an integer, a tuple of .* or None, got an array",
    "entmax(X, axis=1.0)": "axis of entmax must be an integer, .*got 1.0",
    "kwta(X, axis=(0, 1))": r"axis of kwta must be an integer, got \(0, 1\)",
    "bipolar_relu(X, axis=True)": "axis of bipolar_relu must be an integer, got True",
    "crelu(X, None)": "axis of crelu must be an integer, got None",
    'swiglu(X, X, "last")': "axis of swiglu must be an integer, got 'last'",
    "kwta(X, 2.0)": "k of kwta must be an integer, got 2.0",
    "jax.jit(kwta)(X, 2)": "k of kwta must be an integer, got a traced array; give it as a static",
    "maxout(X, 2.5)": "pieces of maxout must be an integer, got 2.5",
    'taylor_softmax(X, order="2")': "order of taylor_softmax must be an integer, got '2'",
    "softmax(X, where=X)": "where of softmax must be booleans, got float32",
    'swiglu(X, "first")': "gate_input of swiglu takes real numbers, got str",
    'gelu(X, "tanh")': "approximate of gelu must be True or False, got 'tanh'",
    "jax.jit(gelu)(X, True)": "approximate of gelu must be .* give it as a static argument",
    "gumbel_softmax(X, KEY, hard=1)": "hard of gumbel_softmax must be True or False, got 1",
    "rrelu(X, 0)": r"key of rrelu must be one random key, such as jax.random.key\(0\), got 0",
    "rrelu(X, True)": "key of rrelu must be one random key, .*got True",
    "rrelu(X, jax.random.split(KEY, 4))": r"key of rrelu must be one .* of shape \(4,\)",
    "rrelu(X, np.zeros(2))": r"key of rrelu must be one .*got float64 of shape \(2,\)",
    'rrelu(X, deterministic="yes")': "deterministic of rrelu must be True or False, got 'yes'",
    'relu([1.0, "a"])': "relu takes real numbers, got a list with str",
    "relu([[1, 2], [3]])": "relu takes real numbers, got a list with parts of several shapes",
    'relu(np.array(["a"]))': "relu takes real numbers, got dtype <U1",
    "relu(X + 1j)": "relu takes real numbers, got dtype complex",
    "jax.jit(relu)(KEY)": "relu takes real numbers, got dtype key",
    "elu(X, 1j)": "alpha of elu takes real numbers, got dtype complex",
    "slaf(X, 1.0)": "coefficients of slaf is stacked: give a tuple or an array",
    "elu(X, 1.0, 2.0)": "elu: too many positional arguments; it takes x, alpha",
    "softmax()": "softmax: missing a required argument: 'x'",
    "get(None)": "name is text, such as 'gelu' or 'torch.GELU', got NoneType",
    'get(["relu"])': "name is text, .*got list",
    "get(relu)": "name is text, .*got function",
    'get("swiglu", axis=(0, 1))': "axis of swiglu must be an integer",
    'get("softmax", axis="last")': "axis of softmax must be an integer, .*got 'last'",
    'get("softmax", axis=(0, 1.5))': r"axis of softmax must be .*got \(0, 1.5\)",
    'get("softmax", where=True)': r"where of softmax is for the call: get\('softmax'\)\(x, w",
    'get("rrelu", key=0)': "key of rrelu is for the call",
    'get("rrelu", deterministic=2)': "deterministic of rrelu must be True or False, got 2",
    'get("kwta", k=2.5)': "k of kwta must be an integer, got 2.5",
    'get("kwta", k=[2])': r"k of kwta must be an integer, got \[2\]",
    'get("elu", alpha=(1.0, 2.0))': "alpha of elu must be a number, got tuple",
    'get("slaf", coefficients=1.0)': "coefficients of slaf must be a tuple of numbers, got 1.0",
    'get("relu", kink_slopes=(0.0, 0.5))': "kink_slopes of relu must be pairs of a point",
    'get("relu", kink_slopes=((0.0, np.nan),))': "kink_slopes of relu must be pairs",
    'get("torch.rrelu", lower="a")': "lower of rrelu must be a number, got str",
    'get("torch.LeakyReLU")(None)': "leaky_relu takes real numbers, got None",
    'get("elu")(X, beta=1.0)': "elu: got an unexpected keyword argument 'beta'; it takes x, alpha",
    "equivalents(3)": "name is text, .*got int",
    "jn.PReLU(0.25)": "shape of prelu must be an integer.* 0.25; initial values go by name",
    'jl.PReLU("3").init(KEY, X)': "shape of prelu must be an integer",
    'jn.PReLU(param_dtype="int32")': "param_dtype of prelu must be one of floats, got 'int32'",
    "jl.PELU(3, 0.25).init(KEY, X)": "initial of pelu must be a dict .*got 0.25",
    "jl.Maxout(4, 1.5).init(KEY, X)": "pieces of Maxout must be an integer, got 1.5",
    "jl.FunnelReLU().init(KEY, None, False)": "FunnelReLU takes real numbers, got None",
    "jn.RReLU(rngs=0)": r"rngs of RReLU must be nnx.Rngs\(activation=seed\), got 0",
    "jl.decay_mask(jl.PReLU())": "decay_mask takes the parameters that init returns",
    'CNN("relu", rngs=RNGS)': "activation of CNN must be a function, .*got 'relu'",
    'MLP("relu", rngs=RNGS)': "activation of MLP must be a function, .*got 'relu'",
    "MLP(relu, widths=8, rngs=RNGS)": "widths of MLP must be a tuple of integers, got 8",
    "CNN(relu, image_shape=(8, 8), rngs=RNGS)": "image_shape of CNN must be height, width and",
}
VALUE_ERRORS = {
    "softmax(X, 2)": r"axis of softmax must be from -2 to 1 .*\(4, 6\), got 2",
    "softmax(X, (0, -3))": r"axis of softmax must be .*got \(0, -3\)",
    "softmax(X, (0, -2))": r"axis of softmax names an axis twice: \(0, -2\)",
    "softmax(1.0)": "softmax works along an axis, but x has the shape ()",
    "kwta(X, axis=-3)": "axis of kwta must be from -2 to 1",
    "glu(X, 5)": "axis of glu must be from -2 to 1",
    "kwta(X, 0)": "k of kwta must be at least 1, got 0",
    "maxout(X, -2)": "pieces of maxout must be at least 1, got -2",
    "maxout(X, 7)": "maxout divides axis 1 .* length 6, no multiple of pieces=7",
    "glu(X[:, :5])": "glu: .*odd length 5",
    "softmax(X, where=X[:, :5] > 0)": r"where of softmax has the shape \(4, 5\), .*\(4, 6\)",
    "swiglu(X, gate=True)": "gate of swiglu must be 'first' or 'second', got True",
    "swiglu(X, X[:, :5])": "swiglu: x of shape .* do not broadcast",
    "rrelu(X)": r"rrelu draws random numbers: pass key=.*, or deterministic=True",
    "elu(X, X[:, :5])": r"alpha of elu has the shape \(4, 5\), .* against \(4, 6\)",
    "rrelu(X, KEY, [1, 2])": "rrelu: .*shapes",
    "entmax(X, 0.5)": "alpha of entmax must be at least 1, got 0.5",
    "apl(X, (1, 2), (1,))": "slopes and hinges of apl must be equally many, .*got 2 and 1",
    "dynamic_relu(X, (1,))": "slopes and intercepts of dynamic_relu must be equally many",
    "pwlu(X, (1,))": "heights of pwlu must be at least 2, got 1",
    'get("swiglu", gate="third")': "gate of swiglu must be 'first' or 'second', got 'third'",
    'get("elu", alpha=np.nan)': "alpha of elu must be finite, got nan",
    'get("softmax", kink_slopes=((0.0, 0.5),))': "softmax works along an axis",
    'get("torch.GELU", approximate=["tanh"])': "approximate of torch.GELU is one of",
    'get("torch.Softplus", threshold=X)': "torch.Softplus has no counterpart for threshold",
    "jn.XIELU(alpha_n=0.25)": "alpha_n of xielu must be larger than beta=0.5, got 0.25",
    'jn.Learnable("relu")': "relu has no learnable parameters, so it needs no module",
    "jn.Maxout(3, 4, pieces=0, rngs=RNGS)": "pieces of Maxout must be at least 1, got 0",
    "jn.DynamicReLU(3, lines=0, rngs=RNGS)": "lines of DynamicReLU must be at least 1",
    "jl.MetaACON(0).init(KEY, X)": "reduction of MetaACON must be at least 1",
    "jn.Dice(3)(X)": r"Dice takes an array of shape \(..., 3\), got shape \(4, 6\)",
    "jn.FunnelReLU(6, rngs=RNGS)(X)": r"FunnelReLU takes .*\(..., height, width, 6\), got",
}
KEY_ERRORS = {
    'equivalents("ReLU")': r"no activation 'ReLU'; did you mean \['relu'\]",
    'equivalents("torch.Gelu")': "torch has no activation 'torch.Gelu'; did you mean",
}
# fmt: on
TABLES = {TypeError: TYPE_ERRORS, ValueError: VALUE_ERRORS, KeyError: KEY_ERRORS}
CASES = [(call, error, words) for error, table in TABLES.items() for call, words in table.items()]


@pytest.mark.parametrize(("call", "error", "message"), CASES, ids=[call for call, _, _ in CASES])
def test_the_error_says_what_is_right(call, error, message):
    with pytest.raises(error, match=message) as caught:
        eval(call, NAMES)
    assert type(caught.value) is error


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_function_names_itself_and_the_argument(name):
    row = CATALOGUE[name]
    for x in (None, "a", ["a"], {}, X.astype(object)):
        with pytest.raises(TypeError, match=rf"{name}\w* takes real numbers, got "):
            row.plain(x)
    for parameter, default in row.parameters.items():
        kind = "True or False" if isinstance(default, bool) else "takes real numbers"
        kind = "must be an integer" if type(default) is int else kind
        message = f"{parameter} of {name} .*{KINDS.get(parameter, kind)}"
        with pytest.raises((TypeError, ValueError), match=message):
            row.fn(X, **{**row.settings, parameter: "a"})


def test_traced_parameters_pass():
    def total(alpha, where, key):
        y = elu(X, alpha) + entmax(X, 1.0 + alpha, where=where) + rrelu(X, key, alpha)
        return y.sum()

    alphas, keys = jnp.array([0.5, 1.0]), jax.random.split(KEY, 2)
    each = jax.jit(jax.vmap(jax.grad(total), (0, None, 0)))(alphas, X > 0, keys)
    assert np.isfinite(each).all()


def test_good_values_of_every_kind_pass():
    act = get("softmax", axis=None)
    assert eval(repr(act), {"jaxact": jaxact}) == act
    np.testing.assert_allclose(act(X).sum(), 1.0, rtol=1e-6)
    assert get("kwta", k=np.int64(2)) == get("kwta", k=2)
    assert get("softmax", axis=[0, np.int64(1)]).parameters == (("axis", (0, 1)),)
    assert get("rrelu", deterministic=np.True_) == get("rrelu", deterministic=True)
    assert swiglu(1.0, gate_input=X).shape == X.shape
    assert get("relu", kink_slopes=[[0, 1]]).kink_slopes == ((0.0, 1.0),)


def test_equivalents_takes_a_frameworks_name():
    assert equivalents("torch.GELU") == equivalents("gelu_exact")
    assert equivalents("torch.nn.Softmax") == equivalents("softmax")
    with pytest.raises(KeyError, match="several meanings"):
        equivalents("SReLU")


def test_subclasses_of_linen_modules_keep_their_activation():
    own = type("Own", (jl.PReLU,), {})
    np.testing.assert_array_equal(own().init_with_output(KEY, X)[0], prelu(X))


def test_tables_without_results_name_the_command():
    text = "<!-- table: experiments/results/absent -->\n\n<!-- end -->"
    with pytest.raises(UserError, match=re.escape("python -m experiments.absent")):
        rebuild.fresh(text)
