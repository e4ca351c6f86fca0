"""The catalogue: a row of data per activation, and ``get``, which turns text into a function."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import math
from collections.abc import Callable
from math import inf
from types import MappingProxyType
from typing import Any, Literal

import jax
import numpy as np
from jax.typing import ArrayLike

from jaxact import activations as A

Number = bool | int | float
Role = Literal["hidden", "head"]


@dataclasses.dataclass(frozen=True)
class Row:
    """What is known of an activation, at the default values of its parameters.

    Attributes:
        fn: the function.
        family: the file of ``jaxact.activations`` that holds it.
        formula: LaTeX, verbatim in the docstring.
        paper: where the function comes from.
        url: of the paper.
        year: of the paper.
        monotonic: whether it never decreases.
        value_range: infimum and supremum of the values.
        lipschitz: supremum of the absolute slope.
        limits: values at minus and plus infinity.
        slope_limits: slopes at minus and plus infinity.
        kinks: where the function is not smooth.
        kink_slopes: the slope that ``jax.grad`` returns there, one per kink.
        smoothness: how many continuous derivatives it has; infinity without kinks.
        elementwise: whether each output depends on one input; else the function works along an
            axis and the fields about values hold for each entry.
        role: where networks use it.
        aliases: other names that :func:`get` understands.
    """

    fn: Callable[..., jax.Array]
    family: str
    formula: str
    paper: str
    url: str
    year: int
    monotonic: bool
    value_range: tuple[float, float]
    lipschitz: float
    limits: tuple[float, float]
    slope_limits: tuple[float, float]
    kinks: tuple[float, ...] = ()
    kink_slopes: tuple[float, ...] = ()
    smoothness: float = inf
    elementwise: bool = True
    role: tuple[Role, ...] = ("hidden",)
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The canonical name: that of the function."""
        return self.fn.__name__

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters after ``x``, with their defaults."""
        _, *rest = inspect.signature(self.fn).parameters.values()
        return {p.name: p.default for p in rest}


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, repr=False)
class Activation:
    """An activation with its parameters: callable, hashable, picklable, a pytree without leaves.

    Two are equal if they are the same function with the same parameters, so ``jax.jit`` does
    not trace again for an equal one. Made by :func:`get`.

    Attributes:
        name: canonical name in the catalogue.
        parameters: pairs of names and values, those that differ from the defaults.
    """

    name: str
    parameters: tuple[tuple[str, Number], ...] = ()

    def __call__(self, x: ArrayLike) -> jax.Array:
        """Applies the function to an array of any shape."""
        return self.row.fn(x, **dict(self.parameters))

    def __repr__(self) -> str:
        words = [repr(self.name), *(f"{k}={v!r}" for k, v in self.parameters)]
        return f"jaxact.get({', '.join(words)})"

    @property
    def row(self) -> Row:
        """The catalogue's row."""
        return CATALOGUE[self.name]


def get(name: str, **parameters: Number) -> Activation:
    """The activation of a name, with parameters in place of its defaults.

    Args:
        name: a key of :data:`CATALOGUE` or an alias, such as ``"gelu"`` or ``"swish"``.
        **parameters: numbers; they become part of the activation's identity.

    Returns:
        A callable of one array.

    Raises:
        KeyError: if nothing has that name; the message names the near ones.
        TypeError: if the function has no such parameter, or a value is no number.
        ValueError: if a value is not finite.

    Example:
        >>> act = get("leaky_relu", negative_slope=0.2)
        >>> act
        jaxact.get('leaky_relu', negative_slope=0.2)
        >>> act(jnp.array([-1.0, 2.0]))
        Array([-0.2,  2. ], dtype=float32)
    """
    canonical = _NAMES.get(name)
    if canonical is None:
        near = difflib.get_close_matches(str(name), _NAMES, n=3)
        known = f"did you mean {near}?" if near else f"known are {sorted(CATALOGUE)}"
        raise KeyError(f"no activation {name!r}; {known}")
    defaults = CATALOGUE[canonical].parameters
    chosen = []
    for key, value in sorted(parameters.items()):
        if key not in defaults:
            raise TypeError(f"{canonical} has no parameter {key!r}; it has {list(defaults)}")
        value = _as_number(canonical, key, value)
        if value != defaults[key]:
            chosen.append((key, value))
    return Activation(canonical, tuple(chosen))


def _as_number(name: str, key: str, value: Any) -> Number:
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if not isinstance(value, Number):
        raise TypeError(
            f"{key} of {name} must be a number, got {type(value).__name__}; "
            f"pass arrays to jaxact.{name} itself"
        )
    if not math.isfinite(value):
        raise ValueError(f"{key} of {name} must be finite, got {value}")
    return value


# fmt: off
_ROWS = (
    Row(
        fn=A.identity, family="rectified", formula=r"x",
        paper="Widrow and Hoff, 1960", year=1960,
        url="https://docs.jax.dev/en/latest/_autosummary/jax.nn.identity.html",
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(1.0, 1.0),
        role=("hidden", "head"), aliases=("linear",),
    ),
    Row(
        fn=A.relu, family="rectified", formula=r"\max(x, 0)",
        paper="Nair and Hinton, 2010", year=2010,
        url="https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf",
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(0.0,), smoothness=0,
    ),
    Row(
        fn=A.leaky_relu, family="rectified", formula=r"x \text{ if } x \ge 0 \text{ else } a x",
        paper="Maas et al., 2013", year=2013,
        url="https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
        monotonic=True, value_range=(-inf, inf), lipschitz=1.0,
        limits=(-inf, inf), slope_limits=(0.01, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=0,
    ),
    Row(
        fn=A.elu, family="exponential",
        formula=r"x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)",
        paper="Clevert et al., 2016", url="https://arxiv.org/abs/1511.07289", year=2016,
        monotonic=True, value_range=(-1.0, inf), lipschitz=1.0,
        limits=(-1.0, inf), slope_limits=(0.0, 1.0),
        kinks=(0.0,), kink_slopes=(1.0,), smoothness=1,
    ),
    Row(
        fn=A.selu, family="exponential",
        formula=r"\lambda x \text{ if } x > 0 \text{ else } \lambda \alpha (e^x - 1)",
        paper="Klambauer et al., 2017", url="https://arxiv.org/abs/1706.02515", year=2017,
        monotonic=True, value_range=(-1.7580993408473766, inf), lipschitz=1.7580993408473766,
        limits=(-1.7580993408473766, inf), slope_limits=(0.0, 1.0507009873554805),
        kinks=(0.0,), kink_slopes=(1.7580993408473766,), smoothness=0,
    ),
    Row(
        fn=A.softplus, family="exponential", formula=r"\log(1 + e^x)",
        paper="Dugas et al., 2001", year=2001,
        url="https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing",
        monotonic=True, value_range=(0.0, inf), lipschitz=1.0,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
        role=("hidden", "head"),
    ),
    Row(
        fn=A.sigmoid, family="sigmoidal", formula=r"\frac{1}{1 + e^{-x}}",
        paper="Rumelhart et al., 1986", url="https://doi.org/10.1038/323533a0", year=1986,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.25,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        role=("hidden", "head"), aliases=("logistic",),
    ),
    Row(
        fn=A.tanh, family="sigmoidal", formula=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
        paper="LeCun et al., 1998", url="https://doi.org/10.1007/3-540-49430-8_2", year=1998,
        monotonic=True, value_range=(-1.0, 1.0), lipschitz=1.0,
        limits=(-1.0, 1.0), slope_limits=(0.0, 0.0),
        role=("hidden", "head"),
    ),
    Row(
        fn=A.gelu, family="self_gated", formula=r"x \, \Phi(x)",
        paper="Hendrycks and Gimpel, 2016", url="https://arxiv.org/abs/1606.08415", year=2016,
        monotonic=False, value_range=(-0.170040750571254, inf), lipschitz=1.1289930686587718,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
    Row(
        fn=A.gelu_exact, family="self_gated",
        formula=r"x \, \Phi(x) = \frac{x}{2} \operatorname{erfc}\left(\frac{-x}{\sqrt 2}\right)",
        paper="Hendrycks and Gimpel, 2016", url="https://arxiv.org/abs/1606.08415", year=2016,
        monotonic=False, value_range=(-0.16997120747990366, inf), lipschitz=1.1289041451851548,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
    Row(
        fn=A.gelu_tanh, family="self_gated",
        formula=r"\frac{x}{2} \left(1 + \tanh\left(\sqrt{2 / \pi} \, (x + 0.044715 x^3)\right)\right)",  # noqa: E501
        paper="Hendrycks and Gimpel, 2016", url="https://arxiv.org/abs/1606.08415", year=2016,
        monotonic=False, value_range=(-0.170040750571254, inf), lipschitz=1.1289930686587718,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
    Row(
        fn=A.silu, family="self_gated", formula=r"x \, \sigma(x)",
        paper="Elfwing et al., 2018", url="https://arxiv.org/abs/1702.03118", year=2018,
        monotonic=False, value_range=(-0.2784645427610738, inf), lipschitz=1.0998393201288669,
        limits=(0.0, inf), slope_limits=(0.0, 1.0), aliases=("swish",),
    ),
    Row(
        fn=A.mish, family="self_gated", formula=r"x \tanh(\log(1 + e^x))",
        paper="Misra, 2019", url="https://arxiv.org/abs/1908.08681", year=2019,
        monotonic=False, value_range=(-0.3088434130172504, inf), lipschitz=1.0884981612517279,
        limits=(0.0, inf), slope_limits=(0.0, 1.0),
    ),
    Row(
        fn=A.softmax, family="simplex", formula=r"\frac{e^{x_i}}{\sum_j e^{x_j}}",
        paper="Bridle, 1990", url="https://doi.org/10.1007/978-3-642-76153-9_28", year=1990,
        monotonic=True, value_range=(0.0, 1.0), lipschitz=0.25,
        limits=(0.0, 1.0), slope_limits=(0.0, 0.0),
        elementwise=False, role=("head",),
    ),
    Row(
        fn=A.log_softmax, family="simplex", formula=r"x_i - \log \sum_j e^{x_j}",
        paper="Bridle, 1990", url="https://doi.org/10.1007/978-3-642-76153-9_28", year=1990,
        monotonic=True, value_range=(-inf, 0.0), lipschitz=1.0,
        limits=(-inf, 0.0), slope_limits=(1.0, 0.0),
        elementwise=False, role=("head",),
    ),
)
# fmt: on

CATALOGUE = MappingProxyType({row.name: row for row in _ROWS})
"""Every activation of the library, by canonical name."""

_NAMES = {name: row.name for row in _ROWS for name in (row.name, *row.aliases)}
