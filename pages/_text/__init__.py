"""Every word the pages show: a package for each language with the same tables, a module for each page, `common` for several.

A page asks for `text.NAME` where it needs it, whichever module has it. A process speaks one language (docs/decisions/019).
"""

import os
from functools import cache
from importlib import import_module
from typing import Any

from dlcr.core.errors import UsageError

VARIABLE = "DLCR_LANGUAGE"
"""The environment variable that names the language; to be set before a page is imported."""
LANGUAGES = ("en", "zh")
PARTS = ("common", "studio", "expand", "train", "jobs", "data", "look", "models", "login", "help")


def language() -> str:
    """The language of this process, English if none is named; UsageError if there is no such one."""
    name = os.environ.get(VARIABLE) or LANGUAGES[0]
    if name not in LANGUAGES:
        raise UsageError(f"the pages do not speak '{name}'.", f"Choose one of: {', '.join(LANGUAGES)}.")
    return name


@cache
def words(code: str) -> dict[str, Any]:
    """All words of a language by name: a text, or texts by what they stand for."""
    parts = (import_module(f"{__name__}.{code}.{part}") for part in PARTS)
    return {name: said for part in parts for name, said in vars(part).items() if name.isupper()}


def __getattr__(name: str) -> Any:
    """The words of this name."""
    if name not in words(language()):
        raise AttributeError(f"no page has the words {name}")
    return words(language())[name]
