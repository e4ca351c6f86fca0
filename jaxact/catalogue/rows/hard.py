"""Rows of ``jaxact.activations.hard``."""

from math import inf

from jaxact.activations.hard import (
    clip,
    hard_elish,
    hard_mish,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    linear_sigmoid,
    sparse_sigmoid,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=hard_tanh, family="hard", formula=r"\max(-1, \min(x, 1))",
        paper="Collobert et al., 2011", url="https://arxiv.org/abs/1103.0398", year=2011,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-1.0, 1.0), kink_slopes=(1.0, 1.0), smoothness=0,
        parity="odd", keeps="mask",
    ),
    Row(
        fn=clip, family="hard", formula=r"\max(a, \min(x, b))",
        paper="Collobert et al., 2011", url="https://arxiv.org/abs/1103.0398", year=2011,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-1.0, 1.0), kink_slopes=(0.0, 0.0), smoothness=0,
        special_cases={
            "hard_tanh": {"minimum": -1.0, "maximum": 1.0},
            "relu6": {"minimum": 0.0, "maximum": 6.0},
        },
        parity="odd", keeps="mask", role=("hidden", "head"),
    ),
    Row(
        fn=hard_sigmoid, family="hard", formula=r"\frac{\max(0, \min(x + 3, 6))}{6}",
        paper="Howard et al., 2019", url="https://arxiv.org/abs/1905.02244", year=2019,
        at_zero=0.5, monotonic=True, value_range=(0.0, 1.0), lipschitz=0.16666666666666666,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-3.0, 3.0), kink_slopes=(0.0, 0.0), smoothness=0,
        keeps="mask", role=("hidden", "gate", "head"), used_by=("MobileNetV3",),
    ),
    Row(
        fn=linear_sigmoid, family="hard", formula=r"\max(0, \min(\alpha x + \beta, 1))",
        paper="Al-Rfou et al., 2016", url="https://arxiv.org/abs/1605.02688", year=2016,
        at_zero=0.5, monotonic=True, value_range=(0.0, 1.0), lipschitz=0.2,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-2.5, 2.5), kink_slopes=(0.0, 0.0), smoothness=0,
        special_cases={"sparse_sigmoid": {"alpha": 0.5, "beta": 0.5}},
        keeps="mask", role=("hidden", "gate", "head"),
    ),
    Row(
        fn=sparse_sigmoid, family="hard",
        formula=r"\max\left(0, \min\left(\frac{x + 1}{2}, 1\right)\right)",
        paper="Blondel et al., 2020", url="https://arxiv.org/abs/1901.02324", year=2020,
        at_zero=0.5, monotonic=True, value_range=(0.0, 1.0), lipschitz=0.5,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-1.0, 1.0), kink_slopes=(0.25, 0.25), smoothness=0,
        keeps="mask", role=("hidden", "gate", "head"),
    ),
    Row(
        fn=hard_silu, family="hard", formula=r"x \, \frac{\max(0, \min(x + 3, 6))}{6}",
        paper="Howard et al., 2019", url="https://arxiv.org/abs/1905.02244", year=2019,
        monotonic=False, value_range=(-0.375, inf), lipschitz=1.5,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(-3.0, 3.0), kink_slopes=(0.0, 1.0), smoothness=0,
        aliases=("hard_swish",), used_by=("MobileNetV3",),
    ),
    Row(
        fn=hard_mish, family="hard", formula=r"\frac{x}{2} \max(0, \min(x + 2, 2))",
        paper="Misra, 2020", url="https://github.com/digantamisra98/H-Mish", year=2020,
        monotonic=False, value_range=(-0.5, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(-2.0, 0.0), kink_slopes=(0.0, 1.0), smoothness=0,
    ),
    Row(
        fn=hard_elish, family="hard",
        formula=r"x \, h(x) \text{ if } x \ge 0 \text{ else } (e^x - 1) \, h(x)",
        paper="Basirat and Roth, 2018", url="https://arxiv.org/abs/1808.00783", year=2018,
        monotonic=False, value_range=(-0.09967315152874262, inf), lipschitz=1.5,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(-1.0, 0.0, 1.0), kink_slopes=(0.0, 0.5, 1.0), smoothness=0,
    ),
)
# fmt: on
