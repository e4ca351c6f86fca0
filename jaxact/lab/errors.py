"""The error for what a person can mend: a name, a path, a flag, a shape."""


class UserError(ValueError):
    """What is wrong, where, and what would be right, in a line or two.

    The command line prints the message and ends with exit code 2, without a traceback.
    """
