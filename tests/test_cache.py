"""The cache of compiled programs: on by default, and JAX's own settings come first."""

import os
import subprocess
import sys

SCRIPT = """
import jax
from jaxact.lab.cache import use_compile_cache
use_compile_cache()
print(jax.config.jax_compilation_cache_dir)
"""


def cache_dir(**environment):
    """Where a new process keeps its programs."""
    clean = {k: v for k, v in os.environ.items() if "_COMPILATION_CACHE" not in k}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_programs_are_kept_in_the_cache_folder_of_the_user(tmp_path):
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    folder = cache_dir(**home)
    assert folder.startswith(str(tmp_path))
    assert os.stat(folder).st_mode & 0o777 == 0o700


def test_the_settings_of_jax_come_first(tmp_path):
    assert cache_dir(JAX_COMPILATION_CACHE_DIR=str(tmp_path)) == str(tmp_path)


def test_a_home_that_cannot_be_written_to_is_no_hindrance(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    assert cache_dir(HOME=str(blocked), XDG_CACHE_HOME=str(blocked / "cache")) == "None"
