import sys
from pathlib import Path

import pytest

from dlcr.core.errors import BackendError
from dlcr.core.registry import Spec, resolve

TABLE = {"counter": "collections:Counter", "absent": "no_such_package.module:Thing"}


@pytest.mark.parametrize(
    ("text", "kind", "argument"),
    [
        ("demo", "demo", None),
        ("segformer:owner/name", "segformer", "owner/name"),
        ("openai:http://host:8000#model", "openai", "http://host:8000#model"),
        (" sam: ", "sam", ""),
    ],
)
def test_spec_is_kind_and_argument(text: str, kind: str, argument: str | None):
    spec = Spec.parse(text)
    assert (spec.kind, spec.argument) == (kind, argument)
    assert str(spec) == text.strip()


def test_resolve_gives_the_factory_and_the_spec():
    from collections import Counter

    assert resolve("parser", TABLE, "counter:abc") == (Counter, Spec("counter", "abc"))


def test_unknown_backend_lists_the_known_ones():
    with pytest.raises(BackendError, match="unknown parser 'nope:x'") as caught:
        resolve("parser", TABLE, "nope:x")
    assert "absent, counter" in caught.value.remedy


def test_missing_package_is_named():
    with pytest.raises(BackendError, match="no_such_package"):
        resolve("parser", TABLE, "absent")


def test_nothing_is_imported_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "heavy_backend.py").write_text("class Thing: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    table = TABLE | {"heavy": "heavy_backend:Thing"}
    resolve("parser", table, "counter")
    assert "heavy_backend" not in sys.modules
    assert resolve("parser", table, "heavy")[0].__name__ == "Thing"
