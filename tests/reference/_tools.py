"""What several families share."""

import functools
from collections.abc import Callable, Sequence

import numpy as np

FAR = 1e3  # Where exp(-x) has long been below the smallest float64.
_ENDLESS = 1e300

Table = dict[str, Callable]


def quiet(f: Callable) -> Callable:
    """``f`` without warnings: the branch that ``where`` drops may be undefined."""
    return np.errstate(all="ignore")(f)


def limits(f: Callable) -> Callable:
    """``f``, quiet, where plus and minus infinity are huge numbers in disguise."""

    @quiet
    @functools.wraps(f)
    def extended(x, *args, **kwargs):
        x = np.asarray(x, float)
        y = f(np.where(np.isinf(x), np.copysign(_ENDLESS, x), x), *args, **kwargs)
        y = np.where(np.isinf(x) & (abs(y) > 1e250), np.copysign(np.inf, y), y)
        return np.where(np.isinf(x) & (abs(y) < 1e-250), 0.0, y)

    return extended


def number(x, y):
    """``y``, but NaN where ``x`` is NaN."""
    return np.where(np.isnan(x), np.nan, y)


def hyperbolic_bell(x):
    """One over the squared hyperbolic cosine."""
    decay = np.exp(-2 * abs(x))
    return 4 * decay / (1 + decay) ** 2


def tables(namespace: dict, names: Sequence[str]) -> tuple[Table, Table, Table]:
    """The functions called ``name``, ``name_slope`` and ``name_exact``, each by ``name``."""
    endings = ("", "_slope", "_exact")
    value, slope, exact = ({name: namespace[name + end] for name in names} for end in endings)
    return value, slope, exact
