"""How cells run inside a device: one after another or several at a time, and which convolution."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jaxact.lab import memory
from jaxact.lab.errors import UserError, check_known, first_line

if TYPE_CHECKING:
    from jaxact.lab.data import Dataset
    from jaxact.lab.progress import Progress
    from jaxact.lab.study import Study

STRATEGIES = ("auto", "map", "vmap", "race")
CONVOLUTIONS = ("auto", "im2col", "winograd", "lax")
# Half of a core's second-level cache, as they are today. On 32x32x3 and batches of 64, eight parts
# take 0.7 of the time of one.
_CACHED_BYTES = 2**20


@dataclasses.dataclass(frozen=True)
class Strategy:
    """What decides speed and memory, and nothing else but the rounding of sums.

    Attributes:
        chunk: cells that a device computes at a time, by ``vmap``; 1 for one after another.
        convolution: ``"im2col"``, ``"winograd"`` and ``"lax"`` for that form wherever it fits;
            ``"auto"`` for the form that fits the shape best on a CPU.
        parts: equal parts of a batch whose gradients are computed one after another and added,
            so that what a layer returns stays in a core's cache.
        streams: whether images come to the devices in blocks while they train; else all of them
            are there from the start. On a CPU the bits are the same.
    """

    chunk: int
    convolution: str
    parts: int = 1
    streams: bool = False

    def halved(self) -> Strategy:
        """The same with half the cells at a time."""
        return dataclasses.replace(self, chunk=max(1, self.chunk // 2))


def check(study: Study) -> None:
    """Whether a study's strategy makes sense.

    Raises:
        UserError: if there is no such strategy or convolution.
    """
    check_known("strategy", study.strategy, STRATEGIES)
    check_known("convolution", study.convolution, CONVOLUTIONS)
    check_known("streaming", study.streaming, memory.STREAMING)
    if study.chunk is not None and study.chunk < 1:
        raise UserError(f"--chunk must be positive, got {study.chunk}")
    if study.chunk is not None and study.strategy != "vmap":
        raise UserError("--chunk is for --strategy vmap: it says how many cells run at a time")


def fixed(study: Study, image_shape: tuple[int, int, int], platform: str) -> Strategy:
    """The strategy that a study names; ``auto`` is a rule per platform, not a measurement.

    On a CPU cells run one after another: batched matrix products are slower there than plain
    ones in a loop (``python -m experiments.throughput``). Elsewhere as many as there are.

    Args:
        study: its ``strategy``, ``chunk`` and ``convolution``, and its network's size are read.
        image_shape: height, width and channels of the images.
        platform: of the devices, such as ``"cpu"``.
    """
    together = study.strategy == "vmap" or (study.strategy == "auto" and platform != "cpu")
    convolution = study.convolution
    if convolution == "auto" and platform != "cpu":
        # With kernels of its own for each cell, a convolution becomes a grouped one, which
        # GPUs run slowly; a batch of matrix products is what they are made for.
        convolution = "im2col"
    chunk = study.chunk or study.cells_per_activation
    parts = _parts(study, image_shape) if platform == "cpu" else 1
    return Strategy(chunk if together else 1, convolution, parts)


def _parts(study: Study, image_shape: tuple[int, int, int]) -> int:
    """So many that the largest output of a layer fits the cache; 1 for a model of one's own.

    A model of one's own may look at its whole batch at once.
    """
    if study.model != "cnn":
        return 1
    height, width, _ = image_shape
    positions = [(height >> i) * (width >> i) for i in range(len(study.widths))]
    largest = max(n * channels for n, channels in zip(positions, study.widths, strict=True))
    itemsize = 4 if study.dtype == "float32" else 2
    sizes = [n for n in range(1, study.batch_size + 1) if study.batch_size % n == 0]
    fitting = [n for n in sizes if n * largest * itemsize <= _CACHED_BYTES]
    return study.batch_size // max(fitting, default=1)


def choose(study: Study, dataset: Dataset, devices: Sequence[Any], progress: Progress) -> Strategy:
    """The strategy that a study names, or the fastest of a race; it streams if it must."""
    if study.strategy == "race":
        from jaxact.lab import race

        chosen = race.fastest(study, dataset, devices, progress)
    else:
        chosen = fixed(study, dataset.image_shape, devices[0].platform)
    return dataclasses.replace(chosen, streams=memory.streams(study, dataset, devices))


def candidates(study: Study, rule: Strategy) -> list[Strategy]:
    """What a race tries: every convolution, with one, some and all cells at a time.

    Args:
        study: what to compare.
        rule: the strategy that :func:`fixed` gives; its parts are those of all.
    """
    most = study.cells_per_activation
    chunks = sorted({1, min(4, most), min(16, most), most})
    forms = CONVOLUTIONS if study.convolution == "auto" else (study.convolution,)
    if study.model != "cnn":
        forms = ("auto",)
    return [Strategy(chunk, form, rule.parts) for form in forms for chunk in chunks]


def fitting(strategy: Strategy, needed: int, device: Any) -> Strategy:
    """The strategy with so many cells at a time that the free memory of a device holds them.

    Args:
        strategy: what was compiled.
        needed: bytes of temporary memory that it takes.
        device: whose memory counts; one that does not tell it is taken to have enough.
    """
    free = memory.free_on(device)
    if free is None or needed <= free or strategy.chunk == 1:
        return strategy
    # A tenth stays free, for memory falls to pieces.
    return dataclasses.replace(strategy, chunk=max(1, int(0.9 * strategy.chunk * free / needed)))


def out_of_memory(error: Exception) -> bool:
    """Whether an error says that a device's memory does not hold what it should."""
    return "RESOURCE_EXHAUSTED" in str(error)


def after(error: Exception, tried: Strategy) -> Strategy:
    """What to try after an error: half the cells at a time, if memory did not hold them.

    Args:
        error: from compiling or training.
        tried: the strategy that led to it.

    Raises:
        UserError: if memory does not hold one cell at a time.
        Exception: the error itself, if it is another one.
    """
    if not out_of_memory(error):
        raise error
    if tried.chunk > 1:
        return tried.halved()
    stream = "" if tried.streams else ", or --streaming on"
    raise UserError(
        f"the memory of a device does not hold one run at a time ({first_line(error)})\n"
        f"Give a smaller --batch-size, --widths or --image-size{stream}."
    ) from None
