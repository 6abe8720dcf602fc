"""Why the Retrieve page's runs gave an answer: how much of its similarity to the query is clothes, head or the rest."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from dlcr import stages, stages_privacy, stages_saliency
from dlcr.core.images import resize
from dlcr.stages_saliency import PARTS, Parted, Rests, Saliency
from pages import _text as text
from pages._retrieve_desk import Desk, Shelf, open_galleries
from pages._retrieve_view import NO_NUMBER, words
from pages._widgets import data_url, say

TALL = 320
"""Height of a picture with its heat, in pixels."""
FOR, AGAINST, BOUND = (217, 115, 13), (31, 111, 235), (255, 255, 255)
"""Colours of what speaks for a match and against it, told apart with any colour vision; the line around the clothes."""
STRONGEST = 0.8
"""Opacity of the strongest heat."""

e = html.escape


@dataclass(slots=True)
class Shown:
    """What one tab shows: the query, the answer and the runs looked into; an answer of 0 is none."""

    sample: int = 0
    answer: int = 0
    runs: tuple[str, ...] = ()

    def is_of(self, desk: Desk) -> bool:
        """Whether it is what the desk is about."""
        return (self.sample, self.answer, self.runs) == (desk.sample, desk.why, tuple(desk.runs))


def look(shelf: Shelf, desk: Desk, shown: Shown) -> Iterator[tuple[str]]:
    """Look into the answer on the desk, if there is one that is not shown yet."""
    if not desk.why or not desk.sample or shown.is_of(desk):
        return
    yield (say(text.LOOKING_INTO),)
    shown.sample, shown.answer, shown.runs = desk.sample, desk.why, tuple(desk.runs)
    looks = open_galleries(shelf.galleries, desk)
    found = stages_saliency.saliency(shelf.session, looks, desk.sample, desk.why)
    query, answer = (_to_show(shelf.session, one) for one in (found.query, found.answer))
    yield (drawn(replace(found, query=query, answer=answer)),)


def _to_show(session: stages.Session, of: Parted) -> Parted:
    return replace(of, photo=stages_privacy.shown(session, of.photo))


def hint() -> str:
    """What the empty part says."""
    return f'<p class="empty">{e(text.RESTS_HINT)}</p>'


def drawn(found: Saliency) -> str:
    """Each run's two pictures, its bars, and all numbers as a table."""
    scale = max(float(np.abs(heat).max()) for run in found.runs for heat in run.heats) or 1.0
    most = max(float(np.abs(run.parts).max()) for run in found.runs) or 1.0
    runs = "".join(_run(letter, run, found, scale, most) for letter, run in zip("AB", found.runs, strict=False))
    return f'<p class="say">{e(text.RESTS_SAYS.format(scale=scale))}</p><div class="rests">{runs}</div>{_table(found)}'


def overlaid(of: Parted, heat: np.ndarray, scale: float) -> np.ndarray:
    """(TALL, w, 3) uint8: the photo in grey, the heat (h, w) float32 in colour, full at `scale`, and a line around the clothes."""
    height, width = of.photo.shape[:2]
    size = (max(1, round(width * TALL / height)), TALL)
    grey = np.repeat(np.asarray(Image.fromarray(resize(of.photo, *size)).convert("L"))[..., None], 3, axis=2)
    large = np.asarray(Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))
    strength = (np.clip(np.abs(large) / scale, 0, 1) * STRONGEST)[..., None]
    colour = np.where(large[..., None] > 0, FOR, AGAINST)
    picture = (grey * (1 - strength) + colour * strength).astype(np.uint8)
    picture[_edge(resize(of.parts[PARTS.index("clothes")], *size))] = BOUND
    return picture


def _edge(mask: np.ndarray) -> np.ndarray:
    """Pixels of a mask (H, W) bool with a neighbour outside of it."""
    inner = mask.copy()
    inner[1:] &= mask[:-1]
    inner[:-1] &= mask[1:]
    inner[:, 1:] &= mask[:, :-1]
    inner[:, :-1] &= mask[:, 1:]
    return mask & ~inner


def _run(letter: str, run: Rests, found: Saliency, scale: float, most: float) -> str:
    pictures = "".join(
        f'<figure><img src="{data_url(overlaid(of, heat, scale))}" '
        f'alt="{e(text.HEAT_OF.format(run=run.run, what=f"{name}: {words(of.sample)}"))}">'
        f"<figcaption>{e(name)}: {of.sample.pid}, {e(of.sample.clothes_id)}</figcaption></figure>"
        for name, of, heat in zip((text.QUERY, text.ANSWER), (found.query, found.answer), run.heats, strict=True)
    )
    bars = "".join(_bar(part, run, place, most) for place, part in enumerate(PARTS))
    added = " + ".join(f"{value:.3f}" if value >= 0 else f"({value:.3f})" for value in run.parts)
    in_all = text.RESTS_IN_ALL.format(similarity=run.similarity, base=run.base, parts=added)
    return (
        f'<section aria-label="{e(run.run)}"><h3><b class="run">{letter}</b> {e(run.run)}</h3><div class="pair">{pictures}</div>'
        f'<dl>{bars}</dl><p class="say">{e(in_all)}</p></section>'
    )


def _bar(part: str, run: Rests, place: int, most: float) -> str:
    value = float(run.parts[place])
    against = ' class="against"' if value < 0 else ""
    return (
        f'<dt>{e(text.RESTS_PARTS[part])}</dt><dd class="bar" aria-hidden="true"><i{against} style="width:{abs(value) / most:.1%}">'
        f"</i></dd><dd>{value:+.3f} · {_percent(run.shares[place])}</dd>"
    )


def _percent(value: float) -> str:
    return NO_NUMBER if value != value else f"{value:.0%}"


def _table(found: Saliency) -> str:
    heads = ["", text.PART_AREA]
    for letter, run in zip("AB", found.runs, strict=False):
        heads += [f"{letter} {run.run}: {name}" for name in (text.PART_ADDS, text.PART_SHARE, text.PART_POSITIVE)]
    rows = ""
    for place, part in enumerate(PARTS):
        cells = [text.RESTS_PARTS[part], _percent(found.areas[place])]
        for run in found.runs:
            cells += [f"{run.parts[place]:+.3f}", _percent(run.shares[place]), _percent(run.positive[place])]
        rows += "<tr>" + "".join(f"<td>{e(cell)}</td>" for cell in cells) + "</tr>"
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    return (
        f'<details class="facts"><summary>{e(text.AS_TABLE)}</summary><div class="scroll"><table><tr>{head}</tr>{rows}'
        "</table></div></details>"
    )
