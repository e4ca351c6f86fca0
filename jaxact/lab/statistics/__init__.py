"""Numbers with their evidence: means and differences with intervals, tests, and what n can see."""

from jaxact.lab.statistics.comparisons import (
    ALPHA,
    MARGIN,
    Comparison,
    Comparisons,
    compare_all,
    paired_chance,
)
from jaxact.lab.statistics.estimates import (
    FEWEST_TO_DECIDE,
    SHARE,
    Estimate,
    chance_of_spread,
    estimate,
    interquartile_mean,
    win_rate,
)
from jaxact.lab.statistics.power import seeds_needed, visible_difference

__all__ = [
    "ALPHA",
    "FEWEST_TO_DECIDE",
    "MARGIN",
    "SHARE",
    "Comparison",
    "Comparisons",
    "Estimate",
    "chance_of_spread",
    "compare_all",
    "estimate",
    "interquartile_mean",
    "paired_chance",
    "seeds_needed",
    "visible_difference",
    "win_rate",
]
