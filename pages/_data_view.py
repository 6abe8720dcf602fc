"""Data sets as HTML tables and bars; every text from files and users is escaped here."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from dlcr import stages
from dlcr.catalog import Counts, Finding, Health, Spread, Summary
from dlcr.jobs.board import Job
from pages import _jobs_view
from pages import _text as text
from pages._widgets import say

BINS = 10
"""Rows of a histogram, at most."""
CAMERAS_SHOWN = 40

e = html.escape


def size(count: int) -> str:
    """Bytes in words: `1.2 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def datasets(sets: Sequence[stages.About], chosen: str, sure: str = "") -> str:
    """Every data set with its sizes; `sure` is the one whose removal must be confirmed."""
    heads = (
        text.NAME,
        text.LAYOUT,
        text.IMAGES,
        text.PEOPLE,
        text.OUTFITS,
        text.CAMERAS,
        text.PROTOCOLS,
        text.ON_DISK,
        "",
    )
    rows = "".join(_dataset(one, one.row.name == chosen, one.row.name == sure) for one in sets)
    return f'<div class="facts scroll"><table><tr>{table_heads(heads)}</tr>{rows}</table></div>'


def _dataset(one: stages.About, here: bool, sure: bool) -> str:
    summary, name = one.summary, e(one.row.name)
    numbers = (summary.images, summary.pids, summary.clothes, summary.cameras)
    cells = "".join(f"<td>{number:,}</td>" for number in numbers)
    protocols = e(", ".join(one.protocols) or text.NO_PROTOCOLS)
    buttons = _button("show", name, text.SHOW)
    if one.row.name not in stages.KEPT:
        buttons += _button("sure", name, text.REALLY_REMOVE) if sure else _button("remove", name, text.REMOVE)
    return (
        f'<tr{" class=here" if here else ""}><td title="{e(str(one.row.root))}">{name}</td><td>{e(one.row.layout)}</td>{cells}'
        f"<td>{protocols}</td><td>{size(summary.bytes)}</td><td>{buttons}</td></tr>"
    )


def _button(act: str, name: str, words: str) -> str:
    return f'<button type="button" data-act="{act}" data-name="{name}" aria-label="{e(words)}: {name}">{e(words)}</button> '


def table_heads(heads: Iterable[str]) -> str:
    """Cells of a table's first row."""
    return "".join(f'<th scope="col">{e(head)}</th>' for head in heads)


def about(one: stages.About, found: Spread) -> str:
    """Labels and health of one data set."""
    return (
        f'<div class="facts"><h2>{e(one.row.name)}</h2><p class="say">{e(text.FOLDER)}: {e(str(one.row.root))}</p>'
        f"<h3>{e(text.HEALTH)}</h3>{health(one.health)}<h3>{e(text.SPLIT_SIZES)}</h3>{splits(one.summary)}"
        f"{spread(found)}</div>"
    )


def splits(summary: Summary) -> str:
    """Sizes by split, and of the whole."""
    whole = Counts(summary.images, summary.pids, summary.clothes, summary.cameras)
    heads = (text.SPLIT, text.IMAGES, text.PEOPLE, text.OUTFITS, text.CAMERAS)
    rows = "".join(
        f"<tr><td>{e(name)}</td>" + "".join(f"<td>{number:,}</td>" for number in asdict(counts).values()) + "</tr>"
        for name, counts in [*summary.splits.items(), (text.WHOLE_SET, whole)]
    )
    return f'<div class="scroll"><table><tr>{table_heads(heads)}</tr>{rows}</table></div>'


def health(found: Health) -> str:
    """What is the matter with files and labels; the first ones of each by name."""
    rows = "".join(_finding(words, getattr(found, name)) for name, words in text.FINDINGS.items())
    if found.unchecked:
        rows += f"<tr><td>{e(text.UNCHECKED_FILES)}</td><td>{found.unchecked:,}</td><td></td></tr>"
    if not rows:
        return f'<p class="empty">{e(text.HEALTHY)}</p>'
    return f'<table class="health"><tr>{table_heads((text.FOUND, text.HOW_MANY, text.FIRST_ONES))}</tr>{rows}</table>'


def _finding(words: str, found: Finding) -> str:
    if not found.count:
        return ""
    first, *more = found.examples
    says = text.MORE_ONES.format(count=len(more))
    rest = f"<details><summary>{says}</summary>{'<br>'.join(map(e, more))}</details>" if more else ""
    return f"<tr><td>{e(words)}</td><td>{found.count:,}</td><td>{e(first)}{rest}</td></tr>"


def spread(found: Spread) -> str:
    """Histograms of photos and outfits a person, and the camera matrix."""
    return (
        f'<div class="side"><div><h3>{e(text.PHOTOS_PER_PERSON)}</h3>{histogram(list(found.pictures.values()))}</div>'
        f"<div><h3>{e(text.OUTFITS_PER_PERSON)}</h3>{histogram(list(found.outfits.values()))}</div></div>"
        f"<h3>{e(text.CAMERA_MATRIX)}</h3>{cameras(found.cameras)}"
    )


def bins(values: Sequence[int], most: int = BINS) -> list[tuple[int, int, int]]:
    """Whole numbers in at most `most` equal ranges, as (first, last, how many)."""
    if not values:
        return []
    low, high = min(values), max(values)
    width = -(-(high - low + 1) // most)
    starts = range(low, high + 1, width)
    return [(start, start + width - 1, sum(start <= value < start + width for value in values)) for start in starts]


def histogram(values: Sequence[int], of: str = text.FROM_TO, what: str = text.NUMBER) -> str:
    """A table of ranges with a bar each; the numbers stand beside the bars."""
    found = bins(values)
    top = max((count for *_, count in found), default=1) or 1
    rows = "".join(
        f"<tr><td>{first if first == last else f'{first} – {last}'}</td><td>{count:,}</td>"
        f'<td style="width:60%"><span class="bar" style="width:{100 * count / top:.1f}%"></span></td></tr>'
        for first, last, count in found
    )
    return f"<table><tr>{table_heads((of, what, ''))}</tr>{rows}</table>"


def cameras(found: Mapping[str, Mapping[int, int]]) -> str:
    """Photos by split and camera."""
    every = sorted({camid for counts in found.values() for camid in counts})
    if len(every) > CAMERAS_SHOWN:
        return f'<p class="empty">{e(text.MANY_CAMERAS.format(count=len(every)))}</p>'
    rows = "".join(
        f"<tr><td>{e(split)}</td>" + "".join(f"<td>{counts.get(camid, 0):,}</td>" for camid in every) + "</tr>"
        for split, counts in found.items()
    )
    return f'<div class="scroll"><table><tr>{table_heads([text.SPLIT, *map(str, every)])}</tr>{rows}</table></div>'


def job(one: Job, outcome: str, workers: int) -> str:
    """The job that this page follows: how far it is or what came of it (`outcome`), and the way to its log."""
    row = one.row
    link = f'<p class="say"><a href="/jobs?job={row.id}">{e(text.JOB)} {row.id}: {e(row.what)}</a></p>'
    if row.error:
        return _jobs_view.error(row.error) + link
    if row.state == "running" and one.progress and not row.wish:
        return _jobs_view.progress(one.progress) + link
    if row.state == "queued" and not workers:
        return _jobs_view.workers(workers) + link
    words = text.CANCELLING if row.wish == "cancel" else text.JOB_SAYS[row.state]
    return (outcome or say(words)) + link


def bad(rows: Sequence[tuple[str, str]], most: int = 50) -> str:
    """What was left out, by path and reason."""
    lines = "".join(f"<li>{e(path)}: {e(reason)}</li>" for path, reason in rows[:most])
    more = f"<li>{text.AND_MORE.format(count=len(rows) - most)}</li>" if len(rows) > most else ""
    return f'<ul class="say">{lines}{more}</ul>' if rows else ""
