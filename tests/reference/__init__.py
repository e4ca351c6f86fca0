"""The oracles: every function and its slope again, in NumPy float64, typed from the papers.

A family is a file, as in the library, with three dictionaries by the function's name:

- ``VALUE`` takes the parameters of the function of that name,
- ``SLOPE`` is its first derivative, for elementwise functions,
- ``EXACT`` is the formula once more, naively, in mpmath: of one number, or of a list of
  numbers along an axis.

Value and slope keep their relative accuracy in the tails and give the mathematical limit at
plus and minus infinity, NaN where none exists. ``test_reference.py`` checks them with the exact
formula; the other files check the library with them.
"""

from collections.abc import Callable

import numpy as np

from . import (
    algebraic,
    axiswise,
    exponential,
    gated,
    gaussian,
    hard,
    learnable_basis,
    learnable_exponential,
    learnable_gated,
    learnable_rectified,
    log_gated,
    normalizing,
    periodic,
    rectified,
    rectified_smooth,
    shrinking,
    sigmoid_gated,
    sigmoidal,
    simplex,
    stochastic,
    tanh_gated,
)

_MAGNITUDES = np.geomspace(1e-6, 80.0, 250)
GRID = np.concatenate([-_MAGNITUDES[::-1], [0.0], _MAGNITUDES]).astype(np.float32)
"""The points of comparison: 250 a sign, evenly over the exponents."""

_FAMILIES = (
    rectified,
    rectified_smooth,
    hard,
    shrinking,
    exponential,
    sigmoidal,
    algebraic,
    gaussian,
    sigmoid_gated,
    tanh_gated,
    log_gated,
    periodic,
    gated,
    simplex,
    axiswise,
    stochastic,
    learnable_rectified,
    learnable_exponential,
    learnable_gated,
    learnable_basis,
    normalizing,
)


def _merged(table: str) -> dict[str, Callable]:
    return {name: f for family in _FAMILIES for name, f in getattr(family, table).items()}


REFERENCE = _merged("VALUE")
SLOPE = _merged("SLOPE")
EXACT = _merged("EXACT")
