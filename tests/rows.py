"""Selections of the catalogue's rows that several tests go through."""

from jaxact import CATALOGUE

ELEMENTWISE = {name: row for name, row in CATALOGUE.items() if row.elementwise}
PARAMETERS = [
    (row, name, default)
    for row in ELEMENTWISE.values()
    for name, default in row.parameters.items()
    if isinstance(default, float)
]
