"""Rows of ``jaxact.activations.sigmoidal``."""

from math import inf

from jaxact.activations.sigmoidal import (
    bipolar_sigmoid,
    lecun_tanh,
    penalized_tanh,
    sigmoid,
    soft_cap,
    tanh,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=sigmoid, family="sigmoidal", formula=r"\frac{1}{1 + e^{-x}}",
        paper="Rumelhart et al., 1986", year=1986, url="https://doi.org/10.1038/323533a0",
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.25, limits=(0.0, 1.0),
        slope_limits=(0.0, 0.0),
        at_zero=0.5, role=("hidden", "gate", "head"), aliases=("logistic",),
        used_by=("LSTM", "GRU"),
    ),
    Row(
        fn=tanh, family="sigmoidal", formula=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
        paper="LeCun et al., 1998", year=1998, url="https://doi.org/10.1007/3-540-49430-8_2",
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0, limits=(-1.0, 1.0),
        slope_limits=(0.0, 0.0),
        parity="odd", role=("hidden", "head"), used_by=("LSTM", "GRU"),
    ),
    Row(
        fn=bipolar_sigmoid, family="sigmoidal",
        formula=r"\tanh(x / 2) = \frac{1 - e^{-x}}{1 + e^{-x}}",
        paper="Kunc and Klema, 2024", year=2024, url="https://arxiv.org/abs/2402.09092",
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=0.5, limits=(-1.0, 1.0),
        slope_limits=(0.0, 0.0),
        parity="odd",
    ),
    Row(
        fn=lecun_tanh, family="sigmoidal", formula=r"1.7159 \tanh\left(\frac{2}{3} x\right)",
        paper="LeCun et al., 1998", year=1998, url="https://doi.org/10.1007/3-540-49430-8_2",
        monotonic=True, value_range=(-1.7159, 1.7159), lipschitz=1.1439333333333332,
        limits=(-1.7159, 1.7159), slope_limits=(0.0, 0.0),
        parity="odd", used_by=("LeNet-5",),
    ),
    Row(
        fn=penalized_tanh, family="sigmoidal",
        formula=r"\tanh x \text{ if } x > 0 \text{ else } \frac{1}{4} \tanh x",
        paper="Xu et al., 2016", year=2016, url="https://arxiv.org/abs/1602.05980",
        monotonic=True, value_range=(-0.25, 1.0), lipschitz=1.0, limits=(-0.25, 1.0),
        slope_limits=(0.0, 0.0),
        kinks=(0.0,), kink_slopes=(0.25,), smoothness=0,
    ),
    Row(
        fn=soft_cap, family="sigmoidal", formula=r"c \tanh(x / c)",
        paper="Gemma Team, 2024", year=2024, url="https://arxiv.org/abs/2408.00118",
        monotonic=True, value_range=(-30.0, 30.0), lipschitz=1.0, limits=(-30.0, 30.0),
        slope_limits=(0.0, 0.0),
        parity="odd", constraints={"cap": (0.0, inf)}, special_cases={"tanh": {"cap": 1.0}},
        role=("head",), used_by=("Gemma 2",),
    ),
)
# fmt: on
