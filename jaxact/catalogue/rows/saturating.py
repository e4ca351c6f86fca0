"""Rows of ``jaxact.activations.saturating``."""

from math import inf

from jaxact.activations.saturating import cloglog, gudermannian, hexpo, soft_clipping
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=gudermannian, family="saturating", formula=r"2 \arctan(\tanh(x / 2))",
        paper="Olver et al., 2010", year=2010, url="https://dlmf.nist.gov/4.23",
        monotonic=True, value_range=(-1.5707963267948966, 1.5707963267948966), lipschitz=1.0,
        limits=(-1.5707963267948966, 1.5707963267948966), slope_limits=(0.0, 0.0),
        parity="odd",
    ),
    Row(
        fn=cloglog, family="saturating", formula=r"1 - e^{-e^x}",
        paper="Gomes and Ludermir, 2008", year=2008,
        url="https://doi.org/10.21528/LNLM-vol6-no2-art4",
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.36787944117144233, limits=(0.0, 1.0),
        slope_limits=(0.0, 0.0),
        at_zero=0.6321205588285577, role=("hidden", "head"),
    ),
    Row(
        fn=soft_clipping, family="saturating",
        formula=r"\frac{1}{\alpha} \log \frac{1 + e^{\alpha x}}{1 + e^{\alpha (x - 1)}}",
        paper="Klimek and Perelstein, 2020", year=2020, url="https://arxiv.org/abs/1810.11509",
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.24491866240370913, limits=(0.0, 1.0),
        slope_limits=(0.0, 0.0),
        at_zero=0.3798854930417225, constraints={"alpha": (0.0, inf)}, role=("hidden", "head"),
    ),
    Row(
        fn=hexpo, family="saturating",
        formula=r"-a (e^{-x / b} - 1) \text{ if } x \ge 0 \text{ else } c (e^{x / d} - 1)",
        paper="Kong and Takatsuka, 2017", year=2017,
        url="https://doi.org/10.1109/IJCNN.2017.7966168",
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0, limits=(-1.0, 1.0),
        slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1, parity="odd",
        constraints={"b": (0.0, inf), "d": (0.0, inf)},
    ),
)
# fmt: on
