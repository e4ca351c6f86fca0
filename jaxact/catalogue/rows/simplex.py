"""Rows of ``jaxact.activations.simplex``."""

from math import inf

from jaxact.activations.simplex import log_softmax, softmax, softmax_1, softmin, taylor_softmax
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=softmax, family="simplex", formula=r"\frac{e^{x_i}}{\sum_j e^{x_j}}",
        paper="Bridle, 1990", url="https://doi.org/10.1007/978-3-642-76153-9_28", year=1990,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.25,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        elementwise=False, keeps="output", role=("head",), used_by=("Transformer",),
    ),
    Row(
        fn=log_softmax, family="simplex", formula=r"x_i - \log \sum_j e^{x_j}",
        paper="Bridle, 1990", url="https://doi.org/10.1007/978-3-642-76153-9_28", year=1990,
        monotonic=True, value_range=(-inf, 0.0), lipschitz=1.0,
        limits=(-inf, 0.0), slope_limits=(1.0, 0.0),
        elementwise=False, keeps="output", role=("head",),
    ),
    Row(
        fn=softmin, family="simplex", formula=r"\frac{e^{-x_i}}{\sum_j e^{-x_j}}",
        paper="Bridle, 1990", url="https://doi.org/10.1007/978-3-642-76153-9_28", year=1990,
        monotonic=False, value_range=(0.0, 1.0), lipschitz=0.25,
        limits=(1.0, 0.0), slope_limits=(0.0, 0.0),
        elementwise=False, keeps="output", role=("head",),
    ),
    Row(
        fn=softmax_1, family="simplex", formula=r"\frac{e^{x_i}}{1 + \sum_j e^{x_j}}",
        paper="Miller, 2023", url="https://www.evanmiller.org/attention-is-off-by-one.html",
        year=2023, monotonic=True, value_range=(0.0, 1.0), lipschitz=0.25,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        elementwise=False, keeps="output", role=("head",),
        aliases=("softmax_one", "quiet_softmax"),
    ),
    Row(
        fn=taylor_softmax, family="simplex",
        formula=r"\frac{f(x_i)}{\sum_j f(x_j)}, \quad f(x) = \sum_{k=0}^{n} \frac{x^k}{k!}",
        paper="de Brébisson and Vincent, 2016", url="https://arxiv.org/abs/1511.05042",
        year=2016, monotonic=False, value_range=(1 / 3, 1.0), lipschitz=0.25,
        limits=(1.0, 1.0), slope_limits=(0.0, 0.0),
        elementwise=False, role=("head",),
    ),
)
# fmt: on
