"""Set-up of pytest: eight CPU devices stand in for accelerators; doctests know JAX."""

import os

os.environ.setdefault("JAX_NUM_CPU_DEVICES", "8")

import jax.numpy as jnp
import pytest

import jaxact


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace):
    doctest_namespace.update(vars(jaxact), jnp=jnp, jaxact=jaxact)
