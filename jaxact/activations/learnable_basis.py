"""Sums of basis functions with learnable weights, and a quotient of two."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses, and tuples become arrays.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._lines import times
from jaxact._special.core import shared
from jaxact._tails import FAR, UNSCALE, quotient, scaled_power


@jax.custom_jvp
def _polynomial(coefficients, x):
    """The sum of the coefficients times 1, x, x^2 and so on; absent terms stay so at infinity."""
    y = jnp.zeros_like(x)
    for c in coefficients[::-1]:
        y = times(y, x) + c
    return y


@_polynomial.defjvp
def _(primals, tangents):
    # Powers that overflow on the way back would meet coefficients that are 0.
    (coefficients, x), (moves, tangent) = primals, tangents
    y = jnp.zeros_like(x)
    for move in moves[::-1]:
        y = y * x + move
    slope = _polynomial(_weighted(coefficients)[1:], x)
    return _polynomial(coefficients, x), slope * tangent + y


def _weighted(coefficients, less=0):
    """Those of x times the derivative, less a multiple of the polynomial."""
    return [(k - less) * c for k, c in enumerate(coefficients)]


def _leading(coefficients, terms, inverse):
    """The polynomial with these terms over its highest power, from 1 / x; that power.

    Terms whose coefficient is 0 are absent, so that the highest are found.
    """
    y, step, degree = jnp.zeros_like(inverse), inverse, jnp.zeros_like(inverse)
    for k, (c, term) in enumerate(zip(coefficients, terms, strict=True)):
        there = c != 0
        y = jnp.where(there, term + step * y, y)
        step = jnp.where(there, inverse, step * inverse)
        degree = jnp.where(there, float(k), degree)
    return y, degree


def _whole_power(x, n, largest):
    """``x^n`` for whole ``n`` of at most a size, without an overflow on the way."""
    y, base = jnp.ones_like(x), jnp.where(n < 0, shared(1.0 / x), x)
    for k in range(largest):
        y = y * jnp.where(k < jnp.abs(n), base, 1.0)
    return y


def _quotient(x, numerator, denominator):
    """Value and slope of the quotient."""
    top, bottom = list(numerator), [jnp.ones_like(x), *(jnp.abs(b) for b in denominator)]
    most = max(len(top), len(bottom))
    # The powers overflow far out; there the quotient is one of polynomials in 1 / x.
    near = jnp.abs(x) < 0.25 * float(jnp.finfo(x.dtype).max) ** (1.0 / most)
    u = jnp.where(near | jnp.isnan(x), x, 1.0)
    q = _polynomial(bottom, jnp.abs(u))
    y = shared(_polynomial(top, u) / q)
    q_slope = jnp.sign(u) * _polynomial(_weighted(bottom)[1:], jnp.abs(u))
    slope = (_polynomial(_weighted(top)[1:], u) - y * q_slope) / q
    u = jnp.where(near, 1.0, x)
    # Of x times the derivatives only what goes beyond the degree times the polynomial.
    inverse = shared(1.0 / u)
    p, degree = _leading(top, top, inverse)
    px, _ = _leading(top, _weighted(top, degree), inverse)
    q, low = _leading(bottom, bottom, jnp.abs(inverse))
    qx, _ = _leading(bottom, _weighted(bottom, low), jnp.abs(inverse))
    ratio = shared(p / q)
    turn = jnp.where((u < 0) & (low % 2 == 1), -1.0, 1.0)
    power, lower = (_whole_power(u, degree - low - k, most) for k in (0, 1))
    far_y = times(turn * ratio, power)
    far_slope = times(turn * ((degree - low) * ratio + (px - ratio * qx) / q), lower)
    beyond = ~near & ~jnp.isnan(x)
    return jnp.where(beyond, far_y, y), jnp.where(beyond, far_slope, slope)


@elementwise(derivative=lambda x, numerator, denominator: _quotient(x, numerator, denominator)[1])
def rational(
    x: ArrayLike,
    numerator: tuple[ArrayLike, ...] = (
        0.029792778657264946,
        0.6183735264987601,
        2.323309062531321,
        3.051936237265109,
        1.4854203263828845,
        0.2510244961111299,
    ),
    denominator: tuple[ArrayLike, ...] = (
        -1.1419548357285474,
        4.393159974992486,
        0.8714712309957245,
        0.34719662339598834,
    ),
) -> jax.Array:
    r"""Safe Pade activation unit; the default fits leaky relu. Its slope at 0 is :math:`a_1`.

    .. math:: \frac{\sum_i a_i x^i}{1 + \sum_{i \ge 1} |b_i x^i|}

    Args:
        x: input array, any shape.
        numerator: the :math:`a_i` from 0 on, stacked; each broadcasts against ``x``.
        denominator: the :math:`b_i` from 1 on, stacked.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> rational(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.0107,  0.0298,  2.0002], dtype=float32)

    References:
        Molina et al., 2020, https://arxiv.org/abs/1907.06732
    """
    return _quotient(x, numerator, denominator)[0]


@elementwise(
    derivative=lambda x, coefficients: (
        _polynomial(_weighted(coefficients)[1:], x) + jnp.zeros_like(x)
    )
)
def slaf(
    x: ArrayLike, coefficients: tuple[ArrayLike, ...] = (0.0, 1.0, 0.0, 0.0, 0.0)
) -> jax.Array:
    r"""Self-learnable activation function: a polynomial. It starts as the identity.

    .. math:: \sum_i a_i x^i

    Args:
        x: input array, any shape.
        coefficients: the :math:`a_i` from 0 on, stacked; each broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> slaf(jnp.array([-1.0, 0.0, 2.0]), coefficients=(0.0, 1.0, 0.5))
        Array([-0.5,  0. ,  4. ], dtype=float32)

    References:
        Goyal et al., 2019, https://arxiv.org/abs/1906.09529
    """
    return _polynomial(list(coefficients), x)


def _bells(x, weights, left, right, gamma):
    """Sums of the weighted bells, and of these times the distance to their centres."""
    near = jnp.abs(x) < 1e15
    u = jnp.where(near | jnp.isnan(x), x, 0.0)
    gaps = max(len(weights) - 1, 1)
    total = moment = jnp.zeros_like(x)
    for k, weight in enumerate(weights):
        # Centres in two parts: their rounding would be felt where the weights are large.
        high, low = quotient(left * (gaps - k) + right * k, jnp.full_like(left, gaps))
        distance = u - high if low is None else (u - high) - low
        bell = weight * scaled_power(jnp.maximum(-gamma * (distance * distance), -FAR))
        total, moment = total + bell, moment + bell * distance
    outside = ~near & ~jnp.isnan(x)
    return jnp.where(outside, 0.0, total) * UNSCALE, jnp.where(outside, 0.0, moment)


def _kaf_slope(x, weights, left, right, gamma):
    return (-2.0 * gamma * _bells(x, weights, left, right, gamma)[1]) * UNSCALE


# fmt: off
_ELU_WEIGHTS = (
    -1.2205, 0.8083, -0.6591, -0.2606, -0.0116, -0.24, -0.2441, -0.0708, 0.0145, -0.4071,
    0.3316, 0.096, -0.0131, 0.357, 0.6443, -0.2778, 0.6183, 2.3021, -3.2785, 4.4195,
)
# fmt: on


@elementwise(derivative=_kaf_slope)
def kaf(
    x: ArrayLike,
    weights: tuple[ArrayLike, ...] = _ELU_WEIGHTS,
    left: ArrayLike = -3.0,
    right: ArrayLike = 3.0,
    gamma: ArrayLike = 1.6712962962962963,
) -> jax.Array:
    r"""Kernel activation function: Gaussian bells on a line; the default fits elu.

    .. math:: \sum_i w_i e^{-\gamma (x - d_i)^2}

    Args:
        x: input array, any shape.
        weights: the :math:`w_i`, stacked; each broadcasts against ``x``.
        left: the first centre; the others, as many as weights, follow at equal distances.
        right: the last centre.
        gamma: inverse squared width of the bells, positive.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> kaf(jnp.array([-1.0, 1.0, 2.0]))
        Array([-0.63  ,  0.9982,  1.9979], dtype=float32)

    References:
        Scardapane et al., 2019, https://arxiv.org/abs/1707.04035
    """
    return _bells(x, weights, left, right, gamma)[0]
