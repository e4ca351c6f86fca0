"""Files that a stop leaves as they were before or as they should be after, never in between."""

from __future__ import annotations

import pathlib


def write_text(path: pathlib.Path, text: str) -> None:
    """Writes a file, all of it or nothing.

    Raises:
        OSError: if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8", newline="\n")
    part.replace(path)
