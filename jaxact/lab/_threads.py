"""The cores of this machine, and work spread over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
    """``function`` of each item, in their order, a few ahead of their use, in a thread per core."""
    import grain

    threads = cores()
    options = grain.ReadOptions(num_threads=threads, prefetch_buffer_size=4 * threads)
    results = iter(grain.MapDataset.source(items).map(function).to_iter_dataset(options))
    try:
        yield from results
    finally:
        results.close()
