"""Set-up of pytest: eight CPU devices stand in for accelerators; doctests know JAX."""

import os

os.environ.setdefault("JAX_NUM_CPU_DEVICES", "8")

import jax.numpy as jnp
import pytest

import jaxact


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace):
    # Four digits: the last ones differ between processors.
    jnp.set_printoptions(precision=4)
    doctest_namespace.update(vars(jaxact), jnp=jnp, jaxact=jaxact)
