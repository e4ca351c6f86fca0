"""The table of all conventions, and the ways through it: from a name, and back to the names."""

from __future__ import annotations

import difflib
from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from jaxact.catalogue import ALIASES, CATALOGUE
from jaxact.catalogue.activation import checked, unknown
from jaxact.conventions.convention import ANY, Convention, Slopes
from jaxact.conventions.echo import ECHO
from jaxact.conventions.hugging_face import TIMM, TRANSFORMERS
from jaxact.conventions.jax_nn import DKS, FLAX, JAX
from jaxact.conventions.keras import KERAS
from jaxact.conventions.mlx import MLX
from jaxact.conventions.nnlib import NNLIB
from jaxact.conventions.onnx import ONNX
from jaxact.conventions.torch import TORCH

CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        c.full_name: c
        for table in (JAX, FLAX, TORCH, KERAS, TRANSFORMERS, TIMM, MLX, ONNX, NNLIB, DKS, ECHO)
        for c in table
    }
)
"""What frameworks call the activations, by full name."""

# Longer ways to write the same place, the longest first.
_PREFIXES = {
    "torch.nn.functional": "torch",
    "torch.nn": "torch",
    "keras.activations": "keras",
    "flax.linen": "flax",
    "flax.nnx": "flax",
    "transformers.ACT2FN": "transformers",
    "timm.layers": "timm",
    "mlx.nn": "mlx",
    "echoAI": "echo",
}

_ABSENT = "(not in the catalogue)"
AMBIGUOUS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "TeLU": ("tanhexp: x tanh(e^x)", f"x tanh(elu(a x)) {_ABSENT}"),
        "FReLU": (
            "flexible_relu: relu(x) + b",
            f"the funnel ReLU, max(x, convolution of x) {_ABSENT}",
        ),
        "SReLU": ("s_relu: S-shaped, three lines", "shifted_relu: max(x, -delta)"),
        "BReLU": (
            "relu_n: bounded, min(relu(x), n)",
            "bipolar_relu: relu(x) and -relu(-x) in turns",
        ),
        "DReLU": (
            "dynamic_relu: the largest of several lines",
            "shifted_relu: displaced, max(x, -delta)",
            f"the dual ReLU, relu(x) - relu(y) of two inputs {_ABSENT}",
        ),
        "normalize": (
            "torch.normalize: l2_normalize along axis 1",
            "keras.ops.normalize: l2_normalize along axis -1",
            "jax.nn.standardize: mean 0 and variance 1, a normalisation layer",
        ),
    }
)
"""Bare names that papers and libraries use for different functions, with what they mean."""

_AMBIGUOUS = {name.lower(): name for name in AMBIGUOUS}

NEAR: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("gelu_exact", "gelu_tanh"): 4.74e-4,
        ("gelu_exact", "quick_gelu"): 2.04e-2,
        ("gelu_tanh", "quick_gelu"): 2.07e-2,
        ("hard_sigmoid", "linear_sigmoid"): 8.34e-2,
    }
)
"""Functions that frameworks mix up, at their defaults: the largest difference of the values."""

_TWINS = {"gelu": "gelu_tanh"}


def knows(name: object) -> bool:
    """Whether a name is a matter of conventions: a framework's, with a dot, or an ambiguous one."""
    return isinstance(name, str) and ("." in name or name.lower() in _AMBIGUOUS)


def resolve(
    name: str, parameters: Mapping[str, Any] | None = None
) -> tuple[str, dict[str, Any], Slopes]:
    """What a framework's name means here.

    Args:
        name: framework and name, such as ``"torch.LeakyReLU"`` or ``"keras.layers.ELU"``.
        parameters: arguments, in the framework's words or in ours.

    Returns:
        The canonical name, our parameters, and pairs of a point and a slope where the
        framework's gradient differs from that of our function.

    Raises:
        KeyError: if the framework or the name is unknown, ambiguous or refused, with the reason.
        TypeError: if an argument is missing, unknown, given twice or of a wrong kind.
        ValueError: if the framework's value for an argument has no counterpart.

    Example:
        >>> resolve("torch.LeakyReLU", {"negative_slope": 0.2})
        ('leaky_relu', {'negative_slope': 0.2}, ((0.0, 0.2),))
        >>> resolve("onnx.Swish", {"alpha": 1.7})
        ('swish_beta', {'beta': 1.7}, ())
    """
    convention = _find(name)
    canonical, settings = _settings(convention, dict(parameters or {}))
    checked(CATALOGUE[canonical], settings)
    return canonical, settings, _kinks(convention, canonical, settings)


def equivalents(name: str) -> dict[str, str]:
    """Who else has an activation, and what differs.

    Args:
        name: a key of the catalogue or an alias, or a framework's name, which stands for the
            function of ours that it leads to.

    Returns:
        Full names of frameworks' activations, each with what differs from ours at its defaults:
        nothing, other parameters, slopes at kinks, and last those that are near but not equal.

    Raises:
        KeyError: if nothing has that name, or several things have it; the message names them.
        TypeError: if the name is no text.

    Example:
        >>> differences = equivalents("leaky_relu")
        >>> differences["jax.nn.leaky_relu"]
        ''
        >>> differences["keras.layers.LeakyReLU"]
        'negative_slope=0.3'
        >>> differences["torch.LeakyReLU"]
        'slope 0.01 at 0'
    """
    canonical = ALIASES.get(name) if isinstance(name, str) else None
    if canonical is None and knows(name):
        canonical = _find(name).canonical
    if canonical is None:
        raise unknown(name)
    group = {canonical, _TWINS.get(canonical, canonical)}
    group |= {twin for twin, other in _TWINS.items() if other == canonical}
    found = {c.full_name: _text(c) for c in CONVENTIONS.values() if c.canonical in group}
    for (one, other), distance in NEAR.items():
        for here, there in ((one, other), (other, one)):
            if here in group:
                for c in CONVENTIONS.values():
                    if c.canonical == there:
                        found[c.full_name] = f"{there}: values differ by up to {distance:.2g}"
    return found


def _find(name: str) -> Convention:
    if name.lower() in _AMBIGUOUS:
        meanings = "; ".join(AMBIGUOUS[_AMBIGUOUS[name.lower()]])
        raise KeyError(f"{name!r} has several meanings: {meanings}")
    full = name
    for prefix, framework in _PREFIXES.items():
        if name.startswith(prefix + "."):
            full = framework + name[len(prefix) :]
            break
    if full in CONVENTIONS:
        found = CONVENTIONS[full]
        if found.refusal:
            raise KeyError(f"{name!r} is no activation here: {found.refusal}")
        return found
    frameworks = sorted({c.framework for c in CONVENTIONS.values()})
    prefix = max((f for f in frameworks if full.startswith(f + ".")), key=len, default="")
    if not prefix:
        raise KeyError(f"no framework in {name!r}; known are {frameworks}")
    lowered = {n.lower(): n for n in CONVENTIONS if n.startswith(prefix + ".")}
    near = [lowered[n] for n in difflib.get_close_matches(full.lower(), lowered, n=3)]
    known = f"did you mean {near}?" if near else f"known are {sorted(lowered.values())}"
    raise KeyError(f"{prefix} has no activation {name!r}; {known}")


def _settings(c: Convention, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Canonical name and our parameters, from arguments in either's words."""
    # None is how frameworks write "as if it were not given".
    given = {key: value for key, value in given.items() if value is not None}
    missing = [k for k in c.required if not {k, c.renamed.get(k, k)} & set(given)]
    if missing:
        raise TypeError(f"{c.full_name} needs {' and '.join(missing)}; there is no default")
    canonical, settings, chosen = c.canonical, dict(c.parameters), {}
    ours, moved = CATALOGUE[canonical].parameters, []
    for key, value in given.items():
        if key in c.ignored:
            allowed = c.ignored[key]
            if allowed != ANY and not _among(value, allowed):
                raise ValueError(f"{c.full_name} has no counterpart for {key}={value!r}")
        elif key in c.choices:
            if not _among(value, c.choices[key]):
                raise ValueError(f"{key} of {c.full_name} is one of {list(c.choices[key])}")
            canonical, chosen = c.choices[key][value]
        elif key in c.instead:
            other, parameter, neutral = c.instead[key]
            if not (isinstance(value, int | float) and value == neutral):
                canonical = other
                settings[parameter] = value
                moved.append(key)
        elif c.renamed.get(key, key) in ours:
            parameter = c.renamed.get(key, key)
            if parameter in given and parameter != key:
                raise TypeError(f"{c.full_name} got both {key} and {parameter}, which are one")
            settings[parameter] = value
        else:
            raise TypeError(f"{c.full_name} has no argument {key!r}; it has {_words(c)}")
    if len(moved) > 1:
        raise ValueError(f"{c.full_name} has no counterpart for {' with '.join(moved)}")
    return canonical, {**settings, **chosen}


def _among(value: Any, allowed: Container[Any]) -> bool:
    """Whether a value is one of those; arrays and lists are none."""
    return isinstance(value, bool | int | float | str | np.generic) and value in allowed


def _words(c: Convention) -> list[str]:
    """The arguments that a convention understands."""
    renamed = {ours: theirs for theirs, ours in c.renamed.items()}
    plain = [renamed.get(key) or key for key in CATALOGUE[c.canonical].parameters]
    return [*plain, *c.choices, *c.instead, *c.ignored]


def _kinks(c: Convention, canonical: str, settings: Mapping[str, Any]) -> Slopes:
    if c.kinks is None:
        return ()
    return c.kinks({**CATALOGUE[canonical].parameters, **settings})


def _text(c: Convention) -> str:
    """What differs at the framework's defaults, in words."""
    ours = CATALOGUE[c.canonical].parameters
    words = [f"needs {', '.join(c.required)}"] if c.required else []
    words += [f"{key}={value}" for key, value in c.parameters.items() if value != ours.get(key)]
    if not c.required:
        slopes = _kinks(c, c.canonical, c.parameters)
        words += [f"slope {slope:g} at {point:g}" for point, slope in slopes]
    return "; ".join([*words, c.difference] if c.difference else words)
