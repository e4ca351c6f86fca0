"""Modules that are more than pointwise: of channels' statistics, of neighbours, of chance."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

import jaxact
from jaxact._learnable import as_channels, dynamic_lines, pooled
from jaxact._mistakes import check_counts
from jaxact.nnx.pointwise import ActivationParam


class FunnelReLU(nnx.Module):
    """The larger of an input and its normalised depthwise convolution; channels come last.

    Ma et al., 2020, https://arxiv.org/abs/2007.11824

    Args:
        features: number of channels.
        kernel_size: of the convolution, along each of two axes.
        rngs: for its kernel.
    """

    def __init__(self, features: int, kernel_size: int = 3, *, rngs: nnx.Rngs):
        check_counts("FunnelReLU", features=features, kernel_size=kernel_size)
        self.features = features
        self.conv = nnx.Conv(
            features,
            features,
            (kernel_size, kernel_size),
            feature_group_count=features,
            use_bias=False,
            rngs=rngs,
        )
        self.norm = nnx.BatchNorm(features, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to images of shape (batch, height, width, features)."""
        x = as_channels("FunnelReLU", x, self.features, images=True)
        return jnp.maximum(x, self.norm(self.conv(x)).astype(x.dtype))


class MetaACON(nnx.Module):
    """ACON-C whose sharpness follows the channels' means, through two layers.

    The two layers are linear, without the normalisation between them that the paper's code has:
    that fails for a batch of one. Ma et al., 2021, https://arxiv.org/abs/2009.04759

    Args:
        features: number of channels, the last axis.
        reduction: by which the hidden layer is narrower, down to a width of ``reduction``.
        rngs: for the layers' kernels.
    """

    def __init__(self, features: int, reduction: int = 16, *, rngs: nnx.Rngs):
        check_counts("MetaACON", features=features, reduction=reduction)
        self.features = features
        hidden = max(reduction, features // reduction)
        self.squeeze = nnx.Linear(features, hidden, rngs=rngs)
        self.excite = nnx.Linear(hidden, features, rngs=rngs)
        self.p1 = ActivationParam(jnp.ones(features))
        self.p2 = ActivationParam(jnp.zeros(features))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to an array of shape (batch, ..., features)."""
        x = as_channels("MetaACON", x, self.features)
        beta = jaxact.sigmoid(self.excite(self.squeeze(pooled(x))))
        return jaxact.acon_c(x, p1=self.p1[...], p2=self.p2[...], beta=beta)


class DynamicReLU(nnx.Module):
    """The highest of lines whose coefficients follow the channels' means; it starts as relu.

    Chen et al., 2020, https://arxiv.org/abs/2003.10027

    Args:
        features: number of channels, the last axis.
        shared: whether all channels share the lines (type A); else each has its own (type B).
        lines: how many.
        reduction: by which the hidden layer is narrower.
        rngs: for the layers' kernels.
    """

    def __init__(
        self,
        features: int,
        shared: bool = False,
        lines: int = 2,
        reduction: int = 4,
        *,
        rngs: nnx.Rngs,
    ):
        check_counts("DynamicReLU", features=features, lines=lines, reduction=reduction)
        self.features = features
        self.lines, self.width = lines, 1 if shared else features
        hidden = max(1, features // reduction)
        self.squeeze = nnx.Linear(features, hidden, rngs=rngs)
        zeros = nnx.initializers.zeros_init()
        self.excite = nnx.Linear(hidden, 2 * lines * self.width, kernel_init=zeros, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to an array of shape (batch, ..., features)."""
        x = as_channels("DynamicReLU", x, self.features)
        hidden = jaxact.relu(self.squeeze(pooled(x)))
        return jaxact.dynamic_relu(x, *dynamic_lines(self.excite(hidden), self.lines, self.width))


class Dice(nnx.Module):
    """A prelu whose corner follows the statistics of the batch: :func:`jaxact.dice`.

    Zhou et al., 2018, https://arxiv.org/abs/1706.06978

    Args:
        features: number of channels, the last axis.
        momentum: of the running statistics.
        epsilon: what is added to variances.
        use_running_average: whether to use the running statistics; ``model.eval()`` sets it.
        rngs: not used; for a uniform call.
    """

    def __init__(
        self,
        features: int,
        momentum: float = 0.99,
        epsilon: float = 1e-8,
        use_running_average: bool = False,
        *,
        rngs: nnx.Rngs | None = None,
    ):
        del rngs
        check_counts("Dice", features=features)
        self.features = features
        self.momentum, self.epsilon = momentum, epsilon
        self.use_running_average = use_running_average
        self.alpha = ActivationParam(jnp.zeros(features))
        self.mean = nnx.BatchStat(jnp.zeros(features))
        self.variance = nnx.BatchStat(jnp.ones(features))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to an array of shape (..., features)."""
        x = as_channels("Dice", x, self.features)
        if self.use_running_average:
            mean, variance = self.mean[...], self.variance[...]
        else:
            wide, axes = x.astype(jnp.float32), tuple(range(x.ndim - 1))
            mean, variance = wide.mean(axes), wide.var(axes)
            for running, now in ((self.mean, mean), (self.variance, variance)):
                running[...] = self.momentum * running[...] + (1.0 - self.momentum) * now
        return jaxact.dice(x, mean, variance, self.alpha[...], self.epsilon)


class Maxout(nnx.Module):
    """A linear layer of which each output is the largest of several pieces.

    Goodfellow et al., 2013, https://arxiv.org/abs/1302.4389

    Args:
        in_features: number of inputs, the last axis.
        out_features: number of outputs.
        pieces: linear pieces of each output.
        rngs: for the kernel.
    """

    def __init__(self, in_features: int, out_features: int, pieces: int = 2, *, rngs: nnx.Rngs):
        counts = {"in_features": in_features, "out_features": out_features}
        check_counts("Maxout", **counts, pieces=pieces)
        self.in_features, self.pieces = in_features, pieces
        self.linear = nnx.Linear(in_features, out_features * pieces, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies it to an array of shape (..., in_features)."""
        x = as_channels("Maxout", x, self.in_features)
        return jaxact.maxout(self.linear(x), self.pieces)


class RReLU(nnx.Module):
    """:func:`jaxact.rrelu` with a stream of random keys.

    Args:
        lower: smallest slope.
        upper: largest slope.
        deterministic: whether to use the mean slope; ``model.eval()`` sets it.
        rngs: with a stream ``activation`` or ``default``.
    """

    def __init__(
        self,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        deterministic: bool = False,
        *,
        rngs: nnx.Rngs,
    ):
        if not isinstance(rngs, nnx.Rngs):
            raise TypeError(f"rngs of RReLU must be nnx.Rngs(activation=seed), got {rngs!r}")
        self.lower, self.upper, self.deterministic = lower, upper, deterministic
        self.rngs = rngs["activation"].fork()

    def __call__(self, x: Any) -> jax.Array:
        """Applies it to an array."""
        key = None if self.deterministic else self.rngs()
        return jaxact.rrelu(
            x, key=key, lower=self.lower, upper=self.upper, deterministic=self.deterministic
        )
