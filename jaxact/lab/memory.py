"""How much memory is free, what share of it images may take, and whether they fit in it."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import psutil

from jaxact.lab.errors import UserError

if TYPE_CHECKING:
    from jaxact.lab.data import Dataset
    from jaxact.lab.study import Study

STREAMING = ("auto", "on", "off")

DEVICE_SHARE = 1 / 4
"""Share of an accelerator's free memory that images may take."""

HOST_SHARE = 1 / 32
"""Share of the machine's free memory that images may take, on CPU devices as well; each of those
has a copy of its own."""

PASSING_SHARE = 1 / 8
"""Share of the machine's free memory that images for other devices may take, which are read into
it first; so that eight processes, each with a device of its own, can do so at once."""


_COPIES = 6
"""Of a picture, at once, while it is brought to a size and prepared."""


def check_picture(image_size: int) -> None:
    """Whether there is room for one picture, RGB, that is brought to a size.

    Args:
        image_size: its height and width.

    Raises:
        UserError: if what resizing and preparing it takes is not free.
    """
    num_bytes, free = 3 * image_size**2, free_on_host()
    if _COPIES * num_bytes > free:
        raise UserError(
            f"--image-size {image_size}: one picture takes {_gigabytes(num_bytes)}, and {_COPIES} "
            f"times that while it is read; {_gigabytes(free)} are free"
        )


def check_pictures(number: int, num_bytes: int) -> None:
    """Whether there is room for pictures that will be in memory.

    Args:
        number: of pictures.
        num_bytes: of all of them, as uint8.

    Raises:
        MemoryError: if so much is not free.
    """
    free = free_on_host()
    if num_bytes > free:
        raise MemoryError(
            f"{number} pictures take {_gigabytes(num_bytes)}; {_gigabytes(free)} are free"
        )


def _gigabytes(num_bytes: int) -> str:
    return f"{num_bytes / 1e9:,.{1 if num_bytes < 1e10 else 0}f} GB"


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
    return not _fits(needed, devices)


def stay_on_disk(num_bytes: int, streaming: str, devices: Sequence[Any]) -> bool:
    """Whether images are left on disk.

    If they take more than :data:`HOST_SHARE` of the machine's free memory, and will stream. Those
    that will be on the devices are read into memory first, and stay on disk if they take more than
    :data:`PASSING_SHARE` of it.

    Args:
        num_bytes: of all of them, as uint8.
        streaming: of the study; with ``"off"`` they are read into memory in any case.
        devices: of this process, those that the study uses.
    """
    free = free_on_host()
    if streaming == "off" or num_bytes <= HOST_SHARE * free:
        return False
    if streaming == "on" or num_bytes > PASSING_SHARE * free:
        return True
    return not _fits(num_bytes, devices)


def _fits(num_bytes: int, devices: Sequence[Any]) -> bool:
    """Whether devices may hold so many bytes of images, each all of them."""
    if devices[0].platform == "cpu":
        return num_bytes * len(devices) <= HOST_SHARE * free_on_host()
    free = [free_on(device) for device in devices]
    return all(f is None or num_bytes <= DEVICE_SHARE * f for f in free)


def free_on(device: Any) -> int | None:
    """Free memory of a device in bytes; None if it does not tell."""
    stats = device.memory_stats()
    return stats.get("bytes_limit", 0) - stats.get("bytes_in_use", 0) if stats else None


def free_on_host(cgroup: pathlib.Path = pathlib.Path("/sys/fs/cgroup")) -> int:
    """Free memory of the machine in bytes; in a container, what is left of its limit.

    Files that were read stay in memory and count as used there; of these, the kernel gives back
    what was not read again (``inactive_file``) as soon as it is asked for.

    Args:
        cgroup: where Linux tells the limit (version 2).
    """
    free = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):
        limit = int((cgroup / "memory.max").read_text())
        used = int((cgroup / "memory.current").read_text())
        with contextlib.suppress(OSError):
            pairs = map(str.split, (cgroup / "memory.stat").read_text().splitlines())
            used -= next((int(n) for name, n in pairs if name == "inactive_file"), 0)
        free = min(free, limit - used)
    return max(0, free)
