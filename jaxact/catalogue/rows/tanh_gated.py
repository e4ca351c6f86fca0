"""Rows of ``jaxact.activations.tanh_gated``."""

from math import inf

from jaxact.activations.tanh_gated import lisht, mish, phish, serf, smish, tanhexp
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=mish, family="tanh_gated", formula=r"x \tanh(\log(1 + e^x))",
        paper="Misra, 2019", url="https://arxiv.org/abs/1908.08681", year=2019,
        monotonic=False, value_range=(-0.3088434130172504, inf), lipschitz=1.0884981612517279,
        limits=(0.0, inf), slope_limits=(0.0, 1.0), used_by=("YOLOv4",),
    ),
    Row(
        fn=tanhexp, family="tanh_gated", formula=r"x \tanh(e^x)",
        paper="Liu and Di, 2020", url="https://arxiv.org/abs/2003.09855", year=2020,
        monotonic=False, value_range=(-0.3532857778482113, inf), lipschitz=1.061975308717916,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
    Row(
        fn=smish, family="tanh_gated", formula=r"x \tanh(\log(1 + \sigma(x)))",
        paper="Wang et al., 2022", url="https://doi.org/10.3390/electronics11040540", year=2022,
        monotonic=False, value_range=(-0.24999366366012954, inf), lipschitz=0.6368842228812264,
        limits=(0.0, inf), slope_limits=(0.0, 0.6),
    ),
    Row(
        fn=phish, family="tanh_gated", formula=r"x \tanh(x \, \Phi(x))",
        paper="Naveen, 2022", url="https://doi.org/10.36227/techrxiv.17283824", year=2022,
        monotonic=False, value_range=(0.0, inf), lipschitz=1.2983066733058117,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
    Row(
        fn=lisht, family="tanh_gated", formula=r"x \tanh(x)",
        paper="Roy et al., 2019", url="https://arxiv.org/abs/1901.05894", year=2019,
        monotonic=False, value_range=(0.0, inf), lipschitz=1.199678640257734,
        limits=(inf, inf), slope_limits=(-1.0, 1.0), parity="even",
    ),
    Row(
        fn=serf, family="tanh_gated", formula=r"x \operatorname{erf}(\log(1 + e^x))",
        paper="Nag and Bhattacharyya, 2021", url="https://arxiv.org/abs/2108.09598", year=2021,
        monotonic=False, value_range=(-0.3484374587596064, inf), lipschitz=1.086125444150997,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
)
# fmt: on
