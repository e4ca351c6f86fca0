"""Rows of ``jaxact.activations.axiswise``."""

from math import inf

from jaxact.activations.axiswise import bipolar_relu, crelu, hardmax, kwta, l2_normalize, maxout
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=hardmax, family="axiswise",
        formula=r"1 \text{ if } i = \min \operatorname{argmax}_j x_j \text{ else } 0",
        paper="ONNX, 2017", url="https://onnx.ai/onnx/operators/onnx__Hardmax.html", year=2017,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=inf,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=-1,
        elementwise=False, keeps="nothing", role=("head",),
    ),
    Row(
        fn=kwta, family="axiswise",
        formula=r"x_i \text{ if } x_i \text{ is among the } k \text{ largest else } 0",
        paper="Xiao et al., 2020", url="https://arxiv.org/abs/1905.10510", year=2020,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=0,
        elementwise=False, keeps="mask", aliases=("k_winners_take_all",),
    ),
    Row(
        fn=l2_normalize, family="axiswise", formula=r"\frac{x_i}{\max(\|x\|_2, \epsilon)}",
        paper="Ranjan et al., 2017", url="https://arxiv.org/abs/1703.09507", year=2017,
        monotonic=True, value_range=(-1.0, 1.0), limits=(-1.0, 1.0),
        kinks=(-1e-12, 1e-12), kink_slopes=(1e12, 1e12), smoothness=0,
        elementwise=False, role=("head",),
    ),
    Row(
        fn=maxout, family="axiswise", formula=r"\max_{j = 0, \dots, p - 1} x_{p i + j}",
        paper="Goodfellow et al., 2013", url="https://arxiv.org/abs/1302.4389", year=2013,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=0,
        elementwise=False, axis_factor=0.5, keeps="mask",
    ),
    Row(
        fn=crelu, family="axiswise", formula=r"[\max(x, 0), \max(-x, 0)]",
        paper="Shang et al., 2016", url="https://arxiv.org/abs/1603.05201", year=2016,
        value_range=(0.0, inf), lipschitz=1.0,
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        elementwise=False, axis_factor=2.0, keeps="mask",
        aliases=("concatenated_relu",),
    ),
    Row(
        fn=bipolar_relu, family="axiswise",
        formula=r"\max(x_i, 0) \text{ if } i \text{ is even else } \min(x_i, 0)",
        paper="Eidnes and Nøkland, 2017", url="https://arxiv.org/abs/1709.04054", year=2017,
        monotonic=True, lipschitz=1.0,
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        elementwise=False, keeps="mask",
    ),
)
# fmt: on
