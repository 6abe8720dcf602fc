"""The wardrobe of the Retrieve page: the query is painted in other outfits, and both runs are asked again with each."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import log2

from dlcr import stages, stages_privacy, stages_wear
from dlcr.core.errors import Cancelled, PromptError
from dlcr.core.settings import ExpandSettings, PaintSettings
from dlcr.jobs.board import Board
from dlcr.stages_wear import Outfit, Stand, Worn
from dlcr.stages_wishes import open_wardrobe
from pages import _device as device
from pages import _text as text
from pages._device import Waiter
from pages._retrieve_desk import Desk, Shelf, open_galleries
from pages._widgets import data_url, say, shrunk

BY_ITSELF = 5
"""Outfits that are tried on if none is chosen, as unlike one another as can be."""
MOST = 40
STEPS = 12
"""Fewer steps than the Studio's: what is looked at here is the answer, not the cloth."""
TALL = 320
WIDTH, HEIGHT, EDGE = 560, 96, 14
"""The curve of ranks, in its own units."""

e = html.escape


@dataclass(slots=True, eq=False)
class Fitting:
    """What one tab has tried on: the query, the runs, where its person stood before, what it wore since and how that looks."""

    sample: int = 0
    runs: list[str] = field(default_factory=list)
    before: list[Stand] = field(default_factory=list)
    worn: list[Worn] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    waiter: Waiter = field(default_factory=Waiter)

    @property
    def stop(self) -> threading.Event:
        """Set to stop trying on at the next step, or before it starts."""
        return self.waiter.stop


def outfits(session: stages.Session, dataset: str) -> list[tuple[str, str]]:
    """(label, outfit) of everything the data set's wardrobe holds."""
    wardrobe, _ = open_wardrobe(session, dataset, session.inpainter.identity)
    return [(f"{name}: {wardrobe.prompts[name]}", name) for name in sorted(wardrobe.reads)]


def chosen(shelf: Shelf, desk: Desk, names: Sequence[str], words: str) -> list[Outfit]:
    """What to try on: the outfits named, one's own words, or a few unlike outfits if neither. PromptError if there is nothing."""
    wardrobe, _ = open_wardrobe(shelf.session, desk.dataset, shelf.session.inpainter.identity)
    if not names and not words.strip():
        sample = shelf.session.catalog.sample(desk.sample)
        settings = ExpandSettings(variants=BY_ITSELF, diverse=True)
        names = wardrobe.choose(sample.image.as_posix(), sample.clothes_id, settings)
    found = [Outfit(name, wardrobe.prompts[name]) for name in names[:MOST] if name in wardrobe.reads]
    if words.strip():
        stages.understood(shelf.session, words)
        found.append(Outfit("", words.strip()))
    if not found:
        raise PromptError(text.NO_OUTFITS.format(name=desk.dataset), text.NO_OUTFITS_REMEDY.format(name=desk.dataset))
    return found


def wear(
    shelf: Shelf, board: Board, desk: Desk, fitting: Fitting, names: Sequence[str], words: str
) -> Iterator[tuple[str, str | None]]:
    """Try on when it is this tab's turn; yields (progress, what was tried on so far, None: as before).

    `fitting.stop` stops between two steps, what was made stays.
    """
    if not desk.sample:
        raise PromptError(text.CHOOSE_QUERY, "")

    def waiting(said: str) -> tuple[str, None]:
        return said + device.panel(shelf.session, board), None

    try:
        work = _wear(shelf, board, desk, fitting, chosen(shelf, desk, names, words))
        yield from device.in_turn(shelf.session, board, fitting.waiter, work, waiting)
    except Cancelled:
        yield say(text.STOPPED_TRYING), None


def _wear(
    shelf: Shelf, board: Board, desk: Desk, fitting: Fitting, wanted: Sequence[Outfit]
) -> Iterator[tuple[str, str | None]]:
    looks = open_galleries(shelf.galleries, desk)
    fitting.sample, fitting.runs, fitting.worn, fitting.pictures = desk.sample, list(desk.runs), [], []
    fitting.before = [stages_wear.stand(look, desk.sample) for look in looks]
    yield say(text.TRYING.format(done=0, count=len(wanted))), shown(fitting)
    made = stages_wear.wear(
        shelf.session, looks, desk.sample, wanted, settings=PaintSettings(steps=STEPS),
        on_step=partial(_step, board, fitting.waiter),
    )  # fmt: skip
    for done, one in enumerate(made, 1):
        fitting.worn.append(one)
        picture = stages_privacy.shown(shelf.session, one.variant.image)
        fitting.pictures.append(data_url(shrunk(picture, TALL)))
        yield say(text.TRYING.format(done=done, count=len(wanted))), shown(fitting)
    yield "", shown(fitting)


def _step(board: Board, waiter: Waiter, number: int, step: stages.Step) -> None:
    if waiter.stop.is_set():
        raise Cancelled
    device.renew(board, waiter)


def waiting(desk: Desk) -> str:
    """What the empty wardrobe says."""
    return f'<p class="empty">{e(text.WEAR_SAYS if desk.sample else text.CHOOSE_QUERY)}</p>'


def shown(fitting: Fitting) -> str:
    """The strip: the query as it is and in each outfit, where the right person stands, how much that moved; and as a table."""
    stands = [fitting.before, *(list(one.stands) for one in fitting.worn)]
    tiles = [_tile(f"/picture/sample/{fitting.sample}/thumb", text.AS_IT_IS, "", fitting.before, fitting.before)]
    tiles += [
        _tile(picture, one.outfit.name or text.OWN_WORDS, one.outfit.prompt, one.stands, fitting.before)
        for one, picture in zip(fitting.worn, fitting.pictures, strict=True)
    ]  # fmt: skip
    return (
        f'<div class="worn">{_sensitivities(fitting)}<ol class="tiles">{"".join(tiles)}</ol>'
        f"{_curve(fitting.runs, stands) if fitting.worn else ''}{_table(fitting, stands)}</div>"
    )


def _sensitivities(fitting: Fitting) -> str:
    if not fitting.worn:
        return ""
    lines = ""
    for place, run in enumerate(fitting.runs):
        found = stages_wear.sensitivity(fitting.before[place], [one.stands[place] for one in fitting.worn])
        held = sum(one.stands[place].first == 0 for one in fitting.worn)
        said = text.SENSITIVITY.format(run=run, value=found, held=held, count=len(fitting.worn))
        lines += f'<p class="say"><b class="run">{"AB"[place]}</b> {e(said)}</p>'
    return lines + f'<p class="say">{e(text.SENSITIVITY_SAYS)}</p>'


def _tile(picture: str, name: str, prompt: str, stands: Sequence[Stand], before: Sequence[Stand]) -> str:
    lines = "".join(
        f'<p class="{(kind := "right" if now.first == 0 else "wrong")}"><b>{letter} <i>{text.MARKS[kind]}</i></b> '
        f"<span>{_stood(now, then)}</span></p>"
        for letter, now, then in zip("AB", stands, before, strict=False)
    )
    return (
        f'<li class="tile" title="{e(prompt)}"><a><img src="{picture}" alt="{e(f"{name}: {prompt}".rstrip(": "))}"></a>'
        f'{lines}<p class="outfit">{e(name)}</p></li>'
    )


def _stood(now: Stand, before: Stand) -> str:
    if now.first < 0:
        return text.NO_RIGHT
    change = "" if now is before else f" ({now.similarity - before.similarity:+.2f})"
    return f"{text.RANK.lower()} {now.first + 1} · {now.similarity:.2f}{change}"


def _curve(runs: Sequence[str], stands: Sequence[Sequence[Stand]]) -> str:
    """The rank of the first right answer over the outfits, on a logarithmic scale, best at the top; A solid, B dashed."""
    worst = max([1, *(one.first for some in stands for one in some)])
    step = (WIDTH - 2 * EDGE) / max(1, len(stands) - 1)
    lines = ""
    for place, run in enumerate(runs):
        points = [
            (EDGE + number * step, EDGE + (HEIGHT - 2 * EDGE) * log2(some[place].first + 1) / log2(worst + 1))
            for number, some in enumerate(stands)
            if some[place].first >= 0
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
        lines += f'<g class="{"ab"[place]}"><title>{"AB"[place]} {e(run)}</title><polyline points="{path}"/>{dots}</g>'
    said = text.RANKS_OVER_OUTFITS.format(worst=worst + 1)
    return (
        f'<figure class="ranks"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{e(said)}">{lines}</svg>'
        f"<figcaption>{e(said)}</figcaption></figure>"
    )


def _table(fitting: Fitting, stands: Sequence[Sequence[Stand]]) -> str:
    heads = [text.OUTFIT, text.WORN_PROMPT]
    for letter in "AB"[: len(fitting.runs)]:
        heads += [f"{letter} {text.FIRST_RIGHT}", f"{letter} {text.SIMILARITY}"]
    names = [(text.AS_IT_IS, ""), *((one.outfit.name or text.OWN_WORDS, one.outfit.prompt) for one in fitting.worn)]
    rows = ""
    for (name, prompt), some in zip(names, stands, strict=True):
        cells = [name, prompt]
        for one in some:
            cells += [str(one.first + 1) if one.first >= 0 else "–", f"{one.similarity:.3f}"]
        rows += "<tr>" + "".join(f"<td>{e(cell)}</td>" for cell in cells) + "</tr>"
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    return (
        f'<details class="facts"><summary>{e(text.AS_TABLE)}</summary><div class="scroll"><table><tr>{head}</tr>{rows}'
        "</table></div></details>"
    )
