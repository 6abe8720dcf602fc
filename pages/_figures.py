"""Figures to take along: the app's own routes, each with the address of the page that it draws."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.routing import Route

from dlcr import stages, stages_figures
from dlcr.core.errors import UsageError
from dlcr.stages_look import galleries_of
from dlcr.stages_retrieve import project
from pages import _retrieve_desk, _space_desk
from pages import _text as text
from pages._downloads import download
from pages._studio_figure import drawn_of

Drawn = Callable[[str, str], bytes]
"""From a page's query and a kind of file to the figure."""


def routes(session: stages.Session) -> list[Route]:
    """`/figure/{retrieve, space}.{png, svg}?...` as the pages' addresses say, `/figure/variants.{png, svg}?sample=ID`,
    `/figure/first.{png, svg}?key=KEY` of a figure that the Studio drew, `/figure/growth.{png, svg}?dataset=NAME&split=train`."""

    def retrieve(query: str, kind: str) -> bytes:
        desk = _retrieve_desk.read_address(session, query)
        _, found = _retrieve_desk.asked(galleries_of(session), desk)
        return stages_figures.retrieval_figure(session, desk.runs, [found], kind)

    def space(query: str, kind: str) -> bytes:
        desk = _space_desk.read_address(session, query)
        samples, pids = _space_desk.shown(session, desk)
        if len(samples) > _space_desk.LARGE:
            raise UsageError(text.MANY_DRAWN.format(count=len(samples)), text.MANY_DRAWN_REMEDY)
        found = [project(session, desk.dataset, run, desk.method, desk.placing(pids)) for run in desk.runs]
        return stages_figures.space_figure(desk.runs, found, samples, kind)

    def variants(query: str, kind: str) -> bytes:
        asked = dict(parse_qsl(query)).get("sample", "")
        if not asked.isdecimal():
            raise UsageError(text.NO_SAMPLE, text.NO_SAMPLE_REMEDY)
        return stages_figures.variants_figure(session, int(asked), kind)

    def first(query: str, kind: str) -> bytes:
        return stages_figures.first_figure(session, drawn_of(session).get(dict(parse_qsl(query)).get("key", "")), kind)

    def growth(query: str, kind: str) -> bytes:
        asked = dict(parse_qsl(query))
        return stages_figures.growth_figure(session, asked.get("dataset", ""), asked.get("split", "train"), kind)

    drawn = {"retrieve": retrieve, "space": space, "variants": variants, "first": first, "growth": growth}
    return [_route(name, draw) for name, draw in drawn.items()]


def _route(name: str, draw: Drawn) -> Route:
    def make(request: Request) -> tuple[bytes, str, str]:
        kind = stages_figures.checked_kind(request.path_params["kind"])
        return draw(request.url.query, kind), stages_figures.KINDS[kind], f"{name}.{kind}"

    return download(f"/figure/{name}.{{kind}}", make)
