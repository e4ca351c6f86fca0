"""Rows of ``jaxact.activations.exponential``."""

from math import inf

from jaxact.activations.exponential import celu, elu, exponential, selu
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=elu, family="exponential",
        formula=r"x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)",
        paper="Clevert et al., 2016", year=2016, url="https://arxiv.org/abs/1511.07289",
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0, limits=(-1.0, inf),
        slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
        special_cases={"celu": {"alpha": 1.0}, "relu": {"alpha": 0.0}},
    ),
    Row(
        fn=celu, family="exponential",
        formula=r"x \text{ if } x > 0 \text{ else } \alpha (e^{x / \alpha} - 1)",
        paper="Barron, 2017", year=2017, url="https://arxiv.org/abs/1704.07483",
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0, limits=(-1.0, inf),
        slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1, constraints={"alpha": (0.0, inf)},
        special_cases={"elu": {"alpha": 1.0}},
    ),
    Row(
        fn=selu, family="exponential",
        formula=r"\lambda x \text{ if } x > 0 \text{ else } \lambda \alpha (e^x - 1)",
        paper="Klambauer et al., 2017", year=2017, url="https://arxiv.org/abs/1706.02515",
        monotonic=True, value_range=(-1.7580993408473766, inf), lipschitz=1.7580993408473766,
        limits=(-1.7580993408473766, inf), slope_limits=(0.0, 1.0507009873554805),
        kinks=(0.0,), kink_slopes=(1.7580993408473766,), smoothness=0,
    ),
    Row(
        fn=exponential, family="exponential", formula=r"e^x",
        paper="Kunc and Klema, 2024", year=2024, url="https://arxiv.org/abs/2402.09092",
        monotonic=True, value_range=(0.0, inf), lipschitz=inf, limits=(0.0, inf),
        slope_limits=(0.0, inf),
        at_zero=1.0, keeps="output", role=("head",), aliases=("exp",),
    ),
)
# fmt: on
