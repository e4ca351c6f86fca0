"""The package as a whole: what importing it loads, and how it looks from outside."""

import os
import subprocess
import sys

import pytest

import jaxact


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*{{m.partition('.')[0] for m in sys.modules}})"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


def test_import_jaxact_loads_jax_and_nothing_heavier():
    heavy = loaded_by("import jaxact") - loaded_by("import jax, jax.numpy")
    assert heavy <= {"jaxact", "difflib"}


def test_the_public_names_are_those_of_the_catalogue():
    functions = {n for n in jaxact.__all__ if n.islower() and n != "get"}
    aliases = {a for row in jaxact.CATALOGUE.values() for a in row.aliases}
    assert set(jaxact.CATALOGUE) <= functions <= set(jaxact.CATALOGUE) | aliases


@pytest.mark.parametrize("module", ["jaxact", "jaxact.lab"])
def test_all_lists_what_is_there(module):
    namespace = __import__(module, fromlist=["__all__"])
    assert all(hasattr(namespace, name) for name in namespace.__all__)
    assert len(namespace.__all__) == len(set(namespace.__all__))


def test_a_cpu_appears_as_one_device_per_core():
    code = (
        "import os, jax; from jaxact.lab.parallel import use_all_cores; use_all_cores();"
        "print(len(jax.devices()), os.cpu_count()); use_all_cores()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={k: v for k, v in os.environ.items() if k != "JAX_NUM_CPU_DEVICES"},
        capture_output=True,
        text=True,
        check=True,
    )
    devices, cores = map(int, answer.stdout.split())
    assert 1 <= devices <= cores
    assert devices == cores or hasattr(os, "sched_getaffinity")
