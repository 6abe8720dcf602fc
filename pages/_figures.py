"""Figures to take along: the app's own routes, each with the address of the page that it draws."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dlcr import stages, stages_figures
from dlcr.core.errors import CatalogError, DlcrError, UsageError
from dlcr.stages_look import galleries_of
from dlcr.stages_retrieve import Placing, placed_samples, project
from pages import _retrieve_desk, _space_desk
from pages import _text as text

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
Drawn = Callable[[str, str], bytes]
"""From a page's query and a kind of file to the figure."""


def routes(session: stages.Session) -> list[Route]:
    """`/figure/{retrieve, space}.{png, svg}?...` as the pages' addresses say, `/figure/variants.{png, svg}?sample=ID`."""

    def retrieve(query: str, kind: str) -> bytes:
        galleries, desk = galleries_of(session), _retrieve_desk.read_address(session, query)
        if not desk.sample or not desk.runs:
            raise UsageError(text.NO_VIEW, text.NO_VIEW_REMEDY)
        looks = _retrieve_desk.open_galleries(galleries, desk)
        found = [galleries.ask(look, desk.sample, int(desk.k), junk=desk.junk, refine=desk.refine) for look in looks]
        return stages_figures.retrieval_figure(session, desk.runs, [found], kind)

    def space(query: str, kind: str) -> bytes:
        desk = _space_desk.read_address(session, query)
        every = placed_samples(session, desk.dataset, desk.splits())
        pids = _space_desk.drawn(every, desk)
        samples = [sample for sample in every if not pids or sample.pid in pids]
        if len(samples) > _space_desk.LARGE:
            raise UsageError(text.MANY_DRAWN.format(count=len(samples)), text.MANY_DRAWN_REMEDY)
        found = [project(session, desk.dataset, run, desk.method, Placing(desk.splits(), pids)) for run in desk.runs]
        return stages_figures.space_figure(desk.runs, found, samples, kind)

    def variants(query: str, kind: str) -> bytes:
        asked = query.partition("sample=")[2].partition("&")[0]
        if not asked.isdecimal():
            raise UsageError(text.NO_SAMPLE, text.NO_SAMPLE_REMEDY)
        return stages_figures.variants_figure(session, int(asked), kind)

    return [_route("retrieve", retrieve), _route("space", space), _route("variants", variants)]


def _route(name: str, draw: Drawn) -> Route:
    def answer(request: Request) -> Response:
        kind = request.path_params["kind"]
        try:
            body = draw(request.url.query, kind)
        except CatalogError as error:
            return Response(str(error), 404, media_type="text/plain")
        except DlcrError as error:
            return Response(str(error), 400, media_type="text/plain")
        told = HEADERS | {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
        return Response(body, media_type=stages_figures.KINDS[kind], headers=told)

    return Route(f"/figure/{name}.{{kind}}", answer)
