"""The layouts by name, and which of them a folder is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.errors import LayoutError, UsageError
from dlcr.core.registry import resolve
from dlcr.data.labels import Layout
from dlcr.data.walk import Listing, parts

LAYOUTS = {
    "prcc": "dlcr.data.prcc:Prcc",
    "ltcc": "dlcr.data.ltcc:Ltcc",
    "vcclothes": "dlcr.data.vcclothes:VcClothes",
    "ccvid": "dlcr.data.ccvid:Ccvid",
    "last": "dlcr.data.last:Last",
    "deepchange": "dlcr.data.deepchange:DeepChange",
    "celebreid": "dlcr.data.celebreid:CelebReid",
    "market1501": "dlcr.data.market1501:Market1501",
    "manifest": "dlcr.data.manifest:Manifest",
    "folder": "dlcr.data.folder:Folder",
}
"""Names of layouts; `folder` comes last, since every folder of pictures is one."""
AUTO = "auto"
SHORT = {"celeb": "celebreid", "market": "market1501", "vc": "vcclothes"}
LOOKED_AT = 40
"""How many pictures of each folder are looked at to recognise a layout."""
ENOUGH = 0.8
"""The share of pictures that must fit, of those that lie where a layout's pictures lie, for it to be recognised."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a folder fits a layout: of `looked` pictures `fitting` have labels in it; `wrong` lie in its place and do not."""

    layout: str
    fitting: int
    wrong: int
    looked: int


@dataclass(frozen=True, slots=True)
class Recognised:
    """The layout that `--layout auto` found, and why."""

    layout: str
    why: str


def layout_name(name: str) -> str:
    """The layout's own name for any way of writing it (`VC-Clothes`, `Celeb-reID`); UsageError lists them."""
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    plain = SHORT.get(plain, plain)
    if plain not in LAYOUTS and plain != AUTO:
        raise UsageError(f"unknown layout '{name}'.", f"Choose one of: {', '.join([AUTO, *LAYOUTS])}.")
    return plain


def layout(name: str) -> Layout:
    """The layout of this name, made when asked for."""
    made: Layout = resolve("layout", LAYOUTS, layout_name(name))[0]()
    return made


def recognise(root: Path, listing: Listing) -> Recognised:
    """The layout that the folder is in, and why; LayoutError if it is in none."""
    good = [fit for fit in fits(root, listing) if fit.fitting >= ENOUGH * (fit.fitting + fit.wrong)]
    best = max(good, key=lambda fit: fit.fitting, default=None)
    if best is not None:
        share = f"{best.fitting} of {best.looked} pictures looked at fit"
        return Recognised(best.layout, f"{share} {layout(best.layout).looks_for}")
    if listing.pictures:
        others = ", ".join(name for name in LAYOUTS if name != "folder")
        return Recognised("folder", f"its {listing.pictures} pictures fit none of {others}")
    raise LayoutError(f"{root} holds no pictures.", "Give the folder that holds the data set.")


def fits(root: Path, listing: Listing) -> list[Fit]:
    """How well the folder fits each layout but `folder`; those that label nothing are left out."""
    found = [_fit(name, root, listing) for name in LAYOUTS if name != "folder"]
    return [fit for fit in found if fit.fitting]


def _fit(name: str, root: Path, listing: Listing, prefix: str = "", below: str = "") -> Fit:
    """As if `root` were the data set's, where the listed folder is called `prefix` in it, or `below` is its root."""
    places = {folder: place for folder in listing.counts if (place := _moved(folder, prefix, below)) is not None}
    if not places:
        return Fit(name, 0, 0, 0)
    try:
        opened = layout(name).open(root, {place: listing.counts[folder] for folder, place in places.items()})
    except LayoutError:
        return Fit(name, 0, 0, 0)
    fitting = wrong = looked = 0
    for listed in listing.folders():
        if listed.folder in places:
            names = listed.names[:LOOKED_AT]
            labelled = opened.label(places[listed.folder], names)
            fitting += len(labelled.names)
            wrong += len({bad for bad, _ in labelled.bad} & {*names})
            looked += len(names)
    return Fit(name, fitting, wrong, looked)


def _moved(folder: str, prefix: str, below: str) -> str | None:
    """Where the folder lies if the root is moved; None if it is not below the new root."""
    place = (prefix, *parts(folder)) if prefix else parts(folder)
    start = parts(below)
    return "/".join(place[len(start) :]) if place[: len(start)] == start else None


def misfit(name: str, root: Path, listing: Listing, there: Sequence[str]) -> LayoutError:
    """The error that says what `name` looked for below `root`, what is there (`there`: entries), and what would fit."""
    some = ", ".join(there[:8]) + (f" and {len(there) - 8} more" if len(there) > 8 else "")
    what = f"{root} is not in the layout '{name}': looked for {layout(name).looks_for}; found {some or 'nothing'}."
    return LayoutError(what, _advice(name, root, listing))


def _advice(name: str, root: Path, listing: Listing) -> str:
    if name != "folder":
        if _fit(name, root.parent, listing, prefix=root.name).fitting:
            return f"Give the folder above it: {root.parent}."
        for child in sorted({parts(folder)[0] for folder in listing.counts if folder}):
            if _fit(name, root / child, listing, below=child).fitting:
                return f"Give the folder in it: {root / child}."
    if not listing.pictures:
        return "It holds no pictures of any known layout."
    found = recognise(root, listing)
    return f"It resembles the layout '{found.layout}': {found.why}."
