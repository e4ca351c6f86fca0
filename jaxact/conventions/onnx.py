"""What ONNX calls the activations (opset 28). ONNX defines values; the slopes are ours."""

from functools import partial

from jaxact.conventions.convention import same

_onnx = partial(same, "onnx")
_SELU = "ONNX rounds the constants to float32: 3e-8 relative"

# fmt: off
ONNX = (
    *_onnx("Identity", "identity"),
    *_onnx("Relu", "relu"),
    *_onnx("LeakyRelu", "leaky_relu", renamed={"alpha": "negative_slope"}),
    *_onnx("PRelu", "prelu", renamed={"slope": "negative_slope"}, required=("slope",)),
    *_onnx("ThresholdedRelu", "thresholded_relu", renamed={"alpha": "theta"}),
    *_onnx("Clip", "clip", renamed={"min": "minimum", "max": "maximum"}, required=("min", "max")),
    *_onnx("Shrink", "shrink"),
    *_onnx("HardSigmoid", "linear_sigmoid"),
    *_onnx("HardSwish", "hard_silu"),
    *_onnx("Elu", "elu"),
    *_onnx("Celu", "celu"),
    *_onnx("Selu", "selu", difference=_SELU, ignored={
        "alpha": (1.6732631921768188, 1.67326319217681884765625, 1.6732632423543772),
        "gamma": (1.0507010221481323, 1.05070102214813232421875, 1.0507009873554805),
    }),
    *_onnx("Gelu", "gelu_exact",
           choices={"approximate": {"none": ("gelu_exact", {}), "tanh": ("gelu_tanh", {})}}),
    *_onnx("Swish", "silu", instead={"alpha": ("swish_beta", "beta", 1)}),
    *_onnx("Mish", "mish"),
    *_onnx("Sigmoid", "sigmoid"),
    *_onnx("Tanh", "tanh"),
    *_onnx("Softplus", "softplus"),
    *_onnx("Softsign", "soft_sign"),
    *_onnx("SwiGLU", "swiglu", ignored={"alpha": (1,)},
           difference="ONNX takes two inputs: A is our gate_input, B our x"),
    *_onnx("Softmax", "softmax"),
    *_onnx("LogSoftmax", "log_softmax"),
    *_onnx("Hardmax", "hardmax"),
    *_onnx("Abs", "absolute"),
    *_onnx("Sign", "sign"),
    *_onnx("Erf", "erf"),
    *_onnx("Exp", "exponential"),
    *_onnx("Sin", "sine"),
    *_onnx("Cos", "cosine"),
    *_onnx("Atan", "arctan"),
    *_onnx("Asinh", "arcsinh"),
)
# fmt: on
