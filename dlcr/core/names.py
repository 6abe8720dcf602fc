"""Names that people give to data sets and runs: they become names of files and words of commands."""

import re

from dlcr.core.errors import UsageError

LONGEST = 100
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\\ud800-\udfff]")


def checked_name(name: str, what: str, unfit: str = "") -> str:
    """`name` if it can name `what`; UsageError if it is empty, too long, hidden, a flag, or has a sign that is not allowed.

    `unfit` are signs that this kind of name may not have either.
    """
    odd = not 0 < len(name.encode(errors="replace")) <= LONGEST or name != name.strip() or name.startswith((".", "-"))
    if odd or _UNFIT.search(name) or set(name) & set(unfit):
        raise UsageError(
            f"{name[:LONGEST]!r} cannot name {what}.", f"Use up to {LONGEST} letters, digits, '-' and '_'."
        )
    return name
