"""Every row of the catalogue, and every name that leads to one."""

from types import MappingProxyType

from jaxact.catalogue.rows import (
    algebraic,
    axiswise,
    exponential,
    gated,
    gaussian,
    hard,
    learnable_basis,
    learnable_exponential,
    learnable_gated,
    learnable_piecewise,
    learnable_rectified,
    learnable_softplus,
    log_gated,
    logarithmic,
    normalizing,
    periodic,
    rectified,
    rectified_smooth,
    saturating,
    shrinking,
    sigmoid_gated,
    sigmoidal,
    simplex,
    sparse_simplex,
    stochastic,
    tanh_gated,
    thresholding,
    unbounded,
)

_FAMILIES = (
    rectified,
    rectified_smooth,
    thresholding,
    hard,
    shrinking,
    exponential,
    logarithmic,
    sigmoidal,
    saturating,
    algebraic,
    unbounded,
    gaussian,
    sigmoid_gated,
    tanh_gated,
    log_gated,
    periodic,
    gated,
    simplex,
    sparse_simplex,
    axiswise,
    stochastic,
    learnable_rectified,
    learnable_piecewise,
    learnable_exponential,
    learnable_softplus,
    learnable_gated,
    learnable_basis,
    normalizing,
)
_ROWS = [row for family in _FAMILIES for row in family.ROWS]

CATALOGUE = MappingProxyType({row.name: row for row in _ROWS})
"""Every activation of the library, by canonical name."""

ALIASES = MappingProxyType({n: row.name for row in _ROWS for n in (row.name, *row.aliases)})
"""Canonical names, by themselves and by their aliases."""
