"""A study: what is compared, on what, and how often. Its fields are the flags of the command."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import numbers
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, cast

import jax
import numpy as np

from jaxact.catalogue import CATALOGUE, get
from jaxact.lab import augmentation, looks, optimizers
from jaxact.lab import strategy as strategies
from jaxact.lab.errors import UserError, check_known
from jaxact.lab.statistics import MARGIN

if TYPE_CHECKING:
    Seeds = Any  # An int, once a study is made.
else:
    Seeds = int | Literal["auto"]


@dataclasses.dataclass(frozen=True)
class Study:
    """A comparison of activations over learning rates and seeds.

    A cell is one training run: an activation, a learning rate and a seed. All activations share
    seeds, initial draws, order of the data and learning rates to choose from.

    Raises:
        UserError: if a field makes no sense; the message says which and why.

    Example:
        >>> from jaxact.lab import Study
        >>> Study(activations=("relu", "gelu"), seeds=2).cells_per_activation
        6
    """

    activations: tuple[str, ...] = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu")
    """Names in the catalogue, or module:function for your own."""
    lrs: tuple[float, ...] = (3e-3, 1e-2, 3e-2)
    """Learning rates; each activation gets its best by validation accuracy."""
    seeds: Seeds = 5
    """Runs per activation and learning rate, with seeds 0, 1, 2, ...; auto begins with 5 and adds
    5 at a time until the best and the runner-up, or those of --decide, are told apart or shown
    to tie, or up to --max-seeds."""
    decide: tuple[str, ...] = ()
    """With --seeds auto, the two activations to tell apart."""
    max_seeds: int | None = None
    """With --seeds auto, the most seeds; by default 50. With a number of seeds: begins with that
    number and adds as many at a time."""
    first_seed: int = 0
    """The first of the seeds, all of which are below 2**31."""
    margin: float = MARGIN
    """Difference of accuracy that makes no difference: activations closer than this tie."""
    epochs: int = 10
    """Passes over the training images."""
    batch_size: int = 64
    """Images per step."""
    optimizer: str = "adam"
    """Optimiser of optax, such as adam, adamw, sgd, lion."""
    optimizer_options: tuple[str, ...] = ()
    """Its options as name=value, such as momentum=0.9 nesterov=True."""
    weight_decay: float | None = None
    """Weight decay of all parameters but those of activations; by default that of optax."""
    schedule: str = "constant"
    """Learning rate after the warm-up: constant, or cosine or linear down to 0."""
    warmup: float = 0.0
    """Epochs over which the learning rate rises."""
    dtype: str = "float32"
    """Of activations and gradients of layers: float32 or bfloat16. Parameters are float32."""
    widths: tuple[int, ...] = (16, 32, 64)
    """Channels of each block of the default model."""
    dataset: str = "digits"
    """Name of an image classification set of TensorFlow Datasets; or path of a folder of class
    folders (class/*.jpg, or train/class/*.jpg and test, val), of the IDX files of MNIST, or of an
    NPZ file (x_train, y_train, x_test, y_test and the like)."""
    data_dir: str | None = None
    """Folder of prepared data sets; by default that of TensorFlow Datasets."""
    validation: float = 0.2
    """Share of the training images held out to choose the learning rate, unless the set has train,
    validation and test; of two splits, the one beside train is for testing."""
    image_size: int | None = None
    """Height and width in pixels to bring pictures to: the shorter side is resized (bicubic), the
    centre cropped. By default they stay as they are, and must be of one size."""
    on_corrupt: str = "stop"
    """At corrupt pictures of a folder: stop, and name them; or skip, and leave them out."""
    augment: tuple[str, ...] = ()
    """Random changes of training images, the same for every activation: flip (left to right) and
    crop (a window of the image padded by an eighth on each side)."""
    model: str = "cnn"
    """The default three-block network, or module:factory for your own: called with activation,
    num_classes and image_shape, it returns init and apply, a Linen module, or, with rngs, an NNX
    module."""
    target: float | None = None
    """Validation accuracy that counts as trained; by default 95 % of the best activation's."""
    devices: int | None = None
    """Devices (of each process) to spread the runs over; by default all, and on a CPU one per
    core."""
    strategy: str = "auto"
    """How runs share a device: one after another (map), several at a time (vmap), by a rule for
    the kind of device (auto), or what is fastest here and now (race)."""
    chunk: int | None = None
    """With vmap, runs at a time; by default as many as memory holds."""
    convolution: str = "auto"
    """Of the default network: im2col, winograd, lax, or by a rule for its shape (auto)."""
    streaming: str = "auto"
    """Whether images come to the devices in blocks while they train (on), or all of them are there
    from the start (off), or by a rule for the memory that is free (auto)."""
    out: str | None = None
    """Folder for the results; by default jaxact compare makes a new one under runs/. If it holds
    an unfinished run of the same study, that goes on."""
    resume: bool = False
    """Go on with an unfinished run: that in out, or the newest of this study under runs/."""
    checkpoint_seconds: float = 60.0
    """Least time between two checkpoints of the whole run; 0 for one after every epoch or two."""

    def __post_init__(self) -> None:
        for name, kind in (
            ("activations", str),
            ("lrs", float),
            ("widths", int),
            ("optimizer_options", str),
            ("decide", str),
            ("augment", str),
        ):
            object.__setattr__(self, name, _as_tuple(name, getattr(self, name), kind))
        if self.seeds == "auto":
            object.__setattr__(self, "seeds", looks.FIRST_SEEDS)
            if self.max_seeds is None:
                object.__setattr__(self, "max_seeds", looks.MOST_SEEDS)
        if self.max_seeds is not None:
            object.__setattr__(self, "max_seeds", _as_type("max_seeds", self.max_seeds, int))
        for name in ("seeds", "epochs", "batch_size", "first_seed"):
            object.__setattr__(self, name, _as_type(name, getattr(self, name), int))
        for name in ("validation", "warmup", "checkpoint_seconds", "margin"):
            object.__setattr__(self, name, _as_type(name, getattr(self, name), float))
        for name in ("activations", "lrs", "widths"):
            _check_list(name, getattr(self, name))
        _check_once("augment", self.augment)
        for name in ("seeds", "epochs", "batch_size"):
            _check_positive(name, getattr(self, name))
        for lr in self.lrs:
            _check_rate(lr)
        for width in self.widths:
            _check_positive("widths", width)
        if not 0 < self.validation < 1:
            raise UserError(f"--validation is a share between 0 and 1, got {self.validation}")
        if self.target is not None and not 0 < self.target <= 1:
            raise UserError(f"--target is an accuracy between 0 and 1, got {self.target}")
        if self.devices is not None:
            _check_positive("devices", self.devices)
        if not self.checkpoint_seconds >= 0:
            raise UserError(
                f"--checkpoint-seconds is a number from 0 on, got {self.checkpoint_seconds}"
            )
        if self.image_size is not None:
            object.__setattr__(self, "image_size", _as_type("image_size", self.image_size, int))
            _check_positive("image_size", self.image_size)
        check_known("on-corrupt", self.on_corrupt, ("stop", "skip"))
        check_known("dtype", self.dtype, ("float32", "bfloat16"))
        augmentation.check(self.augment)
        optimizers.check(self)
        strategies.check(self)
        looks.check(self)
        for name in self.activations:
            activation_named(name)

    @property
    def cells_per_activation(self) -> int:
        """Number of learning rates times number of seeds."""
        return len(self.lrs) * self.seeds

    @property
    def settings(self) -> tuple[np.ndarray, np.ndarray]:
        """Learning rate (float32) and seed (int32) of each cell of an activation."""
        lrs, seeds = np.meshgrid(
            self.lrs, np.arange(self.first_seed, self.first_seed + self.seeds), indexing="ij"
        )
        return lrs.ravel().astype(np.float32), seeds.ravel().astype(np.int32)


def _as_tuple(name: str, values: Any, kind: type) -> tuple[Any, ...]:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise UserError(f"{name} is a list of {kind.__name__}, got {values!r}")
    return tuple(_as_type(name, value, kind) for value in values)


def _as_type(name: str, value: Any, kind: type) -> Any:
    """``value`` as a plain Python value, if it is one of that kind."""
    fits = {str: str, int: numbers.Integral, float: numbers.Real}[kind]
    if not isinstance(value, fits) or isinstance(value, bool):
        raise UserError(f"{name}: {value!r} should be of type {kind.__name__}")
    return kind(value)


def _check_list(name: str, values: tuple[Any, ...]) -> None:
    if not values:
        raise UserError(f"--{name} is empty; give at least one value")
    if name != "widths":
        _check_once(name, values)


def _check_once(name: str, values: tuple[Any, ...]) -> None:
    twice = [v for v in dict.fromkeys(values) if values.count(v) > 1]
    if twice:
        raise UserError(f"--{name} names {twice[0]} twice; give each value once")


def _check_positive(name: str, value: float) -> None:
    if not value > 0 or value == float("inf"):
        raise UserError(f"--{name.replace('_', '-')} must be positive and finite, got {value}")


def _check_rate(lr: float) -> None:
    info = np.finfo(np.float32)
    least, most = float(info.tiny), float(info.max)
    if not least <= lr <= most:
        raise UserError(
            f"--lrs must be from {least:.3g} to {most:.3g}, as float32 has them, got {lr:g}"
        )


def activation_named(name: str) -> Callable[[Any], jax.Array]:
    """The function behind a name of a study.

    Raises:
        UserError: if nothing has that name, or it does not work element by element.
    """
    if ":" in name:
        function: Any = load_object(name, "--activations")
        if not callable(function):
            raise UserError(f"--activations: {name} is no function")
        return cast(Callable[[Any], jax.Array], function)
    try:
        activation = get(name)
    except (KeyError, TypeError) as error:
        raise UserError(f"--activations: {error.args[0]}") from None
    if not activation.row.elementwise:
        fitting = [n for n, row in CATALOGUE.items() if row.elementwise]
        raise UserError(
            f"--activations: {name} works across an axis, not element by element, so it cannot "
            f"stand between layers; choose from {fitting}"
        )
    return activation


def load_object(path: str, flag: str) -> Any:
    """The object at ``module:name``.

    Raises:
        UserError: if the module or the name does not exist; the message names ``flag``.
    """
    module_name, _, name = path.partition(":")
    if not (module_name and name) or path.startswith("."):
        raise UserError(f"{flag} {path}: write module:name, such as my_module:my_function")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise UserError(
            f"{flag} {path}: no module {error.name!r}; it must be importable from here"
        ) from None
    except (Exception, SystemExit) as error:
        raise UserError(
            f"{flag} {path}: importing {module_name} failed: {type(error).__name__}: {error}"
        ) from error
    if not hasattr(module, name):
        near = difflib.get_close_matches(name, dir(module), n=3)
        hint = f"; did you mean {near}?" if near else ""
        raise UserError(f"{flag} {path}: module {module_name!r} has no {name!r}{hint}")
    return getattr(module, name)
