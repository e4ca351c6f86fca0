"""Shrinkage: inputs near zero become zero, or nearly so."""
# pyright: reportOperatorIssue=false, reportReturnType=false
# ArrayLike includes complex numbers, which the decorator refuses.

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxact._elementwise import elementwise
from jaxact._special import exp, tanh
from jaxact._special.core import horner


@elementwise(pieces=lambda x, y, lambd: (jnp.abs(x) > lambd, (0.0, 1.0)))
def hard_shrink(x: ArrayLike, lambd: ArrayLike = 0.5) -> jax.Array:
    r"""Hard thresholding of wavelets. Its slope at the two jumps is 0.

    .. math:: x \text{ if } |x| > \lambda \text{ else } 0

    Args:
        x: input array, any shape.
        lambd: half the width of the zone that becomes 0; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> hard_shrink(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-4., -1.,  0.,  2.,  4.], dtype=float32)

    References:
        Donoho and Johnstone, 1994, https://doi.org/10.1093/biomet/81.3.425
    """
    return jnp.where(jnp.abs(x) <= lambd, 0.0, x)


@elementwise(pieces=lambda x, y, lambd: (jnp.abs(x) > lambd, (0.0, 1.0)))
def soft_shrink(x: ArrayLike, lambd: ArrayLike = 0.5) -> jax.Array:
    r"""Soft thresholding of wavelets. Its slope at the two kinks is 0.

    .. math:: \operatorname{sign}(x) \max(|x| - \lambda, 0)

    Args:
        x: input array, any shape.
        lambd: how much an input shrinks; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> soft_shrink(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-3.5, -0.5,  0. ,  1.5,  3.5], dtype=float32)

    References:
        Donoho, 1995, https://doi.org/10.1109/18.382009
    """
    return jnp.where(jnp.abs(x) <= lambd, 0.0, x - jnp.sign(x) * lambd)


@elementwise(pieces=lambda x, y, lambd, bias: (jnp.abs(x) > lambd, (0.0, 1.0)))
def shrink(x: ArrayLike, lambd: ArrayLike = 0.5, bias: ArrayLike = 0.0) -> jax.Array:
    r"""Shrinkage of ONNX, hard or soft by its bias. Its slope at the two ends of the zone is 0.

    .. math:: x - b \operatorname{sign}(x) \text{ if } |x| > \lambda \text{ else } 0

    Args:
        x: input array, any shape.
        lambd: half the width of the zone that becomes 0; broadcasts against ``x``.
        bias: how much inputs outside it shrink; broadcasts against ``x``.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> shrink(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]), bias=0.25)
        Array([-3.75, -0.75,  0.  ,  1.75,  3.75], dtype=float32)

    References:
        Bai et al., 2019, https://onnx.ai/onnx/operators/onnx__Shrink.html
    """
    return jnp.where(jnp.abs(x) <= lambd, 0.0, x - jnp.sign(x) * bias)


@elementwise(derivative=lambda x: tanh(x) * tanh(x))
def tanh_shrink(x: ArrayLike) -> jax.Array:
    r"""Input minus its hyperbolic tangent.

    .. math:: x - \tanh(x)

    Args:
        x: input array, any shape.

    Returns:
        Array with the shape and dtype of ``x``.

    Example:
        >>> tanh_shrink(jnp.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
        Array([-3.0007, -0.2384,  0.    ,  1.036 ,  3.0007], dtype=float32)

    References:
        Collobert et al., 2011,
        https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
    """
    # Near 0 the difference would cancel: a quotient of sums of positive terms, from Lambert's
    # continued fraction cut after 15, exact to 3e-14.
    near = jnp.clip(x, -1.0, 1.0)
    s = near * near
    above = horner(s, 675675.0, 45045.0, 594.0, 1.0)
    below = horner(s, 2027025.0, 945945.0, 51975.0, 630.0, 1.0)
    size = jnp.abs(x)
    far = jnp.sign(x) * ((size - 1.0) + 2.0 / (exp(2.0 * jnp.minimum(size, 40.0)) + 1.0))
    return jnp.where(size < 1, near * (s * (above / below)), far)
