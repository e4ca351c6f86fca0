"""Rows of ``jaxact.activations.gated``."""

from jaxact.activations.gated import bilinear, clipped_swiglu, geglu, glu, gtu, reglu, swiglu
from jaxact.catalogue.row import Row

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(
        fn=glu, family="gated", formula=r"a \, \sigma(b), \quad x = [a, b]",
        paper="Dauphin et al., 2017", url="https://arxiv.org/abs/1612.08083", year=2017,
        elementwise=False, axis_factor=0.5, used_by=("Conformer",),
    ),
    Row(
        fn=bilinear, family="gated", formula=r"a \, b, \quad x = [a, b]",
        paper="Shazeer, 2020", url="https://arxiv.org/abs/2002.05202", year=2020,
        elementwise=False, axis_factor=0.5,
    ),
    Row(
        fn=reglu, family="gated", formula=r"a \max(b, 0), \quad x = [a, b]",
        paper="Shazeer, 2020", url="https://arxiv.org/abs/2002.05202", year=2020,
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
        elementwise=False, axis_factor=0.5,
    ),
    Row(
        fn=geglu, family="gated", formula=r"a \, b \, \Phi(b), \quad x = [a, b]",
        paper="Shazeer, 2020", url="https://arxiv.org/abs/2002.05202", year=2020,
        elementwise=False, axis_factor=0.5, used_by=("ModernBERT",),
    ),
    Row(
        fn=swiglu, family="gated", formula=r"a \, b \, \sigma(b), \quad x = [b, a]",
        paper="Shazeer, 2020", url="https://arxiv.org/abs/2002.05202", year=2020,
        elementwise=False, axis_factor=0.5, used_by=("PaLM", "LLaMA"),
    ),
    Row(
        fn=gtu, family="gated", formula=r"\tanh(a) \, \sigma(b), \quad x = [a, b]",
        paper="van den Oord et al., 2016", url="https://arxiv.org/abs/1606.05328", year=2016,
        elementwise=False, axis_factor=0.5, used_by=("PixelCNN", "WaveNet"),
    ),
    Row(
        fn=clipped_swiglu, family="gated",
        formula=r"(\bar a + 1) \, \bar b \, \sigma(\alpha \bar b), \quad x = [b, a]",
        paper="OpenAI, 2025", url="https://arxiv.org/abs/2508.10925", year=2025,
        kinks=(-7.0, 7.0), kink_slopes=(-7.30791369110104e-05, 1.00007307913691104), smoothness=0,
        elementwise=False, axis_factor=0.5, used_by=("gpt-oss",),
    ),
)
# fmt: on
