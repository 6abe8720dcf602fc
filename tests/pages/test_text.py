"""The pages' words: each name is given once, so that no page takes another's words away."""

import ast
from collections import Counter
from pathlib import Path

from pages import _text


def test_no_name_is_given_twice() -> None:
    names = Counter(
        name.id
        for line in ast.parse(Path(_text.__file__).read_text(encoding="utf-8")).body
        for name in ast.walk(line)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    )
    assert len(names) > 100
    assert [name for name, count in names.items() if count > 1] == []
