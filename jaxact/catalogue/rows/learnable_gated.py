"""Rows of ``jaxact.activations.learnable_gated``."""

from math import inf

from jaxact.activations.learnable_gated import acon_b, acon_c, dice
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=acon_b, family="learnable_gated", formula=r"(1 - p) x \, \sigma(\beta (1 - p) x) + p x",
        paper="Ma et al., 2021", url="https://arxiv.org/abs/2009.04759", year=2021,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.07487949009665,
        limits=(-inf, inf), slope_limits=(0.25, 1.0),
        special_cases={"silu": {"p": 0.0}, "identity": {"p": 1.0}}, learnable=("beta", "p"),
    ),
    Row(
        fn=acon_c, family="learnable_gated",
        formula=r"(p_1 - p_2) x \, \sigma(\beta (p_1 - p_2) x) + p_2 x",
        paper="Ma et al., 2021", url="https://arxiv.org/abs/2009.04759", year=2021,
        monotonic=False, value_range=(-0.2784645427610738, inf), lipschitz=1.099839320128867,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        special_cases={"silu": {}, "identity": {"p2": 1.0}}, learnable=("p1", "p2", "beta"),
        aliases=("acon",),
    ),
    Row(
        fn=dice, family="learnable_gated",
        formula=r"p x + (1 - p) \alpha x, \quad p = \sigma((x - \mu) / \sqrt{s + \varepsilon})",
        paper="Zhou et al., 2018", url="https://arxiv.org/abs/1706.06978", year=2018,
        monotonic=False, value_range=(-0.2784645441533965, inf), lipschitz=1.099839320128867,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        constraints={"variance": (0.0, inf)}, special_cases={"silu": {"epsilon": 0.0}},
        learnable=("alpha",), used_by=("Deep Interest Network",),
    ),
)
# fmt: on
