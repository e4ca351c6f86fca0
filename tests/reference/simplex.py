"""Maps of an axis to the simplex.

Masked entries count for nothing and get zero. Entries of plus infinity share evenly, and so do
all entries where all are minus infinity.
"""

from collections.abc import Callable
from math import factorial

import mpmath as mp
import numpy as np
from numpy import exp, inf, log1p, maximum

from ._tools import quiet


def _masked(entries, where, fill):
    return entries if where is None else np.where(where, entries, fill)


@quiet
def _gaps(x, axis, where):
    """``x`` minus its largest entry."""
    x = _masked(np.asarray(x, float), where, -inf)
    top = np.max(x, axis, keepdims=True)
    return _masked(np.where(x == top, 0.0, x - top), where, -inf)


@quiet
def softmax(x, axis=-1, where=None):
    weights = exp(_gaps(x, axis, where))
    return _masked(weights / np.sum(weights, axis, keepdims=True), where, 0.0)


@quiet
def log_softmax(x, axis=-1, where=None):
    gaps = _gaps(x, axis, where)
    # One of the largest weighs one: apart from it the sum keeps its digits.
    largest = np.sum(gaps == 0, axis, keepdims=True)
    rest = np.sum(np.where(gaps == 0, 0.0, exp(gaps)), axis, keepdims=True) + (largest - 1)
    return _masked(gaps - log1p(rest), where, -inf)


def softmin(x, axis=-1, where=None):
    return softmax(-np.asarray(x), axis, where)


@quiet
def softmax_1(x, axis=-1, where=None):
    x = _masked(np.asarray(x, float), where, -inf)
    top = maximum(np.max(x, axis, keepdims=True), 0.0)
    weights = exp(np.where(x == top, 0.0, x - top))
    share = weights / (exp(-top) + np.sum(weights, axis, keepdims=True))
    return _masked(share, where, 0.0)


@quiet
def taylor_softmax(x, axis=-1, where=None, order=2):
    x = _masked(np.asarray(x, float), where, 0.0)
    # All over size^order: the powers of large entries overflow.
    size = maximum(np.max(abs(x), axis, keepdims=True), 1.0)
    ratio = np.where(np.isinf(x), np.sign(x), x / size)
    weights = sum(ratio**k * size ** float(k - order) / factorial(k) for k in range(order + 1))
    weights = _masked(weights, where, 0.0)
    return _masked(weights / np.sum(weights, axis, keepdims=True), where, 0.0)


@quiet
def sparsemax(x, axis=-1, where=None):
    # Algorithm 1 of Martins and Astudillo; entries one below the largest get zero.
    gaps = maximum(_gaps(x, axis, where), -2.0)
    ranked, ranks = _ranked(gaps, axis)
    sums = np.cumsum(ranked, axis)
    support = np.sum(1 + ranks * ranked > sums, axis, keepdims=True)
    threshold = (np.take_along_axis(sums, support - 1, axis) - 1) / support
    return _masked(maximum(gaps - threshold, 0.0), where, 0.0)


@quiet
def entmax15(x, axis=-1, where=None):
    # Algorithm 2 of Peters et al.
    gaps = maximum(_gaps(x, axis, where), -4.0) / 2
    ranked, ranks = _ranked(gaps, axis)
    mean = np.cumsum(ranked, axis) / ranks
    spread = np.cumsum(ranked**2, axis) - ranks * mean**2
    thresholds = mean - np.sqrt(maximum(1 - spread, 0.0) / ranks)
    support = np.sum(thresholds < ranked, axis, keepdims=True)
    threshold = np.take_along_axis(thresholds, support - 1, axis)
    return _masked(maximum(gaps - threshold, 0.0) ** 2, where, 0.0)


def _ranked(gaps, axis):
    """The entries from the largest, and their ranks from one."""
    ranks = np.arange(1.0, gaps.shape[axis] + 1)
    shape = np.ones(gaps.ndim, int)
    shape[axis] = -1
    return -np.sort(-gaps, axis), ranks.reshape(shape)


@quiet
def entmax(x, alpha=1.5, axis=-1, where=None):
    if alpha == 1:
        return softmax(x, axis, where)
    gaps = (alpha - 1) * _gaps(x, axis, where)
    # The largest entry's height above the threshold, by bisection.
    high = np.ones_like(np.max(gaps, axis, keepdims=True))
    low = high * float(gaps.shape[axis]) ** (1 - alpha)
    for _ in range(80):
        height = (low + high) / 2
        above = np.sum(_powers(gaps + height, alpha), axis, keepdims=True) > 1
        low, high = np.where(above, low, height), np.where(above, height, high)
    weights = _powers(gaps + high, alpha)
    return _masked(weights / np.sum(weights, axis, keepdims=True), where, 0.0)


def _powers(heights, alpha):
    return maximum(heights, 0.0) ** (1 / (alpha - 1))


def _of_unmasked(share: Callable, empty=0) -> Callable:
    """Applies ``share`` to the entries that a mask keeps."""

    def exact(x, axis=-1, where=None, **parameters):
        kept = [True] * len(x) if where is None else list(where)
        shares = iter(share([e for e, k in zip(x, kept, strict=True) if k], **parameters))
        return [next(shares) if k else mp.mpf(empty) for k in kept]

    return exact


def softmax_exact(x):
    weights = [mp.exp(entry) for entry in x]
    return [weight / sum(weights) for weight in weights]


def log_softmax_exact(x):
    return [mp.log(share) for share in softmax_exact(x)]


def softmin_exact(x):
    return softmax_exact([-entry for entry in x])


def softmax_1_exact(x):
    weights = [mp.exp(entry) for entry in x]
    return [weight / (1 + sum(weights)) for weight in weights]


def taylor_softmax_exact(x, order=2):
    weights = [sum(entry**k / mp.factorial(k) for k in range(order + 1)) for entry in x]
    return [weight / sum(weights) for weight in weights]


def entmax_exact(x, alpha=1.5):
    if alpha == 1:
        return softmax_exact(x)
    power, scale = 1 / (mp.mpf(alpha) - 1), mp.mpf(alpha) - 1

    def shares(threshold):
        return [max(scale * entry - threshold, mp.mpf(0)) ** power for entry in x]

    high = scale * max(x, default=mp.mpf(0))
    low = high - 1
    for _ in range(int(mp.mp.prec) + 20):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(shares(middle)) > 1 else (low, middle)
    return shares(low)


def sparsemax_exact(x):
    return entmax_exact(x, 2)


VALUE: dict[str, Callable] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "softmin": softmin,
    "softmax_1": softmax_1,
    "taylor_softmax": taylor_softmax,
    "sparsemax": sparsemax,
    "entmax15": entmax15,
    "entmax": entmax,
}
SLOPE: dict[str, Callable] = {}
EXACT: dict[str, Callable] = {
    "softmax": _of_unmasked(softmax_exact),
    "log_softmax": _of_unmasked(log_softmax_exact, empty="-inf"),
    "softmin": _of_unmasked(softmin_exact),
    "softmax_1": _of_unmasked(softmax_1_exact),
    "taylor_softmax": _of_unmasked(taylor_softmax_exact),
    "sparsemax": _of_unmasked(sparsemax_exact),
    "entmax15": _of_unmasked(entmax_exact),
    "entmax": _of_unmasked(entmax_exact),
}
