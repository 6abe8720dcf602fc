"""What parsers are given: text made of what they look for and of what nobody expects, real files with bytes changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

ODD = (
    "", " ", "\0", "\r\n", "\t", "\u2028", "\ufeff", "\u202e", "ß", "İ", "ﬁ", "１２", "²", "٣", "👗",
    "e\u0301", "<script>", "'", '"', "\\", "/",
    "..", "../..", "%00", "${x}", "{0}", "{text}", "=1+1", "-1", "0", "1e999", "NaN", "Infinity", "null",
    "true", "9" * 30, "A" * 300,
)  # fmt: skip
"""Texts on which programs have stumbled before."""
GARMENTS = (
    "red shirt", "blue jeans", "a pair of white shoes", "|", ",", ";", ":", "\n", "1.", "2)", "(3)", "- ",
    "* ", "•", "–", "**", "and ", "with ",
    "The person is wearing ", "Sure, ", "Here are the items:", "striped", "no hat", "none", ".",
)  # fmt: skip
FOLDERS = (
    "rgb", "train", "val", "test", "query", "gallery", "A", "B", "C", "001", "session1", "session3",
    "001_01", "train-set", "test-set-query",
    "bounding_box_train", "bounding_box_test", "anna",
)  # fmt: skip
NAMES = (
    "0001", "12", "_", "-", "c", "s", "P", "C", ".", ".jpg", ".PNG", "A", "B", "1_c2s3_", "000_1_c12_",
    "0002-01-01-05", "P1_C3_2_", "-1",
)  # fmt: skip
LINES = ("session1/001_01", "001", "\t", " ", "u1_l1_s1_c0_a1", "P1_C3_2_1.jpg", ",", "17", "\n", "\r", "#")
VIEW = (
    "dataset", "split", "sample", "mask", "variant", "run", "other", "pid", "camid", "clothes_id", "words",
    "after", "before", "protocol", "camera",
    "k", "only", "junk", "refine", "pictures", "second", "page", "method", "people", "variants", "colour",
    "shape", "seed", "measure", "smooth",
    "state", "job",
)  # fmt: skip
"""Names that the pages' addresses have."""
SHOWN = (
    "world", "uploads", "world-cal", "world-dlcr", "train", "query", "gallery", "cc", "sc", "1", "5", "10",
    "all", "tsne", "pca", "loss", "0.5",
    "fixed", "done", "-1", "99999999999", "999999999999999999999", "1,2", "world-cal,world-dlcr", "..",
)  # fmt: skip


def text(*words: str, most: int = 12) -> SearchStrategy[str]:
    """Words that mean something to the parser, odd ones and anything else, in any order."""
    anything = st.text(st.characters(codec="utf-8"), max_size=20)
    known = st.sampled_from((*words, *words, *ODD))
    return st.lists(known | anything, max_size=most).map("".join)


def replies() -> SearchStrategy[str]:
    """What a language model might answer; JSON can even hold halves of characters."""
    halves = st.text(st.characters(exclude_categories=()), max_size=60)
    return text(*GARMENTS, most=20) | halves


def listings() -> SearchStrategy[tuple[str, list[str]]]:
    """A folder and the names of the pictures in it, sorted, as a file system gives them."""
    part = st.sampled_from(FOLDERS) | text(*FOLDERS, most=2).map(_one_name).filter(bool)
    name = text(*NAMES, most=6).map(_one_name).filter(bool)
    return st.tuples(st.lists(part, max_size=4).map("/".join), st.lists(name, max_size=8, unique=True).map(sorted))


def _one_name(told: str) -> str:
    return told.replace("/", "").replace("\0", "").lstrip(".")


def lists() -> SearchStrategy[bytes]:
    """A text file beside pictures, sometimes no text at all."""
    return text(*LINES).map(str.encode) | st.binary(max_size=60)


def manifests() -> SearchStrategy[bytes]:
    """A CSV with the columns that are needed, or some of them, and rows of anything."""
    columns = "image,split,pid,camid,clothes_id,tracklet"
    head = st.sampled_from(
        (columns, columns, columns, "image,split,pid", "image", f"\ufeff{columns}", columns.replace(",", ";"), "")
    )
    cell = st.sampled_from(("a/1.jpg", "top.jpg", "../x.jpg", "/x.jpg", "train", "7", "-1", "", '"')) | text(
        "a", "1", ",", '"', "\n", most=3
    )
    rows = st.lists(st.lists(cell, max_size=8).map(",".join), max_size=5).map("\n".join)
    return st.tuples(head, rows).map("\n".join).map(str.encode) | st.binary(max_size=80)


def json_values(*keys: str) -> SearchStrategy[Any]:
    """Any JSON, of which objects have these keys now and then."""
    name = st.sampled_from(keys or ("a",)) | st.sampled_from(ODD)
    leaf = st.none() | st.booleans() | st.integers() | st.floats() | text(*ODD[:6], most=3)
    return st.recursive(
        leaf, lambda one: st.lists(one, max_size=4) | st.dictionaries(name, one, max_size=5), max_leaves=12
    )


def changed(told: Any) -> SearchStrategy[Any]:
    """A JSON object with one or two of its values, at any depth, replaced or gone."""
    places = _places(told)

    def change(picked: Sequence[tuple[tuple[Any, ...], Any, bool]]) -> Any:
        copy = json.loads(json.dumps(told))
        for place, value, gone in picked:
            within = copy
            for key in place[:-1]:
                within = within[key] if isinstance(within, (dict, list)) and _has(within, key) else None
            if isinstance(within, (dict, list)) and _has(within, place[-1]):
                if gone and isinstance(within, dict):
                    del within[place[-1]]
                else:
                    within[place[-1]] = value
        return copy

    return st.lists(st.tuples(st.sampled_from(places), json_values(), st.booleans()), min_size=1, max_size=2).map(
        change
    )


def _places(told: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    found = []
    for key, value in items:
        found += [(*above, key), *_places(value, (*above, key))]
    return found


def _has(within: dict | list, key: Any) -> bool:
    return key in within if isinstance(within, dict) else isinstance(key, int) and key < len(within)


def damaged(*files: bytes) -> SearchStrategy[bytes]:
    """One of these files with some bytes set, left out, put in, or its end cut off; now and then no such file at all."""
    edit = st.tuples(st.floats(0, 1), st.sampled_from(("set", "drop", "add", "cut")), st.binary(min_size=1, max_size=8))

    def change(picked: tuple[bytes, list[tuple[float, str, bytes]]]) -> bytes:
        data, edits = bytearray(picked[0]), picked[1]
        for where, kind, told in edits:
            at = int(where * len(data))
            if kind == "set":
                data[at : at + len(told)] = told
            elif kind == "drop":
                del data[at : at + len(told)]
            elif kind == "add":
                data[at:at] = told
            else:
                del data[at:]
        return bytes(data)

    return st.tuples(st.sampled_from(files), st.lists(edit, min_size=1, max_size=6)).map(change) | st.binary(
        max_size=60
    )


def addresses() -> SearchStrategy[str]:
    """The query of a page's address."""
    value = st.sampled_from(SHOWN) | text(*SHOWN, most=2)
    pair = st.tuples(st.sampled_from(VIEW) | text(*VIEW, most=1), value)
    quoted = st.lists(pair, max_size=8).map(
        lambda pairs: "?" + "&".join(f"{quote(name)}={quote(said)}" for name, said in pairs)
    )
    return quoted | text(*VIEW, "=", "&", "?", ";", "%", "%ff", "+", most=10)


def fields(*names: str) -> SearchStrategy[dict[str, Any]]:
    """Settings by name as a form, a file or a flag may give them."""
    value = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | text(*SHOWN, most=2)
        | st.lists(st.integers(), max_size=2)
    )
    return st.dictionaries(st.sampled_from(names) | text("x", most=1), value, max_size=5)
