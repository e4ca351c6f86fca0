"""Pointwise modules: a function of the catalogue and its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _learnable
from jaxact.catalogue import Activation

KEY = "jaxact"
"""The key, in a module's collection of parameters, under which those of an activation lie."""


class _Pointwise(nn.Module):
    """A call that all pointwise modules share."""

    def _activation(self) -> Activation:
        raise NotImplementedError

    @nn.compact
    def __call__(self, x: ArrayLike, **arguments: Any) -> jax.Array:
        """Applies the activation.

        Args:
            x: input array.
            **arguments: such as ``key`` or ``deterministic``, of stochastic activations.
        """
        activation, shape = self._activation(), _learnable.as_shape(getattr(self, "shape"))  # noqa: B009
        dtype = getattr(self, "param_dtype")  # noqa: B009
        raw = self.param(KEY, lambda _: _learnable.raw_values(activation, shape, dtype))
        return _learnable.apply(activation, raw, x, **arguments)


class Learnable(_Pointwise):
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

    def _activation(self) -> Activation:
        return _learnable.chosen(self.activation, self.initial or {})


class _Named(_Pointwise):
    """Subclasses are of one activation and take the shape first."""

    shape: int | Sequence[int] = ()
    initial: Mapping[str, Any] | None = None
    param_dtype: Any = jnp.float32

    def _activation(self) -> Activation:
        activation = _learnable.CLASSES[type(self).__name__]
        return _learnable.chosen(activation, self.initial or {})


def _named(name: str) -> Any:
    text = _learnable.describe(_learnable.CLASSES[name])
    return type(name, (_Named,), {"__doc__": text, "__module__": __name__})


ACONB = _named("ACONB")
ACONC = _named("ACONC")
APL = _named("APL")
AReLU = _named("AReLU")
Derf = _named("Derf")
DyT = _named("DyT")
ESwish = _named("ESwish")
FlexibleReLU = _named("FlexibleReLU")
ISRLU = _named("ISRLU")
ISRU = _named("ISRU")
JumpReLU = _named("JumpReLU")
KAF = _named("KAF")
MPELU = _named("MPELU")
PDELU = _named("PDELU")
PELU = _named("PELU")
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
XIELU = _named("XIELU")


def decay_mask(params: Any) -> Any:
    """Which parameters a weight decay may shrink: all but those of activations.

    A slope of 0.25 that decays is a slope of 0. Those of activations are all that lie under the
    key :data:`KEY`. Convolutions and linear layers inside of an activation's module do decay.

    Args:
        params: the parameters, or all variables, of a model.

    Returns:
        The same tree of booleans. ``optax.adamw(..., mask=decay_mask)`` takes this function too.
    """

    def decays(path: tuple[Any, ...], _: Any) -> bool:
        return all(getattr(step, "key", None) != KEY for step in path)

    return jax.tree_util.tree_map_with_path(decays, params)
