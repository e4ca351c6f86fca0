"""Conventions: what frameworks call the activations, with their defaults and kinks."""

from jaxact.conventions.convention import Convention
from jaxact.conventions.lookup import AMBIGUOUS, CONVENTIONS, NEAR, equivalents, knows, resolve

__all__ = ["AMBIGUOUS", "CONVENTIONS", "NEAR", "Convention", "equivalents", "knows", "resolve"]
