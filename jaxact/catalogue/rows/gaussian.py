"""Rows of ``jaxact.activations.gaussian``."""

from math import inf

from jaxact.activations.gaussian import (
    clipped_gelu,
    erf,
    gaussian,
    gelu,
    gelu_exact,
    gelu_tanh,
    laplace,
    smu,
)
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=gaussian, family="gaussian", formula=r"e^{-x^2}",
        paper="Broomhead and Lowe, 1988", year=1988,
        url="https://apps.dtic.mil/sti/citations/ADA196234",
        at_zero=1.0, monotonic=False, value_range=(0.0, 1.0), lipschitz=0.8577638849607068,
        limits=(0.0, 0.0), slope_limits=(0.0, 0.0), parity="even", aliases=("rbf",),
    ),
    Row(
        fn=erf, family="gaussian", formula=r"\frac{2}{\sqrt \pi} \int_0^x e^{-t^2} \, dt",
        paper="Saad and Solla, 1995", year=1995,
        url="https://doi.org/10.1103/PhysRevE.52.4225",
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.1283791670955126,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0), parity="odd",
    ),
    Row(
        fn=laplace, family="gaussian",
        formula=r"\frac{1}{2} \left(1 + \operatorname{erf} \frac{x - \mu}{\sqrt 2 \, \sigma}\right)",  # noqa: E501
        paper="Ma et al., 2022", url="https://arxiv.org/abs/2209.10655", year=2022,
        at_zero=0.006094459617935604,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=1.4142125184828966,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        constraints={"sigma": (0.0, inf)}, role=("gate",), used_by=("Mega",),
    ),
    Row(
        fn=gelu, family="gaussian",
        formula=r"x \, \Phi(x) \approx x \, \sigma(\sqrt{8 / \pi} \, (x + 0.044715 x^3))",
        paper="Hendrycks and Gimpel, 2016", url="https://arxiv.org/abs/1606.08415", year=2016,
        monotonic=False, value_range=(-0.170040750571254, inf), lipschitz=1.1289930686587718,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        cost="Forward 1.34 of jax.nn's time on a CPU: the exponent of the left tail is "
        "compensated, where jax.nn's is 0 from -6 on.",
    ),
    Row(
        fn=gelu_exact, family="gaussian",
        formula=r"x \, \Phi(x) = \frac{x}{2} \operatorname{erfc}\left(\frac{-x}{\sqrt 2}\right)",
        paper="Hendrycks and Gimpel, 2016", url="https://arxiv.org/abs/1606.08415", year=2016,
        monotonic=False, value_range=(-0.16997120747990366, inf), lipschitz=1.1289041451851548,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        used_by=("BERT", "ViT"),
    ),
    Row(
        fn=gelu_tanh, family="gaussian",
        formula=r"\frac{x}{2} \left(1 + \tanh\left(\sqrt{2 / \pi} \, (x + 0.044715 x^3)\right)\right)",  # noqa: E501
        paper="Hendrycks and Gimpel, 2016", url="https://arxiv.org/abs/1606.08415", year=2016,
        monotonic=False, value_range=(-0.170040750571254, inf), lipschitz=1.1289930686587718,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        used_by=("GPT-2",),
    ),
    Row(
        fn=clipped_gelu, family="gaussian", formula=r"\min(\max(x \, \Phi(x), l), u)",
        paper="Wu et al., 2020", url="https://arxiv.org/abs/2004.09602", year=2020,
        monotonic=False, value_range=(-0.16997120747990366, 10.0), lipschitz=1.1289041451851548,
        limits=(0.0, 10.0), slope_limits=(0.0, 0.0),
        kinks=(10.0,), kink_slopes=(1.0,), smoothness=0, aliases=("gelu_10",),
    ),
    Row(
        fn=smu, family="gaussian",
        formula=r"\frac{1}{2} \left((1 + a) x + (1 - a) x \operatorname{erf}(\mu (1 - a) x)\right)",
        paper="Biswas et al., 2021", url="https://arxiv.org/abs/2111.04682", year=2021,
        monotonic=True, value_range=(-inf, inf), lipschitz=1.096678108888866,
        limits=(-inf, inf), slope_limits=(0.25, 1.0),
        constraints={"mu": (0.0, inf)}, learnable=("mu",),
    ),
)
# fmt: on
