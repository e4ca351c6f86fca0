"""Rows of ``jaxact.activations.rectified``."""

from math import inf

from jaxact.activations.rectified import (
    absolute,
    identity,
    leaky_relu,
    relu,
    relu6,
    relu_n,
    shifted_relu,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=identity, family="rectified", formula=r"x",
        paper="Widrow and Hoff, 1960", year=1960,
        url="https://isl.stanford.edu/~widrow/papers/c1960adaptiveswitching.pdf",
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(1.0, 1.0),
        parity="odd", keeps="nothing", role=("hidden", "head"), aliases=("linear",),
    ),
    Row(
        fn=relu, family="rectified", formula=r"\max(x, 0)",
        paper="Nair and Hinton, 2010", year=2010,
        url="https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf",
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        keeps="mask", used_by=("AlexNet", "ResNet"),
    ),
    Row(
        fn=relu6, family="rectified", formula=r"\min(\max(x, 0), 6)",
        paper="Krizhevsky, 2010", year=2010,
        url="https://www.cs.toronto.edu/~kriz/conv-cifar10-aug2010.pdf",
        monotonic=True, value_range=(0.0, 6.0), lipschitz=1.0,
        limits=(0.0, 6.0), slope_limits=(0.0, 0.0),
        kinks=(0.0, 6.0), kink_slopes=(0.0, 0.0), smoothness=0,
        keeps="mask", used_by=("MobileNetV2",),
    ),
    Row(
        fn=relu_n, family="rectified", formula=r"\min(\max(x, 0), n)",
        paper="Krizhevsky, 2010", year=2010,
        url="https://www.cs.toronto.edu/~kriz/conv-cifar10-aug2010.pdf",
        monotonic=True, value_range=(0.0, 6.0), lipschitz=1.0,
        limits=(0.0, 6.0), slope_limits=(0.0, 0.0),
        kinks=(0.0, 6.0), kink_slopes=(0.0, 0.0), smoothness=0,
        constraints={"n": (0.0, inf)},
        special_cases={"relu6": {"n": 6.0}},
        keeps="mask",
    ),
    Row(
        fn=leaky_relu, family="rectified", formula=r"x \text{ if } x \ge 0 \text{ else } a x",
        paper="Maas et al., 2013", year=2013,
        url="https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.01, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=0,
        special_cases={"identity": {"negative_slope": 1.0}, "relu": {"negative_slope": 0.0}},
        keeps="mask", used_by=("DCGAN", "YOLO"),
    ),
    Row(
        fn=absolute, family="rectified", formula=r"|x|",
        paper="Jarrett et al., 2009", url="https://doi.org/10.1109/ICCV.2009.5459469", year=2009,
        monotonic=False, value_range=(0.0, inf), lipschitz=1.0,
        limits=(inf, inf), slope_limits=(-1.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        parity="even", keeps="mask", aliases=("abs", "vrelu"),
    ),
    Row(
        fn=shifted_relu, family="rectified", formula=r"\max(x, -\delta)",
        paper="Clevert et al., 2016", url="https://arxiv.org/abs/1511.07289", year=2016,
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0,
        limits=(-1.0, inf), slope_limits=(0.0, 1.0),
        kinks=(-1.0,), kink_slopes=(0.0,), smoothness=0,
        special_cases={"relu": {"delta": 0.0}},
        keeps="mask", aliases=("dis_relu",),
    ),
)
# fmt: on
