"""Units gated by a sigmoid of their input."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact import _tails as tails
from jaxact._elementwise import elementwise
from jaxact._special import exp, expm1, sigmoid, softplus, tanh

_FAR, _SCALE = tails.FAR, tails.SCALE
_QUICK = 1.702


@elementwise(derivative=tails.silu_slope)
def silu(x: ArrayLike) -> jax.Array:
    r"""Sigmoid linear unit, also called swish.

    .. math:: x \, \sigma(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> silu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.2689,  0.    ,  1.7616], dtype=float32)

    References:
        Elfwing et al., 2018, https://arxiv.org/abs/1702.03118
    """
    return tails.silu(x)


swish = silu


@elementwise(
    derivative=lambda x: tails.silu_slope(*tails.product(_QUICK, tails.bounded(x))),
)
def quick_gelu(x: ArrayLike) -> jax.Array:
    r"""Gaussian error linear unit, by the sigmoid approximation of its paper.

    .. math:: x \, \sigma(1.702 \, x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> quick_gelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.1542,  0.    ,  1.9357], dtype=float32)

    References:
        Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
    """
    t = jnp.minimum(jnp.abs(x), _FAR)
    return tails.logistic_gate(x, t, tails.decay(*tails.product(-_QUICK, t)))


def _inside(beta: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Where the gate of ``beta x`` is neither open nor closed, and ``x`` there, else 0."""
    inside = ~(jnp.abs(beta * x) >= _FAR)
    return inside, jnp.where(inside & ~jnp.isinf(x), x, 0.0)


def _swish_slope(x: jax.Array, beta: jax.Array) -> jax.Array:
    inside, near = _inside(beta, x)
    open_gate = jnp.where(beta * x > 0, 1.0, 0.0)
    return jnp.where(inside, tails.silu_slope(*tails.product(beta, near)), open_gate)


@jax.custom_jvp
def _square_times_bell(x: jax.Array, z: jax.Array) -> jax.Array:
    return x * tails.times_scaled(x, tails.scaled_bell(z))


@_square_times_bell.defjvp
def _(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    x, z = primals
    bell = tails.scaled_bell(z)
    # The square may overflow where the bell's own slope is 0.
    by_z = x * tails.times_scaled(x, -bell * tanh(0.5 * z))
    step = 2.0 * tails.times_scaled(x, bell) * tangents[0] + by_z * tangents[1]
    return _square_times_bell(x, z), step


def _swish_by_beta(x: jax.Array, beta: jax.Array) -> jax.Array:
    inside, near = _inside(beta, x)
    return jnp.where(inside, _square_times_bell(near, beta * near), 0.0)


@elementwise(derivative=_swish_slope, parameter_derivatives={"beta": _swish_by_beta})
def swish_beta(x: ArrayLike, beta: ArrayLike = 1.0) -> jax.Array:
    r"""Swish with a slope of its gate: linear at 0, a rectifier for large ones.

    .. math:: x \, \sigma(\beta x)

    Args:
        x: input array, any shape.
        beta: the steepness of the gate; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> swish_beta(jnp.array([-1.0, 0.0, 2.0]), beta=2.0)
        Array([-0.1192,  0.    ,  1.964 ], dtype=float32)

    References:
        Ramachandran et al., 2017, https://arxiv.org/abs/1710.05941
    """
    inside, near = _inside(beta, x)
    gated = tails.times_scaled(x, tails.scaled_sigmoid(*tails.product(beta, near)))
    return jnp.where(inside, gated, jnp.where(beta * x > 0, x, 0.0))


@elementwise(
    derivative=lambda x, beta: tails.silu_slope(x, None, beta),
    parameter_derivatives={"beta": lambda x, beta: tails.silu(x)},
)
def e_swish(x: ArrayLike, beta: ArrayLike = 1.5) -> jax.Array:
    r"""E-swish, swish times a constant.

    .. math:: \beta x \, \sigma(x)

    Args:
        x: input array, any shape.
        beta: the slope at plus infinity; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> e_swish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4034,  0.    ,  2.6424], dtype=float32)

    References:
        Alcaide, 2018, https://arxiv.org/abs/1801.07145
    """
    t = jnp.minimum(jnp.abs(x), _FAR)
    e = tails.decay(-t)
    right = jnp.where(beta == 0, 0.0, beta * jnp.maximum(x, -0.0))
    return right - ((beta * t) * e) / (_SCALE + e)


def _elish_slope(x: jax.Array) -> jax.Array:
    e = exp(jnp.where(x < 0, x, 0.0))
    left = e * ((e * (e + 2.0) - 1.0) / ((1.0 + e) * (1.0 + e)))
    return jnp.where(x >= 0, tails.silu_slope(x), left)


@elementwise(derivative=_elish_slope)
def elish(x: ArrayLike) -> jax.Array:
    r"""Exponential linear sigmoid squashing. Its slope at 0 is 1/2 from both sides.

    .. math:: x \, \sigma(x) \text{ if } x \ge 0 \text{ else } (e^x - 1) \, \sigma(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> elish(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.17  ,  0.    ,  1.7616], dtype=float32)

    References:
        Basirat and Roth, 2018, https://arxiv.org/abs/1808.00783
    """
    t = jnp.minimum(jnp.abs(x), _FAR)
    e = tails.decay(-t)
    return jnp.where(x < 0, expm1(-t) * (e / (_SCALE + e)), tails.logistic_gate(x, t, e))


@jax.custom_jvp
def _power_of_sigmoid(z: jax.Array, alpha: jax.Array) -> jax.Array:
    """``2^24 sigmoid(z)^alpha``."""
    left = tails.decay(*tails.product(alpha, jnp.minimum(z, 0.0)))
    return left * exp(-alpha * softplus(-jnp.abs(z)))


@_power_of_sigmoid.defjvp
def _(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    z, alpha = primals
    p = _power_of_sigmoid(z, alpha)
    by_z, by_alpha = p * (alpha * sigmoid(-z)), -p * softplus(-z)
    return p, by_z * tangents[0] + by_alpha * tangents[1]


def _aria2_slope(x: jax.Array, alpha: jax.Array, beta: jax.Array) -> jax.Array:
    inside, near = _inside(beta, x)
    z = beta * near
    slope = (_power_of_sigmoid(z, alpha) * (1.0 + alpha * z * sigmoid(-z))) * tails.UNSCALE
    return jnp.where(inside, slope, jnp.where(beta * x > 0, 1.0, 0.0))


@elementwise(derivative=_aria2_slope)
def aria2(x: ArrayLike, alpha: ArrayLike = 1.5, beta: ArrayLike = 2.0) -> jax.Array:
    r"""ARiA2, a unit gated by a special case of Richards' curve.

    .. math:: x \, (1 + e^{-\beta x})^{-\alpha}

    Args:
        x: input array, any shape.
        alpha: the power of the gate; broadcasts against ``x``.
        beta: the steepness of the gate; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> aria2(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.0412,  0.    ,  1.9463], dtype=float32)

    References:
        Patwardhan et al., 2018, https://arxiv.org/abs/1805.08878
    """
    inside, near = _inside(beta, x)
    gated = tails.times_scaled(x, _power_of_sigmoid(beta * near, alpha))
    return jnp.where(inside, gated, jnp.where(beta * x > 0, x, 0.0))
