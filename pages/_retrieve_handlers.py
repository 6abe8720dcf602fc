"""What the Retrieve page does, as plain functions of the shelf and the desk; `retrieve.py` connects them to widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import gradio as gr

from dlcr import stages_look
from dlcr.jobs.board import Board
from dlcr.stages_look import Gallery
from pages import _retrieve_desk as desks
from pages import _retrieve_view as view
from pages import _runs
from pages import _text as text
from pages._retrieve_desk import Desk, Listed, Shelf
from pages._widgets import NOTHING


def start(shelf: Shelf, query: str) -> Desk:
    """A new desk with what the address asks for."""
    return desks.read_address(shelf.session, query)


def menus(shelf: Shelf, desk: Desk) -> tuple[Any, ...]:
    """Updates of the form: data set, protocol, runs, camera, k, junk, refinement."""
    runs, protocols = _runs.runs_of(shelf.session, desk.dataset), _protocols(shelf, desk)
    looks = _looks(shelf, desk)
    cameras = [str(camid) for camid in desks.cameras(looks, shelf.galleries, desk)] if looks else []
    if desk.camera not in cameras:
        desk.camera = ""
    return (
        gr.update(choices=_runs.sets(shelf.session), value=desk.dataset),
        gr.update(choices=protocols, value=desk.protocol or None),
        gr.update(choices=runs, value=desk.run or None),
        gr.update(choices=[(text.NO_OTHER, ""), *(run for run in runs if run != desk.run)], value=desk.other),
        gr.update(choices=[(text.ANY, ""), *cameras], value=desk.camera),
        desk.k, desk.junk, desk.refine,
    )  # fmt: skip


def _protocols(shelf: Shelf, desk: Desk) -> list[str]:
    known = desk.dataset in _runs.sets(shelf.session)
    return list(stages_look.protocols_of(shelf.session, desk.dataset)) if known else []


def _looks(shelf: Shelf, desk: Desk) -> list[Gallery]:
    """The galleries of the desk; none where something is missing."""
    if not desk.protocol or not desk.runs or shelf.galleries.missing(desk.dataset, *desk.runs):
        return []
    return desks.open_galleries(shelf.galleries, desk)


def shown(shelf: Shelf, board: Board, desk: Desk) -> tuple[str, str, str]:
    """(list of queries, answers, address); where there is nothing to look at, what to do instead."""
    said = _runs.trouble(shelf.galleries, board, desk.dataset, desk.runs)
    if said:
        return said, NOTHING, desk.address()
    looks = desks.open_galleries(shelf.galleries, desk)
    listed = shelf.listed(looks, desk)
    if not desk.sample or desk.sample not in looks[0].row_of:
        desk.why = 0
        desk.sample = listed.queries[0].sample.id if listed.queries else 0
    place = _place(listed, desk)
    if place >= 0:
        desk.page = place // desks.PAGE
    return view.queries(looks, listed, desk), _answers(shelf, listed, desk), desk.address()


def _place(listed: Listed, desk: Desk) -> int:
    return next((place for place, one in enumerate(listed.queries) if one.sample.id == desk.sample), -1)


def _answers(shelf: Shelf, listed: Listed, desk: Desk) -> str:
    if not desk.sample:
        return f'<p class="empty">{text.CHOOSE_QUERY}</p>'
    _, found = desks.asked(shelf.galleries, desk)
    return view.answers(found, desk, _place(listed, desk), len(listed.queries))


def act(shelf: Shelf, board: Board, desk: Desk, event: Mapping[str, Any]) -> tuple[Any, Any, str]:
    """A button: another query, list, order or page, or the features that are missing. What stays as it is is not sent again."""
    kind = str(event["act"])
    if kind == "embed":
        _runs.embed(shelf.galleries, board, desk.dataset, desk.runs)
        return shown(shelf, board, desk)
    looks = desks.open_galleries(shelf.galleries, desk)
    listed, page = shelf.listed(looks, desk), desk.page
    if kind in ("pick", "step"):
        desk.sample, desk.why = int(event["id"]) if kind == "pick" else _step(listed, desk, int(event["value"])), 0
        place = _place(listed, desk)
        if place >= 0:
            desk.page = place // desks.PAGE
        rows = gr.skip() if page == desk.page else view.queries(looks, listed, desk)
        return rows, _answers(shelf, listed, desk), desk.address()
    if kind == "look":
        desk.pictures = event["value"] == "pictures"
    elif kind == "page":
        desk.page = max(0, int(event["value"]))
    else:
        if kind == "only" and event["value"] in desks.ONLY:
            desk.only = str(event["value"])
        elif kind == "order":
            desk.second = event["value"] == "1"
        desk.page, desk.sample = 0, 0
        return shown(shelf, board, desk)
    return view.queries(looks, listed, desk), gr.skip(), desk.address()


def _step(listed: Listed, desk: Desk, by: int) -> int:
    """The query before or after the present one in the list; from elsewhere the first."""
    place = _place(listed, desk)
    wanted = 0 if place < 0 else min(max(place + by, 0), len(listed.queries) - 1)
    return listed.queries[wanted].sample.id if listed.queries else desk.sample


def choose(shelf: Shelf, board: Board, desk: Desk, form: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The form was changed: (menus..., list, answers, address); None if it was not."""
    before = asdict(desk)
    desks.choose(shelf.session, desk, form)
    if desk.as_before(before, form):
        return None
    return *menus(shelf, desk), *shown(shelf, board, desk)
