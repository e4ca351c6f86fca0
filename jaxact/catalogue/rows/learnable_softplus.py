"""Rows of ``jaxact.activations.learnable_softplus``."""

from math import inf

from jaxact.activations.learnable_softplus import eis, tanh_soft
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=tanh_soft, family="learnable_softplus",
        formula=r"\tanh(\alpha x + \beta e^{\gamma x}) \ln(\delta + e^x)",
        paper="Biswas et al., 2020", url="https://arxiv.org/abs/2009.03863", year=2020,
        monotonic=False, value_range=(-0.217316752616395, inf), lipschitz=1.1580581732412858,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        constraints={"gamma": (0.0, inf)},
        special_cases={"tanhexp": {"beta": 1.0}, "lisht": {"alpha": 1.0, "beta": 0.0}},
        learnable=("beta", "gamma"),
    ),
    Row(
        fn=eis, family="learnable_softplus",
        formula=r"x (\ln(1 + e^x))^\alpha / (\sqrt{\beta + \gamma x^2} + \delta e^{-\theta x})",
        paper="Biswas et al., 2020", url="https://arxiv.org/abs/2009.13501", year=2020,
        monotonic=False, value_range=(-0.23215523680945999, inf), lipschitz=1.0117976047245818,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        constraints={"beta": (0.0, inf), "gamma": (0.0, inf)},
        learnable=("beta",), status="measured",
        shortfall="Float32: values 4.1 ULP, slopes 8.1 ULP: the roundings of a long formula.",
    ),
)
# fmt: on
