"""Which of several activations is better: paired tests, corrected, with four verdicts.

Why a paired t-test. Rates of p <= 0.05 under the null, in 100,000 simulated sets of n differences
(5,000 for the others):

=====================  =====  =====  =====  =====
differences            n=5    n=10   n=20   n=50
=====================  =====  =====  =====  =====
normal, t              0.049  0.049  0.049  0.049
t with 3 df, t         0.039  0.040  0.042  0.046
skewness 1, t          0.068  0.064  0.059  0.054
skewness 2, t          0.117  0.099  0.082  0.065
normal, sign flips     0.000  0.048  0.052  0.049
skewness 2, sign flips 0.000  0.089  0.078  0.070
normal, signed ranks   0.000  0.048  0.048  0.048
skewness 2, ranks      0.000  0.083  0.125  0.219
=====================  =====  =====  =====  =====

Exact tests of n signs or ranks have no p-value below ``2**(1 - n)``: five seeds never reach 0.05,
and among the fifteen pairs of six activations nine seeds do not. The t-test has no such floor. It
keeps its level for differences that are symmetric, as those of two activations alike are at equal
seeds, with heavy tails as well; it fails where differences are strongly skewed and seeds are few,
as the others do.

Where all differences are equal, as few test images make them, there is no spread for a t-test, and
signs are what is left: a symmetric difference whose mean is the margin or more is closer to zero
than that at a seed with probability 1/2 at most, and at all n with ``2**-n``. So is the p-value of
a tie; that of a difference, which has two sides, is twice that. False ties of two activations that
are truly a margin of half a point apart, on 100 test images, in 40,000 simulated runs (one gets q
of the images right that the other gets wrong, the other q plus the margin; in brackets with 0 as
the p-value of equal differences), by p alone; looks come every five seeds:

=====  ===============  ===============  ===============  ===================
q      5 seeds          10 seeds         5 of 50 seeds    looks up to 50
=====  ===============  ===============  ===============  ===================
0      0.083 (0.083)    0.115 (0.115)    0.000 (0.083)    0.075 (0.134)
0.002  0.022 (0.022)    0.051 (0.051)    0.000 (0.022)    0.036 (0.055)
0.01   0.001 (0.001)    0.003 (0.003)    0.000 (0.001)    0.005 (0.006)
=====  ===============  ===============  ===============  ===================

The first row fails by its skewness, 1.4. On 1,000 test images it is 0.068, 0.064, 0.001 (0.001) and
0.033 (0.033), and from q = 0.01 on all are at most 0.05.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from jaxact.lab.statistics.estimates import FEWEST_TO_DECIDE, Estimate, estimate, win_rate
from jaxact.lab.statistics.power import visible_difference

ALPHA = 0.05
"""Probability of a false verdict in a family: that any pair of a run differs, or that any ties."""

MARGIN = 0.005
"""Difference of accuracy that makes no difference."""

Verdict = Literal["better", "worse", "tie", "undecided"]
_OPPOSITE: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}
# Less than an image of any test set; float32 rounds accuracies by less.
_ROUNDING = 1e-6


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two activations, seed by seed.

    Attributes:
        first: name.
        second: name.
        difference: of the means, first minus second, with the interval of this pair alone.
        p: p-value of the paired t-test, corrected for the pairs compared (Holm) and looks.
        wins: probability that the first is larger at a seed, ties as half.
        verdict: on the first; see :func:`compare_all`.
        visible: smallest difference that so many seeds can see, with p corrected as if no other
            pair differed (Bonferroni): at least that far apart, a pair has ``p`` at most 0.05.
    """

    first: str
    second: str
    difference: Estimate
    p: float
    wins: Estimate
    verdict: Verdict
    visible: float

    @property
    def equal(self) -> bool:
        """Whether the difference is the same at all seeds, so that nothing tells its spread."""
        return self.difference.high - self.difference.low <= _ROUNDING

    def turned(self) -> Comparison:
        """The same with first and second changed."""
        d, w = self.difference, self.wins
        return Comparison(
            first=self.second,
            second=self.first,
            difference=Estimate(-d.mean, -d.high, -d.low, d.n),
            p=self.p,
            wins=Estimate(1 - w.mean, 1 - w.high, 1 - w.low, w.n),
            verdict=_OPPOSITE.get(self.verdict, self.verdict),
            visible=self.visible,
        )


@dataclasses.dataclass(frozen=True)
class Comparisons:
    """Pairs of a run.

    Attributes:
        ranked: names by their mean, the best first; without those that have no finite mean.
        pairs: by first and second name, in the order of the run.
        margin: differences smaller than this make a tie.
        level: what ``p`` is corrected for in all: a verdict is false with at most this
            probability at this look, 0.05 if there is but one.
    """

    ranked: tuple[str, ...]
    pairs: dict[tuple[str, str], Comparison]
    margin: float
    level: float

    def of(self, first: str, second: str) -> Comparison:
        """First against second.

        Raises:
            KeyError: if there is no such pair.
        """
        if (first, second) in self.pairs:
            return self.pairs[first, second]
        return self.pairs[second, first].turned()

    def against_best(self) -> list[Comparison]:
        """All others with a finite mean against the best, in order."""
        return [self.of(name, self.ranked[0]) for name in self.ranked[1:]]

    @property
    def visible(self) -> float:
        """Smallest difference from the best that the seeds can see: the median over the others."""
        return float(np.median([c.visible for c in self.against_best()] or [math.nan]))


def compare_all(
    values: Mapping[str, Any],
    margin: float = MARGIN,
    level: float = ALPHA,
    names: Sequence[tuple[str, str]] | None = None,
) -> Comparisons:
    """Compares pairs, by default all, paired by seed.

    ``better`` and ``worse``: the paired t-test's p-value is at most 0.05 after Holm's correction
    over the pairs, and the interval excludes zero. ``tie``: else, if two one-sided t-tests,
    corrected alike, say that the difference is smaller than the margin, and the interval lies
    within it. ``undecided``: else, and with fewer than five seeds.

    The correction is over all pairs even where only those with the best are shown, for which one
    is best is read off the same numbers. Fewer are a family of their own only if they were named
    before the numbers were seen.

    Args:
        values: by name, one number per seed, in the same order of seeds.
        margin: what makes no difference, in units of the values.
        level: probability of a false verdict at this look; see :mod:`jaxact.lab.looks`.
        names: of the pairs, first and second; by default all.

    Returns:
        The pairs. One with a number that is not finite is undecided.

    References:
        Holm, 1979, https://www.jstor.org/stable/4615733; Schuirmann, 1987,
        https://doi.org/10.1007/BF01068419

    Example:
        >>> accuracy = {"relu": [0.90, 0.91, 0.90, 0.92, 0.91],
        ...             "gelu": [0.92, 0.93, 0.93, 0.94, 0.93]}
        >>> found = compare_all(accuracy).of("gelu", "relu")
        >>> found.verdict, found.difference.text(1, 100, " points")
        ('better', '2.2 points [1.6, 2.8] (n=5)')
    """
    arrays = {name: np.asarray(v, np.float64) for name, v in values.items()}
    names = [*itertools.combinations(arrays, 2)] if names is None else names
    differences = [arrays[a] - arrays[b] for a, b in names]
    share = level / ALPHA
    each = level / max(1, len(differences))
    chances = _corrected([paired_chance(d) for d in differences], share)
    ties = _corrected([_chance_of_more(d, margin) for d in differences], share)
    pairs = {}
    for (a, b), d, p, p_tie in zip(names, differences, chances, ties, strict=True):
        difference = estimate(d)
        pairs[a, b] = Comparison(
            first=a,
            second=b,
            difference=difference,
            p=p,
            wins=win_rate(arrays[a], arrays[b]),
            verdict=_verdict(difference, p, p_tie, margin),
            visible=visible_difference(d, alpha=each),
        )
    means = {name: float(v.mean()) for name, v in arrays.items() if np.isfinite(v).all()}
    ranked = tuple(sorted(means, key=lambda name: -means[name]))
    return Comparisons(ranked=ranked, pairs=pairs, margin=margin, level=level)


def paired_chance(differences: Any) -> Any:
    """Probability that activations alike would differ as much as these: the paired t-test.

    Args:
        differences: one per seed along the last axis, shape (..., n).

    Returns:
        Two-sided p-values, float64 of shape (...); 1 where a difference is not finite. Where all
        are equal but not zero, there is no spread to judge by, and the p-value is that of n equal
        signs, ``2**(1 - n)``.

    Example:
        >>> float(paired_chance([0.01, 0.02, 0.01, 0.03, 0.02]).round(4))
        0.0086
    """
    from scipy import stats

    d = np.asarray(differences, np.float64)
    n = d.shape[-1]
    error, alike = _error(d)
    mean = d.mean(-1)
    chance = 2 * stats.t.sf(np.abs(mean) / error, n - 1)
    signs = np.where(np.abs(mean) <= _ROUNDING, 1.0, 2.0 ** (1 - n))
    return np.where(np.isfinite(d).all(-1), np.where(alike, signs, chance), 1.0)


def _chance_of_more(differences: np.ndarray, margin: float) -> float:
    """The larger p-value of the two one-sided t-tests of a difference beyond the margin.

    Where all differences are equal, that of n signs: ``2**-n`` if they are within it.
    """
    from scipy import stats

    if len(differences) < 2 or not np.isfinite(differences).all():
        return 1.0
    room = margin - abs(float(differences.mean()))
    error, alike = _error(differences)
    if alike:
        return 2.0 ** -len(differences) if room > 0 else 1.0
    return float(stats.t.sf(room / error, len(differences) - 1))


def _error(d: np.ndarray) -> tuple[Any, Any]:
    """Standard error of the mean along the last axis, 1 where all are alike, and where they are."""
    alike = np.ptp(d, -1) <= _ROUNDING
    if d.shape[-1] < 2:
        return np.ones_like(alike, np.float64), np.ones_like(alike)
    error = d.std(-1, ddof=1) / math.sqrt(d.shape[-1])
    return np.where(alike, 1.0, error), alike


def _corrected(chances: list[Any], share: float) -> list[float]:
    """P-values after Holm's correction, where only a share of the level may be spent."""
    # As statsmodels' multipletests, which collects garbage at each call: a second, beside JAX.
    spent = np.minimum(1.0, np.array(chances, np.float64) / share)
    order = np.argsort(spent)
    stepped = np.maximum.accumulate(spent[order] * np.arange(len(spent), 0, -1))
    corrected = np.empty_like(spent)
    corrected[order] = np.minimum(1.0, stepped)
    return corrected.tolist()


def _verdict(difference: Estimate, p: float, p_tie: float, margin: float) -> Verdict:
    if p <= ALPHA and difference.above_zero:
        return "better"
    if p <= ALPHA and difference.below_zero:
        return "worse"
    within = -margin < difference.low and difference.high < margin
    if p_tie <= ALPHA and within and difference.n >= FEWEST_TO_DECIDE:
        return "tie"
    return "undecided"
