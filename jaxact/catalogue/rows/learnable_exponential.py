"""Rows of ``jaxact.activations.learnable_exponential``."""

from math import inf

from jaxact.activations.learnable_exponential import mpelu, pdelu, pelu, soft_exponential, xielu
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=pelu, family="learnable_exponential",
        formula=r"\alpha x / \beta \text{ if } x \ge 0 \text{ else } \alpha (e^{x / \beta} - 1)",
        paper="Trottier et al., 2017", url="https://arxiv.org/abs/1605.09332", year=2017,
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0,
        limits=(-1.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
        constraints={"alpha": (0.0, inf), "beta": (0.0, inf)},
        special_cases={"elu": {}}, learnable=("alpha", "beta"),
    ),
    Row(
        fn=mpelu, family="learnable_exponential",
        formula=r"x \text{ if } x > 0 \text{ else } \alpha (e^{\beta x} - 1)",
        paper="Li et al., 2016", url="https://arxiv.org/abs/1606.00305", year=2016,
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0,
        limits=(-1.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
        constraints={"beta": (0.0, inf)},
        special_cases={"elu": {}, "relu": {"alpha": 0.0}}, learnable=("alpha", "beta"),
    ),
    Row(
        fn=pdelu, family="learnable_exponential",
        formula=r"x \text{ if } x > 0 \text{ else } \alpha (\max(1 + (1 - t) x, 0)^{1 / (1 - t)} - 1)",  # noqa: E501
        paper="Cheng et al., 2020", url="https://doi.org/10.1016/j.neunet.2020.02.012", year=2020,
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0,
        limits=(-1.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
        constraints={"t": (0.0, inf)},
        special_cases={"elu": {"t": 1.0}, "relu": {"alpha": 0.0}}, learnable=("alpha",),
    ),
    Row(
        fn=soft_exponential, family="learnable_exponential",
        formula=r"(e^{\alpha x} - 1) / \alpha + \alpha \text{ if } \alpha > 0",
        paper="Godfrey and Gashler, 2015", url="https://arxiv.org/abs/1602.01321", year=2015,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(1.0, 1.0), parity="odd",
        special_cases={"identity": {}, "exponential": {"alpha": 1.0}}, learnable=("alpha",),
    ),
    Row(
        fn=xielu, family="learnable_exponential",
        formula=r"\beta x + (\alpha_p x^2 \text{ if } x > 0 \text{ else } \alpha_n (e^x - 1 - x))",
        paper="Huang and Schlag, 2024", url="https://arxiv.org/abs/2411.13010", year=2024,
        monotonic=False, value_range=(-0.2057512240964821, inf), lipschitz=inf,
        limits=(inf, inf), slope_limits=(0.5 - 0.8, inf),
        kinks=(0.0,), kink_slopes=(0.5,), smoothness=1,
        constraints={"alpha_p": (0.0, inf), "alpha_n": (0.0, inf)},
        learnable=("alpha_p", "alpha_n"), status="measured",
        shortfall="Float32 values: 1170 ULP at -2.4335, beside a zero, where the rounding of the "
        "parameters counts.",
        used_by=("Apertus",),
    ),
)
# fmt: on
