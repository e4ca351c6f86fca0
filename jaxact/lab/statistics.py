"""Numbers with their evidence: means with bootstrap intervals, plain and paired."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

_RESAMPLES = 9999


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its interval.

    Attributes:
        mean: the mean.
        low: lower end of the 95 % bootstrap interval; NaN for a single seed.
        high: upper end.
        n: number of seeds.
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval is above zero."""
        return bool(self.low > 0)

    @property
    def below_zero(self) -> bool:
        """Whether the whole interval is below zero."""
        return bool(self.high < 0)

    def text(self, digits: int = 1, scale: float = 1.0, unit: str = "") -> str:
        """``mean unit [low, high] (n=5)``, or ``not finite (n=5)``."""
        if not math.isfinite(self.mean):
            return f"not finite (n={self.n})"
        mean, low, high = (f"{scale * v:.{digits}f}" for v in (self.mean, self.low, self.high))
        interval = f"[{low}, {high}] (n={self.n})" if self.n > 1 else "(n=1)"
        return f"{mean}{unit} {interval}"


def estimate(values: Any) -> Estimate:
    """Mean over seeds with a 95 % percentile bootstrap interval, the same at every call.

    Args:
        values: one number per seed.

    Returns:
        The estimate. For the difference of two activations give the differences by seed.

    Example:
        >>> estimate([0.97, 0.98, 0.99]).text(digits=1, scale=100, unit=" %")
        '98.0 % [97.0, 99.0] (n=3)'
    """
    values = np.asarray(values, np.float64)
    mean = float(values.mean())
    if len(values) < 2:
        return Estimate(mean, np.nan, np.nan, len(values))
    if np.ptp(values) == 0 or not np.isfinite(values).all():
        return Estimate(mean, mean, mean, len(values))
    from scipy import stats

    interval = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high), len(values))
