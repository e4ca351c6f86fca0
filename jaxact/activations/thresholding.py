"""Functions that a threshold switches: one or the other value on either side of it."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise


@elementwise(pieces=lambda x, y, threshold, value: (x > threshold, (0.0, 1.0)))
def threshold(x: ArrayLike, threshold: ArrayLike = 0.0, value: ArrayLike = 0.0) -> jax.Array:
    r"""Inputs above a threshold, a constant in place of all others. Its slope there is 0.

    .. math:: x \text{ if } x > \theta \text{ else } v

    Args:
        x: input array, any shape.
        threshold: what an input has to exceed to pass; broadcasts against ``x``.
        value: the output for all others; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> threshold(jnp.array([-1.0, 0.5, 2.0]), threshold=1.0, value=-3.0)
        Array([-3., -3.,  2.], dtype=float32)

    References:
        Collobert et al., 2011,
        https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html
    """
    return jnp.where(x <= threshold, value, x)


@elementwise(pieces=lambda x, y, theta: (x > theta, (0.0, 1.0)))
def thresholded_relu(x: ArrayLike, theta: ArrayLike = 1.0) -> jax.Array:
    r"""Relu that opens at a threshold, with a jump. Its slope there is 0.

    .. math:: x \text{ if } x > \theta \text{ else } 0

    Args:
        x: input array, any shape.
        theta: the threshold; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> thresholded_relu(jnp.array([-1.0, 0.5, 2.0]))
        Array([0., 0., 2.], dtype=float32)

    References:
        Konda et al., 2014, https://arxiv.org/abs/1402.3337
    """
    return jnp.where(x <= theta, 0.0, x)


@elementwise(pieces=lambda x, y, threshold: (x, (0.0,)))
def step(x: ArrayLike, threshold: ArrayLike = 0.0) -> jax.Array:
    r"""Unit step of Heaviside, 1 at the step itself. Its slope is 0 everywhere.

    .. math:: 1 \text{ if } x \ge t \text{ else } 0

    Args:
        x: input array, any shape.
        threshold: where the step is; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> step(jnp.array([-1.0, 0.0, 2.0]))
        Array([0., 1., 1.], dtype=float32)

    References:
        McCulloch and Pitts, 1943, https://doi.org/10.1007/BF02478259
    """
    return jnp.where(x >= threshold, 1.0, jnp.where(x < threshold, 0.0, x))


@elementwise(pieces=lambda x, y: (x, (0.0,)))
def sign(x: ArrayLike) -> jax.Array:
    r"""Sign, 0 at 0. Its slope is 0 everywhere.

    .. math:: \operatorname{sign}(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> sign(jnp.array([-1.0, 0.0, 2.0]))
        Array([-1.,  0.,  1.], dtype=float32)

    References:
        Courbariaux et al., 2016, https://arxiv.org/abs/1602.02830
    """
    return jnp.sign(x)
