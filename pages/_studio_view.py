"""The desk as HTML and as the editor's value; every text from files and users is escaped here."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcr import stages
from dlcr.catalog import MaskRow, SampleRow, VariantRow
from dlcr.core.values import Labels
from pages import _text as text
from pages._runs import figure_links, link
from pages._studio_desk import Desk, Find, mask_facts
from pages._widgets import asset, data_url, shrunk

PAGE = 60
"""Thumbnails on a page of the gallery."""

COLOURS = (
    (0, 0, 0), (148, 103, 189), (255, 187, 120), (188, 189, 34), (31, 119, 180),
    (44, 160, 44), (227, 119, 194), (214, 39, 40), (23, 190, 207), (140, 86, 75),
)  # fmt: skip
"""One colour a class, background first; used again from the second on if a parser has more."""

e = html.escape


def colour(index: int) -> tuple[int, int, int]:
    """The colour of class `index`."""
    return COLOURS[index] if index < len(COLOURS) else COLOURS[1 + (index - 1) % (len(COLOURS) - 1)]


def parsing_picture(labels: Labels) -> np.ndarray:
    """(h, w, 4) uint8 at display size: each class in its colour, background transparent."""
    small = shrunk(labels.map)
    table = np.array([(*colour(index), 255 if index else 0) for index in range(len(labels.classes))], np.uint8)
    return table[small]


def difference_picture(mask: np.ndarray, auto: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8: blue where `mask` adds to `auto`, orange where it takes away, white where they agree."""
    mask, auto = shrunk(mask), shrunk(auto)
    picture = np.zeros((*mask.shape, 4), np.uint8)
    picture[mask & auto] = (255, 255, 255, 150)
    picture[mask & ~auto] = (30, 120, 255, 255)
    picture[auto & ~mask] = (255, 140, 0, 255)
    return picture


def mask_picture(mask: np.ndarray) -> np.ndarray:
    """(h, w, 2) uint8 at display size: white, opaque where True."""
    small = shrunk(mask)
    return np.stack([np.full(small.shape, 255, np.uint8), small.astype(np.uint8) * 255], axis=2)


BLANK = data_url(np.zeros((1, 1, 4), np.uint8))


def editor_value(desk: Desk) -> dict[str, Any]:
    """What `mask_editor.js` shows; pixels only as lossless pictures at display size, sizes in photo pixels."""
    sample, photo = desk.sample, desk.photo
    if sample is None or photo is None:
        return {}
    height, width = photo.shape[:2]
    value: dict[str, Any] = {
        "sample": sample.id, "opened": desk.opened, "seq": desk.seq, "url": f"/picture/sample/{sample.id}",
        "title": title(sample), "width": width, "height": height, "say": mask_facts(desk), "ready": False,
        "mask": BLANK, "parsing": BLANK, "diff": BLANK, "classes": [], "grow": 0, "protect": True,
        "limbs": False, "undo": False, "redo": False, "grow_limit": max(8, max(height, width) // 24),
    }  # fmt: skip
    if desk.draft and desk.parsing:
        draft, choice, mask = desk.draft, desk.draft.layers.choice, desk.draft.mask
        value |= {
            "mask": data_url(mask_picture(mask)), "diff": data_url(difference_picture(mask, desk.parsing.mask)),
            "parsing": data_url(parsing_picture(desk.parsing.labels)), "ready": True,
            "classes": class_list(desk.parsing.labels, choice.classes),
            "grow": choice.grow, "protect": choice.protect, "limbs": choice.limbs,
            "undo": bool(draft.done), "redo": bool(draft.undone),
        }  # fmt: skip
    return value


def class_list(labels: Labels, on: Sequence[str]) -> list[dict[str, Any]]:
    """One entry a class but background: name, colour, share of the photo, whether it is repainted."""
    shares = np.bincount(labels.map.ravel(), minlength=len(labels.classes)) / labels.map.size
    return [
        {
            "name": name, "on": name in on, "colour": "rgb({}, {}, {})".format(*colour(index)),
            "share": f"{shares[index]:.0%}" if shares[index] else "",
        }
        for index, name in enumerate(labels.classes) if index
    ]  # fmt: skip


def title(sample: SampleRow) -> str:
    """A sample in words."""
    if sample.dataset == stages.UPLOADS:
        return text.OWN_PHOTO.format(name=sample.image.stem[:8])
    labels = {"split": sample.split, "pid": sample.pid, "camid": sample.camid, "outfit": sample.clothes_id}
    return f"{sample.dataset} · {text.SAMPLE_SAYS.format(**labels)}"


def gallery(rows: Sequence[SampleRow], total: int, find: Find, chosen: int) -> str:
    """Thumbnails as buttons, and the way to the pages before and after."""
    if not rows:
        return f'<p class="empty">{e(text.NO_UPLOADS if find.dataset == stages.UPLOADS else text.NOTHING_FOUND)}</p>'
    pictures = "".join(
        f'<button type="button" data-act="pick" data-id="{row.id}" aria-pressed="{str(row.id == chosen).lower()}"'
        f' title="{e(title(row))}"><img src="/picture/sample/{row.id}/thumb" alt="{e(title(row))}" loading="lazy">'
        f"<span>{e(row.image.stem[:8] if row.dataset == stages.UPLOADS else row.clothes_id)}</span></button>"
        for row in rows
    )
    back = _turn("before", rows[0].id, text.EARLIER, not find.after and not find.before)
    on = _turn("after", rows[-1].id, text.LATER, len(rows) < PAGE and not find.before)
    count = f"<span>{text.ONE_PHOTO if total == 1 else text.SOME_PHOTOS.format(count=total)}</span>"
    turn = f"{back}{count}{on}" if total > len(rows) else count
    return f'<div class="thumbs" data-group>{pictures}</div><div class="turn">{turn}</div>'


def _turn(way: str, row_id: int, label: str, last: bool) -> str:
    return (
        f'<button type="button" data-act="turn" data-{way}="{row_id}"{" disabled" if last else ""}>{e(label)}</button>'
    )


def versions(rows: Sequence[MaskRow], shown: MaskRow | None, changed: bool, sample: SampleRow | None = None) -> str:
    """The kept masks of a sample, newest first, with the way to keep the present one and to the sample's neighbours."""
    keep = f'<button type="button" data-act="keep"{"" if changed else " disabled"}>{e(text.KEEP_MASK)}</button>'
    head = f"<header><h3>{e(text.VERSIONS)}</h3><span>{neighbours(sample)} {keep}</span></header>"
    if not rows:
        return f'{head}<p class="empty">{e(text.NO_VERSIONS)}</p>'
    lines = "".join(_version(row, shown) for row in sorted(rows, key=lambda row: -row.version))
    columns = "".join(f"<th>{e(name)}</th>" for name in (*text.VERSION_HEADS, ""))
    return f"{head}<table><tr>{columns}</tr>{lines}</table>"


def neighbours(sample: SampleRow | None) -> str:
    """The way to the answers that a sample gets on the Retrieve page; an own photo has none."""
    if sample is None or sample.dataset == stages.UPLOADS:
        return ""
    return f'<a href="{link("/retrieve", dataset=sample.dataset, sample=sample.id)}">{e(text.NEIGHBOURS)}</a>'


def _version(row: MaskRow, shown: MaskRow | None) -> str:
    here = shown is not None and row.id == shown.id
    way = e(text.SHOWN) if here else f'<button type="button" data-act="open" data-id="{row.id}">{e(text.OPEN)}</button>'
    agreement, source = row.settings.get("iou", 1.0), text.SOURCES.get(row.source, row.source)
    parent = text.FROM_MASK.format(mask=row.parent) if row.parent else "–"
    return (
        f"<tr{' class=here' if here else ''}><td>{row.version}</td><td>{e(source)}</td><td>{row.coverage:.1%}</td>"
        f"<td>{agreement:.3f}</td><td>{parent}</td><td>{way}</td></tr>"
    )


def captions(desk: Desk) -> str:
    """What the captioner said of each frame of the outfit, and the outfit in one line."""
    if desk.sample is None:
        return captions_empty()
    if not desk.said:
        return f'<p class="empty">{e(text.DESCRIBING if desk.parsing else "")}</p>'
    use = f'<button type="button" data-act="use">{e(text.USE)}</button>'
    frames = "".join(_frame(frame, caption.text, frame == desk.sample.id) for frame, caption in desk.said)
    line = f'<p class="outfit"><b>{e(text.SUMMARY)}:</b> {e(str(desk.outfit))} {use}</p>'
    return (
        f"{line}<details><summary>{e(text.CAPTIONS)} ({len(desk.said)})</summary><ul data-group>{frames}</ul></details>"
    )


def _frame(sample_id: int, said: str, here: bool) -> str:
    return (
        f'<li{" class=here" if here else ""}><button type="button" data-act="pick" data-id="{sample_id}">'
        f'<img src="/picture/sample/{sample_id}/thumb" alt="{e(text.FRAME)} {sample_id}" loading="lazy"></button>'
        f"<span>{e(said)}</span></li>"
    )


def understood(read: stages.Understood) -> str:
    """What the model will read of a prompt: words mapped and words it does not know."""
    parts = [f"<b>{e(text.UNDERSTOOD)}:</b> {e(read.text)}"]
    if read.mapped:
        parts.append(", ".join(f"{e(typed)} {e(text.READ_AS)} {e(known)}" for typed, known in read.mapped))
    if read.unknown:
        parts.append(f'<span class="unknown">{e(text.IGNORED)}: {e(", ".join(read.unknown))}</span>')
    return f'<p class="say">{" · ".join(parts)}</p>'


def results(rows: Sequence[VariantRow], compared: int) -> str:
    """Every variant of a sample as a card: picture, prompt, checks, verdict, downloads."""
    if not rows:
        return f'<p class="empty">{e(text.NO_RESULTS)}</p>'
    cards = "".join(_card(row, row.id == compared) for row in rows)
    return f'<div class="cards">{cards}</div>{figure_links("variants", f"sample={rows[0].sample_id}")}'


def nothing_chosen() -> str:
    """What stands in place of the variants while there is no photo."""
    return f'<p class="empty">{e(text.NOTHING_CHOSEN)}</p>'


def _card(row: VariantRow, chosen: bool) -> str:
    verdict = (
        f'<em class="{e(row.verdict)}">{e(text.VERDICTS[row.verdict])}</em> {e(row.reason or "")}'
        if row.verdict
        else ""
    )
    buttons = "".join(
        f'<button type="button" data-act="{act}" data-id="{row.id}">{e(label)}</button>'
        for act, label in (("accept", text.ACCEPT), ("reject", text.REJECT), ("compare", text.COMPARE))
    )
    return (
        f'<article data-form class="card{" here" if chosen else ""}" aria-label="{e(text.VARIANT)} {row.id}">'
        f'<a href="/picture/variant/{row.id}" target="_blank"><img src="/picture/variant/{row.id}/thumb" alt="{e(row.prompt)}"></a>'
        f'<div><p class="prompt">{e(row.prompt)}</p><p class="say">{e(text.SEED)} {row.seed} · {e(row.model)}</p>{checks(row)}'
        f'<p class="verdict">{verdict}</p><p class="row"><input name="reason" aria-label="{e(text.REASON)}"'
        f' placeholder="{e(text.REASON)}" maxlength="200">{buttons}</p><p class="row">{downloads(row)}</p></div></article>'
    )


def checks(row: VariantRow) -> str:
    """The facts measured on a variant."""
    found = row.checks
    if not found:
        return f'<p class="say">{e(text.UNCHECKED)}</p>'
    outside, agreement = int(found["outside_changed"]), found["agreement"]
    matched = text.NOT_COMPARABLE if agreement is None else f"{agreement:.0%} {text.AGREEMENT}"
    return (
        f'<dl><dt>{e(text.OUTSIDE)}</dt><dd class="{"good" if outside == 0 else "bad"}">{outside}</dd>'
        f"<dt>{e(text.DRIFT)}</dt><dd>{found['drift']:.3f} ({e(text.HEAD_DRIFT)} {found['head_drift']:.3f})</dd>"
        f"<dt>{e(text.SEEN)}</dt><dd>{e(str(found['seen']) or '–')} ({e(matched)})</dd></dl>"
    )


def downloads(row: VariantRow) -> str:
    """Links to a variant's file and lineage."""
    return (
        f'<a href="/picture/variant/{row.id}/file" download>{e(text.PNG)}</a>'
        f'<a href="/lineage/variant/{row.id}" download>{e(text.LINEAGE)} ({e(text.JSON)})</a>'
    )


def comparison(sample: SampleRow | None, row: VariantRow | None) -> str:
    """Original and variant on top of each other with a movable edge."""
    if sample is None or row is None:
        return f'<p class="empty">{e(text.NO_COMPARISON)}</p>'
    return (
        f'<figure class="cmp" style="--edge: 50%"><div><img src="/picture/sample/{sample.id}" alt="{e(text.ORIGINAL)}">'
        f'<img class="over" src="/picture/variant/{row.id}" alt="{e(text.VARIANT)}: {e(row.prompt)}"></div>'
        f'<input type="range" min="0" max="100" value="50" data-edge aria-label="{e(text.EDGE)}">'
        f"<figcaption><span>{e(text.ORIGINAL)}</span><span>{e(text.VARIANT)} {row.id}</span></figcaption></figure>"
    )


def editor_template() -> str:
    """The frame that `mask_editor.js` fills, with its words."""
    return asset("mask_editor.html").format_map({name: e(words) for name, words in text.EDITOR.items()})


def captions_empty() -> str:
    """What stands where the captions will be."""
    return f'<p class="empty">{e(text.NO_CAPTIONS)}</p>'


def garments_template() -> str:
    """The frame that `garments.js` fills with a field per garment."""
    return (
        f'<details class="rows"><summary>{e(text.BY_GARMENT)}</summary><div class="rows-list" data-garment="{e(text.GARMENT)}"'
        f' data-drop="{e(text.DROP_GARMENT)}"></div><button type="button" class="rows-add">{e(text.ADD_GARMENT)}</button></details>'
    )


def backends_line(backends: Any) -> str:
    """Which backend each step uses."""
    return f'<p class="say">{e(text.BACKENDS.format(**backends.model_dump()))}</p>'


def footnotes() -> str:
    """What the checks are, and the keys."""
    return f'<p class="say">{e(text.DRIFT_NOTE)}</p><p class="say">{e(text.KEYS)}</p>'
