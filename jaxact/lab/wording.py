"""Comparisons of a run in words, for the terminal and the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from jaxact.lab.statistics import FEWEST_TO_DECIDE, Comparison, Comparisons


def words_of(pair: Comparison, pairs: Comparisons) -> str:
    """Corrected p-value of a pair, and what its verdict rests on.

    Example:
        >>> from jaxact.lab.statistics import compare_all
        >>> pairs = compare_all({"a": [0.1, 0.3, 0.2, 0.1, 0.2], "b": [0.1, 0.2, 0.3, 0.1, 0.1]})
        >>> words_of(pairs.of("a", "b"), pairs)
        'p 0.62; these 5 seeds can see 14.1 points'

    With more pairs, p and what can be seen are corrected alike: more than can be seen is told
    apart.
    """
    seeds = pair.difference.n
    if not math.isfinite(pair.difference.mean):
        return f"p {chance(pair.p)}"
    if pair.verdict == "tie":
        return f"p {chance(pair.p)}; less than {points(pairs.margin)} apart"
    if pair.verdict == "undecided" and seeds >= FEWEST_TO_DECIDE:
        if pair.equal:
            return f"p {chance(pair.p)}; the same at all {seeds} seeds, too few to tell"
        return f"p {chance(pair.p)}; {sees(seeds, pair.visible)}"
    return f"p {chance(pair.p)}"


def wins(pair: Comparison) -> str:
    """How often the first of a pair is larger: ``wins 90 % [60, 98]``."""
    share, low, high = (f"{100 * v:.0f}" for v in (pair.wins.mean, pair.wins.low, pair.wins.high))
    return f"wins {share} % [{low}, {high}]" if share != "nan" else "wins not finite"


def sees(seeds: int, difference: float) -> str:
    """``these 10 seeds can see 0.6 points``."""
    return f"these {seeds} seeds can see {points(difference)}"


def points(difference: float) -> str:
    """A difference of accuracy: ``0.6 points``, with two digits if it is small."""
    value = 100 * difference
    if not math.isfinite(value):
        return "no number of points"
    return f"{value:.1f} points" if value >= 0.1 or value == 0 else f"{value:.2g} points"


def chance(p: float) -> str:
    """A p-value: ``0.62``, ``0.004``, ``< 0.001``."""
    if p < 0.001:
        return "< 0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def budget(study: dict[str, Any]) -> str:
    """The tuning budget, equal for all: ``3 learning rates x 5 seeds each``."""
    rates, seeds = len(study["lrs"]), study["seeds"]
    return f"{_count(rates, 'learning rate')} x {_count(seeds, 'seed')} each"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def visible(study: dict[str, Any], pairs: Comparisons) -> str:
    """What the seeds of a study can see, in a sentence."""
    if study["seeds"] < FEWEST_TO_DECIDE:
        return f"With fewer than {FEWEST_TO_DECIDE} seeds no difference counts."
    words = sees(study["seeds"], pairs.visible).capitalize()
    if len(pairs.pairs) == 1:
        return f"{words} (at a power of 80 %)."
    return f"{words} (median over these pairs, p corrected, at a power of 80 %)."


def correction(run: dict[str, Any], pairs: Comparisons) -> str:
    """What p-values are corrected for, in a sentence.

    Args:
        run: as in ``run.json``.
        pairs: its comparisons.
    """
    number = _count(len(pairs.pairs), "pair")
    looks = " and all looks" if "sequential" in run else ""
    every = "" if len(pairs.pairs) == 1 else "all "
    if not looks and not every:
        return ""
    return f"p is corrected for {every}{number}{looks}; an interval stands for its pair alone."


def claims_correction(run: dict[str, Any], pairs: Sequence[tuple[str, str]]) -> str:
    """What p-values of claims are corrected for, in a sentence; empty if for nothing.

    Args:
        run: as in ``run.json``.
        pairs: whose accuracies the claims are about.
    """
    looks = " and all looks" if "sequential" in run else ""
    if not pairs or (len(pairs) == 1 and not looks):
        return ""
    number = _count(len(pairs), "claim")
    return f"p is corrected for {number} on accuracy{looks}, named before the run."


def added(run: dict[str, Any]) -> str:
    """What came of adding seeds, in a sentence; empty where none were to be added.

    Args:
        run: as in ``run.json``.

    Example:
        >>> added({"sequential": {"looks": [5, 10], "verdict": "better",
        ...     "pair": ["gelu", "relu"], "max_seeds": 50}})
        'Seeds were added until gelu and relu were told apart: 10 of at most 50, in 2 looks.'
    """
    if "sequential" not in run:
        return ""
    told = run["sequential"]
    looks = _count(len(told["looks"]), "look")
    number = f"{told['looks'][-1]} of at most {told['max_seeds']}, in {looks}"
    if not told["pair"]:
        return f"Seeds were added, {number}; there was no pair to tell apart."
    first, second = told["pair"]
    if told["verdict"] == "undecided":
        return f"Seeds were added, {number}; {first} and {second} are still undecided."
    end = "shown to tie" if told["verdict"] == "tie" else "told apart"
    return f"Seeds were added until {first} and {second} were {end}: {number}."
