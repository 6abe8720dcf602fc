"""Files to take along, made when they are asked for: what goes wrong is one line of text."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dlcr.core.errors import CatalogError, DlcrError


def download(path: str, make: Callable[[Request], tuple[bytes | str, str, str]]) -> Route:
    """A route whose answer is a file: `make` gives its content, its media type and its name. 404 for what is not in the catalog,
    400 for what cannot be made."""

    def answer(request: Request) -> Response:
        try:
            body, media, name = make(request)
        except DlcrError as error:
            return Response(str(error), 404 if isinstance(error, CatalogError) else 400, media_type="text/plain")
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }  # fmt: skip
        return Response(body, media_type=media, headers=headers)

    return Route(path, answer)
