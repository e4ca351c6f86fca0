"""Flax Linen modules of activations with parameters, and a mask against their weight decay.

A module is a function of the catalogue with parameters named as the function's. They lie under
the key :data:`KEY`, by which :func:`decay_mask` knows them.
"""

try:
    import flax.linen  # noqa: F401
except ImportError as error:
    raise ImportError('jaxact.linen needs Flax: pip install "jaxact[flax]"') from error

from jaxact.linen.channels import Dice, DynamicReLU, FunnelReLU, Maxout, MetaACON, RReLU
from jaxact.linen.pointwise import (
    ACONB,
    ACONC,
    APL,
    ISRLU,
    ISRU,
    KAF,
    KEY,
    MPELU,
    PDELU,
    PELU,
    PWLU,
    SLAF,
    SMU,
    XIELU,
    AReLU,
    Derf,
    DyT,
    ESwish,
    FlexibleReLU,
    JumpReLU,
    Learnable,
    PReLU,
    ProbAct,
    Rational,
    SinLU,
    Snake,
    SoftExponential,
    SReLU,
    StarReLU,
    Swish,
    decay_mask,
)

__all__ = [
    "ACONB",
    "ACONC",
    "APL",
    "ISRLU",
    "ISRU",
    "KAF",
    "KEY",
    "MPELU",
    "PDELU",
    "PELU",
    "PWLU",
    "SLAF",
    "SMU",
    "XIELU",
    "AReLU",
    "Derf",
    "Dice",
    "DyT",
    "DynamicReLU",
    "ESwish",
    "FlexibleReLU",
    "FunnelReLU",
    "JumpReLU",
    "Learnable",
    "Maxout",
    "MetaACON",
    "PReLU",
    "ProbAct",
    "RReLU",
    "Rational",
    "SReLU",
    "SinLU",
    "Snake",
    "SoftExponential",
    "StarReLU",
    "Swish",
    "decay_mask",
]
