"""Units gated by a hyperbolic tangent, or the error function, of their input."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# pyright: reportAttributeAccessIssue=false
# ArrayLike includes complex numbers, which the decorator refuses.

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact import _tails as tails
from jaxact._elementwise import elementwise
from jaxact._special.core import shared

_UNSCALE = tails.UNSCALE
_ERF_SLOPE = 2.0 / math.sqrt(math.pi)


def _size(x: jax.Array) -> jax.Array:
    # Not abs: its derivative at 0 is 0.
    return jnp.minimum(jnp.where(x > 0, x, -x), tails.FAR)


def _mish_slope(x: jax.Array) -> jax.Array:
    t = _size(x)
    scaled = tails.scaled_power(-t)
    e = scaled * _UNSCALE
    z = tails.bounded(x)
    right = 1.0 + e * (4.0 + e * ((4.0 * z + 6.0) + e * (4.0 * z + 4.0)))
    left = (4.0 * z + 4.0) + e * ((4.0 * z + 6.0) + e * (4.0 + e))
    d_right = 1.0 + 2.0 * e * (1.0 + e)
    d_left = 2.0 + e * (2.0 + e)
    return jnp.where(
        x > 0, right / (d_right * d_right), scaled * (left / (d_left * d_left)) * _UNSCALE
    )


@elementwise(derivative=_mish_slope)
def mish(x: ArrayLike) -> jax.Array:
    r"""Mish.

    .. math:: x \tanh(\log(1 + e^x))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> mish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.3034,  0.    ,  1.944 ], dtype=float32)

    References:
        Misra, 2019, https://arxiv.org/abs/1908.08681
    """
    # tanh(log(1 + e)) is e - e (e + e^2) / (2 + 2 e + e^2), or 1 - 2 e^2 / (1 + 2 e + 2 e^2) in
    # the inverse of e.
    t = _size(x)
    scaled = tails.decay(-t)
    e = scaled * _UNSCALE
    right = x > 0
    rest = jnp.where(right, -2.0 * e, e * (1.0 + e)) / jnp.where(
        right, 1.0 + 2.0 * e * (1.0 + e), 2.0 + e * (2.0 + e)
    )
    shut = jnp.where(right, 0.0, scaled) - scaled * rest
    return jnp.maximum(x, -0.0) - (t * shut) * _UNSCALE


def _tanhexp_slope(x: jax.Array) -> jax.Array:
    z = tails.bounded(x)
    scaled = tails.scaled_power(jnp.minimum(z, 5.0))
    e = scaled * _UNSCALE
    near = special.tanh(e) + z * e * special.sech2(e)
    return jnp.where(x < -20.0, scaled * (1.0 + z) * _UNSCALE, jnp.where(x > 5.0, 1.0, near))


@elementwise(derivative=_tanhexp_slope)
def tanhexp(x: ArrayLike) -> jax.Array:
    r"""TanhExp.

    .. math:: x \tanh(e^x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> tanhexp(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.3521,  0.    ,  2.    ], dtype=float32)

    References:
        Liu and Di, 2020, https://arxiv.org/abs/2003.09855
    """
    z = jnp.maximum(x, -tails.FAR)
    scaled = tails.decay(jnp.minimum(z, 5.0))
    # Far left the tangent is its argument, to every digit.
    return jnp.where(x < -20.0, (z * scaled) * _UNSCALE, z * special.tanh(scaled * _UNSCALE))


def _smish_slope(x: jax.Array) -> jax.Array:
    z = tails.bounded(x)
    scaled, bell = tails.scaled_sigmoid(z), tails.scaled_bell(z)
    s = scaled * _UNSCALE
    d = 2.0 + s * (2.0 + s)
    return (scaled * (s + 2.0) / d + z * (4.0 * (s + 1.0) / (d * d)) * bell) * _UNSCALE


@elementwise(derivative=_smish_slope)
def smish(x: ArrayLike) -> jax.Array:
    r"""Smish.

    .. math:: x \tanh(\log(1 + \sigma(x)))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> smish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2338,  0.    ,  1.1184], dtype=float32)

    References:
        Wang et al., 2022, https://doi.org/10.3390/electronics11040540
    """
    # tanh(log(1 + s)) is s - s (s + s^2) / (2 + 2 s + s^2).
    scaled = tails.scaled_sigmoid(x)
    s = scaled * _UNSCALE
    gate = scaled - scaled * (s * (1.0 + s) / (2.0 + s * (2.0 + s)))
    return tails.times_scaled(jnp.where(jnp.isneginf(x), 0.0, x), gate)


def _deep(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """``2^24`` times the normal density, and Mills' ratio, for ``x`` below -12."""
    t = jnp.clip(-x, 12.0, 30.0)
    r = shared(1.0 / (t * t))
    mills = shared((1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r * (1.0 - 7.0 * r)))) / t)
    return tails.scaled_gaussian(t, 0.5) / math.sqrt(2.0 * math.pi), mills


def _zero_from(dtype: Any) -> float:
    """How far left the function and its slope are 0."""
    return 30.0 if dtype == jnp.float32 else 60.0


def _phish_slope(x: jax.Array) -> jax.Array:
    z = jnp.clip(x, -_zero_from(x.dtype), _zero_from(x.dtype))
    gate = special.gelu(z)
    near = special.tanh(gate) + z * special.sech2(gate) * special.gelu_slope(z)
    scaled, mills = _deep(z)
    far = (z * (scaled * (2.0 * mills + z))) * _UNSCALE
    deep = (z < -12.0) & (z.dtype == jnp.float32)
    # Near 0 the gate, which is x / 2, may be below the normal numbers.
    return jnp.where(jnp.abs(x) < 1e-15, x, jnp.where(deep, far, near))


@elementwise(derivative=_phish_slope)
def phish(x: ArrayLike) -> jax.Array:
    r"""Phish.

    .. math:: x \tanh(x \, \Phi(x))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> phish(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.1573, 0.    , 1.9213], dtype=float32)

    References:
        Naveen, 2022, https://doi.org/10.36227/techrxiv.17283824
    """
    z = jnp.maximum(x, -_zero_from(x.dtype))
    near = z * special.tanh(special.gelu(z))
    # Far left the gate is below the normal numbers before the product is.
    scaled, mills = _deep(z)
    far = (z * (z * (scaled * mills))) * _UNSCALE
    return jnp.where((z < -12.0) & (z.dtype == jnp.float32), far, near)


@elementwise(derivative=lambda x: special.tanh(x) + tails.bounded(x) * special.sech2(x))
def lisht(x: ArrayLike) -> jax.Array:
    r"""Linearly scaled hyperbolic tangent.

    .. math:: x \tanh(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> lisht(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.7616, 0.    , 1.9281], dtype=float32)

    References:
        Roy et al., 2019, https://arxiv.org/abs/1901.05894
    """
    return x * special.tanh(x)


def _serf_slope(x: jax.Array) -> jax.Array:
    z = tails.bounded(x)
    s = special.softplus(z)
    near = special.erf(s) + z * (_ERF_SLOPE * special.gaussian_exp(s)) * special.sigmoid(z)
    far = tails.scaled_power(jnp.minimum(z, 0.0)) * (_ERF_SLOPE + _ERF_SLOPE * z) * _UNSCALE
    return jnp.where(x < -40.0, far, near)


@elementwise(derivative=_serf_slope)
def serf(x: ArrayLike) -> jax.Array:
    r"""Serf: the input gated by the error function of its softplus.

    .. math:: x \operatorname{erf}(\log(1 + e^x))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> serf(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.3422,  0.    ,  1.9947], dtype=float32)

    References:
        Nag and Bhattacharyya, 2021, https://arxiv.org/abs/2108.09598
    """
    z = jnp.maximum(x, -tails.FAR)
    # Far left softplus is the exponential, and erf a straight line.
    far = ((_ERF_SLOPE * z) * tails.decay(jnp.minimum(z, 0.0))) * _UNSCALE
    return jnp.where(x < -40.0, far, z * special.erf(special.softplus(z)))
