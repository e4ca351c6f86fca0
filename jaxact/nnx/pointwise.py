"""Pointwise modules: a function of the catalogue and its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax.typing import ArrayLike

from jaxact import _learnable
from jaxact.catalogue import Activation


class ActivationParam(nnx.Param):
    """A trained parameter of an activation."""


class Learnable(nnx.Module):
    """An activation whose parameters are trained, each an :class:`ActivationParam` by its name.

    Args:
        activation: its name in the catalogue, or what :func:`jaxact.get` returns; a row with
            learnable parameters.
        shape: of each parameter, such as the number of channels; it broadcasts against inputs.
            Stacked parameters have their coefficients along one more axis before it.
        param_dtype: of the stored parameters. Outputs have the dtype of the input.
        rngs: not used; for a uniform call.
        **initial: initial values, numbers, in place of the function's defaults.

    Example:
        >>> act = Learnable("prelu", 3, negative_slope=0.5)
        >>> act(jnp.array([[-1.0, 0.0, 2.0]]))
        Array([[-0.5,  0. ,  2. ]], dtype=float32)
    """

    def __init__(
        self,
        activation: str | Activation,
        shape: int | Sequence[int] = (),
        *,
        param_dtype: Any = jnp.float32,
        rngs: nnx.Rngs | None = None,
        **initial: Any,
    ):
        del rngs
        self.activation = _learnable.chosen(activation, initial)
        sizes = _learnable.as_shape(shape, self.activation.name)
        raw = _learnable.raw_values(self.activation, sizes, param_dtype)
        self.names = tuple(raw)
        for name, value in raw.items():
            setattr(self, name, ActivationParam(value))

    def __call__(self, x: ArrayLike, **arguments: Any) -> jax.Array:
        """Applies the activation.

        Args:
            x: input array.
            **arguments: such as ``key`` or ``deterministic``, of stochastic activations.
        """
        raw = {name: getattr(self, name)[...] for name in self.names}
        return _learnable.apply(self.activation, raw, x, **arguments)


def _named(name: str) -> Any:
    """The subclass for one activation, which takes the shape first."""
    activation = _learnable.CLASSES[name]

    def __init__(self: Any, shape: int | Sequence[int] = (), **settings: Any) -> None:
        Learnable.__init__(self, activation, shape, **settings)

    text = _learnable.describe(activation)
    members = {"__init__": __init__, "__doc__": text, "__module__": __name__}
    return type(name, (Learnable,), members)


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


def decay_mask(model: Any, wrt: Any = nnx.Param) -> Any:
    """Which parameters a weight decay may shrink: all but those of activations.

    A slope of 0.25 that decays is a slope of 0. Convolutions and linear layers inside of an
    activation's module do decay.

    Args:
        model: a module, or an ``nnx.State`` whose leaves are variables.
        wrt: filter of the parameters that the optimizer gets, where ``model`` is a module.

    Returns:
        The state with booleans in the place of variables, for ``optax.adamw(..., mask=)`` and
        ``optax.masked``.

    Raises:
        TypeError: if the state holds plain arrays, which do not tell whose they are.
    """
    state = nnx.state(model, wrt) if isinstance(model, nnx.Module) else model
    leaves = jax.tree.leaves(state, is_leaf=_is_variable)
    if not all(map(_is_variable, leaves)):
        raise TypeError("decay_mask takes a module or a state of variables, not of plain arrays")
    return jax.tree.map(
        lambda leaf: not isinstance(leaf, ActivationParam), state, is_leaf=_is_variable
    )


def _is_variable(leaf: Any) -> bool:
    return isinstance(leaf, nnx.Variable)
