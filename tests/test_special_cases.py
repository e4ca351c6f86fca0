"""Functions that equal another one at some parameters, as their rows say."""

import jax
import numpy as np
import pytest

from jaxact import CATALOGUE

SPECIAL = [row for row in CATALOGUE.values() if row.special_cases]


def hugging(*rows):
    """Float32 numbers at the kinks and next to them, and others of every size by chance."""
    kinks = np.float32([0.0, *(k for row in rows for k in row.kinks)])
    sides = [np.nextafter(kinks, np.float32(end)) for end in (-np.inf, np.inf)]
    chance = np.random.default_rng(0).normal(size=200) * np.geomspace(1e-3, 30.0, 200)
    return np.unique(np.float32([*kinks, *sides[0], *sides[1], *chance]))


@pytest.mark.parametrize("row", SPECIAL, ids=lambda row: row.name)
def test_special_cases_are_equal(row):
    for name, parameters in row.special_cases.items():
        other, x = CATALOGUE[name], hugging(row, CATALOGUE[name])
        if not (row.elementwise and other.elementwise):
            x = np.stack([x, np.zeros_like(x), *([x[::-1]] * 2), x - 20.0], axis=-1)
        chosen = {key: np.float32(value) for key, value in parameters.items()}
        modes = [row.settings]
        # Along an axis the noise stays: there the means are equal.
        if "key" in row.parameters and row.elementwise:
            modes.append({"key": jax.random.key(0)})
        for mode in modes:
            got, expected = row.fn(x, **mode, **chosen), other.plain(x)
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)
