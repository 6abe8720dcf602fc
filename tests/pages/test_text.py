"""The pages' words: each name is given once in each language, and is there where it is asked for."""

import ast
import json
import os
import re
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app
import pages
from pages import _text as text

PAGES = Path(pages.__file__).parent
ROOT = PAGES.parent
HAN = re.compile("[\u4e00-\u9fff]")
LANGUAGE_FREE = {
    "LANG", "PRODUCT", "PNG", "JSON", "PROMPT_HINT", "FOLDER_HINT", "NAME_HINT", "RUN_HINT", "AVERAGE_PRECISION",
    "MARKS", "METHODS", "SECONDS_TAKEN", "OTHER_BACKENDS", "WAYS",
}  # fmt: skip
"""Names, symbols, examples of what is typed or sent to a model, and tables that hold such: Chinese needs no Chinese for them."""


def nodes(*files: Path) -> Iterator[ast.AST]:
    for file in files:
        yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def tables(code: str) -> list[Path]:
    return [PAGES / "_text" / code / f"{part}.py" for part in text.PARTS]


def names(context: type[ast.expr_context], code: str) -> list[str]:
    """Names that the modules of words give, or use themselves."""
    found = [node for node in nodes(*tables(code)) if isinstance(node, ast.Name)]
    return [node.id for node in found if isinstance(node.ctx, context)]


def leaves(said: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text in a table's value, with the way to it: names of keys, numbers of places."""
    if isinstance(said, str):
        yield place, said
    else:
        pairs = said.items() if isinstance(said, dict) else enumerate(said)
        for key, one in pairs:
            yield from leaves(one, f"{place}.{key}")


def flat(code: str) -> dict[str, str]:
    return {place: said for name, value in text.words(code).items() for place, said in leaves(value, name)}


def placeholders(said: str) -> list[tuple[str | None, str | None]]:
    """Names with their formats, in no order: Chinese puts them elsewhere."""
    return sorted((name, form) for _, name, form, _ in string.Formatter().parse(said) if name is not None)


@pytest.mark.parametrize("code", text.LANGUAGES)
def test_no_name_is_given_twice(code: str) -> None:
    folder = PAGES / "_text" / code
    assert set(tables(code)) == {file for file in folder.glob("*.py") if file.name != "__init__.py"}
    given = Counter(names(ast.Store, code))
    assert len(given) > 100
    assert [name for name, count in given.items() if count > 1] == []
    assert set(given) == set(text.words(code))
    assert set(given) & set(vars(text)) == set(), "the package's own names hide these words"


def test_all_words_are_there_that_a_page_asks_for_and_no_others() -> None:
    asked = {
        node.attr
        for node in nodes(Path(app.__file__), *PAGES.glob("*.py"))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "text" and node.attr.isupper()
    }
    own = {"LANGUAGES", "VARIABLE"}
    assert own <= asked
    assert (asked - own) | set(names(ast.Load, "en")) == set(text.words("en"))


def test_both_languages_have_the_same_names_shapes_and_placeholders() -> None:
    english, chinese = flat("en"), flat("zh")
    assert list(english) == list(chinese)  # also the order of keys, which menus follow
    kinds = [{name: type(said) for name, said in text.words(code).items()} for code in text.LANGUAGES]
    assert kinds[0] == kinds[1]
    differ = [place for place, said in english.items() if placeholders(said) != placeholders(chinese[place])]
    assert differ == []


def test_what_is_not_language_free_is_in_chinese() -> None:
    english, chinese = flat("en"), flat("zh")
    assert set(text.words("zh")) >= LANGUAGE_FREE
    held = {place: place.partition(".")[0] for place in chinese}
    bare = {held[place] for place, said in chinese.items() if said and not HAN.search(said)}
    assert bare == LANGUAGE_FREE
    same = {held[place] for place, said in chinese.items() if said and said == english[place]}
    assert same <= LANGUAGE_FREE


def test_english_has_no_chinese_and_what_models_read_is_english_in_both() -> None:
    assert [place for place, said in flat("en").items() if HAN.search(said)] == []
    assert text.words("zh")["PROMPT_HINT"] == text.words("en")["PROMPT_HINT"]
    one, other = ([row[:2] for row in text.words(code)["OTHER_BACKENDS"]] for code in text.LANGUAGES)
    assert one == other


def run(*command: str, language: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {text.VARIABLE: language}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("code", text.LANGUAGES)
def test_a_process_speaks_the_language_of_its_environment(code: str) -> None:
    said = text.words(code)
    program = (
        "import json, app; from pages import _text; print(json.dumps([_text.LANG, *(p.TITLE for p in app.pages())]))"
    )
    done = run("-c", program, language=code)
    names = ("LANG", "TITLE", "EXPAND", "TRAIN", "SPACE", "RETRIEVE", "DATA", "JOBS", "MODELS")
    assert (json.loads(done.stdout), done.stderr) == ([said[name] for name in names], "")


@pytest.mark.parametrize(("flags", "language"), [(("--language", "xx"), "zh"), ((), "xx")])
def test_a_language_that_is_not_there_is_refused_in_a_line_with_the_choices(
    flags: tuple[str, ...], language: str
) -> None:
    done = run("app.py", *flags, language=language)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: the pages do not speak 'xx'. Choose one of: en, zh.\n"
