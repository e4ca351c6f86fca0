"""Rows of ``jaxact.activations.unbounded``."""

from math import inf

from jaxact.activations.unbounded import arcsinh, bent_identity, seagull, signed_log, square
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=bent_identity, family="unbounded", formula=r"\frac{\sqrt{x^2 + 1} - 1}{2} + x",
        paper="Martens et al., 2021", url="https://arxiv.org/abs/2110.01765", year=2021,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.5,
        limits=(-inf, inf), slope_limits=(0.5, 1.5),
    ),
    Row(
        fn=square, family="unbounded", formula=r"x^2",
        paper="Livni et al., 2014", url="https://arxiv.org/abs/1410.1141", year=2014,
        monotonic=False, value_range=(0.0, inf), lipschitz=inf,
        limits=(inf, inf), slope_limits=(-inf, inf),
        parity="even", used_by=("CryptoNets",),
    ),
    Row(
        fn=seagull, family="unbounded", formula=r"\log(1 + x^2)",
        paper="Gao and Zhang, 2023", url="https://arxiv.org/abs/2301.06635", year=2023,
        monotonic=False, value_range=(0.0, inf), lipschitz=1.0,
        limits=(inf, inf), slope_limits=(0.0, 0.0),
        parity="even",
    ),
    Row(
        fn=arcsinh, family="unbounded", formula=r"\operatorname{arsinh}(x)",
        paper="Martens et al., 2021", url="https://arxiv.org/abs/2110.01765", year=2021,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.0, 0.0),
        parity="odd", aliases=("asinh",),
    ),
    Row(
        fn=signed_log, family="unbounded", formula=r"\operatorname{sign}(x) \log(1 + |x|)",
        paper="Hafner et al., 2023", url="https://arxiv.org/abs/2301.04104", year=2023,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
        parity="odd", aliases=("symlog",), used_by=("DreamerV3",),
    ),
)
# fmt: on
