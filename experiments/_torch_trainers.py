"""The studies' network in PyTorch, eager and compiled; nothing where it is not installed."""

from __future__ import annotations

import dataclasses
import functools
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from experiments._rivals import torch
from experiments._trainers import LEARNING_RATE, Trainer, Work, orders, warmed

_TRIALS = 5
# Else what an earlier run compiled would hide how long it takes.
os.environ.setdefault("TORCHINDUCTOR_FORCE_DISABLE_CACHES", "1")


def _network(work: Work) -> Any:
    sizes = (work.dataset.image_shape[-1], *work.widths)
    layers = []
    for before, after in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [torch.nn.Conv2d(before, after, 3, padding=1), torch.nn.ReLU()]
        layers += [torch.nn.MaxPool2d(2)]
    head = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(sizes[-1], 10)]
    return torch.nn.Sequential(*layers, *head)


def _run(work: Work, compiled: bool) -> Callable[[], float]:
    """One cell after another, channels last, with the fused Adam."""
    arrays = work.normalised
    images = torch.from_numpy(arrays[0]).permute(0, 3, 1, 2)
    labels = torch.from_numpy(arrays[1]).long()
    batches = torch.from_numpy(orders(work, work.cells)).long()
    cells = []
    for seed in range(work.cells):
        torch.manual_seed(seed)
        network = _network(work).to(memory_format=torch.channels_last)
        adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
        cells.append((torch.compile(network) if compiled else network, adam))
    criterion = torch.nn.functional.cross_entropy

    def run() -> float:
        losses = []
        for (network, adam), cell_batches in zip(cells, batches, strict=True):
            for batch in cell_batches:
                adam.zero_grad()
                loss = criterion(network(images[batch]), labels[batch])
                loss.backward()
                adam.step()
                losses.append(loss.detach())
        return float(torch.stack(losses).mean())

    return run


@functools.cache
def _best_threads(work: Work) -> int:
    """One thread or one per core: with which the eager network trains faster."""
    run = _run(work, compiled=False)
    counts = sorted({1, os.cpu_count() or 1})
    seconds = {count: [] for count in counts}
    for _ in range(_TRIALS):
        for count in counts:
            torch.set_num_threads(count)
            run()
            begin = time.perf_counter()
            run()
            seconds[count].append(time.perf_counter() - begin)
    return min(counts, key=lambda count: statistics.median(seconds[count]))


def _trainer(work: Work, compiled: bool) -> Trainer:
    threads = _best_threads(dataclasses.replace(work, cells=1))

    def build() -> Callable[[], float]:
        run = _run(work, compiled)

        def on_threads() -> float:
            torch.set_num_threads(threads)
            return run()

        return on_threads

    return warmed(build, work, f"{threads} thread{'s' * (threads > 1)}")


TORCH_TRAINERS: dict[str, Callable[[Work], Trainer]] = {}
if torch is not None:
    TORCH_TRAINERS = {
        "PyTorch eager": functools.partial(_trainer, compiled=False),
        "torch.compile": functools.partial(_trainer, compiled=True),
    }
