"""What ``mlx.nn`` calls the activations (MLX 0.32)."""

from functools import partial

from jaxact.conventions.convention import ANY, same

_mlx = partial(same, "mlx")
_SELU = "MLX rounds the constants to 1.67326 and 1.0507: 2.4e-6 relative"

# fmt: off
MLX = (
    *_mlx("relu ReLU", "relu"),
    *_mlx("relu2 ReLU2", "relu_squared"),
    *_mlx("relu6 ReLU6", "relu6"),
    *_mlx("leaky_relu LeakyReLU", "leaky_relu"),
    # MLX adds up max(x, 0) and a min(x, 0), and both slopes count at 0.
    *_mlx("prelu", "prelu", renamed={"alpha": "negative_slope"}, required=("alpha",),
          kinks=lambda p: ((0.0, 1 + p["negative_slope"]),)),
    *_mlx("PReLU", "prelu", renamed={"init": "negative_slope"}, ignored={"num_parameters": ANY},
          kinks=lambda p: ((0.0, 1 + p["negative_slope"]),)),
    *_mlx("elu ELU", "elu"),
    *_mlx("celu CELU", "celu", kinks=lambda p: ((0.0, 0.0),)),
    *_mlx("selu SELU", "selu", difference=_SELU),
    *_mlx("gelu", "gelu_exact"),
    *_mlx("gelu_approx", "gelu_tanh"),
    *_mlx("gelu_fast_approx", "quick_gelu"),
    *_mlx("GELU", "gelu_exact", choices={"approx": {
        "none": ("gelu_exact", {}), "precise": ("gelu_tanh", {}), "tanh": ("gelu_tanh", {}),
        "fast": ("quick_gelu", {}),
    }}),
    *_mlx("silu SiLU", "silu"),
    *_mlx("mish Mish", "mish"),
    *_mlx("hardswish Hardswish", "hard_silu"),
    *_mlx("hard_tanh", "clip", renamed={"min_val": "minimum", "max_val": "maximum"}),
    *_mlx("HardTanh", "clip"),
    *_mlx("hard_shrink HardShrink", "hard_shrink"),
    *_mlx("softshrink Softshrink", "soft_shrink"),
    *_mlx("step Step", "step",
          difference="at the threshold itself MLX gives 0, against its own text"),
    *_mlx("sigmoid Sigmoid", "sigmoid"),
    *_mlx("log_sigmoid LogSigmoid", "log_sigmoid"),
    *_mlx("softplus Softplus", "softplus"),
    *_mlx("softsign Softsign", "soft_sign"),
    *_mlx("tanh Tanh", "tanh"),
    *_mlx("glu GLU", "glu"),
    *_mlx("softmax Softmax", "softmax"),
    *_mlx("log_softmax LogSoftmax", "log_softmax"),
    *_mlx("softmin Softmin", "softmin"),
)
# fmt: on
