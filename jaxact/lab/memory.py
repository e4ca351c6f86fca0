"""How much memory is free, and what share of it images may take."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from jaxact.lab.data import Dataset
    from jaxact.lab.study import Study

STREAMING = ("auto", "on", "off")

DEVICE_SHARE = 1 / 4
"""Share of an accelerator's free memory that images may take."""

HOST_SHARE = 1 / 32
"""Share of the machine's free memory that images may take, on CPU devices as well; each of those
has a copy of its own."""


def streams(study: Study, dataset: Dataset, devices: Sequence[Any]) -> bool:
    """Whether a study's images come to its devices in blocks while they train.

    With ``--streaming auto``, where all images together, as uint8, take more than
    :data:`DEVICE_SHARE` of the free memory of a device, or one copy for each CPU device more than
    :data:`HOST_SHARE` of that of the machine. A device that does not tell its memory is taken to
    have enough. Images that were left on disk (:func:`stay_on_disk`) stream in any case.
    """
    if not dataset.in_memory:
        return True
    if study.streaming != "auto":
        return study.streaming == "on"
    needed = sum(split.images.nbytes for split in dataset.splits.values())
    if devices[0].platform == "cpu":
        return needed * len(devices) > HOST_SHARE * free_on_host()
    free = [free_on(device) for device in devices]
    return any(f is not None and needed > DEVICE_SHARE * f for f in free)


def stay_on_disk(num_bytes: int, streaming: str) -> bool:
    """Whether images are left on disk: if they take more than :data:`HOST_SHARE` of what is free.

    Args:
        num_bytes: of all of them, as uint8.
        streaming: of the study; with ``"off"`` they are read into memory in any case.
    """
    return streaming != "off" and num_bytes > HOST_SHARE * free_on_host()


def free_on(device: Any) -> int | None:
    """Free memory of a device in bytes; None if it does not tell."""
    stats = device.memory_stats()
    return stats.get("bytes_limit", 0) - stats.get("bytes_in_use", 0) if stats else None


def free_on_host(cgroup: pathlib.Path = pathlib.Path("/sys/fs/cgroup")) -> int:
    """Free memory of the machine in bytes; in a container, what is left of its limit.

    Args:
        cgroup: where Linux tells the limit (version 2).
    """
    free = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):
        limit = int((cgroup / "memory.max").read_text())
        free = min(free, limit - int((cgroup / "memory.current").read_text()))
    return max(0, free)
