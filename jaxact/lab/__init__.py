"""The lab: trains the comparison of activations as one grid and reports what it measured."""

from jaxact.lab.errors import UserError
from jaxact.lab.records import Results, read
from jaxact.lab.runner import run
from jaxact.lab.study import Study

__all__ = ["Results", "Study", "UserError", "read", "run"]
