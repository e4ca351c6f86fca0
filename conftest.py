"""Set-up of pytest: eight CPU devices, data sets in a folder of their own, names for doctests."""

import atexit
import gc
import os
import shutil
import signal
import tempfile

os.environ["TFDS_DATA_DIR"] = tempfile.mkdtemp(prefix="jaxact-data-")
atexit.register(shutil.rmtree, os.environ["TFDS_DATA_DIR"], ignore_errors=True)
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell's & ignores it; tests send it.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"
os.environ.setdefault("JAX_NUM_CPU_DEVICES", "8")

import jax.numpy as jnp
import pytest

import jaxact


@pytest.fixture(autouse=True, scope="module")
def _no_garbage():
    yield
    # What JAX has cached by now stays; to look through it for garbage takes seconds each time.
    gc.freeze()


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace):
    # Four digits: the last ones differ between processors.
    jnp.set_printoptions(precision=4)
    doctest_namespace.update(vars(jaxact), jnp=jnp, jaxact=jaxact)
