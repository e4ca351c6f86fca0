"""Files that a stop leaves as they were before or as they should be after, never in between."""

from __future__ import annotations

import pathlib


def write_text(path: pathlib.Path, text: str) -> None:
    r"""Writes a file in UTF-8, all of it or nothing.

    Names of files that are no UTF-8 are in Python's text as characters that UTF-8 has not; these
    are written like ``\udce9``.

    Raises:
        OSError: if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, "utf-8", "backslashreplace", newline="\n")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
