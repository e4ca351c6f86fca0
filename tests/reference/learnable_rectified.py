"""Rectifiers with learnable parameters; sequences hold a coefficient per piece."""

import mpmath as mp
import numpy as np
from numpy import clip, heaviside, maximum, minimum, where
from scipy.special import expit

from ._tools import limits, number, quiet, tables


@quiet
def prelu(x, negative_slope=0.25):
    return where(x >= 0, x, negative_slope * minimum(x, 0.0))


def prelu_slope(x, negative_slope=0.25):
    return number(x, where(x >= 0, 1.0, negative_slope))


def prelu_exact(x, negative_slope=0.25):
    return x if x >= 0 else negative_slope * x


@limits
def s_relu(x, left_threshold=0.0, left_slope=0.2, right_threshold=1.0, right_slope=1.0):
    right = right_threshold + right_slope * (x - right_threshold)
    left = left_threshold + left_slope * (x - left_threshold)
    return where(x >= right_threshold, right, where(x <= left_threshold, left, x))


def s_relu_slope(x, left_threshold=0.0, left_slope=0.2, right_threshold=1.0, right_slope=1.0):
    rest = where(x <= left_threshold, left_slope, 1.0)
    return number(x, where(x >= right_threshold, right_slope, rest))


def s_relu_exact(x, left_threshold=0.0, left_slope=0.2, right_threshold=1.0, right_slope=1.0):
    if x >= right_threshold:
        return right_threshold + right_slope * (x - right_threshold)
    return x if x > left_threshold else left_threshold + left_slope * (x - left_threshold)


@limits
def apl(x, slopes=(-0.2, -0.2), hinges=(-0.5, 0.5)):
    # Offset and slope apart, so that opposite slopes cancel far to the left.
    pairs = [(a * b * (x < b), a * (x < b)) for a, b in zip(slopes, hinges, strict=True)]
    offset, slope = (sum(terms) for terms in zip(*pairs, strict=True))
    return maximum(x, 0.0) + offset - slope * x


def apl_slope(x, slopes=(-0.2, -0.2), hinges=(-0.5, 0.5)):
    pieces = (a * (x < b) for a, b in zip(slopes, hinges, strict=True))
    return heaviside(x, 0.0) - sum(pieces)


def apl_exact(x, slopes=(-0.2, -0.2), hinges=(-0.5, 0.5)):
    return max(x, 0) + sum(a * max(0, -x + b) for a, b in zip(slopes, hinges, strict=True))


def flexible_relu(x, bias=0.0):
    return maximum(x, 0.0) + bias


def flexible_relu_slope(x, bias=0.0):
    return heaviside(x, 0.0) + 0.0 * bias


def flexible_relu_exact(x, bias=0.0):
    return max(x, 0) + bias


@quiet
def arelu(x, alpha=0.9, beta=2.0):
    return where(x >= 0, (1 + expit(beta)) * x, clip(alpha, 0.01, 0.99) * x)


def arelu_slope(x, alpha=0.9, beta=2.0):
    return number(x, where(x >= 0, 1 + expit(beta), clip(alpha, 0.01, 0.99)))


def arelu_exact(x, alpha=0.9, beta=2.0):
    low, high = mp.mpf(0.01), mp.mpf(0.99)
    return (1 + 1 / (1 + mp.exp(-beta))) * x if x >= 0 else max(low, min(alpha, high)) * x


def _lines(x, slopes, intercepts):
    pairs = zip(slopes, intercepts, strict=True)
    return np.stack(np.broadcast_arrays(*(where(a == 0, b, a * x + b) for a, b in pairs)))


@quiet
def dynamic_relu(x, slopes=(1.0, 0.0), intercepts=(0.0, 0.0)):
    return number(x, _lines(x, slopes, intercepts).max(axis=0))


@quiet
def dynamic_relu_slope(x, slopes=(1.0, 0.0), intercepts=(0.0, 0.0)):
    # By the gaps between lines: their values round to the same number near zero.
    result = np.full_like(x, np.nan)
    for a, b in zip(slopes, intercepts, strict=True):
        others = [a - np.asarray(c) for c in slopes], [b - np.asarray(c) for c in intercepts]
        result = where((_lines(x, *others) >= 0).all(axis=0), a, result)
    return number(x, result)


def dynamic_relu_exact(x, slopes=(1.0, 0.0), intercepts=(0.0, 0.0)):
    return max(a * x + b for a, b in zip(slopes, intercepts, strict=True))


def jump_relu(x, threshold=0.001, bandwidth=0.001):
    return where(x <= threshold, 0.0 * bandwidth, x)


def jump_relu_slope(x, threshold=0.001, bandwidth=0.001):
    return number(x, where(x > threshold, 1.0, 0.0 * bandwidth))


def jump_relu_exact(x, threshold=0.001, bandwidth=0.001):
    return x if x > threshold else mp.mpf(0)


@limits
def plu(x, alpha=0.1, c=1.0):
    return maximum(alpha * (x + c) - c, minimum(alpha * (x - c) + c, x))


def plu_slope(x, alpha=0.1, c=1.0):
    return number(x, where(abs(x) > c, alpha, 1.0))  # For alpha from 0 to 1.


def plu_exact(x, alpha=0.1, c=1.0):
    return max(alpha * (x + c) - c, min(alpha * (x - c) + c, x))


HEIGHTS = (0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0)


def _pieces(heights, left, right):
    """Knot, height and slope at the left end of every interval."""
    width = (np.asarray(right) - left) / (len(heights) - 1)
    for k, (low, high) in enumerate(zip(heights, heights[1:], strict=False)):
        yield left + k * width, low, (high - low) / width


@limits
def pwlu(x, heights=HEIGHTS, left=-3.0, right=3.0, left_slope=0.0, right_slope=1.0):
    y = heights[0] + left_slope * (x - left)
    for knot, height, slope in _pieces(heights, left, right):
        y = where(x >= knot, height + slope * (x - knot), y)
    return where(x >= right, heights[-1] + right_slope * (x - right), y)


def pwlu_slope(x, heights=HEIGHTS, left=-3.0, right=3.0, left_slope=0.0, right_slope=1.0):
    y = left_slope
    for knot, _, slope in _pieces(heights, left, right):
        y = where(x >= knot, slope, y)
    return number(x, where(x >= right, right_slope, y))


def pwlu_exact(x, heights=HEIGHTS, left=-3.0, right=3.0, left_slope=0.0, right_slope=1.0):
    if x < left:
        return heights[0] + left_slope * (x - left)
    if x >= right:
        return heights[-1] + right_slope * (x - right)
    width = (right - left) / (len(heights) - 1)
    k = int(mp.floor((x - left) / width))
    rise = (heights[k + 1] - heights[k]) / width
    return heights[k] + rise * (x - left - k * width)


NAMES = (
    "prelu",
    "s_relu",
    "apl",
    "flexible_relu",
    "arelu",
    "dynamic_relu",
    "jump_relu",
    "plu",
    "pwlu",
)
VALUE, SLOPE, EXACT = tables(globals(), NAMES)
