"""The catalogue: a row of data per activation, and ``get``, which turns text into a function."""

from jaxact.catalogue.activation import Activation, get
from jaxact.catalogue.row import Number, Role, Row
from jaxact.catalogue.rows import ALIASES, CATALOGUE

__all__ = ["ALIASES", "CATALOGUE", "Activation", "Number", "Role", "Row", "get"]
