"""Pictures by id: the app's own routes, so that no path of this machine is ever asked for or told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dlcr import stages
from dlcr.core.errors import CatalogError, DlcrError
from dlcr.core.images import fit, png_bytes
from pages._widgets import DISPLAY

THUMB = 192
"""Longest side of a thumbnail, in pixels."""

CACHE = {"Cache-Control": "private, max-age=0, must-revalidate", "X-Content-Type-Options": "nosniff"}

Getter = Callable[[int], bytes]


def routes(session: stages.Session) -> list[Route]:
    """`/picture/{sample, mask, variant}/ID[/thumb]` as PNG, `/picture/variant/ID/file`, `/lineage/variant/ID` as JSON."""

    def sample(longest: int) -> Getter:
        return lambda row_id: _png(stages.sample_photo(session, session.catalog.sample(row_id)), longest)

    def mask(row_id: int) -> bytes:
        return png_bytes(stages.load_mask(session, row_id))

    def variant(longest: int) -> Getter:
        return lambda row_id: _png(stages.variant_image(session, session.catalog.variant(row_id)), longest)

    def file(row_id: int) -> bytes:
        return (session.workspace.home / session.catalog.variant(row_id).file).read_bytes()

    def lineage(row_id: int) -> bytes:
        return json.dumps(dict(session.catalog.variant(row_id).lineage), indent=2, ensure_ascii=False).encode()

    return [
        _route("/picture/sample/{id:int}", sample(DISPLAY)),
        _route("/picture/sample/{id:int}/thumb", sample(THUMB)),
        _route("/picture/mask/{id:int}", mask),
        _route("/picture/variant/{id:int}", variant(DISPLAY)),
        _route("/picture/variant/{id:int}/thumb", variant(THUMB)),
        _route("/picture/variant/{id:int}/file", file, download="variant-{id}.png"),
        _route("/lineage/variant/{id:int}", lineage, "application/json", download="variant-{id}.json"),
    ]


def _png(photo: np.ndarray, longest: int) -> bytes:
    return png_bytes(fit(photo, longest))


def _route(path: str, get: Getter, kind: str = "image/png", *, download: str = "") -> Route:
    def answer(request: Request) -> Response:
        row_id = request.path_params["id"]
        try:
            body = get(row_id)
        except CatalogError as error:
            return Response(str(error), 404, media_type="text/plain")
        except (DlcrError, OSError) as error:
            return Response(f"{error}", 410, media_type="text/plain")
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {**CACHE, "ETag": tag}
        if download:
            headers["Content-Disposition"] = f'attachment; filename="{download.format(id=row_id)}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=kind, headers=headers)

    return Route(path, answer)
