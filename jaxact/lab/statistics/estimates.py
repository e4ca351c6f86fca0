"""Numbers with their evidence: means, interquartile means and shares of wins with intervals."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

_RESAMPLES = 9999
FEWEST_TO_DECIDE = 5
"""Seeds below which no difference counts."""


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number over seeds, such as a mean, with its interval.

    Attributes:
        mean: the number.
        low: lower end of the 95 % interval; NaN for a single seed.
        high: upper end.
        n: number of seeds.
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval is above zero, of five seeds or more.

        Of fewer, all lie on one side by chance too often: one time in eight of four.
        """
        return bool(self.low > 0) and self.n >= FEWEST_TO_DECIDE

    @property
    def below_zero(self) -> bool:
        """Whether the whole interval is below zero, of five seeds or more."""
        return bool(self.high < 0) and self.n >= FEWEST_TO_DECIDE

    def text(self, digits: int = 1, scale: float = 1.0, unit: str = "") -> str:
        """``mean unit [low, high] (n=5)``, or ``not finite (n=5)``."""
        if not math.isfinite(self.mean):
            return f"not finite (n={self.n})"
        mean, low, high = (f"{scale * v:.{digits}f}" for v in (self.mean, self.low, self.high))
        interval = f"[{low}, {high}] (n={self.n})" if self.n > 1 else "(n=1)"
        return f"{mean}{unit} {interval}"


def estimate(values: Any) -> Estimate:
    """Mean over seeds with a 95 % bootstrap interval, the same at every call.

    The interval is the percentile bootstrap's, expanded for small samples: plain percentiles of
    five seeds cover the mean 83 times in 100.

    Args:
        values: one number per seed.

    Returns:
        The estimate. For the difference of two activations give the differences by seed.

    References:
        Hesterberg, 2015, section 5.2, https://doi.org/10.1080/00031305.2015.1089789

    Example:
        >>> estimate([0.97, 0.98, 0.99]).text(digits=1, scale=100, unit=" %")
        '98.0 % [97.0, 99.0] (n=3)'
    """
    return _bootstrapped(values, np.mean)


def interquartile_mean(values: Any) -> Estimate:
    """Mean of the middle half of the seeds with a 95 % bootstrap interval.

    A run or two that go astray do not move it. A quarter of the values, rounded down, is left out
    on either side; of three seeds or fewer that is none.

    Args:
        values: one number per seed.

    Returns:
        The estimate, with the interval of :func:`estimate`.

    References:
        Agarwal et al., 2021, https://arxiv.org/abs/2108.13264

    Example:
        >>> interquartile_mean([0.1, 0.97, 0.98, 0.99, 0.98]).mean
        0.9766666666666666
    """
    from scipy import stats

    return _bootstrapped(values, functools.partial(stats.trim_mean, proportiontocut=0.25))


def win_rate(first: Any, second: Any) -> Estimate:
    """Probability that one is larger than the other at a seed, ties as half.

    Args:
        first: one number per seed.
        second: those of the other, in the same order of seeds.

    Returns:
        The share of seeds won with Wilson's 95 % interval: wide, for seeds are few, and never
        empty, as a bootstrap would be where all seeds agree.

    Example:
        >>> win_rate([3, 4, 5, 6], [1, 2, 3, 6]).text(0, 100, " %")
        '88 % [40, 99] (n=4)'
    """
    from statsmodels.stats.proportion import proportion_confint

    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    n, won = len(first), float((first > second).sum() + (first == second).sum() / 2)
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return Estimate(np.nan, np.nan, np.nan, n)
    interval: Any = proportion_confint(won, n, method="wilson")
    return Estimate(won / n, *map(float, interval), n=n)


def _bootstrapped(values: Any, statistic: Callable[..., Any]) -> Estimate:
    values = np.asarray(values, np.float64)
    center = float(statistic(values))
    if len(values) < 2:
        return Estimate(center, np.nan, np.nan, len(values))
    if np.ptp(values) == 0 or not np.isfinite(values).all():
        return Estimate(center, center, center, len(values))
    from scipy import stats

    n = len(values)
    tail = float(stats.norm.cdf(stats.t.ppf(0.025, n - 1) * math.sqrt(n / (n - 1))))
    interval = stats.bootstrap(
        (values,),
        statistic,
        confidence_level=1 - 2 * tail,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Estimate(center, float(interval.low), float(interval.high), n)


def chance_of_spread(values: Any) -> float:
    """Probability that groups alike would differ as much as these (Friedman's test).

    Args:
        values: shape (groups, seeds), at least three groups, paired by seed.

    Returns:
        The p-value; 1 if nothing differs.
    """
    from scipy import stats

    values = np.asarray(values, np.float64)
    if not np.isfinite(values).all() or (values == values[0]).all():
        return 1.0
    return float(stats.friedmanchisquare(*values).pvalue)
