"""Optimisers and schedules of optax by name; the learning rate stays data."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import optax

from jaxact.lab.errors import UserError, check_known

if TYPE_CHECKING:
    from jaxact.lab.study import Study

OPTIMIZERS = (
    "adabelief", "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamaxw", "adamw", "adan",
    "amsgrad", "lamb", "lars", "lion", "nadam", "nadamw", "radam", "rmsprop", "sgd",
    "sign_sgd", "yogi",
)  # fmt: skip
"""Optimisers of optax that need the gradients, the parameters and a learning rate."""

SCHEDULES = ("constant", "cosine", "linear")
"""How the learning rate moves after the warm-up: not at all, or down to 0 at the last step."""

_TAKEN = ("learning_rate", "weight_decay", "weight_decay_rate", "mask", "weight_decay_mask")


def check(study: Study) -> None:
    """Whether optax has what a study asks for.

    Raises:
        UserError: if it does not know the optimiser, the schedule or an option.
    """
    check_known("optimizer", study.optimizer, OPTIMIZERS)
    check_known("schedule", study.schedule, SCHEDULES)
    if not 0 <= study.warmup < study.epochs:
        raise UserError(
            f"--warmup {study.warmup:g}: it is a number of epochs, from 0 to less than "
            f"--epochs {study.epochs}"
        )
    if study.weight_decay is not None and not 0 <= study.weight_decay < float("inf"):
        raise UserError(f"--weight-decay is a number from 0 on, got {study.weight_decay}")
    options = options_of(study)
    try:
        make_optimizer(study, lambda params: params, steps_per_epoch=1)(1e-3)
    except (TypeError, ValueError) as error:
        raise UserError(f"--optimizer-options {options}: {error}") from None


def options_of(study: Study) -> dict[str, Any]:
    """The optimiser's options, from ``name=value`` to a dictionary.

    Raises:
        UserError: if one is written wrongly, or the optimiser has no such option.
    """
    known = inspect.signature(getattr(optax, study.optimizer)).parameters.keys() - {*_TAKEN}
    options = {}
    for text in study.optimizer_options:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--optimizer-options {text}: write name=value, such as momentum=0.9")
        if name not in known:
            raise UserError(
                f"--optimizer-options: {study.optimizer} has no {name!r}; it has "
                f"{', '.join(sorted(known))}"
            )
        try:
            options[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            raise UserError(
                f"--optimizer-options {text}: {value!r} is no number, True, False or None"
            ) from None
    return options


def make_optimizer(
    study: Study, mask: Callable[[Any], Any], steps_per_epoch: int
) -> Callable[[Any], optax.GradientTransformation]:
    """Returns ``optimizer(lr)``, where ``lr`` may be an array of one number: no recompile.

    Args:
        study: names the optimiser, its options, the weight decay, schedule and warm-up.
        mask: from parameters to a tree of booleans: which of them the weight decay shrinks.
        steps_per_epoch: steps of an epoch, for the schedule.
    """
    make = getattr(optax, study.optimizer)
    names = inspect.signature(make).parameters
    options = options_of(study)
    own = [name for name in ("weight_decay", "weight_decay_rate") if name in names]
    if own:
        options["mask" if "mask" in names else "weight_decay_mask"] = mask
        if study.weight_decay is not None:
            options[own[0]] = study.weight_decay
    moving = study.schedule != "constant" or study.warmup > 0
    shape = _shape(study, steps_per_epoch)

    def optimizer(lr: Any) -> optax.GradientTransformation:
        steps = make((lambda count: lr * shape(count)) if moving else lr, **options)
        if own or not study.weight_decay:
            return steps
        # Without a decay of its own: that of the loss, half the squared norm of the parameters.
        return optax.chain(optax.add_decayed_weights(study.weight_decay, mask), steps)

    return optimizer


def _shape(study: Study, steps_per_epoch: int) -> optax.Schedule:
    """The learning rate by step as a share of its largest."""
    warmup = round(study.warmup * steps_per_epoch)
    rest = study.epochs * steps_per_epoch - warmup
    after = {
        "constant": optax.constant_schedule(1.0),
        "cosine": optax.cosine_decay_schedule(1.0, rest),
        "linear": optax.linear_schedule(1.0, 0.0, rest),
    }[study.schedule]
    if not warmup:
        return after
    # The first step is taken at 1 / (warmup + 1) of the rate: at 0 it would be none.
    rising = optax.linear_schedule(1 / (warmup + 1), 1.0, warmup)
    return optax.join_schedules([rising, after], [warmup])
