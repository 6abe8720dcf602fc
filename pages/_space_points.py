"""Points for the browser: made once, fetched by key as JSON, so that fifty thousand of them never pass through a widget's value."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from dlcr import stages
from dlcr.catalog import SampleRow
from dlcr.core.errors import BackendError
from dlcr.stages_retrieve import Projected
from pages import _text as text

KEPT = 24
PLOTLY = "/plotly.min.js"
CACHE = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}


class Points:
    """The last points made, by the digest of their bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, told: Mapping[str, Any]) -> str:
        """Keep points; their key."""
        body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
        key = hashlib.sha256(body).hexdigest()[:24]
        with self._lock:
            self._kept[key] = body
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return key

    def get(self, key: str) -> bytes | None:
        """The points of a key, None if they are not kept any more."""
        return self._kept.get(key)


def points_of(session: stages.Session) -> Points:
    """The points that all tabs of this program share."""
    found: Points = session.model("points", Points)
    return found


def labels(samples: Sequence[SampleRow], found: Projected) -> dict[str, Any]:
    """Columns of labels: numbers as they are, texts by their place in a list of the different ones.

    Variants come after the samples with the labels of theirs, their ids negative; `lines` joins each to its sample.
    """
    splits = sorted({sample.split for sample in samples})
    outfits = sorted({(sample.pid, sample.clothes_id) for sample in samples})
    number = {outfit: place for place, outfit in enumerate(outfits)}
    first = {pid: place for place, (pid, _) in reversed(list(enumerate(outfits)))}
    told: dict[str, Any] = {
        "ids": [sample.id for sample in samples], "pid": [sample.pid for sample in samples],
        "camid": [sample.camid for sample in samples], "split": [splits.index(sample.split) for sample in samples],
        "outfit": [number[sample.pid, sample.clothes_id] for sample in samples],
        "worn": [number[sample.pid, sample.clothes_id] - first[sample.pid] for sample in samples],
    }  # fmt: skip
    parents = found.parents.tolist()
    for name, column in told.items():
        column += (-found.variants).tolist() if name == "ids" else [column[row] for row in parents]
    lines = [[row, len(samples) + place] for place, row in enumerate(parents)]
    return told | {"splits": splits, "outfits": [name for _, name in outfits], "lines": lines}


def plotly_file() -> Path:
    """plotly's own script as its package ships it; BackendError if it is not installed."""
    found = importlib.util.find_spec("plotly")
    for place in found.submodule_search_locations or () if found else ():
        path = Path(place) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path
    raise BackendError(text.PLOTLY_MISSING, text.PLOTLY_MISSING_REMEDY)


def routes(session: stages.Session) -> list[Route]:
    """`/points/KEY` as JSON and plotly's script; nothing is fetched from elsewhere."""

    def points(request: Request) -> Response:
        body = points_of(session).get(request.path_params["key"])
        if body is None:
            return Response(text.POINTS_GONE, 404, media_type="text/plain")
        return Response(body, media_type="application/json", headers=CACHE)

    def script(request: Request) -> Response:
        try:
            return FileResponse(plotly_file(), media_type="text/javascript", headers=CACHE)
        except BackendError as error:
            return Response(str(error), 404, media_type="text/plain")

    return [Route("/points/{key}", points), Route(PLOTLY, script)]
