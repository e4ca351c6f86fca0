"""Functions with noise: the key of the random numbers is an argument, so they stay pure.

Without a key, and without ``deterministic=True``, they raise a ValueError.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from jaxact import _special as special
from jaxact._arrays import array_function, compute_dtype, wide
from jaxact._elementwise import elementwise
from jaxact.activations._noise import gumbel, keeps_slope, logistic, normal, together, uniform
from jaxact.activations._slices import select
from jaxact.activations.axiswise import hardmax
from jaxact.activations.rectified import leaky_relu, relu
from jaxact.activations.simplex import softmax

_random = functools.partial(array_function, static=("deterministic",))


@_random
def rrelu(
    x: ArrayLike,
    key: ArrayLike | None = None,
    lower: ArrayLike = 0.125,
    upper: ArrayLike = 0.3333333333333333,
    deterministic: bool = False,
) -> jax.Array:
    r"""Randomized leaky rectifier: every negative entry draws its own slope.

    .. math:: x \text{ if } x \ge 0 \text{ else } r x, \quad r \sim U(l, u)

    Args:
        x: input array, any shape.
        key: key of the random numbers; needed unless ``deterministic``.
        lower: the lower end l of the slopes.
        upper: the upper end u of the slopes.
        deterministic: whether the slope is the mean (l + u) / 2, for inference.

    Returns:
        Array with the shape and dtype of ``x``. The slope at 0 is 1.

    Example:
        >>> rrelu(jnp.array([-1.0, 0.0, 2.0]), deterministic=True)
        Array([-0.2292,  0.    ,  2.    ], dtype=float32)

    References:
        Xu et al., 2015, https://arxiv.org/abs/1505.00853
    """
    x, lower, upper = together(x, lower, upper)
    if deterministic:
        return leaky_relu(x, 0.5 * (lower + upper))
    return _scaled_below(x, uniform("rrelu", x, key), lower, upper)


@_random
def noisy_relu(
    x: ArrayLike, key: ArrayLike | None = None, sigma: ArrayLike = 1.0, deterministic: bool = False
) -> jax.Array:
    r"""Rectifier of the input with normal noise added.

    .. math:: \max(x + \sigma n, 0), \quad n \sim N(0, 1)

    Args:
        x: input array, any shape.
        key: key of the random numbers; needed unless ``deterministic``.
        sigma: standard deviation of the noise; the paper takes the root of the sigmoid of ``x``.
        deterministic: whether to leave the noise out, for inference.

    Returns:
        Array with the shape and dtype of ``x``. The slope where the value is 0 is 0.

    Example:
        >>> noisy_relu(jnp.array([-1.0, 0.0, 2.0]), deterministic=True)
        Array([0., 0., 2.], dtype=float32)

    References:
        Nair and Hinton, 2010, https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf
    """
    x, sigma = together(x, sigma)
    if deterministic:
        return relu(x)
    z = wide(x) + sigma * normal("noisy_relu", x, key)
    return select(~(z <= 0), z)


@_random
def prob_act(
    x: ArrayLike, key: ArrayLike | None = None, sigma: ArrayLike = 1.0, deterministic: bool = False
) -> jax.Array:
    r"""ProbAct: a rectifier with normal noise added to its output.

    .. math:: \max(x, 0) + \sigma n, \quad n \sim N(0, 1)

    Args:
        x: input array, any shape.
        key: key of the random numbers; needed unless ``deterministic``.
        sigma: standard deviation of the noise, which may be learned.
        deterministic: whether to leave the noise out, for inference.

    Returns:
        Array with the shape and dtype of ``x``. The slope at 0 is 0.

    Example:
        >>> prob_act(jnp.array([-1.0, 0.0, 2.0]), deterministic=True)
        Array([0., 0., 2.], dtype=float32)

    References:
        Shridhar et al., 2019, https://arxiv.org/abs/1905.10761
    """
    x, sigma = together(x, sigma)
    if deterministic:
        return relu(x)
    noise = sigma * normal("prob_act", x, key)
    return select(~(x <= 0), wide(x)) + noise


@_random
def elastic_relu(
    x: ArrayLike, key: ArrayLike | None = None, alpha: ArrayLike = 0.5, deterministic: bool = False
) -> jax.Array:
    r"""Elastic rectifier: every positive entry draws its own slope around 1.

    .. math:: \max(r x, 0), \quad r \sim U(1 - \alpha, 1 + \alpha)

    Args:
        x: input array, any shape.
        key: key of the random numbers; needed unless ``deterministic``.
        alpha: by how much a slope differs from 1 at most, less than 1.
        deterministic: whether the slope is 1, for inference.

    Returns:
        Array with the shape and dtype of ``x``. The slope at 0 is 0.

    Example:
        >>> elastic_relu(jnp.array([-1.0, 0.0, 2.0]), deterministic=True)
        Array([0., 0., 2.], dtype=float32)

    References:
        Jiang et al., 2018, https://doi.org/10.1016/j.neucom.2017.09.056
    """
    x, alpha = together(x, alpha)
    if deterministic:
        return relu(x)
    return _scaled_above(x, uniform("elastic_relu", x, key), alpha)


@_random
def rand_softplus(
    x: ArrayLike,
    key: ArrayLike | None = None,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
    deterministic: bool = False,
) -> jax.Array:
    r"""Random mixture of rectifier and softplus.

    .. math:: (1 - r) \max(x, 0) + r \log(1 + e^x), \quad r \sim U(l, u)

    Args:
        x: input array, any shape.
        key: key of the random numbers; needed unless ``deterministic``.
        lower: the lower end l of softplus's share.
        upper: the upper end u of softplus's share.
        deterministic: whether the share is the mean (l + u) / 2, for inference.

    Returns:
        Array with the shape and dtype of ``x``. The slope at 0 is r / 2, the left one.

    Example:
        >>> rand_softplus(jnp.array([-1.0, 0.0, 2.0]), deterministic=True)
        Array([0.1566, 0.3466, 2.0635], dtype=float32)

    References:
        Chen et al., 2019, https://direct.mit.edu/neco/article/31/6/1215/8476
    """
    x, lower, upper = together(x, lower, upper)
    if deterministic:
        return _mixture(x, 0.5 * (lower + upper))
    return _random_mixture(x, uniform("rand_softplus", x, key), lower, upper)


@functools.partial(array_function, static=("axis", "hard", "deterministic"))
def gumbel_softmax(
    x: ArrayLike,
    key: ArrayLike | None = None,
    temperature: ArrayLike = 1.0,
    axis: int = -1,
    hard: bool = False,
    deterministic: bool = False,
) -> jax.Array:
    r"""Softmax of logits with Gumbel noise: a soft draw from the categories.

    .. math:: \frac{e^{(x_i + g_i) / t}}{\sum_j e^{(x_j + g_j) / t}}, \ g \sim \text{Gumbel}

    Args:
        x: logits, any shape.
        key: key of the random numbers; needed unless ``deterministic``.
        temperature: the temperature t; the lower, the nearer to a draw of one category.
        axis: the axis along which the values sum to 1.
        hard: whether to give 1 to the largest value and 0 to the others, with the derivative of
            the soft values (straight through).
        deterministic: whether to leave the noise out.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> gumbel_softmax(jnp.array([2.0, 1.0, 0.1]), deterministic=True)
        Array([0.659 , 0.2424, 0.0986], dtype=float32)
        >>> gumbel_softmax(jnp.array([9.0, 0.0, 0.0]), jax.random.key(0), hard=True)
        Array([1., 0., 0.], dtype=float32)

    References:
        Jang et al., 2017, https://arxiv.org/abs/1611.01144
    """
    x = jnp.asarray(x)

    def shares(x: jax.Array, key: ArrayLike | None, temperature: jax.Array) -> jax.Array:
        z = wide(x) if deterministic else wide(x) + gumbel("gumbel_softmax", x, key)
        z = z / temperature
        y = softmax(z, axis=axis)
        if hard:
            y = hardmax(z, axis=axis) + (y - lax.stop_gradient(y))
        return y.astype(x.dtype)

    if x.dtype.itemsize < 4:
        # The soft values in float32 would take twice the memory of the input.
        shares = jax.checkpoint(shares)
    return shares(x, key, jnp.asarray(temperature).astype(compute_dtype(x)))


@_random
def stochastic_binary(
    x: ArrayLike, key: ArrayLike | None = None, deterministic: bool = False
) -> jax.Array:
    r"""Binary unit that fires with the sigmoid's probability, and has the sigmoid's derivative.

    .. math:: \operatorname{Bernoulli}(\sigma(x))

    Args:
        x: input array, any shape.
        key: key of the random numbers; needed unless ``deterministic``.
        deterministic: whether to fire where the probability is at least 1/2, that is from 0 on.

    Returns:
        Array of zeros and ones with the shape and dtype of ``x``.

    Example:
        >>> stochastic_binary(jnp.array([-1.0, 0.0, 2.0]), deterministic=True)
        Array([0., 1., 1.], dtype=float32)

    References:
        Bengio et al., 2013, https://arxiv.org/abs/1308.3432
    """
    x = jnp.asarray(x)
    # x exceeds a logistic number with probability sigmoid(x).
    return _fires(x, 0.0 if deterministic else logistic("stochastic_binary", x, key))


def _between(noise: jax.Array, lower: jax.Array, upper: jax.Array) -> jax.Array:
    return lower + (upper - lower) * noise


@keeps_slope
def _scaled_below(x: jax.Array, noise: jax.Array, lower: jax.Array, upper: jax.Array) -> jax.Array:
    return jnp.where(x >= 0, x, _between(noise, lower, upper) * x)


@keeps_slope
def _scaled_above(x: jax.Array, noise: jax.Array, alpha: jax.Array) -> jax.Array:
    return jnp.where(x <= 0, 0.0, _between(noise, 1.0 - alpha, 1.0 + alpha) * x)


def _mixture_value(x: jax.Array, share: jax.Array) -> jax.Array:
    # Softplus less the rectifier is softplus of minus the size: no inf times 0.
    return jnp.where(x <= 0, 0.0, x) + share * special.softplus(jnp.where(x > 0, -x, x))


@keeps_slope
def _random_mixture(
    x: jax.Array, noise: jax.Array, lower: jax.Array, upper: jax.Array
) -> jax.Array:
    return _mixture_value(x, _between(noise, lower, upper))


@elementwise
def _mixture(x: jax.Array, share: jax.Array) -> jax.Array:
    return _mixture_value(x, share)


@elementwise(derivative=lambda x, noise: special.sigmoid_slope(x))
def _fires(x: jax.Array, noise: ArrayLike) -> jax.Array:
    return jnp.where(jnp.isnan(x), x, jnp.where(x >= noise, 1.0, 0.0))
