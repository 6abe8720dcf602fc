"""Every word the pages show: a module for each page, `common` for what several of them show.

A page asks for `text.NAME` where it needs it, whichever module has it. All words of a language are one table of such names.
"""

from typing import Any

from pages._text import common, data, expand, jobs, look, models, studio, train

PARTS = (common, studio, expand, train, jobs, data, look, models)
WORDS: dict[str, Any] = {name: words for part in PARTS for name, words in vars(part).items() if name.isupper()}
"""By name: a text, or texts by what they stand for."""


def __getattr__(name: str) -> Any:
    """The words of this name."""
    if name not in WORDS:
        raise AttributeError(f"no page has the words {name}")
    return WORDS[name]
