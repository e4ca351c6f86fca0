"""Names of frameworks against the frameworks themselves, where they are installed.

Values and slopes are compared on a grid with every kink and both zeros, at the defaults and at
other arguments; functions along an axis by their pullback of one cotangent.
"""

import functools
import importlib
import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxact import CATALOGUE, get
from jaxact.conventions import CONVENTIONS

pytestmark = pytest.mark.slow

GRID = np.linspace(-12, 12, 97)  # steps of 1/4: through the kinks at the defaults
NORMAL = np.random.default_rng(0).normal(size=(2, 4, 6))
RANDOM = ("rrelu", "gumbel_softmax")

# Arguments besides the defaults, in the frameworks' words.
OTHERS = {
    "torch": {
        "LeakyReLU leaky_relu leaky_relu_": [{"negative_slope": 0.3}],
        "PReLU": [{"init": 0.375}],
        "prelu": [{"weight": 0.3}],
        "rrelu rrelu_": [{"lower": 0.1, "upper": 0.2}],
        "Threshold threshold threshold_": [
            {"threshold": 0.1, "value": 20.0},
            {"threshold": -1.0, "value": 2.0},
        ],
        "Hardtanh hardtanh hardtanh_": [{"min_val": -0.7, "max_val": 2.0}],
        "Hardshrink hardshrink Softshrink softshrink": [{"lambd": 0.3}],
        "ELU elu elu_ CELU celu celu_": [{"alpha": 0.7}],
        "Softplus softplus": [{"beta": 0.5}, {"beta": 3.0}],
        "GELU gelu": [{"approximate": "tanh"}, {"approximate": "none"}],
        "GLU glu": [{"dim": 1}],
        "Softmax softmax LogSoftmax log_softmax Softmin softmin": [{"dim": 1}, {"dim": -1}],
        "normalize": [{"dim": -1, "eps": 3.0}],
    },
    "keras": {
        "relu layers.ReLU": [
            {"negative_slope": 0.3},
            {"max_value": 2.5},
            {"max_value": 6.0},
            {"threshold": 1.25},
        ],
        "leaky_relu layers.LeakyReLU": [{"negative_slope": 0.25}],
        "elu celu layers.ELU": [{"alpha": 0.7}],
        "gelu ops.gelu": [{"approximate": True}, {"approximate": False}],
        "hard_shrink soft_shrink": [{"threshold": 0.25}],
        "threshold ops.threshold": [{"threshold": 0.25, "default_value": 20.0}],
        "squareplus": [{"b": 2.0}],
        "glu softmax log_softmax sparsemax layers.Softmax": [{"axis": 1}],
        "ops.normalize": [{"axis": 1, "epsilon": 3.0}],
    },
    "timm": {"leaky_relu": [{"negative_slope": 0.3}], "elu celu": [{"alpha": 0.7}]},
    "mlx": {
        "leaky_relu LeakyReLU": [{"negative_slope": 0.3}],
        "prelu": [{"alpha": 0.3}],
        "PReLU": [{"init": 0.375}],
        "elu ELU celu CELU": [{"alpha": 0.7}],
        "GELU": [{"approx": word} for word in ("none", "precise", "tanh", "fast")],
        "hard_tanh": [{"min_val": -0.75, "max_val": 2.0}],
        "hard_shrink HardShrink softshrink Softshrink": [{"lambd": 0.25}],
        "step Step": [{"threshold": 1.0}],
        "glu GLU softmax log_softmax softmin": [{"axis": 1}],
    },
    "onnx": {
        "LeakyRelu Elu Celu ThresholdedRelu": [{"alpha": 0.75}],
        "HardSigmoid": [{"alpha": 0.25, "beta": 0.75}],
        "PRelu": [{"slope": 0.3}],
        "Clip": [{"min": -0.5, "max": 2.0}],
        "Shrink": [{"lambd": 1.5, "bias": 1.5}],
        "Gelu": [{"approximate": "tanh"}],
        "Swish": [{"alpha": 2.0}],
        "Softmax LogSoftmax Hardmax": [{"axis": 1}],
    },
}

# Where the framework is the less exact one: relative and absolute tolerance.
SINGLE, DOUBLE = (3e-6, 1e-6), (1e-12, 1e-14)
TOLERANCE = {
    ("torch.softplus", "float64"): (1e-9, 3e-9),  # cut at beta x > 20
    ("torch.hardsigmoid", "float64"): (5e-8, 0.0),  # 1/6 in single precision, in the slope
    ("torch.celu", "float64"): (5e-7, 0.0),  # 1/alpha in single precision
    ("keras.tanh", "float64"): SINGLE,  # cast to single precision
    ("keras.gelu", "float32"): (3e-6, 3e-6),  # 1 + tanh cancels in the tail
    ("keras.gelu", "float64"): (1e-12, 5e-14),
    ("keras.ops.gelu", "float32"): (3e-6, 3e-6),
    ("mlx.selu", "float32"): (3e-6, 1e-6),  # rounded constants
}


def cases(framework, dtypes=("float32",)):
    """Every name with its defaults, where it has them, and with other arguments."""
    chosen = []
    for full, c in CONVENTIONS.items():
        if full.split(".")[0] != framework or c.refusal or c.canonical in RANDOM:
            continue
        others, name = OTHERS.get(framework, {}), full.removeprefix(framework + ".")
        found = [given for names, given in others.items() if name in names.split()]
        arguments = [*([] if c.required else [{}]), *(found[0] if found else [])]
        assert arguments, f"no arguments for {full}"
        for dtype in dtypes:
            if dtype == "float64":  # one name for the same thing is enough, and the defaults
                one = name[0].isupper() if framework == "torch" else "." not in name
                arguments = arguments[:1] if one else []
            chosen += [pytest.param(full, a, dtype, id=f"{full}-{a}-{dtype}") for a in arguments]
    return chosen


def inputs(full, arguments):
    """The grid, with the kinks of these arguments; or, along an axis, a random array."""
    act = get(full, **arguments)
    if act.name == "sparsemax":  # one entry wins: Keras 3.15 is wrong where several share
        return act, 2.0 * np.random.default_rng(0).permutation(48).reshape(NORMAL.shape)
    if not CATALOGUE[act.name].elementwise:
        return act, NORMAL
    numbers = [v for v in arguments.values() if isinstance(v, float)]
    kinks = [*numbers, *(-v for v in numbers), 0.0, 0.0, 0.0, 0.0]
    return act, np.array([*GRID, -0.0, *kinks[:4]])  # one shape: compiled once a function


def check(full, arguments, theirs, dtype, slopes=True):
    """Compares with ``theirs``, from an array and a cotangent to values and slopes."""
    with jax.enable_x64(dtype == "float64"):
        act, x = inputs(full, arguments)
        x = x.astype(dtype)
        y, pull = jax.vjp(act, jnp.asarray(x))
        cotangent = np.cos(np.arange(y.size)).reshape(y.shape).astype(dtype)
        got = (y, pull(jnp.asarray(cotangent))[0])
    usual = SINGLE if dtype == "float32" else DOUBLE
    rtol, atol = TOLERANCE.get((full.lower().rstrip("_"), dtype), usual)
    expected = theirs(x, cotangent)
    np.testing.assert_allclose(got[0], expected[0], rtol=rtol, atol=atol)
    if slopes:
        np.testing.assert_allclose(got[1], expected[1], rtol=rtol, atol=atol)


def installed(module, package):
    return pytest.importorskip(module, reason=f"needs {package}: pip install {package}")


# --- PyTorch, and what stands on it ----------------------------------------------------------


def by_torch(fn):
    import torch

    def theirs(x, cotangent):
        x = torch.tensor(x, requires_grad=True)
        y = fn(x)
        y.backward(torch.tensor(cotangent))
        return y.detach().numpy(), x.grad.numpy()

    return theirs


def torch_function(name, arguments, dtype):
    torch = importlib.import_module("torch")
    if name[0].isupper():
        module = getattr(torch.nn, name)(**arguments).eval()
        return module.to(getattr(torch, dtype))
    if "weight" in arguments:
        arguments = {"weight": torch.tensor([arguments["weight"]], dtype=getattr(torch, dtype))}
    # In-place variants may not write to the leaf itself.
    return lambda x: getattr(torch.nn.functional, name)(x * 1, **arguments)


@pytest.mark.parametrize(("full", "arguments", "dtype"), cases("torch", ("float32", "float64")))
def test_agrees_with_torch(full, arguments, dtype):
    installed("torch", "torch")
    fn = torch_function(CONVENTIONS[full].name, arguments, dtype)
    check(full, arguments, by_torch(fn), dtype)


@pytest.mark.parametrize("name", ["RReLU", "rrelu", "rrelu_"])
def test_agrees_with_the_rrelu_of_torch(name):
    torch = installed("torch", "torch")
    fn = torch.nn.functional.rrelu
    check(f"torch.{name}", {"training": False}, by_torch(fn), "float32")
    x = -np.ones(20_000, np.float32)
    drawn = fn(torch.tensor(x), training=True).numpy()
    act = get(f"torch.{name}", training=True)
    ours = np.asarray(act(x, key=jax.random.key(0)))
    for q in (0, 0.5, 1):
        np.testing.assert_allclose(np.quantile(ours, q), np.quantile(drawn, q), atol=5e-3)


@pytest.mark.parametrize("arguments", [{}, {"tau": 0.5, "hard": True}, {"dim": 1}])
def test_agrees_with_the_gumbel_softmax_of_torch(arguments):
    torch = installed("torch", "torch")
    x = np.broadcast_to(np.float32(NORMAL[0]), (5_000, 4, 6))
    drawn = torch.nn.functional.gumbel_softmax(torch.tensor(x), **arguments).numpy()
    ours = np.asarray(get("torch.gumbel_softmax", **arguments)(x, key=jax.random.key(0)))
    np.testing.assert_allclose(ours.mean(axis=0), drawn.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(ours.std(axis=0), drawn.std(axis=0), atol=0.03)


@pytest.mark.parametrize(("full", "arguments", "dtype"), cases("timm"))
@pytest.mark.parametrize("factory", ["get_act_fn", "get_act_layer"])
def test_agrees_with_timm(full, arguments, dtype, factory):
    layers = installed("timm.layers", "timm")
    name = CONVENTIONS[full].name
    if factory == "get_act_fn":
        if name in ("prelu", "identity"):  # only layers have these
            return
        fn = functools.partial(layers.get_act_fn(name), **arguments)
    else:
        fn = layers.get_act_layer(name)(**arguments)
    check(full, arguments, by_torch(fn), dtype)


@pytest.mark.parametrize(("full", "arguments", "dtype"), cases("transformers"))
def test_agrees_with_transformers(full, arguments, dtype):
    activations = installed("transformers.activations", "transformers")
    check(full, arguments, by_torch(activations.ACT2FN[CONVENTIONS[full].name]), dtype)


# --- Keras, MLX, ONNX ------------------------------------------------------------------------


@pytest.mark.parametrize(("full", "arguments", "dtype"), cases("keras", ("float32", "float64")))
def test_agrees_with_keras(full, arguments, dtype, tmp_path_factory):
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ.setdefault("KERAS_HOME", str(tmp_path_factory.getbasetemp()))
    keras = installed("keras", "keras")
    c = CONVENTIONS[full]
    if c.framework == "keras.layers":
        fn = getattr(keras.layers, c.name)(**arguments, dtype=dtype)
    else:
        home = keras.ops if c.framework == "keras.ops" else keras.activations
        fn = functools.partial(getattr(home, c.name), **arguments)

    def theirs(x, cotangent):
        with jax.enable_x64(dtype == "float64"):
            shape = x.shape
            x = x if x.ndim > 1 else x[None]  # PReLU wants a batch
            y, pull = jax.vjp(fn, jnp.asarray(x))
            slopes = pull(jnp.asarray(cotangent.reshape(y.shape), y.dtype))[0]
            return y.reshape(cotangent.shape), slopes.reshape(shape)

    check(full, arguments, theirs, dtype)


@pytest.mark.parametrize(("full", "arguments", "dtype"), cases("mlx"))
def test_agrees_with_mlx(full, arguments, dtype):
    mx, nn = installed("mlx.core", "mlx"), installed("mlx.nn", "mlx")
    name = CONVENTIONS[full].name
    fn = getattr(nn, name)
    fn = fn(**arguments) if name[0].isupper() else functools.partial(fn, **arguments)

    def theirs(x, cotangent):
        (y,), (slope,) = mx.vjp(lambda x: fn(x) * 1.0, [mx.array(x)], [mx.array(cotangent)])
        return np.array(y), np.array(slope)

    check(full, arguments, theirs, dtype)


@pytest.mark.parametrize(("full", "arguments", "dtype"), cases("onnx"))
def test_agrees_with_the_values_of_onnx(full, arguments, dtype):
    onnx = installed("onnx", "onnx")
    reference = installed("onnx.reference", "onnx")
    name, float32 = CONVENTIONS[full].name, onnx.TensorProto.FLOAT
    constants = {k: np.float32(v) for k, v in arguments.items() if k in ("slope", "min", "max")}
    attributes = {k: v for k, v in arguments.items() if k not in constants}
    words = ["a", "b"] if name == "SwiGLU" else ["a"]
    node = onnx.helper.make_node(name, [*words, *constants], ["y"], **attributes)
    graph = onnx.helper.make_graph(
        [node],
        name,
        [onnx.helper.make_tensor_value_info(w, float32, None) for w in [*words, *constants]],
        [onnx.helper.make_tensor_value_info("y", float32, None)],
    )
    run = reference.ReferenceEvaluator(onnx.helper.make_model(graph)).run

    def theirs(x, cotangent):
        parts = np.split(x, 2, axis=-1) if name == "SwiGLU" else [x]
        return (*run(None, {**dict(zip(words, parts, strict=True)), **constants}), None)

    check(full, arguments, theirs, dtype, slopes=False)
