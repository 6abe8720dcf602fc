"""What the Studio page does, as plain functions of the session and the desk; `studio.py` connects them to widgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.core.errors import DlcrError, PhotoError
from dlcr.jobs.board import Board
from pages import _device as device
from pages import _studio_desk as desks
from pages import _studio_figure as figures
from pages import _studio_view as view
from pages import _text as text
from pages._studio_desk import Desk, Find
from pages._studio_paint import Order, paint
from pages._widgets import notice, say

# --- finding ------------------------------------------------------------------------------------------------------------


def menus(session: stages.Session, find: Find) -> tuple[Any, ...]:
    """Updates of the filter menus (data set, split, person, camera, outfit) and of the words."""
    names = sorted({row.name for row in session.catalog.datasets()} | {stages.WORLD, stages.UPLOADS})
    facets = session.catalog.facets(find.dataset) if find.dataset in _known(session) else None
    values: list[tuple[Any, ...]] = [()] * 4
    if facets:
        values = [facets.splits, facets.pids, facets.camids, facets.clothes_ids]
    chosen = (find.split, find.pid, find.camid, find.clothes_id)
    updates = [_menu(options, value) for options, value in zip(values, chosen, strict=True)]
    return (gr.update(choices=names, value=find.dataset), *updates, find.words)


def _menu(options: tuple[Any, ...], value: str) -> Any:
    known = [str(option) for option in options]
    return gr.update(choices=[(text.ANY, ""), *known], value=value if value in known else "")


def _known(session: stages.Session) -> set[str]:
    return {row.name for row in session.catalog.datasets()}


def listing(session: stages.Session, desk: Desk) -> str:
    """The page of thumbnails that the desk's filters give."""
    find, chosen = desk.find, desk.sample.id if desk.sample else 0
    if find.dataset not in _known(session):
        return view.gallery([], 0, find, chosen)
    filters = find.filters()
    rows = session.catalog.find_samples(
        find.dataset, **filters, after=find.after, before=find.before or None, limit=view.PAGE
    )
    if not rows and (find.after or find.before):
        desk.find = replace(find, after=0, before=0)
        return listing(session, desk)
    return view.gallery(rows, session.catalog.count_samples(find.dataset, **filters), find, chosen)


def start(session: stages.Session, query: str) -> tuple[Any, ...]:
    """A new desk with what the address asks for: (desk, filter updates..., gallery, notice)."""
    wanted = desks.read_address(query)
    find = wanted.find if wanted.find.dataset in _known(session) | {stages.UPLOADS} else Find()
    desk, said = Desk(find, wanted=wanted.mask), ""
    try:
        if wanted.sample:
            desks.open_sample(session, desk, wanted.sample)
            desk.compared = wanted.variant
    except DlcrError as error:
        said = notice(error)
    return desk, *menus(session, find), listing(session, desk), said


def choose_dataset(session: stages.Session, desk: Desk, dataset: str) -> tuple[Any, ...]:
    """Another data set: its menus, no filters."""
    desk.find = Find(dataset)
    return *menus(session, desk.find), listing(session, desk)


def filter_samples(
    session: stages.Session, desk: Desk, split: str, pid: str, camid: str, clothes_id: str, words: str
) -> tuple[str] | None:
    """The gallery under other filters, from its first page; None if they are the same."""
    wanted = Find(desk.find.dataset, split or "", pid or "", camid or "", clothes_id or "", words.strip())
    if wanted == replace(desk.find, after=0, before=0):
        return None
    desk.find = wanted
    return (listing(session, desk),)


def turn(session: stages.Session, desk: Desk, act: Mapping[str, Any]) -> tuple[str]:
    """Another page of the gallery."""
    desk.find = replace(desk.find, after=int(act.get("after", 0)), before=int(act.get("before", 0)))
    return (listing(session, desk),)


def pick(session: stages.Session, desk: Desk, act: Mapping[str, Any]) -> tuple[str]:
    """A photo was chosen."""
    desks.open_sample(session, desk, int(act["id"]))
    return (listing(session, desk),)


def upload(session: stages.Session, desk: Desk, file: str | None) -> tuple[Any, ...]:
    """Take in a user's own photo and put it on the desk; the temporary copy is removed."""
    if not file:
        raise PhotoError(text.NO_PHOTO, text.NO_PHOTO_REMEDY)
    path = Path(file)
    try:
        sample = stages.add_upload(session, path.read_bytes(), path.name)
    finally:
        path.unlink(missing_ok=True)
    desk.find = Find(stages.UPLOADS)
    desks.open_sample(session, desk, sample.id)
    return *menus(session, desk.find), listing(session, desk)


# --- the mask -----------------------------------------------------------------------------------------------------------


def act_on_version(session: stages.Session, desk: Desk, act: Mapping[str, Any]) -> None:
    """Keep the mask, or open a kept one."""
    if act["act"] == "keep":
        desks.keep(session, desk)
    else:
        desks.open_version(session, desk, session.catalog.mask(int(act["id"])))


def centre(session: stages.Session, desk: Desk) -> tuple[Any, ...]:
    """(editor value, versions, address) of the desk."""
    rows = session.catalog.masks(desk.sample.id) if desk.sample else []
    changed = bool(desk.draft and desk.draft.changed)
    return view.editor_value(desk), view.versions(rows, desk.version, changed, desk.sample), desk.address()


# --- words --------------------------------------------------------------------------------------------------------------


def items(prompt: str) -> list[str]:
    """The garments of a prompt `a | b | c`, one each."""
    return [part.strip() for part in prompt.split("|") if part.strip()]


def prompt(session: stages.Session, desk: Desk) -> str:
    """What the box of the prompt starts with: that of the variant shown, else the outfit's newest, else what the captioner said."""
    if desk.sample is None:
        return ""
    if desk.compared:
        return session.catalog.variant(desk.compared).prompt
    own = session.catalog.prompts(desk.sample.dataset, desk.sample.clothes_id)
    return own[-1].text if own else str(desk.outfit)


def take(desk: Desk, prompt: str | None, *, again: bool) -> tuple[str] | None:
    """The prompt that a menu holds; None for an empty menu, and for the one taken last unless it is to be taken `again`."""
    if not prompt or (prompt == desk.taken and not again):
        return None
    desk.taken = prompt
    return (prompt,)


def menus_of_prompts(session: stages.Session, desk: Desk) -> tuple[Any, Any]:
    """Updates of the outfit's history, newest first, and of the other outfits' prompts."""
    sample = desk.sample
    if sample is None:
        return gr.update(choices=[], value=None), gr.update(choices=[], value=None)
    own = session.catalog.prompts(sample.dataset, sample.clothes_id)[::-1]
    others = session.catalog.outfit_prompts(stages.WORLD if sample.dataset == stages.UPLOADS else sample.dataset)
    history = [(f"{row.version}: {row.text} ({text.SOURCES.get(row.source, row.source)})", row.text) for row in own]
    taken = [(f"{row.clothes_id}: {row.text}", row.text) for row in others if row.clothes_id != sample.clothes_id]
    return gr.update(choices=history, value=None), gr.update(choices=taken, value=None)


def understood(session: stages.Session, prompt: str) -> tuple[str]:
    """What the model reads of a prompt."""
    return (view.understood(stages.understood(session, prompt)) if prompt.strip() else "",)


# --- painting and judging -----------------------------------------------------------------------------------------------


def run(session: stages.Session, board: Board, desk: Desk, *form: Any) -> Iterator[tuple[Any, ...]]:
    """Paint what the form asks; yields (progress, results, comparison)."""
    order, sample = Order(*form), desk.sample
    for line, kept in paint(session, board, desk, order):
        yield (line, *outcome(session, desk)) if kept else (line, gr.skip(), gr.skip())
    if sample:
        session.catalog.add_prompt(sample.dataset, sample.clothes_id, order.words(), "hand")


def ask_to_yield(session: stages.Session, board: Board, desk: Desk, act: Mapping[str, Any]) -> tuple[str]:
    """Ask a job to leave the device to this tab between two batches."""
    device.ask(board, desk.waiter, int(act["job"]))
    return (device.panel(session, board),)


def cancel(desk: Desk) -> None:
    """Ask the painting of this desk to stop at its next step, or before it starts."""
    desk.stop.set()


def figure(session: stages.Session, board: Board, desk: Desk, *form: Any) -> Iterator[tuple[str]]:
    """The paper's Figure 1 for the photo on the desk, drawn when it is this tab's turn."""
    order = Order(*form)
    order.settings()  # what is wrong is said before it waits
    order.words()
    order.seeds()

    def draw() -> Iterator[tuple[str]]:
        yield (say(text.WAITING),)
        yield (figures.shown(session, figures.three_ways(session, board, desk, order)),)

    yield from device.in_turn(session, board, desk.waiter, draw(), lambda said: (said,))


def outcome(session: stages.Session, desk: Desk) -> tuple[str, str]:
    """(results, comparison) of the desk; a variant that is not this photo's is not compared."""
    if desk.sample is None:
        return "", view.nothing_chosen()
    rows = session.catalog.variants(desk.sample.id)
    compared = next((row for row in rows if row.id == desk.compared), None)
    desk.compared = compared.id if compared else 0
    return view.results(rows, desk.compared), view.comparison(desk.sample, compared)


def judge(session: stages.Session, desk: Desk, act: Mapping[str, Any]) -> tuple[str, str]:
    """Accept, reject or compare a variant."""
    variant, kind = int(act["id"]), act["act"]
    if kind == "compare":
        desk.compared = variant
    else:
        verdict = {"accept": "accepted", "reject": "rejected"}[kind]
        session.catalog.add_verdict(variant, verdict, str(act["fields"].get("reason", "")).strip()[:200])
    return outcome(session, desk)
