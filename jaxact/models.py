"""The networks of the studies, in Flax NNX. The activation is a parameter."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import chex
import jax
import numpy as np
from flax import nnx

from jaxact._convolution import conv, max_pool
from jaxact._mistakes import check_counts

_LECUN_NORMAL = nnx.initializers.lecun_normal()


class CNN(nnx.Module):
    """Blocks of convolution, activation and pooling, then a linear head.

    Each block is a 3x3 convolution, the activation and a 2x2 max-pool; the head is linear on
    the mean over positions. Softmax belongs to the loss. The activation is the only
    nonlinearity besides the pooling.

    Args:
        activation: function of an array, applied after each convolution.
        num_classes: number of logits.
        image_shape: height, width and channels of the images.
        widths: channels of each block.
        convolution: how convolutions are computed: ``"im2col"``, ``"winograd"``, ``"lax"``, or
            ``"auto"`` for what suits their shapes on a CPU.
        rngs: keys for the initial values.

    Raises:
        TypeError: if the activation is no function, or a size is none.
        ValueError: if the pools leave nothing of the images.

    Example:
        >>> from flax import nnx
        >>> from jaxact.models import CNN
        >>> model = CNN(jaxact.gelu, num_classes=10, image_shape=(28, 28, 1), rngs=nnx.Rngs(0))
        >>> model(jnp.zeros((2, 28, 28, 1))).shape
        (2, 10)
    """

    def __init__(
        self,
        activation: Callable[[jax.Array], jax.Array],
        num_classes: int = 10,
        image_shape: tuple[int, int, int] = (32, 32, 3),
        widths: Sequence[int] = (32, 64, 128),
        convolution: str = "auto",
        *,
        rngs: nnx.Rngs,
    ):
        _check("CNN", activation, num_classes, image_shape, widths)
        smallest = 2 ** len(widths)
        if min(image_shape[:2]) < smallest:
            raise ValueError(
                f"{len(widths)} poolings need images of {smallest}x{smallest} or more, "
                f"got {image_shape[0]}x{image_shape[1]}; give fewer widths or larger images"
            )
        channels = (image_shape[2], *widths)
        self.image_shape = tuple(image_shape)
        self.activation = activation
        convolve = functools.partial(conv, form=convolution)
        self.convs = nnx.List(
            nnx.Conv(before, after, (3, 3), conv_general_dilated=convolve, rngs=rngs)
            for before, after in zip(channels[:-1], channels[1:], strict=True)
        )
        self.head = nnx.Linear(channels[-1], num_classes, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Logits of images.

        Args:
            x: images, shape (N, *image_shape).

        Returns:
            Array of shape (N, num_classes).
        """
        chex.assert_shape(x, (None, *self.image_shape))
        for layer in self.convs:
            x = max_pool(self.activation(layer(x)))
        return self.head(x.mean((1, 2)))


class MLP(nnx.Module):
    """Layers of a linear map and the activation, then a linear head, on flattened images.

    The activation is the only nonlinearity. Softmax belongs to the loss.

    Args:
        activation: function of an array, applied after each hidden linear map.
        num_classes: number of logits.
        image_shape: height, width and channels of the images.
        widths: units of each hidden layer.
        kernel_init: initializer of the weights, that of the head included.
        bias_init: initializer of the biases.
        rngs: keys for the initial values.

    Raises:
        TypeError: if the activation is no function, or a size is none.

    Example:
        >>> from flax import nnx
        >>> from jaxact.models import MLP
        >>> model = MLP(jaxact.relu, image_shape=(28, 28, 1), widths=(64, 64), rngs=nnx.Rngs(0))
        >>> model(jnp.zeros((2, 28, 28, 1))).shape
        (2, 10)
    """

    def __init__(
        self,
        activation: Callable[[jax.Array], jax.Array],
        num_classes: int = 10,
        image_shape: tuple[int, int, int] = (28, 28, 1),
        widths: Sequence[int] = (512, 256, 256, 128),
        kernel_init: nnx.Initializer = _LECUN_NORMAL,
        bias_init: nnx.Initializer = nnx.initializers.zeros,
        *,
        rngs: nnx.Rngs,
    ):
        _check("MLP", activation, num_classes, image_shape, widths)
        sizes = (int(np.prod(image_shape)), *widths, num_classes)
        self.image_shape = tuple(image_shape)
        self.activation = activation
        *hidden, self.head = (
            nnx.Linear(before, after, kernel_init=kernel_init, bias_init=bias_init, rngs=rngs)
            for before, after in zip(sizes[:-1], sizes[1:], strict=True)
        )
        self.hidden = nnx.List(hidden)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Logits of images.

        Args:
            x: images, shape (N, *image_shape).

        Returns:
            Array of shape (N, num_classes).
        """
        chex.assert_shape(x, (None, *self.image_shape))
        x = x.reshape(len(x), -1)
        for layer in self.hidden:
            x = self.activation(layer(x))
        return self.head(x)


def _check(model: str, activation: Any, num_classes: Any, image_shape: Any, widths: Any) -> None:
    """Whether the arguments of a model make sense.

    Raises:
        TypeError: if not.
    """
    if not callable(activation) or isinstance(activation, type):
        raise TypeError(
            f"activation of {model} must be a function, such as jaxact.relu or PReLU(), "
            f"got {activation!r}"
        )
    if np.shape(image_shape) != (3,):
        raise TypeError(
            f"image_shape of {model} must be height, width and channels, got {image_shape!r}"
        )
    if np.ndim(widths) != 1:
        raise TypeError(f"widths of {model} must be a tuple of integers, got {widths!r}")
    check_counts(model, num_classes=num_classes)
