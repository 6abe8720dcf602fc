"""What programs may ask the running app by name, with `gradio_client` or plain HTTP; described in docs/api.md."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.catalog import SampleRow
from dlcr.core.errors import DlcrError, SettingError
from dlcr.core.settings import PaintSettings, checked
from dlcr.core.values import Ranking
from dlcr.stages_look import galleries_of, protocols_of
from pages import _device as device
from pages._device import Waiter
from pages._studio_paint import batch_for
from pages._widgets import LIGHT, PROGRAMS
from pages._work import PageBoard, person_here

MOST_VARIANTS, MOST_SAMPLES, MOST_ANSWERS = 64, 1000, 1000


def build(session: stages.Session) -> None:
    """Register `samples`, `paint` and `retrieve` inside the current Blocks."""
    board = PageBoard(session)

    @_told
    def samples(dataset: str, split: str = "", person: int = -1, limit: int = 50) -> list[dict]:
        """Photos of a data set: their numbers, labels and pictures."""
        _within("limit", limit, 1, MOST_SAMPLES)
        found = session.catalog.find_samples(
            dataset, split=split or None, pid=None if person < 0 else person, limit=limit
        )
        return [_sample(row) for row in found]

    @_told
    def paint(sample: int, prompt: str, count: int = 4, seed: int = 7, steps: int = 20) -> list[dict]:
        """Repaint the clothes of a photo `count` times under its newest mask, check and keep the variants."""
        _within("count", count, 1, MOST_VARIANTS)
        settings = checked(PaintSettings, steps=steps, batch=batch_for(session))
        parsed, own = stages.auto_mask(session, sample)
        photo = stages.sample_photo(session, session.catalog.sample(sample))
        version = session.catalog.newest_masks([sample]).get(sample, own)
        region = stages.load_mask(session, version.id)
        waiter = Waiter(person_here())
        with device.served(session, board, waiter) as turn:
            for _ in device.wait(session, board, waiter, turn, patient=False):
                pass  # a program is told nothing before its answer
            seeds = stages.variant_seeds(seed, count)
            made = stages.paint(session, photo, region, [prompt] * count, seeds, settings=settings, person=parsed.box)
        kept = []
        for variant in made:
            checks = stages.check_variant(session, photo, variant, region, parsed)
            row = stages.keep_variant(session, sample, version.id, variant, checks)
            told = {"outside_changed": checks.outside_changed, "drift": checks.drift, "agreement": checks.agreement}
            kept.append({"variant": row.id, "seed": row.seed, "picture": f"/picture/variant/{row.id}/file", **told})
        return kept

    @_told
    def retrieve(sample: int, run: str, protocol: str = "", k: int = 10) -> list[dict]:
        """The k best answers of a run to a photo under a protocol, else the set's first; rank 0 is the best, -1 junk."""
        _within("k", k, 1, MOST_ANSWERS)
        row, galleries = session.catalog.sample(sample), galleries_of(session)
        known = protocols_of(session, row.dataset)
        found = galleries.ask(galleries.open(row.dataset, run, protocol or next(iter(known), "")), sample, k)
        return [
            _sample(one) | {"rank": int(found.ranks[place]), **_judged(found.ranking, place)}
            for place, one in enumerate(found.samples)
        ]

    light: dict[str, Any] = {name: LIGHT[name] for name in ("concurrency_id", "concurrency_limit")}
    gr.api(samples, api_name="samples", **light)
    gr.api(retrieve, api_name="retrieve", **light)
    gr.api(paint, api_name="paint", **PROGRAMS)


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    """A program is told what went wrong and what to do, in one line."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except DlcrError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return run


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise SettingError(f"{name} must be between {least} and {most}, got {value}.", "Change it.")


def _sample(row: SampleRow) -> dict[str, Any]:
    return {
        "sample": row.id, "image": row.image.as_posix(), "split": row.split, "pid": row.pid, "camid": row.camid,
        "clothes": row.clothes_id, "picture": f"/picture/sample/{row.id}",
    }  # fmt: skip


def _judged(ranking: Ranking, place: int) -> dict[str, Any]:
    flag = "junk" if ranking.junk[place] else "right" if ranking.right[place] else "wrong"
    return {"score": float(ranking.scores[place]), "flag": flag}
