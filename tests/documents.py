"""Reads the documents: their blocks of code, commands, links and names in prose."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
"""What a newcomer reads; decisions and model cards are read for their links only."""
SHELL = ("bash", "console", "sh", "shell")
FENCE = re.compile(r"^ *```(.*)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what its info string says it needs, where it stands."""

    file: Path
    line: int
    language: str
    needs: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a shell block: variables set for it, and its words."""

    place: str
    variables: dict[str, str]
    words: list[str]


def blocks(file: Path) -> Iterator[Block]:
    """Every fenced block of a document."""
    text = file.read_text(encoding="utf-8")
    fences = list(FENCE.finditer(text))
    assert len(fences) % 2 == 0, f"{file}: a block is not closed"
    for start, end in zip(fences[::2], fences[1::2], strict=True):
        language, _, rest = start[1].strip().partition(" ")
        needs = rest.strip().removeprefix("needs=")
        line = text.count("\n", 0, start.start()) + 1
        yield Block(file, line, language, needs, dedent(text[start.end() + 1 : end.start()]))


def commands(block: Block) -> Iterator[Command]:
    """Every command of a shell block; in a `console` block those after `$`."""
    lines = block.text.replace("\\\n", " ").splitlines()
    for number, line in enumerate(lines, block.line + 1):
        if block.language == "console":
            if not line.startswith("$ "):
                continue
            line = line[2:]
        words = shlex.split(line, comments=True)
        variables = {}
        while words and (found := ASSIGNMENT.fullmatch(words[0])):
            variables[found[1]] = found[2]
            words = words[1:]
        if words:
            yield Command(f"{block.file.relative_to(ROOT)}:{number}", variables, words)


def prose(file: Path) -> str:
    """A document without its blocks."""
    parts = FENCE.split(file.read_text(encoding="utf-8"))  # text, info, code, "", text, ...
    return "".join(parts[::4])


def spans(file: Path) -> list[str]:
    """Everything that prose sets as code."""
    return SPAN.findall(prose(file))


def links(file: Path) -> list[str]:
    """Every link and picture that is not on the web."""
    found = LINK.findall(SPAN.sub("", prose(file)))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(file: Path) -> set[str]:
    """The names by which a document's headings are linked, as GitHub makes them."""
    plain = [re.sub(r"[^\w\- ]", "", one.strip().lower()) for one in HEADING.findall(prose(file))]
    return {one.replace(" ", "-") for one in plain}
