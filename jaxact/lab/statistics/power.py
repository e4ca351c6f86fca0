"""What a number of seeds can see, and how many seeds a difference needs."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

POWER = 0.8
"""How often the test finds the difference that a number of seeds can see."""

_MOST_SEEDS = 10**6
_QUANTILES = 10_000


def visible_difference(differences: Any, power: float = POWER, alpha: float = 0.05) -> float:
    """The smallest true difference that so many seeds can see.

    Args:
        differences: between two activations, one per seed; their standard deviation counts.
        power: probability that the paired t-test, two-sided, finds it.
        alpha: level of that test.

    Returns:
        The difference, in units of ``differences``; NaN for a single seed or numbers that are
        not finite.

    Example:
        >>> round(visible_difference([0.01, 0.02, 0.0, 0.01, 0.02]), 4)
        0.0141
    """
    differences = np.asarray(differences, np.float64)
    if len(differences) < 2 or not np.isfinite(differences).all():
        return float("nan")
    return float(differences.std(ddof=1)) * _effect(len(differences), power, alpha)


def seeds_needed(
    differences: Any, difference: float, power: float = POWER, alpha: float = 0.05
) -> int:
    """The seeds that the paired t-test needs to see a difference.

    Args:
        differences: between two activations, one per seed; their standard deviation counts.
        difference: the true difference to see, in units of ``differences``; not zero.
        power: probability that the test, two-sided, finds it.
        alpha: level of the test.

    Returns:
        The number of seeds; a million stands for a million or more.

    Raises:
        ValueError: if the difference is zero, or there are fewer than two finite numbers.

    Example:
        >>> seeds_needed([0.01, 0.02, 0.0, 0.01, 0.02], 0.005)
        24
    """
    differences = np.asarray(differences, np.float64)
    if difference == 0 or len(differences) < 2 or not np.isfinite(differences).all():
        raise ValueError("needs a difference that is not zero, and two finite numbers or more")
    spread = float(differences.std(ddof=1))
    if spread == 0:
        return 2
    effect = abs(difference) / spread
    low, high = 1, 2
    while high < _MOST_SEEDS and _power(effect, high, alpha) < power:
        low, high = high, min(2 * high, _MOST_SEEDS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _power(effect, middle, alpha) < power else (low, middle)
    return high


@functools.cache
def _effect(n: int, power: float, alpha: float) -> float:
    """The difference, in standard deviations, that n seeds can see."""
    # Not statsmodels' solve_power: at the small levels of many pairs it finds no solution. The
    # power is the mean over the quantiles of the standard deviation, of which 10,000 will do.
    from scipy import optimize, stats

    bound = stats.t.isf(alpha / 2, n - 1)
    shares = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    spread = bound * np.sqrt(stats.chi2.ppf(shares, n - 1) / (n - 1))
    most = float(spread[-1]) + 10.0
    found: Any = optimize.brentq(lambda c: stats.norm.sf(spread - c).mean() - power, 0.0, most)
    return float(found) / math.sqrt(n)


def _power(effect: float, n: int, alpha: float) -> float:
    from statsmodels.stats.power import TTestPower

    # Where it is next to 1, the noncentral t distribution may come out as NaN.
    return float(np.nan_to_num(TTestPower().power(effect, n, alpha), nan=1.0))
