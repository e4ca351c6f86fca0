"""Functions with a sine or a cosine in them."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _tails as tails
from jaxact._elementwise import elementwise
from jaxact._special import sigmoid


def _phase(omega: Any, x: Any) -> jax.Array:
    """``omega x``, kept finite where only the product is infinite."""
    z = omega * x
    return jnp.where(jnp.isinf(z) & ~jnp.isinf(x), 0.0, z)


@elementwise(derivative=lambda x, omega: omega * jnp.cos(_phase(omega, x)))
def sine(x: ArrayLike, omega: ArrayLike = 1.0) -> jax.Array:
    r"""Sine, the unit of the networks called SIREN.

    .. math:: \sin(\omega x)

    Args:
        x: input array, any shape.
        omega: the frequency; SIREN takes 30 in its first layer. Broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sine(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.8415,  0.    ,  0.9093], dtype=float32)

    References:
        Sitzmann et al., 2020, https://arxiv.org/abs/2006.09661
    """
    return jnp.sin(_phase(omega, x))


@elementwise
def cosine(x: ArrayLike) -> jax.Array:
    r"""Cosine.

    .. math:: \cos x

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> cosine(jnp.array([-1.0, 0.0, 2.0]))
        Array([ 0.5403,  1.    , -0.4161], dtype=float32)

    References:
        Rahimi and Recht, 2007,
        https://papers.nips.cc/paper/3182-random-features-for-large-scale-kernel-machines
    """
    return jnp.cos(x)


@elementwise
def gcu(x: ArrayLike) -> jax.Array:
    r"""Growing cosine unit.

    .. math:: x \cos x

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gcu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.5403,  0.    , -0.8323], dtype=float32)

    References:
        Noel et al., 2021, https://arxiv.org/abs/2108.12943
    """
    return x * jnp.cos(x)


@jax.custom_jvp
def _square_of_sum(z: jax.Array) -> jax.Array:
    """``1 + sin(2 z)``, as a square: 2 z may overflow."""
    s = jnp.sin(z) + jnp.cos(z)
    return s * s


@_square_of_sum.defjvp
def _(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    (z,), (t,) = primals, tangents
    s, c = jnp.sin(z), jnp.cos(z)
    return _square_of_sum(z), 2.0 * ((c - s) * (c + s)) * t


def _snake_by_alpha(x: jax.Array, alpha: jax.Array) -> jax.Array:
    # (z sin(2 z) - sin(z)^2) / alpha^2 with z = alpha x, which is x^2 in the limit
    safe = jnp.where(alpha == 0, 1.0, alpha)
    z = _phase(safe, x)
    wave = jnp.sin(z) / safe
    return jnp.where(alpha == 0, x * x, x * ((_square_of_sum(z) - 1.0) / safe) - wave * wave)


@elementwise(
    derivative=lambda x, alpha: _square_of_sum(_phase(alpha, x)),
    parameter_derivatives={"alpha": _snake_by_alpha},
)
def snake(x: ArrayLike, alpha: ArrayLike = 1.0) -> jax.Array:
    r"""Snake, the identity with a wave on it, for periodic data.

    .. math:: x + \frac{\sin(\alpha x)^2}{\alpha}

    Args:
        x: input array, any shape.
        alpha: the frequency; at 0 the function is the identity. Broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> snake(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2919,  0.    ,  2.8268], dtype=float32)

    References:
        Liu et al., 2020, https://arxiv.org/abs/2006.08195
    """
    s = jnp.sin(_phase(alpha, x))
    wave = s * (s / jnp.where(alpha == 0, 1.0, alpha))
    return jnp.where(jnp.isinf(x), x, x + wave)


def _sinlu_slope(x: jax.Array, a: jax.Array, b: jax.Array) -> jax.Array:
    z = _phase(b, x)
    wave = jnp.maximum(x, -tails.FAR) + a * jnp.sin(z)
    # Beyond 1000 the gate is open.
    bend = jnp.where(x < tails.FAR, wave * sigmoid(-x), 0.0)
    # 1 + a b cos(z) in the form that cancels less
    s, c = jnp.sin(0.5 * z), jnp.cos(0.5 * z)
    tilt = jnp.where(
        c * c < 0.5, (1.0 - a * b) + 2.0 * a * b * c * c, (1.0 + a * b) - 2.0 * a * b * s * s
    )
    slope = (tails.scaled_sigmoid(x) * (tilt + bend)) * tails.UNSCALE
    return jnp.where(x < -tails.FAR, 0.0, slope)


@elementwise(derivative=_sinlu_slope)
def sinlu(x: ArrayLike, a: ArrayLike = 1.0, b: ArrayLike = 1.0) -> jax.Array:
    r"""Sinu-sigmoidal linear unit.

    .. math:: (x + a \sin(b x)) \, \sigma(x)

    Args:
        x: input array, any shape.
        a: the height of the wave; broadcasts against ``x``.
        b: the frequency of the wave; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sinlu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4952,  0.    ,  2.5625], dtype=float32)

    References:
        Paul et al., 2022, https://doi.org/10.3390/math10030337
    """
    # Left of -1000 the gate is closed; an infinite x has no sine.
    near = jnp.maximum(x, -tails.FAR)
    wave = jnp.where(jnp.isinf(near), near, near + a * jnp.sin(_phase(b, near)))
    return tails.times_scaled(wave, tails.scaled_sigmoid(x))
