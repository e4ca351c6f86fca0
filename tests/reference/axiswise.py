"""Maps of an axis to an axis that choose, order, scale or pair its entries."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
from numpy import inf, maximum, minimum

from ._tools import quiet


def hardmax(x, axis=-1, where=None):
    x = np.asarray(x, float)
    kept = np.ones_like(x, bool) if where is None else np.broadcast_to(where, x.shape)
    x, kept = np.moveaxis(x, axis, -1), np.moveaxis(kept, axis, -1)
    # A masked entry must not win a tie of minus infinities.
    order = np.where(kept, maximum(x, -np.finfo(float).max), -inf)
    hot = np.arange(x.shape[-1]) == np.argmax(order, -1)[..., None]
    undefined = np.any(kept & np.isnan(x), -1, keepdims=True)
    return np.moveaxis(np.where(kept, np.where(undefined, np.nan, hot), 0.0), -1, axis)


def hardmax_exact(x, axis=-1, where=None):
    kept = [i for i in range(len(x)) if where is None or where[i]]
    winner = max(kept, key=lambda i: (x[i], -i), default=None)
    return [mp.mpf(i == winner) for i in range(len(x))]


def kwta(x, k=1, axis=-1):
    x = np.asarray(x, float)
    # A stable sort puts the earlier of equals first, and not-a-number at the end.
    order = np.argsort(np.where(np.isnan(x), -inf, -x), axis, kind="stable")
    ranks = np.argsort(order, axis)
    return np.where(ranks < k, x, 0.0)


def kwta_exact(x, k=1, axis=-1):
    winners = sorted(range(len(x)), key=lambda i: (-x[i], i))[:k]
    return [x[i] if i in winners else mp.mpf(0) for i in range(len(x))]


@quiet
def l2_normalize(x, axis=-1, epsilon=1e-12):
    x = np.asarray(x, float)
    infinite = np.isinf(x)
    # One infinite entry is the whole direction; two have none.
    lone = np.sum(infinite, axis, keepdims=True) == 1
    x = np.where(lone, np.where(infinite, np.sign(x), 0 * x), x)
    size = maximum(np.max(abs(x), axis, keepdims=True), 1e-300)
    norm = size * np.sqrt(np.sum((x / size) ** 2, axis, keepdims=True))
    norm = np.where(np.isinf(size), inf, norm)
    return x / maximum(norm, epsilon)


def l2_normalize_exact(x, axis=-1, epsilon=1e-12):
    norm = mp.sqrt(sum(entry**2 for entry in x))
    return [entry / max(norm, mp.mpf(epsilon)) for entry in x]


def maxout(x, pieces=2, axis=-1):
    x = np.moveaxis(np.asarray(x, float), axis, -1)
    groups = x.reshape(*x.shape[:-1], x.shape[-1] // pieces, pieces)
    return np.moveaxis(groups.max(-1), -1, axis)


def maxout_exact(x, pieces=2, axis=-1):
    return [max(x[i : i + pieces]) for i in range(0, len(x), pieces)]


def crelu(x, axis=-1):
    x = np.asarray(x, float)
    return np.concatenate([maximum(x, 0.0), maximum(-x, 0.0)], axis)


def crelu_exact(x, axis=-1):
    return [max(e, mp.mpf(0)) for e in x] + [max(-e, mp.mpf(0)) for e in x]


def bipolar_relu(x, axis=-1):
    x = np.moveaxis(np.array(x, float), axis, -1)
    even = np.arange(x.shape[-1]) % 2 == 0
    return np.moveaxis(np.where(even, maximum(x, 0.0), minimum(x, 0.0)), -1, axis)


def bipolar_relu_exact(x, axis=-1):
    zero = mp.mpf(0)
    return [max(e, zero) if i % 2 == 0 else -max(-e, zero) for i, e in enumerate(x)]


VALUE: dict[str, Callable] = {
    "hardmax": hardmax,
    "kwta": kwta,
    "l2_normalize": l2_normalize,
    "maxout": maxout,
    "crelu": crelu,
    "bipolar_relu": bipolar_relu,
}
SLOPE: dict[str, Callable] = {}
EXACT: dict[str, Callable] = {
    "hardmax": hardmax_exact,
    "kwta": kwta_exact,
    "l2_normalize": l2_normalize_exact,
    "maxout": maxout_exact,
    "crelu": crelu_exact,
    "bipolar_relu": bipolar_relu_exact,
}
