"""Gated linear units: one half of an axis, or a second array, gates the other."""

import functools

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact._arrays import array_function
from jaxact._tails import silu
from jaxact.activations._gating import Gate, gated

_static = functools.partial(array_function, static=("axis", "gate"))


@functools.partial(array_function, static=("axis",))
def glu(x: ArrayLike, axis: int = -1) -> jax.Array:
    r"""Gated linear unit: the second half of an axis gates the first, as in ``jax.nn``.

    .. math:: a \, \sigma(b), \quad x = [a, b]

    Args:
        x: input array whose axis has an even length.
        axis: the axis that is halved.

    Returns:
        Array with the dtype of ``x`` and half its length along the axis.

    Raises:
        ValueError: if the axis has an odd length.

    Example:
        >>> glu(jnp.array([1.0, 2.0, 0.0, -1.0]))
        Array([0.5   , 0.5379], dtype=float32)

    References:
        Dauphin et al., 2017, https://arxiv.org/abs/1612.08083
    """
    return gated(x, None, lambda a, b: a * special.sigmoid(b), axis)


@_static
def bilinear(
    x: ArrayLike, gate_input: ArrayLike | None = None, axis: int = -1, gate: Gate = "second"
) -> jax.Array:
    r"""Bilinear unit: a gated linear unit without a nonlinear gate.

    .. math:: a \, b, \quad x = [a, b]

    Args:
        x: input array whose axis has an even length; or the value a alone.
        gate_input: the gate b, where it is an array of its own that broadcasts against ``x``.
        axis: the axis that is halved.
        gate: which half is the gate, ``"first"`` or ``"second"``.

    Returns:
        Array with the dtype of ``x``; without ``gate_input``, half as long along the axis.

    Raises:
        ValueError: if the axis has an odd length, or the two shapes do not broadcast.

    Example:
        >>> bilinear(jnp.array([1.0, 2.0, 0.5, -1.0]))
        Array([ 0.5, -2. ], dtype=float32)

    References:
        Shazeer, 2020, https://arxiv.org/abs/2002.05202
    """
    return gated(x, gate_input, lambda a, b: a * b, axis, gate)


@_static
def reglu(
    x: ArrayLike, gate_input: ArrayLike | None = None, axis: int = -1, gate: Gate = "second"
) -> jax.Array:
    r"""Gated linear unit with a rectifier as the gate.

    .. math:: a \max(b, 0), \quad x = [a, b]

    Args:
        x: input array whose axis has an even length; or the value a alone.
        gate_input: the gate b, where it is an array of its own that broadcasts against ``x``.
        axis: the axis that is halved.
        gate: which half is the gate, ``"first"`` or ``"second"``.

    Returns:
        Array with the dtype of ``x``; without ``gate_input``, half as long along the axis.

    Raises:
        ValueError: if the axis has an odd length, or the two shapes do not broadcast.

    Example:
        >>> reglu(jnp.array([1.0, 2.0, 0.5, -1.0]))
        Array([0.5, 0. ], dtype=float32)

    References:
        Shazeer, 2020, https://arxiv.org/abs/2002.05202
    """
    return gated(x, gate_input, lambda a, b: a * jnp.where(b <= 0, 0.0, b), axis, gate)


@_static
def geglu(
    x: ArrayLike, gate_input: ArrayLike | None = None, axis: int = -1, gate: Gate = "second"
) -> jax.Array:
    r"""Gated linear unit with a GELU, the exact one, as the gate.

    .. math:: a \, b \, \Phi(b), \quad x = [a, b]

    Args:
        x: input array whose axis has an even length; or the value a alone.
        gate_input: the gate b, where it is an array of its own that broadcasts against ``x``.
        axis: the axis that is halved.
        gate: which half is the gate, ``"first"`` or ``"second"``.

    Returns:
        Array with the dtype of ``x``; without ``gate_input``, half as long along the axis.

    Raises:
        ValueError: if the axis has an odd length, or the two shapes do not broadcast.

    Example:
        >>> geglu(jnp.array([1.0, 2.0, 0.5, -1.0]))
        Array([ 0.3457, -0.3173], dtype=float32)

    References:
        Shazeer, 2020, https://arxiv.org/abs/2002.05202
    """
    return gated(x, gate_input, lambda a, b: a * special.gelu(b), axis, gate)


@_static
def swiglu(
    x: ArrayLike, gate_input: ArrayLike | None = None, axis: int = -1, gate: Gate = "first"
) -> jax.Array:
    r"""Gated linear unit with a SiLU as the gate, which is the first half, as in LLaMA and ONNX.

    .. math:: a \, b \, \sigma(b), \quad x = [b, a]

    Args:
        x: input array whose axis has an even length; or the value a alone.
        gate_input: the gate b, where it is an array of its own that broadcasts against ``x``.
        axis: the axis that is halved.
        gate: which half is the gate, ``"first"`` or ``"second"``.

    Returns:
        Array with the dtype of ``x``; without ``gate_input``, half as long along the axis.

    Raises:
        ValueError: if the axis has an odd length, or the two shapes do not broadcast.

    Example:
        >>> swiglu(jnp.array([0.5, -1.0, 1.0, 2.0]))
        Array([ 0.3112, -0.5379], dtype=float32)

    References:
        Shazeer, 2020, https://arxiv.org/abs/2002.05202
    """
    return gated(x, gate_input, lambda a, b: a * silu(b), axis, gate)


@_static
def gtu(
    x: ArrayLike, gate_input: ArrayLike | None = None, axis: int = -1, gate: Gate = "second"
) -> jax.Array:
    r"""Gated tanh unit.

    .. math:: \tanh(a) \, \sigma(b), \quad x = [a, b]

    Args:
        x: input array whose axis has an even length; or the value a alone.
        gate_input: the gate b, where it is an array of its own that broadcasts against ``x``.
        axis: the axis that is halved.
        gate: which half is the gate, ``"first"`` or ``"second"``.

    Returns:
        Array with the dtype of ``x``; without ``gate_input``, half as long along the axis.

    Raises:
        ValueError: if the axis has an odd length, or the two shapes do not broadcast.

    Example:
        >>> gtu(jnp.array([1.0, 2.0, 0.0, -1.0]))
        Array([0.3808, 0.2593], dtype=float32)

    References:
        van den Oord et al., 2016, https://arxiv.org/abs/1606.05328
    """
    return gated(x, gate_input, lambda a, b: special.tanh(a) * special.sigmoid(b), axis, gate)


@_static
def clipped_swiglu(
    x: ArrayLike,
    gate_input: ArrayLike | None = None,
    axis: int = -1,
    gate: Gate = "first",
    alpha: ArrayLike = 1.702,
    limit: ArrayLike = 7.0,
) -> jax.Array:
    r"""SwiGLU with both parts clipped, the gate from above, and 1 added to the value.

    .. math:: (\bar a + 1) \, \bar b \, \sigma(\alpha \bar b), \quad x = [b, a]

    where the bars mean: a between -limit and limit, and b of at most limit.

    Args:
        x: input array whose axis has an even length; or the value a alone.
        gate_input: the gate b, where it is an array of its own that broadcasts against ``x``.
        axis: the axis that is halved.
        gate: which half is the gate, ``"first"`` or ``"second"``.
        alpha: factor inside the sigmoid.
        limit: the value is clipped to plus and minus this, the gate to at most this. At the
            limit itself slopes are those of the unclipped side.

    Returns:
        Array with the dtype of ``x``; without ``gate_input``, half as long along the axis.

    Raises:
        ValueError: if the axis has an odd length, or the two shapes do not broadcast.

    Example:
        >>> clipped_swiglu(jnp.array([0.5, -1.0, 1.0, 2.0]))
        Array([ 0.7008, -0.4626], dtype=float32)

    References:
        OpenAI, 2025, https://arxiv.org/abs/2508.10925
    """
    return gated(x, gate_input, _clipped_swiglu, axis, gate, alpha=alpha, limit=limit)


def _clipped_swiglu(a: jax.Array, b: jax.Array, alpha: jax.Array, limit: jax.Array) -> jax.Array:
    a = jnp.where(a > limit, limit, jnp.where(a < -limit, -limit, a))
    b = jnp.where(b > limit, limit, b)
    b = jnp.where(b == -jnp.inf, 0.0, b)  # The limit is 0, not inf times 0.
    return (a + 1.0) * (b * special.sigmoid(alpha * b))
