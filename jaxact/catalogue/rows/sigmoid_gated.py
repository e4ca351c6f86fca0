"""Rows of ``jaxact.activations.sigmoid_gated``."""

from math import inf

from jaxact.activations.sigmoid_gated import aria2, e_swish, elish, quick_gelu, silu, swish_beta
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=silu, family="sigmoid_gated", formula=r"x \, \sigma(x)",
        paper="Elfwing et al., 2018", year=2018, url="https://arxiv.org/abs/1702.03118",
        monotonic=False, value_range=(-0.2784645427610738, inf), lipschitz=1.099839320128867,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        aliases=("swish",), used_by=("EfficientNet", "LLaMA"),
    ),
    Row(
        fn=quick_gelu, family="sigmoid_gated", formula=r"x \, \sigma(1.702 \, x)",
        paper="Hendrycks and Gimpel, 2016", year=2016, url="https://arxiv.org/abs/1606.08415",
        monotonic=False, value_range=(-0.16361018963635357, inf), lipschitz=1.099839320128867,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        used_by=("CLIP",),
    ),
    Row(
        fn=swish_beta, family="sigmoid_gated", formula=r"x \, \sigma(\beta x)",
        paper="Ramachandran et al., 2017", year=2017, url="https://arxiv.org/abs/1710.05941",
        monotonic=False, value_range=(-0.2784645427610738, inf), lipschitz=1.099839320128867,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        special_cases={"silu": {"beta": 1.0}, "quick_gelu": {"beta": 1.702}}, learnable=("beta",),
        aliases=("acon_a",),
    ),
    Row(
        fn=e_swish, family="sigmoid_gated", formula=r"\beta x \, \sigma(x)",
        paper="Alcaide, 2018", year=2018, url="https://arxiv.org/abs/1801.07145",
        monotonic=False, value_range=(-0.4176968141416107, inf), lipschitz=1.6497589801933004,
        limits=(0.0, inf), slope_limits=(0.0, 1.5),
        special_cases={"silu": {"beta": 1.0}},
    ),
    Row(
        fn=elish, family="sigmoid_gated",
        formula=r"x \, \sigma(x) \text{ if } x \ge 0 \text{ else } (e^x - 1) \, \sigma(x)",
        paper="Basirat and Roth, 2018", year=2018, url="https://arxiv.org/abs/1808.00783",
        monotonic=False, value_range=(-0.1715728752538099, inf), lipschitz=1.099839320128867,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.5,), smoothness=1,
    ),
    Row(
        fn=aria2, family="sigmoid_gated", formula=r"x \, (1 + e^{-\beta x})^{-\alpha}",
        paper="Patwardhan et al., 2018", year=2018, url="https://arxiv.org/abs/1805.08878",
        monotonic=False, value_range=(-0.06997764131970143, inf), lipschitz=1.1411471904163208,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        constraints={"alpha": (0.0, inf), "beta": (0.0, inf)},
        special_cases={"silu": {"alpha": 1.0, "beta": 1.0}},
    ),
)
# fmt: on
