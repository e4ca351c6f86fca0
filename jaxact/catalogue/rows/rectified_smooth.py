"""Rows of ``jaxact.activations.rectified_smooth``."""

from math import inf

from jaxact.activations.rectified_smooth import (
    isrlu,
    nlrelu,
    relu_squared,
    sign_relu,
    smelu,
    sparse_plus,
    squareplus,
    star_relu,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=relu_squared, family="rectified_smooth", formula=r"\max(x, 0)^2",
        paper="So et al., 2021", url="https://arxiv.org/abs/2109.08668", year=2021,
        monotonic=True, value_range=(0.0, inf), lipschitz=inf,
        limits=(0.0, inf), slope_limits=(0.0, inf),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=1,
        aliases=("relu2", "squared_relu"), used_by=("Primer", "Nemotron-4"),
    ),
    Row(
        fn=star_relu, family="rectified_smooth", formula=r"s \max(x, 0)^2 + b",
        paper="Yu et al., 2022", url="https://arxiv.org/abs/2210.13452", year=2022,
        at_zero=-0.4472, monotonic=True, value_range=(-0.4472, inf), lipschitz=inf,
        limits=(-0.4472, inf), slope_limits=(0.0, inf),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=1,
        special_cases={"relu_squared": {"scale": 1.0, "bias": 0.0}},
        learnable=("scale", "bias"), used_by=("CAFormer", "ConvFormer"),
    ),
    Row(
        fn=nlrelu, family="rectified_smooth", formula=r"\log(1 + \beta \max(x, 0))",
        paper="Liu et al., 2019", url="https://arxiv.org/abs/1908.03682", year=2019,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        constraints={"beta": (0.0, inf)},
    ),
    Row(
        fn=sign_relu, family="rectified_smooth",
        formula=r"x \text{ if } x \ge 0 \text{ else } \frac{\alpha x}{1 + |x|}",
        paper="Lin and Shen, 2018", url="https://doi.org/10.1016/j.procs.2018.04.239", year=2018,
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0,
        limits=(-1.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
        special_cases={"relu": {"alpha": 0.0}},
    ),
    Row(
        fn=isrlu, family="rectified_smooth",
        formula=r"x \text{ if } x \ge 0 \text{ else } \frac{x}{\sqrt{1 + \alpha x^2}}",
        paper="Carlile et al., 2017", url="https://arxiv.org/abs/1710.09967", year=2017,
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0,
        limits=(-1.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=2,
        constraints={"alpha": (0.0, inf)},
        learnable=("alpha",),
    ),
    Row(
        fn=sparse_plus, family="rectified_smooth",
        formula=r"\frac{(x + 1)^2}{4} \text{ if } |x| < 1 \text{ else } \max(x, 0)",
        paper="Blondel et al., 2020", url="https://arxiv.org/abs/1901.02324", year=2020,
        at_zero=0.25, monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(-1.0, 1.0), kink_slopes=(0.0, 1.0), smoothness=1,
        keeps="output", role=("hidden", "head"),
    ),
    Row(
        fn=smelu, family="rectified_smooth",
        formula=r"\frac{(x + \beta)^2}{4 \beta} \text{ if } |x| < \beta \text{ else } \max(x, 0)",
        paper="Shamir et al., 2020", url="https://arxiv.org/abs/2010.09931", year=2020,
        at_zero=0.25, monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(-1.0, 1.0), kink_slopes=(0.0, 1.0), smoothness=1,
        special_cases={"relu": {"beta": 0.0}, "sparse_plus": {"beta": 1.0}},
        keeps="output",
    ),
    Row(
        fn=squareplus, family="rectified_smooth", formula=r"\frac{x + \sqrt{x^2 + b}}{2}",
        paper="Barron, 2021", url="https://arxiv.org/abs/2112.11687", year=2021,
        at_zero=1.0, monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        special_cases={"relu": {"b": 0.0}},
        cost="Forward 1.35 of jax.nn's time on a CPU: the left tail is a quotient, where jax.nn's "
        "sum cancels.",
        keeps="output", role=("hidden", "head"),
    ),
)
# fmt: on
