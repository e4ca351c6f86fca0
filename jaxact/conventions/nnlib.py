"""What NNlib.jl, and so Flux, calls the activations; slopes are those of its own rules."""

from functools import partial

from jaxact.conventions.convention import refused, same
from jaxact.conventions.torch import negative_slope_at_zero

_nnlib = partial(same, "NNlib")
_JULIA = "it works along the first axis, counted from 1, which comes last here; name the axis: {}"

# fmt: off
NNLIB = (
    *_nnlib("relu", "relu"),
    *_nnlib("relu6", "relu6"),
    *_nnlib("leakyrelu", "leaky_relu", renamed={"a": "negative_slope"},
            kinks=negative_slope_at_zero),
    *_nnlib("rrelu", "rrelu", renamed={"lo": "lower", "hi": "upper"},
            difference="NNlib draws at every call, and at 0 the slope is the drawn one"),
    *_nnlib("trelu thresholdrelu", "thresholded_relu"),
    *_nnlib("elu", "elu", renamed={"α": "alpha"},
            kinks=lambda p: ((0.0, 1.0),) if p["alpha"] != 1 else ()),
    *_nnlib("celu", "celu", renamed={"α": "alpha"}),
    *_nnlib("selu", "selu"),
    # gelu_sigmoid is the same curve as gelu_tanh, written with a sigmoid.
    *_nnlib("gelu gelu_tanh gelu_sigmoid", "gelu_tanh"),
    *_nnlib("gelu_erf", "gelu_exact"),
    *_nnlib("swish", "silu"),
    *_nnlib("hardswish", "hard_silu", kinks=lambda p: ((-3.0, -0.5), (3.0, 1.5))),
    *_nnlib("mish", "mish"),
    *_nnlib("lisht", "lisht"),
    *_nnlib("σ sigmoid sigmoid_fast", "sigmoid"),
    *_nnlib("hardσ hardsigmoid", "hard_sigmoid",
            difference="beyond -3 and 3 NNlib's rule gives the slope 1, a mistake"),
    *_nnlib("hardtanh", "clip"),
    *_nnlib("logσ logsigmoid", "log_sigmoid"),
    *_nnlib("tanh tanh_fast", "tanh"),
    *_nnlib("softplus", "softplus"),
    *_nnlib("logcosh", "log_cosh"),
    *_nnlib("softsign", "soft_sign"),
    *_nnlib("tanhshrink", "tanh_shrink"),
    *_nnlib("softshrink", "soft_shrink", renamed={"λ": "lambd"}),
    *refused("NNlib", {
        "softmax": _JULIA.format("get('softmax', axis=...)"),
        "logsoftmax": _JULIA.format("get('log_softmax', axis=...)"),
        "glu": _JULIA.format("get('glu', axis=...)"),
    }),
)
# fmt: on
