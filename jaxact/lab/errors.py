"""The error for what a person can mend: a name, a path, a flag, a shape."""


class UserError(ValueError):
    """What is wrong, where, and what would be right, in a line or two.

    The command line prints the message and ends with exit code 2, without a traceback.
    """


def first_line(error: BaseException) -> str:
    """Type and first line of an error, at most 160 characters."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text if len(text) <= 160 else f"{text[:157]}..."
