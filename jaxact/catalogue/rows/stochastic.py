"""Rows of ``jaxact.activations.stochastic``, in their deterministic mode."""

from math import inf

from jaxact.activations.stochastic import (
    elastic_relu,
    gumbel_softmax,
    noisy_relu,
    prob_act,
    rand_softplus,
    rrelu,
    stochastic_binary,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=rrelu, family="stochastic",
        formula=r"x \text{ if } x \ge 0 \text{ else } r x, \quad r \sim U(l, u)",
        paper="Xu et al., 2015", url="https://arxiv.org/abs/1505.00853", year=2015,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.22916666666666666, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=0,
        settings={"deterministic": True}, keeps="mask",
        special_cases={"leaky_relu": {"lower": 0.01, "upper": 0.01}},
    ),
    Row(
        fn=noisy_relu, family="stochastic",
        formula=r"\max(x + \sigma n, 0), \quad n \sim N(0, 1)",
        paper="Nair and Hinton, 2010", year=2010,
        url="https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf",
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        settings={"deterministic": True}, keeps="mask",
        special_cases={"relu": {"sigma": 0.0}},
    ),
    Row(
        fn=prob_act, family="stochastic",
        formula=r"\max(x, 0) + \sigma n, \quad n \sim N(0, 1)",
        paper="Shridhar et al., 2019", url="https://arxiv.org/abs/1905.10761", year=2019,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        settings={"deterministic": True}, learnable=("sigma",), keeps="mask",
        special_cases={"relu": {"sigma": 0.0}},
    ),
    Row(
        fn=elastic_relu, family="stochastic",
        formula=r"\max(r x, 0), \quad r \sim U(1 - \alpha, 1 + \alpha)",
        paper="Jiang et al., 2018", url="https://doi.org/10.1016/j.neucom.2017.09.056", year=2018,
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        settings={"deterministic": True}, constraints={"alpha": (-1.0, 1.0)}, keeps="mask",
        special_cases={"relu": {"alpha": 0.0}}, aliases=("erelu",),
    ),
    Row(
        fn=rand_softplus, family="stochastic",
        formula=r"(1 - r) \max(x, 0) + r \log(1 + e^x), \quad r \sim U(l, u)",
        paper="Chen et al., 2019", year=2019,
        url="https://direct.mit.edu/neco/article/31/6/1215/8476",
        at_zero=0.34657359027997264, monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.25,), smoothness=0,
        settings={"deterministic": True},
        special_cases={
            "relu": {"lower": 0.0, "upper": 0.0}, "softplus": {"lower": 1.0, "upper": 1.0},
        },
    ),
    Row(
        fn=gumbel_softmax, family="stochastic",
        formula=r"\frac{e^{(x_i + g_i) / t}}{\sum_j e^{(x_j + g_j) / t}}, \ g \sim \text{Gumbel}",
        paper="Jang et al., 2017", url="https://arxiv.org/abs/1611.01144", year=2017,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.25,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        elementwise=False, settings={"deterministic": True},
        constraints={"temperature": (0.0, inf)},
        special_cases={"softmax": {"temperature": 1.0}}, keeps="output", role=("head",),
    ),
    Row(
        fn=stochastic_binary, family="stochastic", formula=r"\operatorname{Bernoulli}(\sigma(x))",
        paper="Bengio et al., 2013", url="https://arxiv.org/abs/1308.3432", year=2013,
        at_zero=1.0, monotonic=True, value_range=(0.0, 1.0), lipschitz=inf,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(0.25,), smoothness=-1,
        settings={"deterministic": True}, surrogates=("x",),
    ),
)
# fmt: on
