"""What Keras 3 calls the activations: ``keras.activations``, ``keras.ops``, ``keras.layers``."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from jaxact.conventions.convention import Slopes, like, refused, same

_keras = partial(same, "keras")
_layer = partial(same, "keras.layers")


def _half_at_the_cap(p: Mapping[str, Any]) -> Slopes:
    """Keras clips at ``max_value`` as JAX does, half a slope at the tie, but has relu6 for 6."""
    return ((p["n"], 0.5),) if p.get("n", 6) != 6 else ()


_RELU = {
    "instead": {
        "negative_slope": ("leaky_relu", "negative_slope", 0),
        "max_value": ("relu_n", "n", None),
        "threshold": ("thresholded_relu", "theta", 0),
    },
    "kinks": _half_at_the_cap,
}
_GELU = {"choices": {"approximate": {False: ("gelu_exact", {}), True: ("gelu_tanh", {})}}}
_LAMBD = {"threshold": "lambd"}

# fmt: off
_ACTIVATIONS = (
    *_keras("linear", "identity"),
    *_keras("relu", "relu", **_RELU),
    *_keras("relu6", "relu6"),
    *_keras("leaky_relu", "leaky_relu", parameters={"negative_slope": 0.2}),
    *_keras("elu", "elu"),
    *_keras("celu", "celu"),
    *_keras("selu", "selu"),
    *_keras("gelu", "gelu_exact", **_GELU),
    *_keras("silu swish", "silu"),
    *_keras("mish", "mish"),
    *_keras("hard_silu hard_swish", "hard_silu"),
    *_keras("hard_sigmoid", "hard_sigmoid"),
    *_keras("hard_tanh", "hard_tanh"),
    *_keras("hard_shrink", "hard_shrink", renamed=_LAMBD),
    *_keras("soft_shrink", "soft_shrink", renamed=_LAMBD),
    *_keras("tanh_shrink", "tanh_shrink"),
    *_keras("threshold", "threshold", required=("threshold", "default_value"),
            renamed={"default_value": "value"}),
    *_keras("sigmoid", "sigmoid"),
    *_keras("sparse_sigmoid", "sparse_sigmoid"),
    *_keras("log_sigmoid", "log_sigmoid"),
    *_keras("exponential", "exponential"),
    *_keras("softplus", "softplus"),
    *_keras("sparse_plus", "sparse_plus"),
    *_keras("squareplus", "squareplus"),
    *_keras("softsign", "soft_sign"),
    *_keras("tanh", "tanh"),
    *_keras("glu", "glu"),
    *_keras("softmax", "softmax"),
    *_keras("log_softmax", "log_softmax"),
    *_keras("sparsemax", "sparsemax",
            difference="up to Keras 3.15 wrong where several entries share the weight (#23425)"),
)

_OPS = (
    "relu6 leaky_relu elu celu selu silu swish hard_silu hard_swish hard_sigmoid hard_tanh "
    "hard_shrink soft_shrink tanh_shrink threshold sigmoid sparse_sigmoid log_sigmoid softplus "
    "sparse_plus squareplus softsign tanh glu softmax log_softmax sparsemax"
)

KERAS = (
    *_ACTIVATIONS,
    *like("keras.ops", {name: name for name in _OPS.split()}, _ACTIVATIONS),
    *same("keras.ops", "relu", "relu"),
    *same("keras.ops", "gelu", "gelu_tanh", **_GELU),
    *same("keras.ops", "normalize", "l2_normalize", parameters={"epsilon": 1e-7},
          ignored={"order": (2,)}),
    *_layer("ReLU", "relu", **_RELU),
    *_layer("LeakyReLU", "leaky_relu", parameters={"negative_slope": 0.3}),
    *_layer("PReLU", "prelu", parameters={"negative_slope": 0.0},
            kinks=lambda p: ((0.0, 0.0),),
            difference="Keras has a slope per element, all 0 at the start"),
    *_layer("ELU", "elu"),
    *_layer("Softmax", "softmax"),
    *refused("keras.layers", {
        "Activation": "a layer that takes an activation's name; give the name itself",
    }),
)
# fmt: on
