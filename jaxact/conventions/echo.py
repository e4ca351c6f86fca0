"""What Echo (``echoAI.Activation.t_ops``) calls the activations, as its last version runs."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from jaxact.conventions.convention import ANY, Slopes, refused, same

_echo = partial(same, "echo")


def _both_sides_of_ties(p: Mapping[str, Any]) -> Slopes:
    """``clamp_min`` passes the gradient at its bound, so a hinge counts from its own point on."""
    pairs = tuple(zip(p["slopes"], p["hinges"], strict=True))
    return tuple(
        (x, float(x >= 0) - sum(a for a, b in pairs if x <= b)) for x in {0.0, *p["hinges"]}
    )


_EIS = {
    0: ("eis", {}),
    1: ("eis", {"alpha": 1.0, "beta": 0.0, "gamma": 1.0, "delta": 1.16, "theta": 1.0}),
    2: ("eis", {"alpha": 1.0, "beta": 1.0, "gamma": 1.0, "delta": 0.0, "theta": 0.0}),
    3: ("eis", {"alpha": 0.0, "beta": 1.0, "gamma": 0.0, "delta": 0.68, "theta": 1.7}),
}

# fmt: off
ECHO = (
    *_echo("Mish", "mish"),
    *_echo("BReLU", "bipolar_relu", parameters={"axis": 0},
           difference="at 0 Echo's slope is 1 on even positions"),
    *_echo("APL", "apl", parameters={"slopes": (0.2,), "hinges": (0.5,)},
           ignored={"s": (1,)}, kinks=_both_sides_of_ties),
    *_echo("Swish", "e_swish", parameters={"beta": 1.735}, required=("eswish",),
           ignored={"eswish": (True,), "swish": (False,), "flatten": (False,), "pfts": (False,)}),
    *_echo("Maxout", "maxout", parameters={"pieces": 1, "axis": 1},
           renamed={"pool_size": "pieces"}),
    *_echo("SoftClipping", "soft_clipping", parameters={"alpha": 0.5}),
    *_echo("SoftExponential", "soft_exponential"),
    *_echo("SQNL", "sqnl"),
    *_echo("SLAF", "slaf", parameters={"coefficients": (1.0, 1.0)}, ignored={"k": (2,)}),
    *_echo("AReLU", "arelu", kinks=lambda p: ((0.0, 0.0),)),
    *_echo("FReLU", "flexible_relu", required=("bias",), ignored={"in_channels": ANY},
           difference="Echo draws the bias from a normal distribution"),
    *_echo("DICE", "dice", ignored={"emb_size": ANY, "dim": ANY},
           difference="mean and variance are arguments here; Echo takes them from the batch"),
    *_echo("MPeLU", "mpelu", parameters={"alpha": 0.25}),
    *_echo("TanhSoft", "tanh_soft"),
    *_echo("ProbAct", "prob_act", parameters={"sigma": 0.0}, renamed={"init": "sigma"},
           ignored={"num_parameters": ANY}),
    *_echo("EIS", "eis", required=("alpha", "beta", "gamma", "delta", "theta"),
           choices={"version": _EIS}),
    *_echo("Seagull", "seagull"),
    *_echo("Snake", "snake", required=("alpha",),
           ignored={"in_features": ANY, "alpha_trainable": ANY}),
    *_echo("Sine", "sine", renamed={"w0": "omega"}),
    *refused("echo", {
        "Aria2": "(1 + e^(-beta x))^(-alpha), without the factor x that aria2 has",
        "Elish": "it fails when called; elish is what its text means",
        "ISRU": "it fails when called; isru(alpha) is what its text means",
        "NLReLU": "it fails when called; nlrelu(beta) is what its text means",
        "SReLU": "its outer lines have a wrong sign and its parameters are drawn; see s_relu",
        "Funnel": "a layer: a convolution and a batch normalisation decide the gate",
        "XUnit": "a layer: a convolution and batch normalisations decide the gate",
        "Siren": "a linear layer followed by sine(omega=30)",
    }),
)
# fmt: on
