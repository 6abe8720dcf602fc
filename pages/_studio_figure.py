"""The paper's Figure 1 for the photo on the desk: recolouring, diffusion without a mask, and DLCR side by side, and its file."""

from __future__ import annotations

import hashlib
import html
import threading
from collections import OrderedDict

import numpy as np

from dlcr import stages, stages_first, stages_privacy
from dlcr.core.errors import Cancelled, UsageError
from dlcr.core.images import fit
from dlcr.jobs.board import Board
from dlcr.stages_first import Dressed, Way
from pages import _device as device
from pages import _text as text
from pages._runs import figure_links
from pages._studio_desk import Desk
from pages._studio_paint import Order, batch_for, job_of
from pages._widgets import data_url

KEPT = 16


class Drawn:
    """The last figures drawn, by a key: painting one again for its file would take as long as the first time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Dressed] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, figure: Dressed) -> str:
        """Keep a figure; its key."""
        digest = hashlib.sha256(figure.prompt.encode())
        for picture in (figure.photo, *(way.picture for way in figure.ways)):
            digest.update(picture.tobytes())
        key = digest.hexdigest()[:24]
        with self._lock:
            self._kept[key] = figure
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return key

    def get(self, key: str) -> Dressed:
        """The figure of a key; UsageError if it is not kept any more."""
        figure = self._kept.get(key)
        if figure is None:
            raise UsageError(text.FIGURE_GONE, text.FIGURE_GONE_REMEDY)
        return figure


def drawn_of(session: stages.Session) -> Drawn:
    """The figures that all tabs of this program share."""
    found: Drawn = session.model("drawn", Drawn)
    return found


def three_ways(session: stages.Session, board: Board, desk: Desk, order: Order) -> Dressed:
    """Change the clothes of the photo on the desk in three ways, with one prompt and seed; nothing is kept in the catalog.

    It is this tab's turn. Cancelled if it gave up.
    """
    prompt, settings = order.words(), order.settings(batch_for(session))
    job, seed = job_of(session, desk), order.seeds()[0]

    def on_step(step: stages.Step) -> None:
        if desk.stop.is_set():
            raise Cancelled
        device.renew(board, desk.waiter)

    ways = stages_first.three_ways(
        session, job.photo, mask=job.mask, parsed=job.parsing, prompt=prompt, seed=seed, settings=settings, on_step=on_step
    )  # fmt: skip
    sample = session.catalog.sample(job.sample_id)
    return Dressed(sample.dataset, sample.split, job.photo, prompt, ways)


def shown(session: stages.Session, figure: Dressed) -> str:
    """The ways side by side with what was measured, and the figure to take along."""
    panels = "".join(_panel(way, stages_privacy.shown(session, way.picture)) for way in figure.ways)
    return f'<div class="ways">{panels}</div>{figure_links("first", f"key={drawn_of(session).put(figure)}")}'


def _panel(way: Way, picture: np.ndarray) -> str:
    facts = (
        (text.OUTSIDE, str(way.checks.outside_changed)),
        (text.DRIFT, f"{way.checks.drift:.3f} ({text.HEAD_DRIFT} {way.checks.head_drift:.3f})"),
        (text.CLOTHING_CHANGE, f"{way.change:.1f}"),
    )
    lines = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts)
    name = html.escape(text.WAYS[way.name])
    return (
        f'<figure><figcaption>{name}</figcaption><img src="{data_url(fit(picture, 512))}" alt="{name}">'
        f"<dl>{lines}</dl></figure>"
    )
