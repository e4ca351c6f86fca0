"""Modules that are more than pointwise: of channels' statistics, of neighbours, of chance."""

from __future__ import annotations

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

import jaxact
from jaxact._learnable import as_channels, dynamic_lines, pooled
from jaxact._mistakes import check_counts
from jaxact.linen.pointwise import KEY


class FunnelReLU(nn.Module):
    """The larger of an input and its normalised depthwise convolution; channels come last.

    Ma et al., 2020, https://arxiv.org/abs/2007.11824

    Attributes:
        kernel_size: of the convolution, along each of two axes.
        use_running_average: whether to normalise by running statistics, as in a test.
    """

    kernel_size: int = 3
    use_running_average: bool | None = None

    @nn.compact
    def __call__(self, x: jax.Array, use_running_average: bool | None = None) -> jax.Array:
        """Applies it to images of shape (batch, height, width, features)."""
        check_counts("FunnelReLU", kernel_size=self.kernel_size)
        x = as_channels("FunnelReLU", x, images=True)
        average = nn.merge_param(
            "use_running_average", self.use_running_average, use_running_average
        )
        size, features = (self.kernel_size, self.kernel_size), x.shape[-1]
        y = nn.Conv(features, size, feature_group_count=features, use_bias=False, name="conv")(x)
        y = nn.BatchNorm(use_running_average=average, name="norm")(y)
        return jnp.maximum(x, y.astype(x.dtype))


class MetaACON(nn.Module):
    """ACON-C whose sharpness follows the channels' means, through two layers.

    The two layers are linear, without the normalisation between them that the paper's code has:
    that fails for a batch of one. Ma et al., 2021, https://arxiv.org/abs/2009.04759

    Attributes:
        reduction: by which the hidden layer is narrower, down to a width of ``reduction``.
    """

    reduction: int = 16

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to an array of shape (batch, ..., features)."""
        check_counts("MetaACON", reduction=self.reduction)
        x = as_channels("MetaACON", x)
        features = x.shape[-1]
        hidden = max(self.reduction, features // self.reduction)
        outputs = nn.Dense(features, name="excite")(nn.Dense(hidden, name="squeeze")(pooled(x)))
        start = {"p1": jnp.ones(features), "p2": jnp.zeros(features)}
        lines = self.param(KEY, lambda _: start)
        return jaxact.acon_c(x, beta=jaxact.sigmoid(outputs), **lines)


class DynamicReLU(nn.Module):
    """The highest of lines whose coefficients follow the channels' means; it starts as relu.

    Chen et al., 2020, https://arxiv.org/abs/2003.10027

    Attributes:
        shared: whether all channels share the lines (type A); else each has its own (type B).
        lines: how many.
        reduction: by which the hidden layer is narrower.
    """

    shared: bool = False
    lines: int = 2
    reduction: int = 4

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to an array of shape (batch, ..., features)."""
        check_counts("DynamicReLU", lines=self.lines, reduction=self.reduction)
        x = as_channels("DynamicReLU", x)
        width, hidden = 1 if self.shared else x.shape[-1], max(1, x.shape[-1] // self.reduction)
        y = jaxact.relu(nn.Dense(hidden, name="squeeze")(pooled(x)))
        zeros = nn.initializers.zeros_init()
        y = nn.Dense(2 * self.lines * width, kernel_init=zeros, name="excite")(y)
        return jaxact.dynamic_relu(x, *dynamic_lines(y, self.lines, width))


class Dice(nn.Module):
    """A prelu whose corner follows the statistics of the batch: :func:`jaxact.dice`.

    The running ones are in the collection ``batch_stats``.
    Zhou et al., 2018, https://arxiv.org/abs/1706.06978

    Attributes:
        use_running_average: whether to use the running statistics, as in a test.
        momentum: of the running statistics.
        epsilon: what is added to variances.
    """

    use_running_average: bool | None = None
    momentum: float = 0.99
    epsilon: float = 1e-8

    @nn.compact
    def __call__(self, x: jax.Array, use_running_average: bool | None = None) -> jax.Array:
        """Applies it to an array of shape (..., features)."""
        average = nn.merge_param(
            "use_running_average", self.use_running_average, use_running_average
        )
        x = as_channels("Dice", x)
        features = x.shape[-1]
        alpha = self.param(KEY, lambda _: {"alpha": jnp.zeros(features)})["alpha"]
        means = self.variable("batch_stats", "mean", jnp.zeros, features)
        variances = self.variable("batch_stats", "variance", jnp.ones, features)
        if average:
            mean, variance = means.value, variances.value
        else:
            wide, axes = x.astype(jnp.float32), tuple(range(x.ndim - 1))
            mean, variance = wide.mean(axes), wide.var(axes)
            if not self.is_initializing():
                for running, now in ((means, mean), (variances, variance)):
                    running.value = self.momentum * running.value + (1.0 - self.momentum) * now
        return jaxact.dice(x, mean, variance, alpha, self.epsilon)


class Maxout(nn.Module):
    """A linear layer of which each output is the largest of several pieces.

    Goodfellow et al., 2013, https://arxiv.org/abs/1302.4389

    Attributes:
        features: number of outputs.
        pieces: linear pieces of each output.
    """

    features: int
    pieces: int = 2

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to an array of shape (..., inputs)."""
        check_counts("Maxout", features=self.features, pieces=self.pieces)
        x = as_channels("Maxout", x)
        y = nn.Dense(self.features * self.pieces, name="linear")(x)
        return jaxact.maxout(y, self.pieces)


class RReLU(nn.Module):
    """:func:`jaxact.rrelu` with keys of the stream ``activation``.

    Attributes:
        lower: smallest slope.
        upper: largest slope.
        deterministic: whether to use the mean slope, as in a test.
    """

    lower: float = 1 / 8
    upper: float = 1 / 3
    deterministic: bool | None = None

    @nn.compact
    def __call__(self, x: Any, deterministic: bool | None = None) -> jax.Array:
        """Applies it to an array."""
        fixed = nn.merge_param("deterministic", self.deterministic, deterministic)
        key = None if fixed else self.make_rng("activation")
        return jaxact.rrelu(x, key=key, lower=self.lower, upper=self.upper, deterministic=fixed)
