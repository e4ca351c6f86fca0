"""Rows of ``jaxact.activations.shrinking``."""

from math import inf

from jaxact.activations.shrinking import hard_shrink, shrink, soft_shrink, tanh_shrink
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=hard_shrink, family="shrinking", formula=r"x \text{ if } |x| > \lambda \text{ else } 0",
        paper="Donoho and Johnstone, 1994", url="https://doi.org/10.1093/biomet/81.3.425",
        year=1994,
        monotonic=True, value_range=(-inf, inf), lipschitz=inf,
        limits=(-inf, inf), slope_limits=(1.0, 1.0),
        kinks=(-0.5, 0.5), kink_slopes=(0.0, 0.0), smoothness=-1,
        special_cases={"identity": {"lambd": 0.0}},
        parity="odd", keeps="mask",
    ),
    Row(
        fn=soft_shrink, family="shrinking",
        formula=r"\operatorname{sign}(x) \max(|x| - \lambda, 0)",
        paper="Donoho, 1995", url="https://doi.org/10.1109/18.382009", year=1995,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(1.0, 1.0),
        kinks=(-0.5, 0.5), kink_slopes=(0.0, 0.0), smoothness=0,
        special_cases={"identity": {"lambd": 0.0}},
        parity="odd", keeps="mask", used_by=("LISTA",),
    ),
    Row(
        fn=shrink, family="shrinking",
        formula=r"x - b \operatorname{sign}(x) \text{ if } |x| > \lambda \text{ else } 0",
        paper="Bai et al., 2019", url="https://onnx.ai/onnx/operators/onnx__Shrink.html",
        year=2019,
        monotonic=True, value_range=(-inf, inf), lipschitz=inf,
        limits=(-inf, inf), slope_limits=(1.0, 1.0),
        kinks=(-0.5, 0.5), kink_slopes=(0.0, 0.0), smoothness=-1,
        special_cases={
            "hard_shrink": {"lambd": 0.5, "bias": 0.0},
            "soft_shrink": {"lambd": 0.5, "bias": 0.5},
        },
        parity="odd", keeps="mask",
    ),
    Row(
        fn=tanh_shrink, family="shrinking", formula=r"x - \tanh(x)",
        paper="Collobert et al., 2011", year=2011,
        url="https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html",
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(1.0, 1.0),
        parity="odd",
    ),
)
# fmt: on
