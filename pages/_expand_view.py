"""What a split has of variants as HTML: estimate, contact sheet, coverage; every text from files and users is escaped here."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dlcr.catalog import Coverage, PersonCoverage, SampleRow, VariantRow
from pages import _text as text
from pages._data_view import bad, histogram, size, table_heads
from pages._expand_order import Measured
from pages._jobs_view import duration
from pages._runs import figure_links
from pages._widgets import say

PEOPLE = 200
"""People of the table, at most: those with the fewest variants."""

e = html.escape


def estimate(photos: int, each: int, there: int, found: Measured | None, mean: float) -> str:
    """How many images are asked for and what they cost; `mean` bytes of one that is there (0: none)."""
    total = photos * each
    lines = [text.WANTED.format(photos=f"{photos:,}", variants=each, total=f"{total:,}")]
    if found is None:
        lines.append(text.NOT_MEASURED)
    else:
        time, words = duration(total / found.rate + found.overhead), text.COST if mean else text.COST_NO_DISK
        lines.append(words.format(time=time, disk=size(round(total * mean)), each=size(round(mean))))
        told = {"job": found.job, "made": f"{found.made:,}", "rate": f"{found.rate:,.2f}"}
        lines.append(text.MEASURED.format(**told, overhead=duration(found.overhead)))
    if there:
        lines.append(text.THERE.format(count=f"{there:,}"))
    first, *rest = lines
    return f'<p class="outfit"><b>{e(first)}</b></p>' + "".join(map(say, rest))


def expanded(told: Mapping[str, Any]) -> str:
    """What came of an expansion."""
    counts = {name: f"{told.get(name, 0):,}" for name in ("made", "kept", "failed")}
    line = text.EXPAND_DONE.format(**counts, rate=f"{float(told.get('images_per_second', 0)):,.2f}")
    return say(line) + _failures(told)


def failing(told: Mapping[str, Any], words: str) -> str:
    """What the quality gate found: counts, and a line for each measure that something fails."""
    line = words.format(**{name: f"{told.get(name, 0):,}" for name in ("checked", "passed", "rejected", "judged")})
    measures: Mapping[str, Mapping[str, float]] = told.get("measures", {})
    fails = [f"{name.replace('_', ' ')}: {int(one['failing']):,}" for name, one in measures.items() if one["failing"]]
    return say(line) + (say(", ".join(fails)) if fails else "") + _failures(told)


def _failures(told: Mapping[str, Any]) -> str:
    return bad([(str(one["name"]), str(one["reason"])) for one in told.get("failures", [])])


def sheet(pairs: Sequence[tuple[SampleRow, VariantRow]]) -> str:
    """Each variant beside its photo, newest first; a click opens both in the Studio."""
    if not pairs:
        return f'<p class="empty" data-id="0">{e(text.NO_SHEET)}</p>'
    return "".join(_pair(sample, variant) for sample, variant in pairs)


def _pair(sample: SampleRow, variant: VariantRow) -> str:
    link = "/?" + urlencode({"dataset": sample.dataset, "sample": sample.id, "variant": variant.id})
    judged = f' <em class="{e(variant.verdict)}">{e(text.VERDICTS[variant.verdict])}</em>' if variant.verdict else ""
    return (
        f'<a class="pair" data-id="{variant.id}{e(variant.verdict or "")}" href="{e(link)}">'
        f'<img src="/picture/sample/{sample.id}/thumb" alt="{e(text.ORIGINAL)}, {e(text.PERSON)} {sample.pid}">'
        f'<img src="/picture/variant/{variant.id}/thumb" alt="{e(text.VARIANT)} {variant.id}: {e(variant.prompt)}">'
        f"<span><b>{e(text.PERSON)} {sample.pid}</b>{judged}<br>{e(variant.prompt)}</span></a>"
    )


def coverage(found: Coverage, dataset: str, split: str) -> str:
    """Before and after, how many photos have how many variants, every person."""
    figure = figure_links("growth", urlencode({"dataset": dataset, "split": split}))
    return (
        f'<div class="facts">{_before_after(found)}{figure}<div class="side"><div><h3>{e(text.PHOTOS_BY_VARIANTS)}</h3>'
        f"{_photos(found)}</div><div><h3>{e(text.BY_PERSON)}</h3>{_people(found.people)}</div></div></div>"
    )


def _before_after(found: Coverage) -> str:
    (photos, made), (outfits, prompts) = found.growth()
    people = max(1, len(found.people))
    rows = [
        (text.IMAGES, f"{photos:,}", f"{made:,}", f"{photos + made:,}", photos / max(1, photos + made)),
        (text.OUTFITS_OF_PEOPLE, f"{outfits:,}", f"{prompts:,}", f"{outfits + prompts:,}", outfits / max(1, outfits + prompts)),
        (
            text.OUTFITS_EACH, f"{outfits / people:.1f}", f"{prompts / people:.1f}", f"{(outfits + prompts) / people:.1f}",
            outfits / max(1, outfits + prompts),
        ),
    ]  # fmt: skip
    body = "".join(
        f"<tr><th scope=row>{e(name)}</th><td>{before}</td><td>{new}</td><td>{after}</td>"
        f'<td><span class="share"><i style="width:{100 * share:.1f}%"></i></span></td></tr>'
        for name, before, new, after, share in rows
    )
    heads = table_heads(("", text.BEFORE, text.GENERATED, text.AFTER, text.SHARE))
    return (
        f'<h3>{e(text.BEFORE_AFTER)}</h3><div class="scroll"><table><tr>{heads}</tr>{body}</table></div>'
        f"{say(text.OUTFITS_NOTE)}"
    )


def _photos(found: Coverage) -> str:
    values = [have for have, count in found.photos.items() for _ in range(count)]
    return histogram(values, text.VARIANTS_COUNTED, text.PHOTOS_COUNTED)


def _people(people: Sequence[PersonCoverage]) -> str:
    few = sorted(people, key=lambda one: ((one.variants - one.rejected) / max(1, one.photos), one.pid))
    rows = "".join(
        f"<tr><td>{one.pid}</td><td>{one.photos:,}</td><td>{one.variants:,}</td>"
        f"<td>{(one.variants - one.rejected) / max(1, one.photos):.1f}</td><td>{one.outfits}</td><td>{one.prompts}</td>"
        f"<td>{one.rejected:,}</td></tr>"
        for one in few[:PEOPLE]
    )
    heads = (
        text.PERSON, text.IMAGES, text.VARIANTS, text.PER_PHOTO, text.OWN_OUTFITS, text.NEW_OUTFITS, text.REJECTED_ONES,
    )  # fmt: skip
    more = say(text.MORE_PEOPLE.format(count=f"{len(few) - PEOPLE:,}")) if len(few) > PEOPLE else ""
    return f'<div class="scroll tall" tabindex="0"><table><tr>{table_heads(heads)}</tr>{rows}</table></div>{more}'
