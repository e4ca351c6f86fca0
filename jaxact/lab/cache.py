"""Compiled programs kept between runs, in the user's cache folder."""

from __future__ import annotations

from typing import Any

import jax
import platformdirs


def use_compile_cache() -> None:
    """Keeps compiled programs, unless JAX's own settings say where, or that none are kept.

    ``JAX_COMPILATION_CACHE_DIR`` names another folder; ``JAX_ENABLE_COMPILATION_CACHE=false``
    turns it off. Both hold for :class:`jaxact.lab.executables.Shelf` too, which keeps the programs
    of the catalogue's activations whole, in ``jaxact`` under that folder. What the folder holds is
    code that will run: share it with nobody.
    """
    config: Any = jax.config
    if not config.jax_enable_compilation_cache or config.jax_compilation_cache_dir is not None:
        return
    folder = platformdirs.user_cache_path("jaxact") / "xla"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return  # A home that cannot be written to costs time and nothing else.
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
