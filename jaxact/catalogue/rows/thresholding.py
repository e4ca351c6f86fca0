"""Rows of ``jaxact.activations.thresholding``."""

from math import inf

from jaxact.activations.thresholding import sign, step, threshold, thresholded_relu
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=threshold, family="thresholding", formula=r"x \text{ if } x > \theta \text{ else } v",
        paper="Collobert et al., 2011", year=2011,
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html",
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        special_cases={
            "relu": {"threshold": 0.0, "value": 0.0},
            "thresholded_relu": {"threshold": 1.0, "value": 0.0},
        },
        keeps="mask",
    ),
    Row(
        fn=thresholded_relu, family="thresholding",
        formula=r"x \text{ if } x > \theta \text{ else } 0",
        paper="Konda et al., 2014", url="https://arxiv.org/abs/1402.3337", year=2014,
        monotonic=True, value_range=(0.0, inf), lipschitz=inf,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(1.0,), kink_slopes=(0.0,), smoothness=-1,
        special_cases={"relu": {"theta": 0.0}},
        keeps="mask", aliases=("trelu",),
    ),
    Row(
        fn=step, family="thresholding", formula=r"1 \text{ if } x \ge t \text{ else } 0",
        paper="McCulloch and Pitts, 1943", url="https://doi.org/10.1007/BF02478259", year=1943,
        at_zero=1.0, monotonic=True, value_range=(0.0, 1.0), lipschitz=inf,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=-1,
        keeps="nothing", aliases=("heaviside", "binary_step"),
    ),
    Row(
        fn=sign, family="thresholding", formula=r"\operatorname{sign}(x)",
        paper="Courbariaux et al., 2016", url="https://arxiv.org/abs/1602.02830", year=2016,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=inf,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=-1,
        parity="odd", keeps="nothing", used_by=("BinaryNet",),
    ),
)
# fmt: on
