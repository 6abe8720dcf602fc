"""The case report: one query as one HTML file with everything in it, to send to somebody who has neither app nor data."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.routing import Route

from dlcr import __version__, stages, stages_privacy
from dlcr.core.images import fit, jpeg_bytes, png_bytes
from dlcr.stages_embed import find_run
from dlcr.stages_look import galleries_of
from pages import _retrieve_desk as desks
from pages import _retrieve_view as view
from pages import _text as text
from pages._downloads import download
from pages._widgets import asset

LONGEST = 384
PICTURE = re.compile(r'src="/picture/(sample|variant)/(\d+)(?:/thumb)?"')
BUTTON = re.compile(r"<button\b.*?</button>", re.DOTALL)
LINK = re.compile(r'<a href="/[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
LINKS = re.compile(r'<p class="links">.*?</p>', re.DOTALL)
e = html.escape


def routes(session: stages.Session) -> list[Route]:
    """`/report/case.html?...`, with an address of the Retrieve page; faces are blurred with `faces=blur`, and in privacy mode."""

    def make(request: Request) -> tuple[str, str, str]:
        return case_report(session, request.url.query), "text/html", "case.html"

    return [download("/report/case.html", make)]


def case_report(session: stages.Session, query: str) -> str:
    """The query of an address with its variants, the answers of both runs, and what the runs are; no address of this machine."""
    desk = desks.read_address(session, query)
    looks, found = desks.asked(galleries_of(session), desk)
    body = f"{view.scores(looks)}{view.answers(found, desk, -1, 0)}{_painted(session, desk.sample)}{_runs(session, desk.runs)}"
    for pattern, kept in ((BUTTON, ""), (LINKS, ""), (LINK, r'<span class="a">\1</span>')):
        body = pattern.sub(kept, body)
    blur = session.privacy or dict(parse_qsl(query)).get("faces") == "blur"
    body = PICTURE.sub(_inlined(session, blur), body)
    title = e(text.CASE.format(dataset=desk.dataset, protocol=desk.protocol, sample=desk.sample))
    looks_like = asset("report.css") + asset("retrieve.css")
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title><style>{looks_like}</style></head>'
        f'<body id="answers"><h1>{title}</h1>{body}<p class="say">DLCR Studio {e(__version__)}</p></body></html>'
    )


def _painted(session: stages.Session, sample_id: int) -> str:
    """The query's variants with prompt, seed and verdict."""
    tiles = "".join(
        f'<figure><img src="/picture/variant/{row.id}" alt=""><figcaption>{e(row.prompt)}<br>{e(text.SEED)} {row.seed} · '
        f"{e(row.model)}{f' · {e(row.verdict)}' if row.verdict else ''}</figcaption></figure>"
        for row in session.catalog.variants(sample_id)
    )
    return f'<h2>{e(text.CASE_VARIANTS)}</h2><div class="painted">{tiles}</div>' if tiles else ""


def _runs(session: stages.Session, names: list[str]) -> str:
    """Settings in which the runs differ, and their data."""
    runs = [find_run(session, name) for name in names]
    told = [run.settings.model_dump() | {"fingerprint": run.facts.get("fingerprint", "")} for run in runs]
    keys = [
        key for key in told[0] if len(told) == 1 or told[0][key] != told[1][key] or key in ("backbone", "fingerprint")
    ]
    head = "".join(f'<th scope="col">{e(name)}</th>' for name in names)
    rows = "".join(
        f"<tr><td>{e(key)}</td>" + "".join(f"<td>{e(str(one[key]))}</td>" for one in told) + "</tr>" for key in keys
    )
    return f"<h2>{e(text.CASE_RUNS)}</h2><table><tr><th></th>{head}</tr>{rows}</table>"


def _inlined(session: stages.Session, blur: bool) -> Callable[[re.Match[str]], str]:
    """Puts a picture in place of its address, its face blurred if `blur`."""

    def put(match: re.Match[str]) -> str:
        kind, number = match[1], int(match[2])
        if kind == "sample":
            photo = stages.sample_photo(session, session.catalog.sample(number))
        else:
            photo = stages.variant_image(session, session.catalog.variant(number))
        small = fit(stages_privacy.veil(session, photo) if blur else photo, LONGEST)
        body, media = (jpeg_bytes(small), "jpeg") if kind == "sample" else (png_bytes(small), "png")
        return f'src="data:image/{media};base64,{base64.b64encode(body).decode()}"'

    return put
