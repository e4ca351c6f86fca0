"""Rows of ``jaxact.activations.learnable_piecewise``."""

from math import inf

from jaxact.activations.learnable_piecewise import apl, dynamic_relu, plu, pwlu, s_relu
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=s_relu, family="learnable_piecewise",
        formula=r"x + (a_r - 1) \max(x - t_r, 0) - (a_l - 1) \max(t_l - x, 0)",
        paper="Jin et al., 2016", url="https://arxiv.org/abs/1512.07030", year=2016,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.2, 1.0),
        kinks=(0.0,), kink_slopes=(0.2,), smoothness=0,
        special_cases={
            "relu": {"left_slope": 0.0}, "leaky_relu": {"left_slope": 0.01},
            "hard_tanh": {"left_threshold": -1.0, "left_slope": 0.0, "right_slope": 0.0},
        },
        learnable=("left_threshold", "left_slope", "right_threshold", "right_slope"),
        keeps="mask",
    ),
    Row(
        fn=apl, family="learnable_piecewise",
        formula=r"\max(x, 0) + \sum_s a_s \max(0, b_s - x)",
        paper="Agostinelli et al., 2015", url="https://arxiv.org/abs/1412.6830", year=2015,
        at_zero=-0.1, monotonic=True, value_range=(-inf, inf), lipschitz=1.2,
        limits=(-inf, inf), slope_limits=(0.4, 1.0),
        kinks=(-0.5, 0.0, 0.5), kink_slopes=(0.2, 0.2, 1.0), smoothness=0,
        special_cases={
            "relu": {"slopes": (0.0, 0.0)},
            "leaky_relu": {"slopes": (-0.01, 0.0), "hinges": (0.0, 0.0)},
        },
        learnable=("slopes", "hinges"), status="measured",
        shortfall="Float32 values: 6280 ULP at 0.083325, beside a zero, where the rounding of the "
        "parameters counts.",
    ),
    Row(
        fn=dynamic_relu, family="learnable_piecewise", formula=r"\max_k (a_k x + b_k)",
        paper="Chen et al., 2020", url="https://arxiv.org/abs/2003.10027", year=2020,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        special_cases={"relu": {}, "leaky_relu": {"slopes": (1.0, 0.01)}}, keeps="mask",
        aliases=("dy_relu",),
    ),
    Row(
        fn=plu, family="learnable_piecewise",
        formula=r"\max(\alpha (x + c) - c, \min(\alpha (x - c) + c, x))",
        paper="Nicolae, 2018", url="https://arxiv.org/abs/1809.09534", year=2018,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.1, 0.1),
        kinks=(-1.0, 1.0), kink_slopes=(1.0, 1.0), smoothness=0, parity="odd",
        constraints={"alpha": (-inf, 1.0), "c": (0.0, inf)},
        special_cases={"hard_tanh": {"alpha": 0.0}}, learnable=("alpha",), keeps="mask",
    ),
    Row(
        fn=pwlu, family="learnable_piecewise",
        formula=r"h_k + (h_{k+1} - h_k) (x - d_k) / w \text{ for } d_k \le x < d_{k+1}",
        paper="Zhou et al., 2021", url="https://arxiv.org/abs/2104.03693", year=2021,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        special_cases={"relu": {}},
        learnable=("heights", "left", "right", "left_slope", "right_slope"), keeps="mask",
    ),
)
# fmt: on
