"""Bounded functions whose two sides saturate in ways of their own."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact import _tails as tails
from jaxact._elementwise import elementwise
from jaxact._special.core import differentiable, shared

_UNSCALE = tails.UNSCALE


@differentiable(lambda x: _sech(x))
def _gudermannian(x: Any) -> jax.Array:
    # For tiny x half of it would be below the normal numbers.
    return jnp.where(jnp.abs(x) < 1e-10, x, 2.0 * lax.atan(special.tanh(0.5 * x)))


def _sech_slope(x: jax.Array) -> jax.Array:
    return -_sech(x) * special.tanh(x)


@differentiable(_sech_slope)
def _sech(x: Any) -> jax.Array:
    e = tails.decay(-jnp.minimum(jnp.abs(x), tails.FAR))
    small = e * _UNSCALE
    return ((2.0 * e) / (1.0 + small * small)) * _UNSCALE


@elementwise(derivative=_sech)
def gudermannian(x: ArrayLike) -> jax.Array:
    r"""Gudermannian function, whose slope is the hyperbolic secant.

    .. math:: 2 \arctan(\tanh(x / 2))

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gudermannian(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.8658,  0.    ,  1.3018], dtype=float32)

    References:
        Olver et al., 2010, https://dlmf.nist.gov/4.23
    """
    return _gudermannian(x)


@elementwise(derivative=lambda x: tails.scaled_gumbel(x) * _UNSCALE)
def cloglog(x: ArrayLike) -> jax.Array:
    r"""Complementary log-log, the distribution function of Gumbel's law of minima.

    .. math:: 1 - e^{-e^x}

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> cloglog(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.3078, 0.6321, 0.9994], dtype=float32)

    References:
        Gomes and Ludermir, 2008, https://doi.org/10.21528/LNLM-vol6-no2-art4
    """
    return tails.scaled_cloglog(x) * _UNSCALE


def _soft_clipping_slope(x: jax.Array, alpha: jax.Array) -> jax.Array:
    # sigmoid(u) - sigmoid(u - alpha) = (1 - exp(-alpha)) sigmoid(u) sigmoid(alpha - u)
    inside = jnp.abs(alpha * x) < tails.FAR
    x = jnp.where(inside, x, 0.0)
    u, low = tails.product(alpha, x)
    low = jnp.zeros_like(u) if low is None else low
    left = x <= 0.5
    outer = tails.scaled_sigmoid(jnp.where(left, u, -u), jnp.where(left, low, alpha - low))
    u = u + low
    inner = special.sigmoid(jnp.where(left, alpha - u, u))
    return jnp.where(inside, ((-special.expm1(-alpha) * outer) * inner) * _UNSCALE, 0.0)


@elementwise(derivative=_soft_clipping_slope)
def soft_clipping(x: ArrayLike, alpha: ArrayLike = 1.0) -> jax.Array:
    r"""Soft clipping to the interval from 0 to 1.

    .. math:: \frac{1}{\alpha} \log \frac{1 + e^{\alpha x}}{1 + e^{\alpha (x - 1)}}

    Args:
        x: input array, any shape.
        alpha: the sharpness of both bends, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> soft_clipping(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.1863, 0.3799, 0.8137], dtype=float32)

    References:
        Klimek and Perelstein, 2020, https://arxiv.org/abs/1810.11509
    """
    # One half for alpha = 0; the function is symmetric about one half.
    safe = jnp.where(alpha == 0, 1.0, alpha)
    left = x <= 0.5
    v = jnp.where(left, x, 1.0 - x)
    w = special.exp(jnp.where(safe * v < 40.0, safe * v, 40.0))
    z = shared(-special.expm1(-safe) * w / (1.0 + special.exp(safe * (v - 1.0))))
    logarithm = jnp.where(z < 1.0, special.log1p(jnp.where(z < 1.0, z, 1.0)), jnp.log1p(z))
    y = jnp.where(safe * v < 40.0, logarithm / safe, v)
    return jnp.where(alpha == 0, 0.5, jnp.where(left, y, 1.0 - y))


def _hexpo_slope(x: jax.Array, **parameters: jax.Array) -> jax.Array:
    height, scale = _hexpo_side(x, **parameters)
    inside, t, scale = tails.within(jnp.abs(x), scale)
    e = tails.scaled_power(*tails.quotient(-t, scale))
    return jnp.where(inside, ((height / scale) * e) * _UNSCALE, 0.0)


def _hexpo_side(x: Any, a: Any, b: Any, c: Any, d: Any) -> tuple[jax.Array, jax.Array]:
    return jnp.where(x >= 0, a, c), jnp.where(x >= 0, b, d)


@elementwise(derivative=_hexpo_slope)
def hexpo(
    x: ArrayLike, a: ArrayLike = 1.0, b: ArrayLike = 1.0, c: ArrayLike = 1.0, d: ArrayLike = 1.0
) -> jax.Array:
    r"""Hexpo, an exponential decay towards a limit on each side. Its slope at 0 is a/b.

    .. math:: -a (e^{-x / b} - 1) \text{ if } x \ge 0 \text{ else } c (e^{x / d} - 1)

    Args:
        x: input array, any shape.
        a: the limit at plus infinity; broadcasts against ``x``.
        b: the width on the right, positive; broadcasts against ``x``.
        c: minus the limit at minus infinity; broadcasts against ``x``.
        d: the width on the left, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hexpo(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.6321,  0.    ,  0.8647], dtype=float32)

    References:
        Kong and Takatsuka, 2017, https://doi.org/10.1109/IJCNN.2017.7966168
    """
    height, scale = _hexpo_side(x, a, b, c, d)
    inside, t, scale = tails.within(jnp.abs(x), scale)
    y = height * jnp.where(inside, -special.expm1(shared(-t / scale)), 1.0)
    return jnp.where(x >= 0, y, -y)
