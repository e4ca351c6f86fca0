"""The claims of the encyclopedia entry that a run can test, each with its verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from typing import Literal

import numpy as np

from jaxact.lab.records import Results
from jaxact.lab.statistics import (
    FEWEST_TO_DECIDE,
    Comparisons,
    Estimate,
    chance_of_spread,
    estimate,
)
from jaxact.lab.summary import Reading, comparisons, readings
from jaxact.lab.wording import words_of

Verdict = Literal["holds", "does not hold", "undecided", "not tested"]
Readings = dict[str, Reading]
Judge = Callable[[Readings, Comparisons], tuple[Verdict, str]]

_FEW = 0.25
_CURED = 0.2
# Differences of two shares.
_CHANGE = (-1.0, 1.0)
_NEVER = {"leaky_relu": " (its slope is never near 0)"}
_VANISHING = 0.1


@dataclasses.dataclass(frozen=True)
class Finding:
    """A claim of the entry and what a run says of it.

    Attributes:
        claim: the entry's words, in short.
        verdict: whether the run bears it out.
        evidence: the numbers.
    """

    claim: str
    verdict: Verdict
    evidence: str


@dataclasses.dataclass(frozen=True)
class Claim:
    """A claim, the activations it is about, and how a run decides it.

    Attributes:
        text: the entry's words, in short.
        needs: the activations.
        judge: from readings, and comparisons of the pairs of all claims, to verdict and evidence.
        pair: the one said to be more accurate and the other, in a claim on accuracy.
    """

    text: str
    needs: tuple[str, ...]
    judge: Judge
    pair: tuple[str, str] | None = None


def judge(results: Results) -> list[Finding]:
    """Every claim of the entry, judged by a run.

    Claims on accuracy are decided as comparisons are, but corrected among themselves: they were
    named before the run, while which of all pairs is remarkable is read off it. Another difference
    counts if the 95 % interval of the paired difference excludes zero and there are five seeds or
    more; each such claim stands alone.
    """
    found = readings(results.metrics, results.run)
    pairs = comparisons(found, results.run, tested(found))
    findings = []
    for claim in CLAIMS:
        missing = [name for name in claim.needs if name not in found]
        if missing:
            words = f"needs {', '.join(missing)} among the activations"
            findings.append(Finding(claim.text, "not tested", words))
            continue
        verdict, evidence = claim.judge(found, pairs)
        if verdict != "not tested" and len(found[next(iter(found))].accuracy) < FEWEST_TO_DECIDE:
            verdict, evidence = "undecided", f"{evidence}; {FEWEST_TO_DECIDE} seeds could decide"
        findings.append(Finding(claim.text, verdict, evidence))
    return findings


def tested(names: Collection[str]) -> list[tuple[str, str]]:
    """Pairs whose accuracies claims are about, of those activations that a run has."""
    return [c.pair for c in CLAIMS if c.pair is not None and set(c.pair) <= set(names)]


def _sign(difference: Estimate) -> Verdict:
    if difference.above_zero:
        return "holds"
    return "does not hold" if difference.below_zero else "undecided"


def _points(difference: Estimate) -> str:
    return difference.text(1, 100, " points")


def _share(values: np.ndarray) -> str:
    """A mean share: ``0.9 %``."""
    return f"{100 * values.mean():.1f} %" if np.isfinite(values).all() else "no finite share"


def _more_accurate(text: str, better: str, worse: str) -> Claim:
    verdicts: dict[str, Verdict] = {"better": "holds", "undecided": "undecided"}

    def decide(found: Readings, pairs: Comparisons) -> tuple[Verdict, str]:
        pair = pairs.of(better, worse)
        words = f"{better} minus {worse}: {_points(pair.difference)}, {words_of(pair, pairs)}"
        return verdicts.get(pair.verdict, "does not hold"), words

    return Claim(text, (better, worse), decide, pair=(better, worse))


def _sigmoid_is_slow(found: Readings, _: Comparisons) -> tuple[Verdict, str]:
    slow, relu, gelu = (found[n].epochs_to_target for n in ("sigmoid", "relu", "gelu"))
    fast, epochs = np.maximum(relu, gelu), found["sigmoid"].epochs
    words = ", ".join(f"{n} {found[n].median_epochs}" for n in ("sigmoid", "relu", "gelu"))
    verdict, delay = _delay(slow - fast, slow > epochs, fast > epochs)
    return verdict, f"epochs to target: {words}; {delay}"


def _delay(
    later: np.ndarray, slow_missed: np.ndarray, fast_missed: np.ndarray
) -> tuple[Verdict, str]:
    """Whether epochs later by seed are more than none, and how many they are, in words.

    Args:
        later: of sigmoid over the others; an epoch after the last stands for a target not reached.
        slow_missed: where sigmoid did not reach it, and is later than that or as late.
        fast_missed: where another did not, and sigmoid is less late or as late.
    """
    if slow_missed.any() and fast_missed.any():
        both = f"{slow_missed.sum()} and {fast_missed.sum()} of {len(later)} seeds"
        return "undecided", f"sigmoid and the others miss it at {both}: no bound on the delay"
    if slow_missed.any():
        least = estimate(later)
        return ("holds" if least.above_zero else "undecided"), f"later by {_at_least(least)}"
    if fast_missed.any():
        least = estimate(-later)
        return ("does not hold" if least.above_zero else "undecided"), (
            f"earlier by {_at_least(least)}"
        )
    difference = estimate(later)
    return _sign(difference), f"later by {difference.text(1)}"


def _at_least(least: Estimate) -> str:
    """A mean of lower bounds, with the lower end of its interval."""
    end = f" [from {least.low:.1f}]" if least.n > 1 else ""
    return f"at least {least.mean:.1f}{end} (n={least.n})"


def _few_dead(found: Readings, _: Comparisons) -> tuple[Verdict, str]:
    """Units that go dead and come to life again, or the other way round, cancel out."""
    after, before = found["relu"].dead.mean(1), found["relu"].dead_before.mean(1)
    gone = estimate(after - before, _CHANGE)
    shares = f"{_share(after)} of units dead after training, {_share(before)}"
    words = f"relu: {shares} before, mean over layers; went dead: {gone.text(1, 100, ' %')}"
    if gone.below_zero or gone.low > _FEW:
        return "does not hold", words
    return ("holds" if gone.above_zero and gone.high < _FEW else "undecided"), words


def _cured(found: Readings, _: Comparisons) -> tuple[Verdict, str]:
    lr = found["relu"].lr
    dead = {n: found[n].dead_by_lr[lr] for n in ("relu", "leaky_relu", "gelu")}
    shares = ", ".join(f"{n} {_share(d)}{_NEVER.get(n, '')}" for n, d in dead.items())
    words = f"dead units, all at relu's learning rate {lr:g}: {shares}"
    relu = dead.pop("relu")
    if not relu.any():
        return "undecided", f"{words}; there was nothing to cure"
    lead = ", ".join(f"minus {n} {_points(estimate(relu - d, _CHANGE))}" for n, d in dead.items())
    words += f"; relu {lead}; a cure leaves less than a fifth"
    verdicts = {_sign(estimate(_CURED * relu - d)) for d in dead.values()}
    if "does not hold" in verdicts:
        return "does not hold", words
    return ("holds" if verdicts == {"holds"} else "undecided"), words


def _vanishing(found: Readings, _: Comparisons) -> tuple[Verdict, str]:
    with np.errstate(divide="ignore"):
        logs = {n: np.log10(found[n].gradient_ratio) for n in ("sigmoid", "relu")}
    ratio = {n: 10 ** v.mean() for n, v in logs.items()}
    words = ", ".join(f"{n} {r:.2g}" for n, r in ratio.items())
    verdict = _sign(estimate(logs["relu"] - logs["sigmoid"]))
    if verdict == "holds":
        verdict = _sign(estimate(np.log10(_VANISHING) - logs["sigmoid"]))
    return verdict, f"gradient at the first layer over the last, before training: {words}"


def _swing(found: Readings, pairs: Comparisons) -> tuple[Verdict, str]:
    if len(found) < 3:
        return "not tested", "needs three activations or more"
    ranked = sorted(found, key=lambda n: np.nan_to_num(found[n].accuracy).mean())
    worst, best = ranked[0], ranked[-1]
    difference = estimate(found[best].accuracy - found[worst].accuracy)
    # Best and worst are picked by the numbers they are judged by, so their interval proves nothing.
    chance = chance_of_spread([reading.accuracy for reading in found.values()])
    words = f"{best} minus {worst}: {_points(difference)}; chance of such a spread {chance:.1g}"
    return ("holds" if chance < pairs.level else "undecided"), words


CLAIMS = (
    _more_accurate("ReLU is more accurate than sigmoid", "relu", "sigmoid"),
    _more_accurate("GELU is more accurate than ReLU", "gelu", "relu"),
    Claim("Sigmoid trains slowly; ReLU and GELU train fast", ("sigmoid", "relu", "gelu"),
          _sigmoid_is_slow),
    Claim("Sigmoid makes gradients vanish", ("sigmoid", "relu"), _vanishing),
    Claim("A few ReLU neurons go dead", ("relu",), _few_dead),
    Claim("Leaky ReLU and GELU largely cure dead ReLUs", ("relu", "leaky_relu", "gelu"), _cured),
    _more_accurate("Layers without an activation lose expressive power", "relu", "identity"),
    Claim("The choice of activation is a real swing", (), _swing),
)  # fmt: skip
