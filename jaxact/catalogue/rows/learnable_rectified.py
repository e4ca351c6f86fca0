"""Rows of ``jaxact.activations.learnable_rectified``."""

from math import inf

from jaxact.activations.learnable_rectified import arelu, flexible_relu, jump_relu, prelu
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=prelu, family="learnable_rectified",
        formula=r"x \text{ if } x \ge 0 \text{ else } a x",
        paper="He et al., 2015", url="https://arxiv.org/abs/1502.01852", year=2015,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.25, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=0,
        special_cases={
            "relu": {"negative_slope": 0.0}, "leaky_relu": {"negative_slope": 0.01},
            "identity": {"negative_slope": 1.0},
        },
        learnable=("negative_slope",), keeps="mask",
        used_by=("FSRCNN", "ArcFace"),
    ),
    Row(
        fn=flexible_relu, family="learnable_rectified", formula=r"\max(x, 0) + b",
        paper="Qiu et al., 2018", url="https://arxiv.org/abs/1706.08098", year=2018,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        special_cases={"relu": {}}, learnable=("bias",), keeps="mask",
    ),
    Row(
        fn=arelu, family="learnable_rectified",
        formula=r"(1 + \sigma(\beta)) x \text{ if } x \ge 0 \text{ else } C(\alpha) x",
        paper="Chen et al., 2020", url="https://arxiv.org/abs/2006.13858", year=2020,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.8807970779778823,
        limits=(-inf, inf), slope_limits=(0.9, 1.8807970779778823),
        kinks=(0.0,), kink_slopes=(1.8807970779778823,), smoothness=0,
        learnable=("alpha", "beta"), keeps="mask",
    ),
    Row(
        fn=jump_relu, family="learnable_rectified",
        formula=r"x \text{ if } x > \theta \text{ else } 0",
        paper="Rajamanoharan et al., 2024", url="https://arxiv.org/abs/2407.14435", year=2024,
        monotonic=True, value_range=(0.0, inf), lipschitz=inf,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.001,), kink_slopes=(0.0,), smoothness=-1,
        constraints={"bandwidth": (0.0, inf)}, special_cases={"relu": {"threshold": 0.0}},
        learnable=("threshold",), surrogates=("threshold",), keeps="mask",
        used_by=("Gemma Scope",),
    ),
)
# fmt: on
