"""What JAX and libraries that take its functions call the activations: ``jax.nn``, Flax, DKS."""

from jaxact.conventions.convention import like, refused, same

_OWN = (
    "identity relu relu6 leaky_relu elu celu selu gelu silu hard_silu hard_sigmoid hard_tanh "
    "sigmoid sparse_sigmoid log_sigmoid softplus sparse_plus squareplus soft_sign tanh mish glu "
    "softmax log_softmax"
)
_SHIFTED = "before dks shifts and scales it"

# fmt: off
JAX = (
    *(c for name in _OWN.split() for c in same("jax.nn", name, name)),
    *same("jax.nn", "swish", "silu"),
    *same("jax.nn", "hard_swish", "hard_silu"),
    *refused("jax.nn", {
        "standardize": "a normalisation to mean 0 and variance 1 over an axis",
        "one_hot": "an encoding of integers",
        "logsumexp": "a reduction over an axis",
        "logmeanexp": "a reduction over an axis",
        "log1mexp": "a numerical helper for log-probabilities, log(1 - e^-x) for x > 0",
        "dot_product_attention": "a layer, not an activation",
        "scaled_dot_general": "a matrix product, not an activation",
        "scaled_matmul": "a matrix product, not an activation",
    }),
)

FLAX = (
    *like("flax", {name: name for name in (
        "identity", "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "swish",
        "hard_silu", "hard_swish", "hard_sigmoid", "hard_tanh", "sigmoid", "log_sigmoid",
        "softplus", "soft_sign", "tanh", "glu", "softmax", "log_softmax", "standardize",
        "one_hot", "logsumexp", "dot_product_attention",
    )}, JAX),
    *same("flax", "PReLU", "prelu", parameters={"negative_slope": 0.01},
          renamed={"negative_slope_init": "negative_slope"}),
    *refused("flax", {
        "normalize": "the old name of standardize: mean 0 and variance 1 over an axis",
    }),
)

DKS = (
    *like("dks", {
        "tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "softplus": "softplus",
        "selu": "selu", "elu": "elu", "swish": "swish", "softsign": "soft_sign",
        "leaky_relu": "leaky_relu", "gelu": "gelu",
    }, JAX, difference=_SHIFTED),
    *same("dks", "gelu_exact", "gelu_exact", difference=_SHIFTED),
    *same("dks", "erf", "erf", difference=_SHIFTED),
    *same("dks", "bentid", "bent_identity", difference=_SHIFTED),
    *same("dks", "atan", "arctan", difference=_SHIFTED),
    *same("dks", "asinh", "arcsinh", difference=_SHIFTED),
    *same("dks", "square", "square", difference=_SHIFTED),
    *same("dks", "sin", "sine", difference=_SHIFTED),
    *same("dks", "cos", "cosine", difference=_SHIFTED),
)
# fmt: on
