"""Data: a name, a folder or a file becomes pictures, split for their three purposes."""

from jaxact.lab.data.sets import Data, Dataset, Split, padded
from jaxact.lab.data.source import load

__all__ = ["Data", "Dataset", "Split", "load", "padded"]
