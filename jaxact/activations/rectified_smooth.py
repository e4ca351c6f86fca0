"""Smooth rectifiers without an exponential."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._special.core import leading, soft_sign_slope
from jaxact._special.roots import isru, isru_slope, squareplus_slope
from jaxact._special.roots import squareplus as squareplus_value


@elementwise(derivative=lambda x: 2.0 * jnp.maximum(x, 0.0))
def relu_squared(x: ArrayLike) -> jax.Array:
    r"""Square of relu.

    .. math:: \max(x, 0)^2

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> relu_squared(jnp.array([-1.0, 0.0, 2.0]))
        Array([0., 0., 4.], dtype=float32)

    References:
        So et al., 2021, https://arxiv.org/abs/2109.08668
    """
    return jnp.maximum(x, 0.0) * jnp.maximum(x, 0.0)


@elementwise(
    derivative=lambda x, scale, bias: 2.0 * scale * jnp.maximum(x, 0.0),
    parameter_derivatives={
        "scale": lambda x, scale, bias: jnp.maximum(x, 0.0) * jnp.maximum(x, 0.0),
        "bias": lambda x, scale, bias: jnp.ones_like(x),
    },
)
def star_relu(x: ArrayLike, scale: ArrayLike = 0.8944, bias: ArrayLike = -0.4472) -> jax.Array:
    r"""Squared relu with mean 0 and variance 1 for normal inputs.

    .. math:: s \max(x, 0)^2 + b

    Args:
        x: input array, any shape.
        scale: the factor s; broadcasts against ``x``.
        bias: the summand b; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> star_relu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.4472, -0.4472,  3.1304], dtype=float32)

    References:
        Yu et al., 2022, https://arxiv.org/abs/2210.13452
    """
    r = jnp.maximum(x, 0.0)
    # Where the square all but cancels the bias, its last bits count.
    head = leading(r, 12) if r.dtype == jnp.float32 else r
    tail = r - head
    shift = bias / jnp.where(scale == 0, 1.0, scale)
    near = scale * (((head * head + shift) + 2.0 * head * tail) + tail * tail)
    # A small scale keeps finite what the square alone would not.
    return jnp.where((r > 2.0**30) | (scale == 0), (scale * r) * r + bias, near)


@elementwise(
    derivative=lambda x, beta: jnp.where(x > 0, beta / (1.0 + beta * jnp.maximum(x, 0.0)), 0.0),
    parameter_derivatives={"beta": lambda x, beta: _nlrelu_by_beta(x, beta)},
)
def nlrelu(x: ArrayLike, beta: ArrayLike = 1.0) -> jax.Array:
    r"""Natural logarithm of relu. Its slope at 0 is 0.

    .. math:: \log(1 + \beta \max(x, 0))

    Args:
        x: input array, any shape.
        beta: slope at 0 from the right, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> nlrelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.    , 0.    , 1.0986], dtype=float32)

    References:
        Liu et al., 2019, https://arxiv.org/abs/1908.03682
    """
    return jnp.log1p(beta * jnp.maximum(x, 0.0))


@elementwise(derivative=lambda x, alpha: jnp.where(x >= 0, 1.0, alpha * soft_sign_slope(x)))
def sign_relu(x: ArrayLike, alpha: ArrayLike = 1.0) -> jax.Array:
    r"""Relu with a negative part that saturates like softsign. Its slope at 0 is 1.

    .. math:: x \text{ if } x \ge 0 \text{ else } \frac{\alpha x}{1 + |x|}

    Args:
        x: input array, any shape.
        alpha: minus the limit at minus infinity; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sign_relu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.5,  0. ,  2. ], dtype=float32)

    References:
        Lin and Shen, 2018, https://doi.org/10.1016/j.procs.2018.04.239
    """
    # Beyond 1e20 the quotient is -1 to every digit.
    negative = jnp.clip(x, -1e20, 0.0)
    return jnp.where(x >= 0, x, alpha * (negative / (1.0 - negative)))


@elementwise(
    derivative=lambda x, alpha: jnp.where(x >= 0, 1.0, isru_slope(jnp.minimum(x, 0.0), alpha)),
)
def isrlu(x: ArrayLike, alpha: ArrayLike = 1.0) -> jax.Array:
    r"""Inverse square root linear unit.

    .. math:: x \text{ if } x \ge 0 \text{ else } \frac{x}{\sqrt{1 + \alpha x^2}}

    Args:
        x: input array, any shape.
        alpha: inverse square of the limit at minus infinity, positive; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> isrlu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.7071,  0.    ,  2.    ], dtype=float32)

    References:
        Carlile et al., 2017, https://arxiv.org/abs/1710.09967
    """
    return jnp.where(x >= 0, x, isru(jnp.minimum(x, 0.0), alpha))


@elementwise(
    derivative=lambda x: jnp.clip(0.5 * x + 0.5, 0.0, 1.0),
    from_output=lambda y: _root_up_to(y, 1.0),
)
def sparse_plus(x: ArrayLike) -> jax.Array:
    r"""Softplus that is 0 below -1 and linear above 1, the integral of sparse_sigmoid.

    .. math:: \frac{(x + 1)^2}{4} \text{ if } |x| < 1 \text{ else } \max(x, 0)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sparse_plus(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.  , 0.25, 2.  ], dtype=float32)

    References:
        Blondel et al., 2020, https://arxiv.org/abs/1901.02324
    """
    inner = jnp.clip(x, -1.0, 1.0) + 1.0
    return jnp.where(x >= 1, x, 0.25 * (inner * inner))


@elementwise(
    derivative=lambda x, beta: _smelu_rise(x, beta),
    from_output=lambda y, beta: _root_up_to(y, beta),
    parameter_derivatives={"beta": lambda x, beta: _smelu_by_beta(x, beta)},
)
def smelu(x: ArrayLike, beta: ArrayLike = 1.0) -> jax.Array:
    r"""Smooth relu: a parabola in place of the kink.

    .. math:: \frac{(x + \beta)^2}{4 \beta} \text{ if } |x| < \beta \text{ else } \max(x, 0)

    Args:
        x: input array, any shape.
        beta: half the width of the bend; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> smelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.  , 0.25, 2.  ], dtype=float32)

    References:
        Shamir et al., 2020, https://arxiv.org/abs/2010.09931
    """
    rise = _smelu_rise(x, beta)
    return jnp.where(x >= beta, x, beta * (rise * rise))


@elementwise(
    derivative=lambda x, b: squareplus_slope(squareplus_value(x, b), b),
    from_output=lambda y, b: squareplus_slope(y, b),
)
def squareplus(x: ArrayLike, b: ArrayLike = 4.0) -> jax.Array:
    r"""Squareplus, an algebraic softplus.

    .. math:: \frac{x + \sqrt{x^2 + b}}{2}

    Args:
        x: input array, any shape.
        b: roundness of the bend; 0 gives relu; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> squareplus(jnp.array([-1.0, 0.0, 2.0]))
        Array([0.618 , 1.    , 2.4142], dtype=float32)

    References:
        Barron, 2021, https://arxiv.org/abs/2112.11687
    """
    return squareplus_value(x, b)


def _nlrelu_by_beta(x: jax.Array, beta: jax.Array) -> jax.Array:
    """``x / (1 + beta x)``, which is ``1 / beta`` to every digit long before 1e18."""
    r = jnp.clip(x, 0.0, 1e18)
    return r / (1.0 + beta * r)


def _smelu_rise(x: Any, beta: Any) -> jax.Array:
    """The slope of smelu: from 0 at ``-beta`` to 1 at ``beta``."""
    inner = jnp.clip(x, -beta, beta) + beta
    return jnp.where(
        beta == 0, jnp.heaviside(x, 0.0), inner / jnp.where(beta == 0, 1.0, 2.0 * beta)
    )


def _smelu_by_beta(x: jax.Array, beta: jax.Array) -> jax.Array:
    rise = _smelu_rise(x, beta)
    return rise * (1.0 - rise)


def _root_up_to(y: jax.Array, beta: ArrayLike) -> jax.Array:
    """``sqrt(y / beta)`` between 0 and ``beta``, where it is 1; its slope at 0 counts as 0."""
    bent = (y > 0) & (y < beta)
    return jnp.where(bent, jnp.sqrt(jnp.where(bent, y / beta, 1.0)), jnp.where(y > 0, 1.0, 0.0))
