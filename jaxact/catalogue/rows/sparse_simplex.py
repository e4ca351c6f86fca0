"""Rows of ``jaxact.activations.sparse_simplex``."""

from math import sqrt

from jaxact.activations.sparse_simplex import entmax, entmax15, sparsemax
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=sparsemax, family="sparse_simplex",
        formula=r"\max(x_i - \tau, 0), \quad \sum_j \max(x_j - \tau, 0) = 1",
        paper="Martins and Astudillo, 2016", url="https://arxiv.org/abs/1602.02068", year=2016,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.5,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-1.0, 1.0), kink_slopes=(0.0, 0.0), smoothness=0,
        elementwise=False, keeps="mask", role=("head",),
    ),
    Row(
        fn=entmax15, family="sparse_simplex",
        formula=r"\max(x_i / 2 - \tau, 0)^2, \quad \sum_j \max(x_j / 2 - \tau, 0)^2 = 1",
        paper="Peters et al., 2019", url="https://arxiv.org/abs/1905.05702", year=2019,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=sqrt(2) / 4,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-2.0, 2.0), kink_slopes=(0.0, 0.0), smoothness=1,
        elementwise=False, keeps="output", role=("head",),
    ),
    Row(
        fn=entmax, family="sparse_simplex",
        formula=r"\max((\alpha - 1) x_i - \tau, 0)^{1 / (\alpha - 1)}, \quad \text{with sum } 1",
        paper="Peters et al., 2019", url="https://arxiv.org/abs/1905.05702", year=2019,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=sqrt(2) / 4,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-2.0, 2.0), kink_slopes=(0.0, 0.0), smoothness=1,
        elementwise=False, keeps="output", role=("head",),
        special_cases={
            "softmax": {"alpha": 1.0}, "entmax15": {"alpha": 1.5}, "sparsemax": {"alpha": 2.0},
        },
    ),
)
# fmt: on
