"""What a result must say of its origin: command, commit, versions, device, machine, time."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import pathlib
import platform
import subprocess
from collections.abc import Iterable
from typing import Any

_DESCRIBE = ("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
_PACKAGES = ("jaxact", "jax", "jaxlib", "flax", "optax", "numpy", "tensorflow-datasets")


def provenance(command: str, device: str, packages: Iterable[str] = _PACKAGES) -> dict[str, Any]:
    """The origin of a result, for its ``run.json``.

    Args:
        command: what was typed.
        device: what computed, such as ``"2 x cpu"``.
        packages: distributions whose versions matter; those not installed are left out.

    Returns:
        ``command``, ``commit``, ``versions``, ``device``, ``machine`` and ``finished``.
    """
    return {
        "command": command,
        "commit": _commit(),
        "versions": {"python": platform.python_version(), **_versions(packages)},
        "device": device,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _versions(packages: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _commit() -> str | None:
    """Commit of the checkout this package is in, with a mark if it has changes."""
    here = pathlib.Path(__file__).parent
    try:
        answer = subprocess.run(
            ["git", "-C", str(here), *_DESCRIBE], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
