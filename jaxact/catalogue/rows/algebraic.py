"""Rows of ``jaxact.activations.algebraic``."""

from math import inf

from jaxact.activations.algebraic import (
    arctan,
    elliott,
    isru,
    rootsig,
    smooth_step,
    soft_sign,
    sqnl,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=soft_sign, family="algebraic", formula=r"\frac{x}{1 + |x|}",
        paper="Turian et al., 2009", url="https://aclanthology.org/N09-2062/", year=2009,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
        parity="odd",
    ),
    Row(
        fn=elliott, family="algebraic", formula=r"\frac{x}{2 (1 + |x|)} + \frac{1}{2}",
        paper="Elliott, 1993", url="https://drum.lib.umd.edu/handle/1903/5355", year=1993,
        at_zero=0.5, monotonic=True, value_range=(0.0, 1.0), lipschitz=0.5,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(0.5,), smoothness=1,
        role=("hidden", "head"),
    ),
    Row(
        fn=isru, family="algebraic", formula=r"\frac{x}{\sqrt{1 + \alpha x^2}}",
        paper="Carlile et al., 2017", url="https://arxiv.org/abs/1710.09967", year=2017,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        constraints={"alpha": (0.0, inf)},
        parity="odd", learnable=("alpha",),
    ),
    Row(
        fn=rootsig, family="algebraic", formula=r"\frac{x}{1 + \sqrt{1 + x^2}}",
        paper="Kunc and Klema, 2024", url="https://arxiv.org/abs/2402.09092", year=2024,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=0.5,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        parity="odd",
    ),
    Row(
        fn=arctan, family="algebraic", formula=r"\arctan(x)",
        paper="Martens et al., 2021", url="https://arxiv.org/abs/2110.01765", year=2021,
        monotonic=True, value_range=(-1.5707963267948966, 1.5707963267948966), lipschitz=1.0,
        limits=(-1.5707963267948966, 1.5707963267948966), slope_limits=(0.0, 0.0),
        parity="odd",
    ),
    Row(
        fn=sqnl, family="algebraic",
        formula=r"x - \frac{x |x|}{4} \text{ if } |x| \le 2 \text{ else } \operatorname{sign}(x)",
        paper="Wuraola and Patel, 2018", url="https://doi.org/10.1109/IJCNN.2018.8489043",
        year=2018,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-2.0, 0.0, 2.0), kink_slopes=(0.0, 1.0, 0.0), smoothness=1,
        parity="odd",
    ),
    Row(
        fn=smooth_step, family="algebraic",
        formula=r"-2 t^3 + 1.5 t + 0.5, \quad t = \max(-0.5, \min(x / \gamma, 0.5))",
        paper="Hazimeh et al., 2020", url="https://arxiv.org/abs/2002.07772", year=2020,
        at_zero=0.5, monotonic=True, value_range=(0.0, 1.0), lipschitz=1.5,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(-0.5, 0.5), kink_slopes=(0.0, 0.0), smoothness=1,
        constraints={"gamma": (0.0, inf)},
        role=("gate",),
    ),
)
# fmt: on
