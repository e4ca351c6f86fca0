"""When a study that adds seeds looks at its results, and how much chance each look may take.

The rule is alpha-spending: of the 5 % a run may err, each look has its share, more the later it
comes (the power family with exponent 2). Shares add up to 5 %, so that by Boole's inequality
the chance of a false verdict at any look is at most 5 %, however the looks depend on each other:
also if an activation's learning rate, chosen anew at each look, is another one than before, which
the sharper boundaries of Lan and DeMets do not allow. That costs about a sixth more seeds than
those would take.

Each look is a paired t-test, so the bound is exact for normal differences. False verdicts in 60,000
simulated runs that look every five seeds up to n:

=============  =====  =====  =====  =====
differences    n=5    n=10   n=20   n=50
=============  =====  =====  =====  =====
normal         0.050  0.047  0.038  0.024
t with 3 df    0.039  0.035  0.028  0.017
skewness 1     0.067  0.067  0.054  0.038
skewness 2     0.115  0.121  0.109  0.084
=============  =====  =====  =====  =====

It fails where differences are strongly skewed. Differences of two activations alike are symmetric.

False verdicts of two activations that are truly the margin apart, ties for the most part, in 60,000
simulated runs with normal differences, by p alone, at the standard deviation of the differences at
which they are most frequent (1.2 to 1.6 margins): 0.035, 0.040, 0.030 and 0.020 at n = 5, 10, 20
and 50.

References:
    Lan and DeMets, 1983, https://doi.org/10.1093/biomet/70.3.659; Kim and DeMets, 1987,
    https://doi.org/10.1093/biomet/74.1.149
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jaxact.lab.errors import UserError
from jaxact.lab.statistics import ALPHA, FEWEST_TO_DECIDE, Comparison, Comparisons

if TYPE_CHECKING:
    from jaxact.lab.study import Study

FIRST_SEEDS, MOST_SEEDS = 5, 50
"""Seeds of the first look and of the last, by default."""

SEEDS = 2**31
"""Seeds there are, from 0 on: those of int32."""

_EXPONENT = 2.0


def schedule(first: int, most: int) -> tuple[int, ...]:
    """Numbers of seeds at which to look: every ``first`` seeds, and at ``most``.

    Example:
        >>> schedule(5, 18)
        (5, 10, 15, 18)
    """
    return (*range(first, most, first), most)


def levels(looks: tuple[int, ...]) -> np.ndarray:
    """Probability of a false verdict at each look, float64 of shape (looks,); the sum is 0.05.

    Example:
        >>> levels((5, 10)).round(4)
        array([0.0125, 0.0375])
    """
    spent = ALPHA * (np.array(looks) / looks[-1]) ** _EXPONENT
    return np.diff(spent, prepend=0.0)


def decided(found: Comparisons, pair: tuple[str, ...] = ()) -> Comparison | None:
    """The pair that a study is to decide, as it stands; None if fewer than two have finite means.

    Args:
        found: the pairs at a look.
        pair: two names; empty for the best and the runner-up. Which those are is read off the
            same numbers; tested at a two-sided level that is no more often wrong (Gutmann and
            Maymin, 1987, https://doi.org/10.1214/aos/1176350378).

    Returns:
        Its verdict is ``undecided`` if more seeds are needed.
    """
    if pair:
        return found.of(*pair)
    return found.of(*found.ranked[:2]) if len(found.ranked) > 1 else None


def check(study: Study) -> None:
    """Whether the fields of a study that say when to stop make sense.

    Raises:
        UserError: if they do not.
    """
    if not 0 < study.margin < 1:
        raise UserError(f"--margin is a difference of accuracy between 0 and 1, got {study.margin}")
    if study.first_seed < 0:
        raise UserError(f"--first-seed is a number from 0 on, got {study.first_seed}")
    most = study.max_seeds or study.seeds
    if study.first_seed + most > SEEDS:
        raise UserError(
            f"--first-seed {study.first_seed} with {most} seeds: seeds end at {SEEDS - 1}; "
            f"give {SEEDS - most} or less"
        )
    if study.max_seeds is None:
        if study.decide:
            raise UserError("--decide is for --seeds auto: it names the pair that ends the run")
        return
    if study.seeds < FEWEST_TO_DECIDE:
        raise UserError(
            f"--seeds {study.seeds} with --max-seeds: no look at fewer than {FEWEST_TO_DECIDE} "
            f"seeds decides; give {FEWEST_TO_DECIDE} or more, or auto"
        )
    if study.max_seeds < study.seeds:
        raise UserError(f"--max-seeds {study.max_seeds} is less than the first {study.seeds} seeds")
    if len(study.activations) < 2:
        raise UserError("--seeds auto needs two --activations or more to compare")
    if study.decide and (len(set(study.decide)) != 2 or len(study.decide) != 2):
        raise UserError(f"--decide takes two activations, got {' '.join(study.decide)}")
    for name in study.decide:
        if name not in study.activations:
            raise UserError(
                f"--decide {name}: not among the --activations {' '.join(study.activations)}"
            )
