"""Pytrees of arrays as one row of bytes, and back."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np

Described = dict[str, list[Any]]
"""Type and shape of arrays by their path in a pytree, as JSON has them."""


def by_path(tree: Any) -> dict[str, np.ndarray]:
    """The arrays of a pytree by their path.

    Example:
        >>> by_path({"a": (np.ones(2),)})
        {"['a'][0]": array([1., 1.])}
    """
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}


def described(arrays: dict[str, np.ndarray]) -> Described:
    """Type and shape of each array.

    Example:
        >>> described({"a": np.ones((2, 3))})
        {'a': ['float64', [2, 3]]}
    """
    return {name: [str(a.dtype), list(a.shape)] for name, a in arrays.items()}


def packed(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The bytes of all arrays, uint8 of shape (bytes + 1,).

    As one array they fail as one: of several, orbax leaves reads unfinished when one fails. It
    keeps no empty array, hence a byte more.
    """
    return np.frombuffer(b"".join([*(a.tobytes() for a in arrays.values()), b"\0"]), np.uint8)


def blank(like: Described) -> np.ndarray:
    """Zeros in the shape of what :func:`packed` returns for such arrays."""
    return np.zeros(sum(_num_bytes(*kind) for kind in like.values()) + 1, np.uint8)


def unpacked(raw: np.ndarray, like: Described) -> dict[str, np.ndarray]:
    """The inverse of :func:`packed`, with arrays that can be written to.

    Example:
        >>> arrays = {"a": np.ones((2, 3)), "b": np.arange(2)}
        >>> unpacked(packed(arrays), described(arrays))["b"]
        array([0, 1])
    """
    ends = np.cumsum([_num_bytes(*kind) for kind in like.values()])
    return {
        name: part.copy().view(dtype).reshape(shape)
        for (name, (dtype, shape)), part in zip(like.items(), np.split(raw, ends), strict=False)
    }


def _num_bytes(dtype: str, shape: list[int]) -> int:
    return np.dtype(dtype).itemsize * math.prod(shape)
