"""Rows of ``jaxact.activations.logarithmic``."""

from math import inf

from jaxact.activations.logarithmic import (
    log_cosh,
    log_sigmoid,
    smooth_relu,
    softplus,
    sqrt_softplus,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=softplus, family="logarithmic", formula=r"\log(1 + e^x)",
        paper="Dugas et al., 2001", year=2001,
        url="https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing",  # noqa: E501
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0, limits=(0.0, inf),
        slope_limits=(0.0, 1.0),
        at_zero=0.6931471805599453, keeps="output", role=("hidden", "head"), used_by=("Mamba",),
    ),
    Row(
        fn=smooth_relu, family="logarithmic", formula=r"\frac{1}{\beta} \log(1 + e^{\beta x})",
        paper="Chen and Mangasarian, 1996", year=1996, url="https://doi.org/10.1007/BF00249052",
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0, limits=(0.0, inf),
        slope_limits=(0.0, 1.0),
        at_zero=0.6931471805599453, constraints={"beta": (0.0, inf)},
        special_cases={"softplus": {"beta": 1.0}}, keeps="output", role=("hidden", "head"),
    ),
    Row(
        fn=log_sigmoid, family="logarithmic", formula=r"\log \frac{1}{1 + e^{-x}}",
        paper="Mikolov et al., 2013", year=2013, url="https://arxiv.org/abs/1310.4546",
        monotonic=True, value_range=(-inf, 0.0), lipschitz=1.0, limits=(-inf, 0.0),
        slope_limits=(1.0, 0.0),
        at_zero=-0.6931471805599453, keeps="output", role=("head",), used_by=("word2vec",),
    ),
    Row(
        fn=sqrt_softplus, family="logarithmic", formula=r"\sqrt{\log(1 + e^x)}",
        paper="DeepSeek-AI, 2026", year=2026,
        url="https://huggingface.co/deepseek-ai/DeepSeek-V4-Flash",
        monotonic=True, value_range=(0.0, inf), lipschitz=0.31908634316947576, limits=(0.0, inf),
        slope_limits=(0.0, 0.0),
        at_zero=0.8325546111576977, keeps="output", role=("head",), used_by=("DeepSeek-V4",),
    ),
    Row(
        fn=log_cosh, family="logarithmic", formula=r"\log \cosh x",
        paper="Saleh and Saleh, 2022", year=2022, url="https://arxiv.org/abs/2208.04564",
        monotonic=False, value_range=(0.0, inf), lipschitz=1.0, limits=(inf, inf),
        slope_limits=(-1.0, 1.0),
        parity="even", aliases=("logcosh",),
    ),
)
# fmt: on
