"""Numbers of a space, the point at hand, what was lassoed and the points as a table, as HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from dlcr.catalog import SampleRow, VariantRow
from dlcr.stages_retrieve import Projected
from pages import _text as text
from pages._retrieve_view import NO_NUMBER, button, labels, words
from pages._runs import figure_links, link
from pages._space_desk import Desk

SHOWN = 120
"""Pictures of a lasso, and rows of the table."""
ANSWERED = {1: text.MARKS["right"], 0: text.MARKS["wrong"], -1: NO_NUMBER}

e = html.escape


def numbers(found: Sequence[Projected], desk: Desk) -> str:
    """What is measured of each run's space, and what rules it."""
    heads = ("", text.TRUST, text.RULED_BY_PERSON, text.RULED_BY_OUTFIT, text.RULED_BY)
    rows = "".join(
        f'<tr><td><b class="run">{letter}</b> {e(run)}</td><td>{_number(one.trustworthiness)}</td><td>{_number(one.by_person)}</td>'
        f"<td>{_number(one.by_outfit)}</td><td>{e(_ruler(one))}</td></tr>"
        for letter, run, one in zip("AB", desk.runs, found, strict=False)
    )
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    return (
        f'<div class="facts scroll"><table><tr>{head}</tr>{rows}</table></div><p class="say">{e(text.MEASURES_SAY)}</p>'
        f"{figure_links('space', desk.address()) if desk.people != 'all' else ''}"
    )


def _number(value: float) -> str:
    return NO_NUMBER if value != value else f"{value:.3f}"


def _ruler(one: Projected) -> str:
    if one.by_person != one.by_person or one.by_outfit != one.by_outfit:
        return NO_NUMBER
    return text.PERSONS_RULE if one.by_person > one.by_outfit else text.CLOTHES_RULE


def side(sample: SampleRow | None, desk: Desk, variant: VariantRow | None = None) -> str:
    """The picture of the point at hand, a sample or a variant of it, with the ways to other pages."""
    if sample is None:
        return f'<p class="empty">{e(text.CHOOSE_POINT)}</p>'
    studio = link("/", dataset=sample.dataset, sample=sample.id, variant=variant.id if variant else "")
    retrieve = link("/retrieve", dataset=sample.dataset, run=desk.run, other=desk.other, sample=sample.id)
    shown, said = _picture(sample, variant)
    painted = f"<p>{e(text.VARIANT)} {variant.id}: {e(variant.prompt)}</p>" if variant else ""
    return (
        f'<div class="query" data-sample="{sample.id}"><img src="{shown}" alt="{e(said)}">'
        f"{labels(sample)}{painted}"
        f'<p class="links"><a href="{studio}">{e(text.IN_STUDIO)}</a><a href="{retrieve}">{e(text.RETRIEVE)}</a></p></div>'
    )


def _picture(sample: SampleRow, variant: VariantRow | None) -> tuple[str, str]:
    """Where the picture of a point is, and what it shows."""
    if variant:
        return f"/picture/variant/{variant.id}", f"{text.VARIANT}: {variant.prompt}"
    return f"/picture/sample/{sample.id}", words(sample)


def lassoed(found: Sequence[tuple[SampleRow, VariantRow | None]], count: int) -> str:
    """Thumbnails of what was lassoed."""
    if not count:
        return f'<p class="empty">{e(text.NO_LASSO)}</p>'
    people, outfits = {one.pid for one, _ in found}, {(one.pid, one.clothes_id) for one, _ in found}
    said = text.LASSOED.format(count=count, people=len(people), outfits=len(outfits))
    if count > len(found):
        said = f"{text.LASSOED_MANY.format(count=count)} {text.FIRST_SHOWN.format(count=len(found))}"
    tiles = "".join(_tile(sample, variant) for sample, variant in found)
    return f'<p class="say" role="status">{e(said)}</p><div class="thumbs" data-group>{tiles}</div>'


def _tile(sample: SampleRow, variant: VariantRow | None) -> str:
    shown, said = _picture(sample, variant)
    picture = f'<img src="{shown}/thumb" alt="{e(said)}" loading="lazy">'
    name = text.VARIANT if variant else sample.clothes_id
    point = -variant.id if variant else sample.id
    return button("pick", f"{picture}<span>{sample.pid} · {e(name)}</span>", label=said, id=point)


def table(samples: Sequence[SampleRow], told: Mapping[str, Any], desk: Desk) -> str:
    """The points as a table: who, and where each run puts them."""
    letters = "AB"[: len(desk.runs)]
    heads = [text.SAMPLE, text.PERSON, text.OUTFIT, text.CAMERA, text.SPLIT]
    heads += [f"{letter} {what}" for letter in letters for what in ("x", "y", text.FIRST_ANSWER)]
    rows = ""
    for place, sample in enumerate(samples[:SHOWN]):
        cells = [str(sample.pid), sample.clothes_id, str(sample.camid), sample.split]
        for plot in told["plots"]:
            cells += [f"{plot['x'][place]:.2f}", f"{plot['y'][place]:.2f}", ANSWERED[plot["right"][place]]]
        chosen = button("pick", e(sample.image.as_posix()), id=sample.id)
        rows += f"<tr><td>{chosen}</td>" + "".join(f"<td>{e(cell)}</td>" for cell in cells) + "</tr>"
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    more = text.FIRST_SHOWN.format(count=SHOWN) if len(samples) > SHOWN else ""
    title = f"{text.AS_TABLE} ({len(samples):,}) {more}"
    return (
        f'<details class="facts"><summary>{e(title)}</summary><div class="scroll"><table><tr>{head}</tr>{rows}</table></div>'
        f"</details>"
    )
