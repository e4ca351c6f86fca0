"""``x`` times a logarithm, or a double exponential."""

from collections.abc import Callable

import mpmath as mp
from numpy import clip, log1p, maximum
from scipy.special import expit

from ._tools import FAR
from .sigmoidal import cloglog, cloglog_slope, gompertz_exact


def logish(x):
    x = maximum(x, -FAR)
    return x * log1p(expit(x))


def logish_slope(x):
    x = clip(x, -FAR, FAR)
    s = expit(x)
    return log1p(s) + x * s * expit(-x) / (1 + s)


def logish_exact(x):
    return x * mp.log(1 + 1 / (1 + mp.exp(-x)))


def gish(x):
    x = maximum(x, -FAR)
    return x * log1p(cloglog(x))


def gish_slope(x):
    x = clip(x, -FAR, FAR)
    return log1p(cloglog(x)) + x * cloglog_slope(x) / (1 + cloglog(x))


def gish_exact(x):
    return x * mp.log(2 - gompertz_exact(x))


def loglogish(x):
    x = maximum(x, -FAR)
    return x * cloglog(x)


def loglogish_slope(x):
    x = clip(x, -FAR, FAR)
    return cloglog(x) + x * cloglog_slope(x)


def loglogish_exact(x):
    return x * (1 - gompertz_exact(x))


VALUE: dict[str, Callable] = {"logish": logish, "gish": gish, "loglogish": loglogish}
SLOPE: dict[str, Callable] = {
    "logish": logish_slope,
    "gish": gish_slope,
    "loglogish": loglogish_slope,
}
EXACT: dict[str, Callable] = {
    "logish": logish_exact,
    "gish": gish_exact,
    "loglogish": loglogish_exact,
}
