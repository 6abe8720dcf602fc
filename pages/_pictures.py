"""Pictures by id: the app's own routes, so that no path of this machine is ever asked for or told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dlcr import stages, stages_privacy
from dlcr.core.errors import CatalogError, DlcrError
from dlcr.core.images import fit, jpeg_bytes, png_bytes
from pages._widgets import DISPLAY

THUMB = 192
"""Longest side of a thumbnail, in pixels."""

CACHE = {"Cache-Control": "private, max-age=0, must-revalidate", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Picture:
    """What a route gives: `tag` names its bytes without making them, so that a browser that has them is not sent them again."""

    tag: str
    body: Callable[[], bytes]


Getter = Callable[[int], Picture]
Finder = Callable[[int], tuple[Path, Callable[[], np.ndarray]]]
"""From an id to a photo's file and what reads it."""


def routes(session: stages.Session) -> list[Route]:
    """`/picture/{sample, mask, variant}/ID[/thumb]` (PNG, thumbnails JPEG), `/picture/variant/ID/file`, `/lineage/variant/ID`."""

    def sample(row_id: int) -> tuple[Path, Callable[[], np.ndarray]]:
        row = session.catalog.sample(row_id)
        return row.path, lambda: stages_privacy.shown_sample(session, row)

    def mask(row_id: int) -> Picture:
        row = session.catalog.mask(row_id)
        return Picture(row.digest, lambda: png_bytes(stages.load_mask(session, row_id)))

    def variant(row_id: int) -> tuple[Path, Callable[[], np.ndarray]]:
        row = session.catalog.variant(row_id)
        return session.workspace.home / row.file, lambda: stages_privacy.shown_variant(session, row)

    def file(row_id: int) -> Picture:
        row = session.catalog.variant(row_id)
        path = session.workspace.home / row.file
        if session.privacy:  # without its lineage: it is not what was painted
            return Picture(f"{_state(path)} veiled", lambda: png_bytes(stages_privacy.shown_variant(session, row)))
        return Picture(_state(path), path.read_bytes)

    def lineage(row_id: int) -> Picture:
        text = json.dumps(dict(session.catalog.variant(row_id).lineage), indent=2, ensure_ascii=False)
        return Picture(text, text.encode)

    veiled = session.privacy
    return [
        _route("/picture/sample/{id:int}", _shown(sample, DISPLAY, png_bytes, veiled)),
        _route("/picture/sample/{id:int}/thumb", _shown(sample, THUMB, jpeg_bytes, veiled), "image/jpeg"),
        _route("/picture/mask/{id:int}", mask),
        _route("/picture/variant/{id:int}", _shown(variant, DISPLAY, png_bytes, veiled)),
        _route("/picture/variant/{id:int}/thumb", _shown(variant, THUMB, jpeg_bytes, veiled), "image/jpeg"),
        _route("/picture/variant/{id:int}/file", file, download="variant-{id}.png"),
        _route("/lineage/variant/{id:int}", lineage, "application/json", download="variant-{id}.json"),
    ]


def _shown(find: Finder, longest: int, encode: Callable[[np.ndarray], bytes], veiled: bool) -> Getter:
    """A photo of which the longer side has at most `longest` pixels, as `encode` writes it; `veiled` tells its bytes from the open
    ones."""

    def get(row_id: int) -> Picture:
        path, photo = find(row_id)
        return Picture(f"{_state(path)} {longest}{' veiled' if veiled else ''}", lambda: encode(fit(photo(), longest)))

    return get


def _state(path: Path) -> str:
    """What changes when a file does; a file that is not there has none."""
    try:
        found = path.stat()
    except OSError:
        return f"{path}"
    return f"{path} {found.st_mtime_ns} {found.st_size}"


def _route(path: str, get: Getter, kind: str = "image/png", *, download: str = "") -> Route:
    def answer(request: Request) -> Response:
        row_id = request.path_params["id"]
        try:
            picture = get(row_id)
            tag = f'"{hashlib.sha256(picture.tag.encode(errors="surrogateescape")).hexdigest()[:32]}"'
            seen = request.headers.get("if-none-match") == tag
            body = b"" if seen else picture.body()
        except CatalogError as error:
            return Response(str(error), 404, media_type="text/plain")
        except (DlcrError, OSError) as error:
            return Response(f"{error}", 410, media_type="text/plain")
        headers = {**CACHE, "ETag": tag}
        if download:
            headers["Content-Disposition"] = f'attachment; filename="{download.format(id=row_id)}"'
        if seen:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=kind, headers=headers)

    return Route(path, answer)
