"""Rows of ``jaxact.activations.normalizing``."""

from jaxact.activations.normalizing import derf, dyt
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=dyt, family="normalizing", formula=r"\gamma \tanh(\alpha x) + \beta",
        paper="Zhu et al., 2025", url="https://arxiv.org/abs/2503.10622", year=2025,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=0.5,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0), parity="odd",
        special_cases={"tanh": {"alpha": 1.0}, "bipolar_sigmoid": {}},
        learnable=("alpha", "gamma", "beta"), aliases=("dynamic_tanh",),
    ),
    Row(
        fn=derf, family="normalizing", formula=r"\gamma \operatorname{erf}(\alpha x + s) + \beta",
        paper="Chen et al., 2025", url="https://arxiv.org/abs/2512.10938", year=2025,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=0.5641895835477563,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0), parity="odd",
        special_cases={"erf": {"alpha": 1.0}}, learnable=("alpha", "shift", "gamma", "beta"),
        aliases=("dynamic_erf",),
    ),
)
# fmt: on
