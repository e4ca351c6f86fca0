"""The error for what a person can mend: a name, a path, a flag, a shape."""

import difflib
from collections.abc import Sequence


class UserError(ValueError):
    """What is wrong, where, and what would be right, in a line or two.

    The command line prints the message and ends with exit code 2, without a traceback.
    """


def first_line(error: BaseException) -> str:
    """Type and first line of an error, at most 160 characters."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text if len(text) <= 160 else f"{text[:157]}..."


def check_known(flag: str, value: str, known: Sequence[str]) -> None:
    """Whether a flag has one of its known values.

    Raises:
        UserError: if not; the message names near ones, or all.
    """
    if value not in known:
        near = difflib.get_close_matches(value, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
        raise UserError(f"--{flag}: there is no {value!r}; {hint}")
