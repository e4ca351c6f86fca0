"""What ``torch.nn`` and ``torch.nn.functional`` call the activations (PyTorch 2.13)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from jaxact.conventions.convention import ANY, Slopes, refused, same

_torch = partial(same, "torch")
_INPLACE = {"inplace": ANY}
_DIM = {"dim": "axis"}
_AXIS = {"renamed": _DIM, "required": ("dim",), "ignored": {"dtype": ANY}}


def negative_slope_at_zero(p: Mapping[str, Any]) -> Slopes:
    """PyTorch counts 0 to the negative side; here the slope at 0 is 1."""
    return ((0.0, p["negative_slope"]),)


def _mean_slope_at_zero(p: Mapping[str, Any]) -> Slopes:
    return ((0.0, (p["lower"] + p["upper"]) / 2),) if p["deterministic"] else ()


_RRELU = {
    "choices": {
        "training": {
            True: ("rrelu", {"deterministic": False}),
            False: ("rrelu", {"deterministic": True}),
        }
    },
    "ignored": _INPLACE,
    "kinks": _mean_slope_at_zero,
    "difference": "in training the slope at 0 is the drawn one, here it is 1",
}

# fmt: off
TORCH = (
    *_torch("Identity", "identity"),
    *_torch("ReLU relu relu_", "relu", ignored=_INPLACE),
    *_torch("ReLU6 relu6", "relu6", ignored=_INPLACE),
    *_torch("LeakyReLU leaky_relu leaky_relu_", "leaky_relu", ignored=_INPLACE,
            kinks=negative_slope_at_zero),
    *_torch("PReLU", "prelu", renamed={"init": "negative_slope"},
            ignored={"num_parameters": ANY}, kinks=negative_slope_at_zero),
    *_torch("prelu", "prelu", renamed={"weight": "negative_slope"}, required=("weight",),
            kinks=negative_slope_at_zero),
    *_torch("RReLU", "rrelu", **_RRELU),
    *_torch("rrelu rrelu_", "rrelu", parameters={"deterministic": True}, **_RRELU),
    *_torch("Threshold threshold threshold_", "threshold", required=("threshold", "value"),
            ignored=_INPLACE),
    *_torch("Hardtanh hardtanh hardtanh_", "clip", ignored=_INPLACE,
            renamed={"min_val": "minimum", "max_val": "maximum"}),
    *_torch("Hardsigmoid hardsigmoid", "hard_sigmoid", ignored=_INPLACE),
    *_torch("Hardswish hardswish", "hard_silu", ignored=_INPLACE),
    *_torch("Hardshrink hardshrink", "hard_shrink"),
    *_torch("Softshrink softshrink", "soft_shrink"),
    *_torch("Tanhshrink tanhshrink", "tanh_shrink"),
    *_torch("ELU elu elu_", "elu", ignored=_INPLACE),
    *_torch("CELU celu celu_", "celu", ignored=_INPLACE),
    *_torch("SELU selu selu_", "selu", ignored=_INPLACE),
    *_torch("Softplus softplus", "softplus", instead={"beta": ("smooth_relu", "beta", 1)},
            ignored={"threshold": (20,)},
            difference="torch cuts the last 2e-9 / beta off where beta x > 20"),
    *_torch("Softsign softsign", "soft_sign"),
    *_torch("Sigmoid sigmoid", "sigmoid"),
    *_torch("LogSigmoid logsigmoid", "log_sigmoid"),
    *_torch("Tanh tanh", "tanh"),
    *_torch("GELU gelu", "gelu_exact",
            choices={"approximate": {"none": ("gelu_exact", {}), "tanh": ("gelu_tanh", {})}}),
    *_torch("SiLU silu", "silu", ignored=_INPLACE),
    *_torch("Mish mish", "mish", ignored=_INPLACE),
    *_torch("GLU glu", "glu", renamed=_DIM),
    *_torch("Softmax softmax", "softmax", **_AXIS),
    *_torch("LogSoftmax log_softmax", "log_softmax", **_AXIS),
    *_torch("Softmin softmin", "softmin", **_AXIS),
    *_torch("Softmax2d", "softmax", parameters={"axis": -3}),
    *_torch("gumbel_softmax", "gumbel_softmax", renamed={**_DIM, "tau": "temperature"},
            ignored={"eps": ANY}),
    *_torch("normalize", "l2_normalize", parameters={"axis": 1},
            renamed={**_DIM, "eps": "epsilon"}, ignored={"p": (2,)}),
    *refused("torch", {
        "AdaptiveLogSoftmaxWithLoss": "a loss layer: it owns weights and takes the targets",
        "MultiheadAttention": "a layer of weights, not an activation",
        "batch_norm": "a normalisation over the batch, with running statistics",
        "group_norm": "a normalisation over groups of channels",
        "instance_norm": "a normalisation over the pixels of one picture",
        "layer_norm": "a normalisation over features",
        "local_response_norm": "a normalisation over neighbouring channels",
        "rms_norm": "a normalisation over features",
    }),
)
# fmt: on
