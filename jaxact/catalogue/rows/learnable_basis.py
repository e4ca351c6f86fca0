"""Rows of ``jaxact.activations.learnable_basis``."""

from math import inf

from jaxact.activations.learnable_basis import kaf, rational, slaf
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=rational, family="learnable_basis",
        formula=r"\frac{\sum_i a_i x^i}{1 + \sum_{i \ge 1} |b_i x^i|}",
        paper="Molina et al., 2020", url="https://arxiv.org/abs/1907.06732", year=2020,
        at_zero=0.029792778657264946,
        monotonic=False, value_range=(-inf, inf), lipschitz=1.0351266780027173,
        limits=(-inf, inf), slope_limits=(0.7230038519839774, 0.7230038519839774),
        kinks=(0.0,), kink_slopes=(0.6183735264987601,), smoothness=0,
        learnable=("numerator", "denominator"), aliases=("pade", "pau"), status="measured",
        shortfall="Float32: values 101000 ULP at -0.44848, beside a zero, slopes 27 ULP; slopes in "
        "float16 1.04 ULP: the terms of the polynomials cancel left of 0.",
    ),
    Row(
        fn=slaf, family="learnable_basis", formula=r"\sum_i a_i x^i",
        paper="Goyal et al., 2019", url="https://arxiv.org/abs/1906.09529", year=2019,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(1.0, 1.0), parity="odd",
        special_cases={"identity": {}, "square": {"coefficients": (0.0, 0.0, 1.0)}},
        learnable=("coefficients",),
    ),
    Row(
        fn=kaf, family="learnable_basis", formula=r"\sum_i w_i e^{-\gamma (x - d_i)^2}",
        paper="Scardapane et al., 2019", url="https://arxiv.org/abs/1707.04035", year=2019,
        at_zero=0.0009795997617213098,
        monotonic=False, value_range=(-0.9517661375905382, 2.9558119947087427),
        lipschitz=3.1974575008828174, limits=(0.0, 0.0), slope_limits=(0.0, 0.0),
        constraints={"gamma": (0.0, inf)}, learnable=("weights",), status="measured",
        shortfall="Float32: values 617000 ULP at -0.0010368, beside a zero, slopes 25 ULP: the "
        "bells cancel.",
    ),
)
# fmt: on
