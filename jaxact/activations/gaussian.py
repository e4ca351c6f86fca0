"""The normal distribution's functions, and units gated by it."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import math

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact import _tails as tails
from jaxact._elementwise import elementwise
from jaxact._mistakes import check_setting

_SQRT_2 = math.sqrt(2.0)
_FAR = 40.0


def _gaussian_slope(x: jax.Array) -> jax.Array:
    return -2.0 * tails.bounded(x) * tails.scaled_gaussian(x, 1.0) * tails.UNSCALE


@elementwise(derivative=_gaussian_slope)
def gaussian(x: ArrayLike) -> jax.Array:
    r"""Gaussian bell.

    .. math:: e^{-x^2}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gaussian(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.3679, 1.    , 0.0183], dtype=float32)

    References:
        Broomhead and Lowe, 1988, https://apps.dtic.mil/sti/citations/ADA196234
    """
    return special.gaussian_exp(x)


@elementwise(
    derivative=lambda x: 2.0 / math.sqrt(math.pi) * tails.scaled_gaussian(x, 1.0) * tails.UNSCALE
)
def erf(x: ArrayLike) -> jax.Array:
    r"""Error function.

    .. math:: \frac{2}{\sqrt \pi} \int_0^x e^{-t^2} \, dt

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> erf(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.8427,  0.    ,  0.9953], dtype=float32)

    References:
        Saad and Solla, 1995, https://doi.org/10.1103/PhysRevE.52.4225
    """
    return special.erf(x)


def _standard(x: jax.Array, mu: jax.Array, sigma: jax.Array) -> tuple[jax.Array, jax.Array]:
    """``(x - mu) / sigma`` as a float32 and a correction, cut to where the tails are not 0."""
    x = jnp.clip(x, mu - _FAR * sigma, mu + _FAR * sigma)
    difference = x - mu
    # What rounding took from the difference (Knuth), then from the quotient.
    virtual = x - difference
    lost = (x - (difference + virtual)) + (virtual - mu)
    z, low = tails.quotient(difference, sigma)
    rest = lost / sigma
    return z, jax.lax.stop_gradient(rest if low is None else low + rest)


def _laplace_slope(x: jax.Array, mu: jax.Array, sigma: jax.Array) -> jax.Array:
    z, low = _standard(x, mu, sigma)
    density = tails.scaled_gaussian(z, 0.5) / math.sqrt(2.0 * math.pi)
    return density * ((1.0 - z * low) / sigma) * tails.UNSCALE


@elementwise(derivative=_laplace_slope)
def laplace(x: ArrayLike, mu: ArrayLike = 0.707107, sigma: ArrayLike = 0.282095) -> jax.Array:
    r"""Laplace function, a gate between 0 and 1: a normal distribution function.

    .. math:: \frac{1}{2} \left(1 + \operatorname{erf} \frac{x - \mu}{\sqrt 2 \, \sigma}\right)

    Args:
        x: input array, any shape.
        mu: where it is one half; broadcasts against ``x``.
        sigma: width, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> laplace(jnp.array([0.0, 0.707107, 1.0]))
        Array([0.0061, 0.5   , 0.8504], dtype=float32)

    References:
        Ma et al., 2022, https://arxiv.org/abs/2209.10655
    """
    z, low = _standard(x, mu, sigma)
    return special.normal_cdf(z) + low * special.normal_density(z)


@elementwise(derivative=special.gelu_slope)
def gelu_exact(x: ArrayLike) -> jax.Array:
    r"""Gaussian error linear unit, by the error function.

    .. math:: x \, \Phi(x) = \frac{x}{2} \operatorname{erfc}\left(\frac{-x}{\sqrt 2}\right)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gelu_exact(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1587,  0.    ,  1.9545], dtype=float32)

    References:
        Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    return special.gelu(x)


@elementwise(derivative=special.gelu_tanh_slope)
def gelu_tanh(x: ArrayLike) -> jax.Array:
    r"""Gaussian error linear unit, by the tanh approximation of its paper.

    .. math:: \frac{x}{2} \left(1 + \tanh\left(\sqrt{2 / \pi} \, (x + 0.044715 x^3)\right)\right)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gelu_tanh(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1588,  0.    ,  1.9546], dtype=float32)

    References:
        Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    return special.gelu_tanh(x)


def gelu(x: ArrayLike, approximate: bool = True) -> jax.Array:
    r"""Gaussian error linear unit, with the signature and the default of ``jax.nn.gelu``.

    .. math:: x \, \Phi(x) \approx x \, \sigma(\sqrt{8 / \pi} \, (x + 0.044715 x^3))

    Args:
        x: input array, any shape.
        approximate: whether to use :func:`gelu_tanh`; else :func:`gelu_exact`.

    Returns:
        Array with the shape and dtype of ``x``.

    Raises:
        TypeError: if ``approximate`` is not a boolean, such as PyTorch's ``"tanh"``.

    Example:
        >>> gelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1588,  0.    ,  1.9546], dtype=float32)
        >>> gelu(jnp.array([-1.0, 0.0, 2.0]), approximate=False)
        Array([-0.1587,  0.    ,  1.9545], dtype=float32)

    References:
        Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    check_setting("gelu", "approximate", approximate, True)
    return gelu_tanh(x) if approximate else gelu_exact(x)


def _clipped_gelu_slope(x: jax.Array, minimum: jax.Array, maximum: jax.Array) -> jax.Array:
    y = special.gelu(x)
    return jnp.where((y >= minimum) & (y <= maximum), special.gelu_slope(x), 0.0)


@elementwise(derivative=_clipped_gelu_slope)
def clipped_gelu(x: ArrayLike, minimum: ArrayLike = -10.0, maximum: ArrayLike = 10.0) -> jax.Array:
    r"""Gaussian error linear unit between two bounds, for integers of few bits.

    .. math:: \min(\max(x \, \Phi(x), l), u)

    Args:
        x: input array, any shape.
        minimum: the lower bound l; broadcasts against ``x``.
        maximum: the upper bound u; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> clipped_gelu(jnp.array([-1.0, 0.0, 20.0]))
        Array([-0.1587,  0.    , 10.    ], dtype=float32)

    References:
        Wu et al., 2020, https://arxiv.org/abs/2004.09602
    """
    return jnp.clip(special.gelu(x), minimum, maximum)


def _smu_gate(x: jax.Array, alpha: jax.Array, mu: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Argument of the gate's normal distribution, and whether it is shut or open for good."""
    scale = _SQRT_2 * mu * (1.0 - alpha)
    # There the slopes are 0 and must not meet numbers that overflow.
    settled = jnp.abs(scale * x) >= _FAR
    return scale * jnp.where(settled, 0.0, x), settled


def _smu_slope(x: jax.Array, alpha: jax.Array, mu: jax.Array) -> jax.Array:
    gate, settled = _smu_gate(x, alpha, mu)
    share = jnp.where(settled, jnp.where(x > 0, 1.0, 0.0), special.gelu_slope(gate))
    return alpha + (1.0 - alpha) * share


@elementwise(derivative=_smu_slope)
def smu(x: ArrayLike, alpha: ArrayLike = 0.25, mu: ArrayLike = 1.0) -> jax.Array:
    r"""Smooth maximum unit: a smooth leaky rectifier.

    .. math:: \frac{1}{2} \left((1 + a) x + (1 - a) x \operatorname{erf}(\mu (1 - a) x)\right)

    Args:
        x: input array, any shape.
        alpha: the slope a for negative inputs; broadcasts against ``x``.
        mu: sharpness of the bend, for networks to train; broadcasts against ``x``. Published code
            starts at 1000000, all but a leaky rectifier, or at 2.5; 1 makes a smooth start.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> smu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.3583,  0.    ,  1.9746], dtype=float32)

    References:
        Biswas et al., 2021, https://arxiv.org/abs/2111.04682
    """
    # (1 + erf(u)) / 2 is the normal distribution function at sqrt(2) u, which does not cancel.
    gate, settled = _smu_gate(x, alpha, mu)
    share = jnp.where(settled, jnp.where(x > 0, 1.0, 0.0), special.normal_cdf(gate))
    share = alpha + (1.0 - alpha) * share
    return jnp.where(share == 0, 0.0, x * share)
