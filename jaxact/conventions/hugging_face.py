"""What transformers (``ACT2FN``, 5.23) and timm (``create_act``, 1.0) call the activations."""

from functools import partial

from jaxact.conventions.convention import ANY, like, same
from jaxact.conventions.torch import TORCH

_hf = partial(same, "transformers")


# fmt: off
TRANSFORMERS = (
    *_hf("gelu gelu_python", "gelu_exact"),
    *_hf("gelu_new gelu_fast gelu_accurate gelu_pytorch_tanh gelu_python_tanh", "gelu_tanh"),
    *_hf("gelu_10", "clipped_gelu", renamed={"min": "minimum", "max": "maximum"}),
    *_hf("quick_gelu", "quick_gelu"),
    *_hf("laplace", "laplace"),
    *_hf("linear", "identity"),
    *_hf("relu2", "relu_squared"),
    *_hf("sqrtsoftplus", "sqrt_softplus"),
    # Its parameters are kept in bfloat16 unless told otherwise; these are 0.8 and -1e-6 there.
    *_hf("xielu", "xielu", ignored={"dtype": ANY, "with_vector_loads": ANY},
         parameters={"alpha_p": 0.80078125, "alpha_n": 0.80078125, "eps": -9.98377799987793e-07},
         renamed={"alpha_p_init": "alpha_p", "alpha_n_init": "alpha_n"}),
    *like("transformers", {
        "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "prelu": "PReLU",
        "sigmoid": "Sigmoid", "tanh": "Tanh", "silu": "SiLU", "swish": "SiLU", "mish": "Mish",
        "hardswish": "Hardswish",
    }, TORCH),
)

TIMM = (
    *like("timm", {
        "identity": "Identity", "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU",
        "prelu": "PReLU", "elu": "ELU", "celu": "CELU", "selu": "SELU", "silu": "SiLU",
        "swish": "SiLU", "mish": "Mish", "sigmoid": "Sigmoid", "tanh": "Tanh",
        "hard_sigmoid": "Hardsigmoid", "hardsigmoid": "Hardsigmoid",
        "hard_swish": "Hardswish", "hardswish": "Hardswish",
    }, TORCH),
    *same("timm", "gelu", "gelu_exact", ignored={"inplace": ANY}),
    *same("timm", "gelu_tanh", "gelu_tanh", ignored={"inplace": ANY}),
    *same("timm", "quick_gelu", "quick_gelu", ignored={"inplace": ANY}),
    *same("timm", "hard_mish", "hard_mish", ignored={"inplace": ANY},
          kinks=lambda p: ((-2.0, -1.0),)),
)
# fmt: on
