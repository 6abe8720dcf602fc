"""Outfit text to garment items and back (pure; method.md, stage 1, item 3)."""

import re

from dlcr.core.values import Outfit

_BULLET = re.compile(r"^\s*(?:[-*+•‣–—]+\s*|\(?\d{1,2}[.):](?!\d)\s*)+")
_NUMBER_INSIDE = re.compile(r"(?:^|(?<=[\s:;,]))\(?\d{1,2}[.)]\s+")
_SPEECH = re.compile(
    r"^(?:sure[,.! ]*)?(?:(?:the|this) (?:person|man|woman|girl|boy|individual) (?:is wearing|wears|has|is dressed in)\s+)"
    r"|^(?:he|she|they) (?:is|are) wearing\s+",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^(?:and|with)\s+", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:an?|the|some|a pair of)\s+", re.IGNORECASE)


def parse_items(text: str) -> Outfit:
    """Items of `a | b | c`, a numbered or bulleted list, lines, commas, or one line of prose, in their order.

    Introductions ending in a colon are dropped; words and their first letters never are.

    >>> str(parse_items("Here are the items:\\n1. Gray shirt\\n2. Blue jeans"))
    'Gray shirt | Blue jeans'
    """
    items = [cleaned(part) for part in _parts(text)]
    return Outfit(tuple(item for item in items if item))


def inpainting_prompt(outfit: Outfit) -> str:
    """Items lower-cased, commas removed, joined by spaces; items of two letters or fewer are dropped."""
    items = [item.lower().replace(",", "").strip() for item in outfit.items]
    return " ".join(item for item in items if len(item) > 2)


def cleaned(item: str) -> str:
    """One item without bullet, number, quotes, markdown stars, leading article or final stop."""
    item = _BULLET.sub("", item.replace("**", "")).strip(" \t\"'`.;,")
    item = _JOINED.sub("", _SPEECH.sub("", item))
    return " ".join(_ARTICLE.sub("", item).split())


def _parts(text: str) -> list[str]:
    """Raw items, each possibly with its bullet."""
    if "|" in text:
        return re.split(r"[|\n]", text)
    lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
    if len(lines) > 1:
        lines = [line for line in lines if not line.rstrip(" *").endswith(":")]
    out: list[str] = []
    for line in lines:
        if len(lines) > 1 and _BULLET.match(line):
            out.append(line)
        else:
            out += _of_one_line(line)
    return out


def _of_one_line(line: str) -> list[str]:
    """Items of a line: inline numbers, else bullets between spaces, else commas and semicolons."""
    if len(_NUMBER_INSIDE.findall(line)) > 1:
        line = line[_NUMBER_INSIDE.search(line).start() :]  # type: ignore[union-attr]
        return _NUMBER_INSIDE.split(line)
    _, colon, rest = line.partition(":")
    if colon and rest.strip():
        line = rest
    return re.split(r"[,;•]|\s[*–-]\s", line)
