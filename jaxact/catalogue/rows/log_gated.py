"""Rows of ``jaxact.activations.log_gated``."""

from math import inf

from jaxact.activations.log_gated import gish, logish, loglogish
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=logish, family="log_gated", formula=r"x \log(1 + \sigma(x))",
        paper="Zhu et al., 2021", year=2021, url="https://doi.org/10.1016/j.neucom.2021.06.067",
        monotonic=False, value_range=(-0.25276881678944035, inf), lipschitz=0.7463111804127397,
        limits=(0.0, inf), slope_limits=(0.0, 0.6931471805599453),
    ),
    Row(
        fn=gish, family="log_gated", formula=r"x \log(2 - e^{-e^x})",
        paper="Kaytan et al., 2023", year=2023, url="https://doi.org/10.1007/s00521-023-09035-5",
        monotonic=False, value_range=(-0.2781594608963869, inf), lipschitz=0.7527045710856695,
        limits=(0.0, inf), slope_limits=(0.0, 0.6931471805599453),
    ),
    Row(
        fn=loglogish, family="log_gated", formula=r"x \, (1 - e^{-e^x})",
        paper="Kunc and Klema, 2024", year=2024, url="https://arxiv.org/abs/2402.09092",
        monotonic=False, value_range=(-0.3121825160865163, inf), lipschitz=1.1148783115486787,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
)
# fmt: on
