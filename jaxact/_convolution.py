"""Convolution and pooling in the forms that XLA runs fast inside loops.

``lax.conv`` inside ``lax.scan`` is up to 60 times slower on a CPU than outside, and
``reduce_window`` costs more than the rest of the network. Both are written here with slices,
matrix products and reshapes. Layout is NHWC, kernels are HWIO.
"""

from __future__ import annotations

from typing import Any

import chex
import jax
import jax.numpy as jnp
from jax import lax

# Where a weight's gradient is exactly zero, Winograd leaves rounding errors, which Adam turns
# into steps. Small images have many: on 8x8 with relu, a third of the third layer (2x2).
_MIN_WINOGRAD_SIZE = 8
_MIN_WINOGRAD_CHANNELS = 5


def conv(
    x: jax.Array,
    kernel: jax.Array,
    window_strides: Any,
    padding: Any,
    *,
    form: str = "auto",
    **options: Any,
) -> jax.Array:
    """Convolution with the signature that ``nnx.Conv(conv_general_dilated=...)`` calls.

    Two dimensions, stride 1 and padding ``"SAME"`` without dilation or groups go as matrix
    products: :func:`conv_winograd` for 3x3 kernels on even sizes from 8x8 and more than four
    channels, :func:`conv_im2col` otherwise. Everything else goes to ``lax``.

    Args:
        x: images, shape (N, H, W, C).
        kernel: shape (KH, KW, C, O).
        window_strides: as in ``lax.conv_general_dilated``.
        padding: as in ``lax.conv_general_dilated``.
        form: ``"auto"`` for that choice; ``"im2col"``, ``"winograd"`` or ``"lax"`` for one of
            them wherever it fits.
        **options: the further arguments of ``lax.conv_general_dilated``.

    Returns:
        Array of shape (N, H, W, O), of the dtype of ``x``.
    """
    if form == "lax" or not _is_plain(kernel, window_strides, padding, options):
        options.pop("out_sharding", None)
        return lax.conv_general_dilated(x, kernel, window_strides, padding, **options)
    chex.assert_rank(x, 4)
    precision = options.get("precision")
    _, h, w, c = x.shape
    possible = kernel.shape[:2] == (3, 3) and h % 2 == 0 and w % 2 == 0
    pays = min(h, w) >= _MIN_WINOGRAD_SIZE and c >= _MIN_WINOGRAD_CHANNELS
    if possible and (form == "winograd" or (form == "auto" and pays)):
        return conv_winograd(x, kernel, precision)
    return conv_im2col(x, kernel, precision)


def _is_plain(kernel: jax.Array, strides: Any, padding: Any, options: dict[str, Any]) -> bool:
    ones = all(
        all(n == 1 for n in options.get(key) or ()) for key in ("lhs_dilation", "rhs_dilation")
    )
    return (
        kernel.ndim == 4
        and all(n == 1 for n in strides)
        and padding == "SAME"
        and ones
        and options.get("feature_group_count", 1) == 1
        and options.get("preferred_element_type") is None
    )


def conv_im2col(x: jax.Array, kernel: jax.Array, precision: Any = None) -> jax.Array:
    """Stride 1, same padding: the shifted images side by side, times the kernel as a matrix.

    Args:
        x: images, shape (N, H, W, C).
        kernel: shape (KH, KW, C, O).
        precision: of the matrix product, as in ``lax.dot``.

    Returns:
        Array of shape (N, H, W, O).
    """
    _, h, w, _ = x.shape
    kh, kw, c, out = kernel.shape
    pads = [((k - 1) // 2, k // 2) for k in (kh, kw)]
    padded = jnp.pad(x, ((0, 0), *pads, (0, 0)))
    columns = [padded[:, i : i + h, j : j + w] for i in range(kh) for j in range(kw)]
    matrix = kernel.reshape(kh * kw * c, out)
    return _matmul(jnp.concatenate(columns, axis=-1), matrix, precision)


def conv_winograd(x: jax.Array, kernel: jax.Array, precision: Any = None) -> jax.Array:
    """Stride 1, same padding, 3x3, by Winograd's F(2x2, 3x3): 2.25 times fewer products.

    Args:
        x: images, shape (N, H, W, C), H and W even.
        kernel: shape (3, 3, C, O).
        precision: of the matrix products, as in ``lax.dot``.

    Returns:
        Array of shape (N, H, W, O).

    References:
        Lavin and Gray, 2016, https://arxiv.org/abs/1509.09308
    """
    n, h, w, c = x.shape
    chex.assert_shape(kernel, (3, 3, c, None))
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    # tile[i][j]: entry (i, j) of every 4x4 tile; tiles overlap by two.
    tile = [[padded[:, i : i + h - 1 : 2, j : j + w - 1 : 2] for j in range(4)] for i in range(4)]
    data, filters = _both_axes(_data_transform, tile), _both_axes(_filter_transform, kernel)
    product = [[_matmul(data[u][v], filters[u][v], precision) for v in range(4)] for u in range(4)]
    (y00, y01), (y10, y11) = _both_axes(_output_transform, product)
    rows = jnp.stack([jnp.stack([y00, y01], 3), jnp.stack([y10, y11], 3)], 2)
    return rows.reshape(n, h, w, kernel.shape[-1])


def _matmul(x: jax.Array, matrix: jax.Array, precision: Any) -> jax.Array:
    """``x @ matrix`` with positions as rows of one matrix.

    With more axes, XLA lays the weight gradient's operands out anew, at twice the whole cost.
    """
    rows = x.reshape(-1, x.shape[-1])
    return jnp.matmul(rows, matrix, precision=precision).reshape(*x.shape[:-1], -1)


def _both_axes(transform: Any, grid: Any) -> list[list[jax.Array]]:
    """``transform`` applied to the columns of a square of arrays, then to the rows."""
    columns = [transform(column) for column in zip(*grid, strict=True)]
    return [transform(row) for row in zip(*columns, strict=True)]


def _data_transform(d: Any) -> tuple[jax.Array, ...]:
    return d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]


def _filter_transform(g: Any) -> tuple[jax.Array, ...]:
    return g[0], (g[0] + g[1] + g[2]) / 2, (g[0] - g[1] + g[2]) / 2, g[2]


def _output_transform(m: Any) -> tuple[jax.Array, ...]:
    return m[0] + m[1] + m[2], m[1] - m[2] - m[3]


@jax.custom_jvp
def max_pool(x: jax.Array) -> jax.Array:
    """Maximum over 2x2 windows with stride 2; an odd last row or column is left out.

    Args:
        x: images, shape (N, H, W, C).

    Returns:
        Array of shape (N, H // 2, W // 2, C). Where entries tie, the gradient is shared.
    """
    a, b, c, d = _window_entries(_windows(x))
    return jnp.maximum(jnp.maximum(a, b), jnp.maximum(c, d))


@max_pool.defjvp
def _max_pool_jvp(primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    # Without reductions, XLA fuses value and gradient with the activation around them.
    (x,), (dx,) = primals, tangents
    y = max_pool(x)
    # Negated, so that in a window with NaN all are maxima and the gradient goes through.
    is_max = ~(_windows(x) < y[:, :, None, :, None])
    count = sum(entry.astype(x.dtype) for entry in _window_entries(is_max))
    return y, jnp.where(is_max, _windows(dx), 0).sum((2, 4)) / count


def _windows(x: jax.Array) -> jax.Array:
    """Shape (N, H // 2, 2, W // 2, 2, C)."""
    n, h, w, c = x.shape
    return x[:, : h // 2 * 2, : w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c)


def _window_entries(windows: jax.Array) -> list[jax.Array]:
    return [windows[:, :, i, :, j] for i in range(2) for j in range(2)]
