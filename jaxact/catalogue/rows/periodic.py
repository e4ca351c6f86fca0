"""Rows of ``jaxact.activations.periodic``."""

from math import inf, nan

from jaxact.activations.periodic import cosine, gcu, sine, sinlu, snake
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=sine, family="periodic", formula=r"\sin(\omega x)",
        paper="Sitzmann et al., 2020", year=2020, url="https://arxiv.org/abs/2006.09661",
        monotonic=False, value_range=(-1.0, 1.0), lipschitz=1.0, limits=(nan, nan),
        slope_limits=(nan, nan),
        parity="odd", used_by=("SIREN",),
    ),
    Row(
        fn=cosine, family="periodic", formula=r"\cos x",
        paper="Rahimi and Recht, 2007", year=2007,
        url="https://papers.nips.cc/paper/3182-random-features-for-large-scale-kernel-machines",
        monotonic=False, value_range=(-1.0, 1.0), lipschitz=1.0, limits=(nan, nan),
        slope_limits=(nan, nan),
        at_zero=1.0, parity="even",
    ),
    Row(
        fn=gcu, family="periodic", formula=r"x \cos x",
        paper="Noel et al., 2021", year=2021, url="https://arxiv.org/abs/2108.12943",
        monotonic=False, value_range=(-inf, inf), lipschitz=inf, limits=(nan, nan),
        slope_limits=(nan, nan),
        parity="odd",
    ),
    Row(
        fn=snake, family="periodic", formula=r"x + \frac{\sin(\alpha x)^2}{\alpha}",
        paper="Liu et al., 2020", year=2020, url="https://arxiv.org/abs/2006.08195",
        monotonic=True, value_range=(-inf, inf), lipschitz=2.0, limits=(-inf, inf),
        slope_limits=(nan, nan),
        special_cases={"identity": {"alpha": 0.0}}, learnable=("alpha",),
        used_by=("BigVGAN", "Descript Audio Codec"),
    ),
    Row(
        fn=sinlu, family="periodic", formula=r"(x + a \sin(b x)) \, \sigma(x)",
        paper="Paul et al., 2022", year=2022, url="https://doi.org/10.3390/math10030337",
        monotonic=False, value_range=(-0.49737055418999104, inf), lipschitz=2.0079707225226575,
        limits=(0.0, inf), slope_limits=(0.0, nan),
        special_cases={"silu": {"a": 0.0}}, learnable=("a", "b"),
    ),
)
# fmt: on
