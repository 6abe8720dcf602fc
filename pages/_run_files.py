"""Runs to take along: a zip by the run's name, from the app's own route."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dlcr import stages, stages_runs
from dlcr.core.errors import UsageError


def routes(session: stages.Session) -> list[Route]:
    """`/run/NAME.zip`."""

    def run(request: Request) -> Response:
        name = request.path_params["name"]
        try:
            body = stages_runs.export_run(session, name)
        except UsageError as error:
            return Response(str(error), 404, media_type="text/plain")
        headers = {
            "Content-Disposition": "attachment",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(body, media_type="application/zip", headers=headers)

    return [Route("/run/{name}.zip", run)]
