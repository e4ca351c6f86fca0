"""Activation functions, one file per family of formulas."""

from jaxact.activations.algebraic import (
    arctan,
    elliott,
    isru,
    rootsig,
    smooth_step,
    soft_sign,
    sqnl,
)
from jaxact.activations.axiswise import bipolar_relu, crelu, hardmax, kwta, l2_normalize, maxout
from jaxact.activations.exponential import celu, elu, exponential, selu
from jaxact.activations.gated import bilinear, clipped_swiglu, geglu, glu, gtu, reglu, swiglu
from jaxact.activations.gaussian import (
    clipped_gelu,
    erf,
    gaussian,
    gelu,
    gelu_exact,
    gelu_tanh,
    laplace,
    smu,
)
from jaxact.activations.hard import (
    clip,
    hard_elish,
    hard_mish,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    linear_sigmoid,
    sparse_sigmoid,
)
from jaxact.activations.learnable_basis import kaf, rational, slaf
from jaxact.activations.learnable_exponential import mpelu, pdelu, pelu, soft_exponential, xielu
from jaxact.activations.learnable_gated import acon_b, acon_c, dice
from jaxact.activations.learnable_piecewise import apl, dynamic_relu, plu, pwlu, s_relu
from jaxact.activations.learnable_rectified import arelu, flexible_relu, jump_relu, prelu
from jaxact.activations.learnable_softplus import eis, tanh_soft
from jaxact.activations.log_gated import gish, logish, loglogish
from jaxact.activations.logarithmic import (
    log_cosh,
    log_sigmoid,
    smooth_relu,
    softplus,
    sqrt_softplus,
)
from jaxact.activations.normalizing import derf, dyt
from jaxact.activations.periodic import cosine, gcu, sine, sinlu, snake
from jaxact.activations.rectified import (
    absolute,
    identity,
    leaky_relu,
    relu,
    relu6,
    relu_n,
    shifted_relu,
)
from jaxact.activations.rectified_smooth import (
    isrlu,
    nlrelu,
    relu_squared,
    sign_relu,
    smelu,
    sparse_plus,
    squareplus,
    star_relu,
)
from jaxact.activations.saturating import cloglog, gudermannian, hexpo, soft_clipping
from jaxact.activations.shrinking import hard_shrink, shrink, soft_shrink, tanh_shrink
from jaxact.activations.sigmoid_gated import (
    aria2,
    e_swish,
    elish,
    quick_gelu,
    silu,
    swish,
    swish_beta,
)
from jaxact.activations.sigmoidal import (
    bipolar_sigmoid,
    lecun_tanh,
    penalized_tanh,
    sigmoid,
    soft_cap,
    tanh,
)
from jaxact.activations.simplex import log_softmax, softmax, softmax_1, softmin, taylor_softmax
from jaxact.activations.sparse_simplex import entmax, entmax15, sparsemax
from jaxact.activations.stochastic import (
    elastic_relu,
    gumbel_softmax,
    noisy_relu,
    prob_act,
    rand_softplus,
    rrelu,
    stochastic_binary,
)
from jaxact.activations.tanh_gated import lisht, mish, phish, serf, smish, tanhexp
from jaxact.activations.thresholding import sign, step, threshold, thresholded_relu
from jaxact.activations.unbounded import arcsinh, bent_identity, seagull, signed_log, square

# fmt: off
__all__ = [
    "absolute", "acon_b", "acon_c", "apl", "arcsinh", "arctan", "arelu", "aria2", "bent_identity",
    "bilinear", "bipolar_relu", "bipolar_sigmoid", "celu", "clip", "clipped_gelu", "clipped_swiglu",
    "cloglog", "cosine", "crelu", "derf", "dice", "dynamic_relu", "dyt", "e_swish", "eis",
    "elastic_relu", "elish", "elliott", "elu", "entmax", "entmax15", "erf", "exponential",
    "flexible_relu", "gaussian", "gcu", "geglu", "gelu", "gelu_exact", "gelu_tanh", "gish", "glu",
    "gtu", "gudermannian", "gumbel_softmax", "hard_elish", "hard_mish", "hard_shrink",
    "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "hardmax", "hexpo", "identity", "isrlu",
    "isru", "jump_relu", "kaf", "kwta", "l2_normalize", "laplace", "leaky_relu", "lecun_tanh",
    "linear_sigmoid", "lisht", "log_cosh", "log_sigmoid", "log_softmax", "logish", "loglogish",
    "maxout", "mish", "mpelu", "nlrelu", "noisy_relu", "pdelu", "pelu", "penalized_tanh", "phish",
    "plu", "prelu", "prob_act", "pwlu", "quick_gelu", "rand_softplus", "rational", "reglu", "relu",
    "relu6", "relu_n", "relu_squared", "rootsig", "rrelu", "s_relu", "seagull", "selu", "serf",
    "shifted_relu", "shrink", "sigmoid", "sign", "sign_relu", "signed_log", "silu", "sine", "sinlu",
    "slaf", "smelu", "smish", "smooth_relu", "smooth_step", "smu", "snake", "soft_cap",
    "soft_clipping", "soft_exponential", "soft_shrink", "soft_sign", "softmax", "softmax_1",
    "softmin", "softplus", "sparse_plus", "sparse_sigmoid", "sparsemax", "sqnl", "sqrt_softplus",
    "square", "squareplus", "star_relu", "step", "stochastic_binary", "swiglu", "swish",
    "swish_beta", "tanh", "tanh_shrink", "tanh_soft", "tanhexp", "taylor_softmax", "threshold",
    "thresholded_relu", "xielu",
]
# fmt: on
