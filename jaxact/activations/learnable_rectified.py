"""Rectifiers with learnable slopes, heights or thresholds."""
# pyright: reportOperatorIssue=false, reportReturnType=false, reportArgumentType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._lines import times
from jaxact._special import sigmoid


@elementwise(pieces=lambda x, y, negative_slope: (x >= 0, (negative_slope, 1.0)))
def prelu(x: ArrayLike, negative_slope: ArrayLike = 0.25) -> jax.Array:
    r"""Parametric rectified linear unit. Its slope at 0 is 1.

    .. math:: x \text{ if } x \ge 0 \text{ else } a x

    Args:
        x: input array, any shape.
        negative_slope: the slope a for negative inputs; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> prelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.25,  0.  ,  2.  ], dtype=float32)

    References:
        He et al., 2015, https://arxiv.org/abs/1502.01852
    """
    return jnp.where(x >= 0, x, times(negative_slope, x))


@elementwise(pieces=lambda x, y, bias: (x > 0, (0.0, 1.0)))
def flexible_relu(x: ArrayLike, bias: ArrayLike = 0.0) -> jax.Array:
    r"""Flexible rectified linear unit: relu with a learnable height. Its slope at 0 is 0.

    .. math:: \max(x, 0) + b

    Args:
        x: input array, any shape.
        bias: the height b; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> flexible_relu(jnp.array([-1.0, 0.0, 2.0]), bias=-0.5)
        Array([-0.5, -0.5,  1.5], dtype=float32)

    References:
        Qiu et al., 2018, https://arxiv.org/abs/1706.08098
    """
    return jnp.maximum(x, 0.0) + bias


def _attention(alpha, beta):
    return jnp.clip(alpha, 0.01, 0.99), 1.0 + sigmoid(beta)


@elementwise(pieces=lambda x, y, alpha, beta: (x >= 0, _attention(alpha, beta)))
def arelu(x: ArrayLike, alpha: ArrayLike = 0.9, beta: ArrayLike = 2.0) -> jax.Array:
    r"""Attention-based rectified linear unit. Its slope at 0 is the right one.

    .. math:: (1 + \sigma(\beta)) x \text{ if } x \ge 0 \text{ else } C(\alpha) x

    where C clips to [0.01, 0.99].

    Args:
        x: input array, any shape.
        alpha: slope for negative inputs before it is clipped; broadcasts against ``x``.
        beta: logit of what is added to the slope 1 of positive inputs.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> arelu(jnp.array([-1.0, 0.0, 2.0]))
        Array([-0.9   ,  0.    ,  3.7616], dtype=float32)

    References:
        Chen et al., 2020, https://arxiv.org/abs/2006.13858
    """
    negative, positive = _attention(alpha, beta)
    return jnp.where(x >= 0, positive * x, negative * x)


@elementwise(
    pieces=lambda x, y, threshold, bandwidth: (x > threshold, (0.0, 1.0)),
    parameter_derivatives={
        "threshold": lambda x, threshold, bandwidth: jnp.where(
            jnp.abs(x - threshold) < 0.5 * bandwidth,
            -threshold / jnp.where(bandwidth > 0, bandwidth, 1.0),
            0.0,
        )
    },
)
def jump_relu(
    x: ArrayLike, threshold: ArrayLike = 0.001, bandwidth: ArrayLike = 0.001
) -> jax.Array:
    r"""Rectified linear unit with a jump at its threshold, as in sparse autoencoders.

    .. math:: x \text{ if } x > \theta \text{ else } 0

    The derivative by the threshold is a surrogate, for the true one is 0: it is
    :math:`-\theta / \varepsilon` within half a bandwidth of the threshold.

    Args:
        x: input array, any shape.
        threshold: where it jumps, :math:`\theta`; broadcasts against ``x``.
        bandwidth: of the surrogate, :math:`\varepsilon`.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> jump_relu(jnp.array([-1.0, 0.25, 2.0]), threshold=0.5)
        Array([0., 0., 2.], dtype=float32)

    References:
        Rajamanoharan et al., 2024, https://arxiv.org/abs/2407.14435
    """
    return jnp.where(x <= threshold, 0.0, x)
