"""The pages' words: each name is given once, so that no page takes another's words away, and is there where it is asked for."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import app
import pages
from pages import _text as text

PAGES = Path(pages.__file__).parent


def nodes(*files: Path) -> Iterator[ast.AST]:
    for file in files:
        yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def names(context: type[ast.expr_context]) -> list[str]:
    """Names that the modules of words give, or use themselves."""
    files = [Path(part.__file__ or "") for part in text.PARTS]
    return [node.id for node in nodes(*files) if isinstance(node, ast.Name) and isinstance(node.ctx, context)]


def test_no_name_is_given_twice() -> None:
    assert {Path(part.__file__ or "").name for part in text.PARTS} == {
        file.name for file in (PAGES / "_text").glob("*.py") if file.name != "__init__.py"
    }
    given = Counter(names(ast.Store))
    assert len(given) > 100
    assert [name for name, count in given.items() if count > 1] == []
    assert set(given) == set(text.WORDS)
    assert set(given) & set(vars(text)) == set(), "the package's own names hide these words"


def test_all_words_are_there_that_a_page_asks_for_and_no_others() -> None:
    asked = {
        node.attr
        for node in nodes(Path(app.__file__), *PAGES.glob("*.py"))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "text" and node.attr.isupper()
    }
    assert asked | set(names(ast.Load)) == set(text.WORDS)
