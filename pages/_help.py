"""The head of each page: its name, the dialog that lists its keys, the tour; `help.js` and `tour.js` bring them to life."""

from __future__ import annotations

import html
from collections.abc import Mapping

from pages import _text as text

TOUR = ("#gallery", "#editor", "#prompt", "#paint", "#results", ".nav-holder nav")
"""What each step of the tour points at, on the Studio page."""
STUDIO = "studio"

e = html.escape


def head(page: str, *, private: bool = False) -> str:
    """The first line of a page, which may have keys of its own; the tour is told where it points at, elsewhere a link to it.

    `private` says that faces are blurred.
    """
    here = page == STUDIO
    tour = (
        f'<button type="button" class="tour-start">{e(text.TOUR)}</button>'
        if here
        else f'<a class="button" href="/?tour=1">{e(text.TOUR)}</a>'
    )
    keys = f'<button type="button" class="help-open" aria-haspopup="dialog">{e(text.HELP)} <kbd>?</kbd></button>'
    blurred = f" <small>{e(text.PRIVATE)}</small>" if private else ""
    line = f'<div class="head"><h1>{e(text.PRODUCT)}{blurred}</h1>{tour}{keys}</div>'
    return f"{line}{_offer() + _tour() if here else ''}{_dialog(page)}"


def _dialog(page: str) -> str:
    parts = [(text.KEYS_OF[name], text.SHORTCUTS[name]) for name in (page, "everywhere") if name in text.SHORTCUTS]
    tables = "".join(f"<h3>{e(title)}</h3>{_table(keys)}" for title, keys in parts)
    return (
        f'<dialog class="help" aria-labelledby="help-title"><header><h2 id="help-title">{e(text.HELP_TITLE)}</h2>'
        f'<button type="button" class="help-close">{e(text.CLOSE)}</button></header>{tables}</dialog>'
    )


def _table(keys: Mapping[str, str]) -> str:
    rows = "".join(f'<tr><th scope="row">{_key(name)}</th><td>{e(says)}</td></tr>' for name, says in keys.items())
    return f"<table>{rows}</table>"


def _key(name: str) -> str:
    """`Ctrl+Z` as two keys, `← →` as two too."""
    return " ".join(
        "+".join(f"<kbd>{e(one)}</kbd>" for one in part.split("+")) for part in name.split(" ")
    )  # fmt: skip


def _offer() -> str:
    """What a newcomer sees once."""
    return (
        f'<div class="tour-offer" role="region" aria-label="{e(text.TOUR)}" hidden><p>{e(text.TOUR_OFFER)}</p>'
        f'<button type="button" class="tour-start">{e(text.TOUR_START)}</button>'
        f'<button type="button" class="tour-no">{e(text.TOUR_NO)}</button></div>'
    )


def _tour() -> str:
    steps = "".join(
        f'<section data-at="{e(place)}" hidden><h2 id="tour-{number}">{e(title)}</h2><p>{e(says)}</p></section>'
        for number, (place, (title, says)) in enumerate(zip(TOUR, text.TOUR_STEPS, strict=True), 1)
    )
    return (
        f'<dialog class="tour" aria-labelledby="tour-1"><div aria-live="polite">{steps}</div><footer>'
        f'<p class="tour-count"></p><button type="button" class="tour-leave">{e(text.TOUR_LEAVE)}</button>'
        f'<button type="button" class="tour-back">{e(text.TOUR_BACK)}</button><button type="button" class="tour-next"'
        f' data-next="{e(text.TOUR_NEXT)}" data-end="{e(text.TOUR_END)}">{e(text.TOUR_NEXT)}</button></footer></dialog>'
        f'<div class="tour-ring" hidden></div>'
    )
