"""Pointwise modules: a function of the catalogue and its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _learnable
from jaxact.catalogue import Activation

KEY = "jaxact"
"""The key, in a module's collection of parameters, under which those of an activation lie."""


class Learnable(nn.Module):
    """An activation whose parameters are trained, by their names under the key :data:`KEY`.

    Attributes:
        activation: its name in the catalogue, or what :func:`jaxact.get` returns; a row with
            learnable parameters.
        shape: of each parameter, such as the number of channels; it broadcasts against inputs.
            Stacked parameters have their coefficients along one more axis before it.
        initial: initial values, numbers, in place of the function's defaults.
        param_dtype: of the stored parameters. Outputs have the dtype of the input.

    Example:
        >>> act = Learnable("prelu", 3, {"negative_slope": 0.5})
        >>> act.init_with_output(jax.random.key(0), jnp.array([[-1.0, 0.0, 2.0]]))[0]
        Array([[-0.5,  0. ,  2. ]], dtype=float32)
    """

    activation: str | Activation
    shape: int | Sequence[int] = ()
    initial: Mapping[str, Any] | None = None
    param_dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x: ArrayLike, **arguments: Any) -> jax.Array:
        """Applies the activation.

        Args:
            x: input array.
            **arguments: such as ``key`` or ``deterministic``, of stochastic activations.
        """
        return _applied(self, self.activation, x, arguments)


class _Named(nn.Module):
    """Subclasses are of one activation and take the shape first."""

    _of: ClassVar[str]
    shape: int | Sequence[int] = ()
    initial: Mapping[str, Any] | None = None
    param_dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x: ArrayLike, **arguments: Any) -> jax.Array:
        """Applies the activation.

        Args:
            x: input array.
            **arguments: such as ``key`` or ``deterministic``, of stochastic activations.
        """
        return _applied(self, self._of, x, arguments)


def _applied(
    module: Learnable | _Named, of: str | Activation, x: ArrayLike, arguments: Mapping[str, Any]
) -> jax.Array:
    initial = {} if module.initial is None else module.initial
    activation = _learnable.chosen(of, initial)
    shape = _learnable.as_shape(module.shape, activation.name)
    raw = module.param(KEY, lambda _: _learnable.raw_values(activation, shape, module.param_dtype))
    return _learnable.apply(activation, raw, x, **arguments)


def _named(name: str) -> Any:
    activation = _learnable.CLASSES[name]
    text = _learnable.describe(activation)
    return type(name, (_Named,), {"__doc__": text, "__module__": __name__, "_of": activation})


ACONB = _named("ACONB")
ACONC = _named("ACONC")
APL = _named("APL")
AReLU = _named("AReLU")
Derf = _named("Derf")
DyT = _named("DyT")
EIS = _named("EIS")
ESwish = _named("ESwish")
FlexibleReLU = _named("FlexibleReLU")
ISRLU = _named("ISRLU")
ISRU = _named("ISRU")
JumpReLU = _named("JumpReLU")
KAF = _named("KAF")
MPELU = _named("MPELU")
PDELU = _named("PDELU")
PELU = _named("PELU")
PLU = _named("PLU")
# Starts at 0.25, as in the paper and in torch; Flax's own at 0.01, Keras' at 0.
PReLU = _named("PReLU")
ProbAct = _named("ProbAct")
PWLU = _named("PWLU")
Rational = _named("Rational")
SinLU = _named("SinLU")
SLAF = _named("SLAF")
SMU = _named("SMU")
Snake = _named("Snake")
SoftExponential = _named("SoftExponential")
SReLU = _named("SReLU")
StarReLU = _named("StarReLU")
Swish = _named("Swish")
TanhSoft = _named("TanhSoft")
XIELU = _named("XIELU")


def decay_mask(params: Any) -> Any:
    """Which parameters a weight decay may shrink: all but those of activations.

    A slope of 0.25 that decays is a slope of 0. Those of activations are all that lie under the
    key :data:`KEY`. Convolutions and linear layers inside of an activation's module do decay.

    Args:
        params: the parameters, or all variables, of a model.

    Returns:
        The same tree of booleans. ``optax.adamw(..., mask=decay_mask)`` takes this function too.

    Raises:
        TypeError: if it gets the model in the place of its parameters.
    """
    if isinstance(params, nn.Module):
        raise TypeError("decay_mask takes the parameters that init returns, not the module")

    def decays(path: tuple[Any, ...], _: Any) -> bool:
        return all(getattr(step, "key", None) != KEY for step in path)

    return jax.tree_util.tree_map_with_path(decays, params)
