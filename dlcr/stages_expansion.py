"""The embedded expansion: the few variants of `world` that the repository carries. Part of the stages.

`assets/expansion` holds each variant as `expand` wrote it, lineage inside, in a folder named after its photo, and tells where the
person stands in each photo: what else a mask's row needs.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from dlcr.catalog import MaskRow, NewMask, NewVariant, SampleRow
from dlcr.core.files import write_bytes, write_json
from dlcr.core.workspace import ASSETS, Workspace
from dlcr.inpaint import lineage
from dlcr.session import Session
from dlcr.stages_masks import record_mask, write_mask

EXPANSION = ASSETS / "expansion"
PHOTOS = "photos.json"
"""`world`: the fingerprint of the data set; `parser`: whose masks; `people`: by photo the person's box (x0, y0, x1, y1)."""
THREADS = 4

log = logging.getLogger(__name__)


def adopt_variants(session: Session, dataset: str) -> int:
    """Put files and rows of the embedded variants into a workspace in which nothing of `dataset` is painted; how many.

    Once only: what is removed later stays away. Left out are photos with another newest mask or without their files, and all where
    the photos differ or the list of them cannot be read; the log says so.
    """
    if session.workspace.adopted.exists() or session.catalog.painted(dataset, limit=1):
        return 0
    try:
        told = json.loads((EXPANSION / PHOTOS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        log.warning("the embedded variants cannot be read, check out assets/ again: %s", error)
        return 0
    every = session.catalog.every_sample(dataset)
    if told["world"] != every.fingerprint:
        log.warning("the embedded variants were painted on another `%s`: not taken over", dataset)
        return 0
    samples = {sample.image.as_posix(): sample for sample in every}
    chosen = [samples[image] for image in told["people"] if _sources(Path(image))]
    if len(chosen) < len(told["people"]):
        lost = len(told["people"]) - len(chosen)
        log.warning("the embedded variants of %d photos are missing in %s: check out assets/ again", lost, EXPANSION)
    if not chosen:
        return 0
    masks = session.catalog.newest_masks([sample.id for sample in chosen])
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(partial(_write, session, told), chosen, map(masks.get, (one.id for one in chosen))))
    rows = list[NewVariant]()
    for mask, variants in found:
        key = mask.id if isinstance(mask, MaskRow) else record_mask(session, mask).id
        rows += [replace(one, mask_id=key) for one in variants]
    session.catalog.put_variants(rows)
    note(session.workspace, len(rows))
    return len(rows)


def note(workspace: Workspace, count: int) -> None:
    """Note that a workspace was given so many embedded variants; 0 beforehand: that it wants none."""
    write_json(workspace.adopted, {"variants": count})


def folder_of(image: Path) -> Path:
    """Where the embedded variants of a photo lie, relative to `EXPANSION`."""
    return image.with_suffix("")


def _sources(image: Path) -> list[Path]:
    return sorted((EXPANSION / folder_of(image)).glob("*.png"))


def _write(
    session: Session, told: Mapping[str, Any], sample: SampleRow, newest: MaskRow | None
) -> tuple[MaskRow | NewMask, list[NewVariant]]:
    """Copy a photo's variants and write its mask: the mask's row, or what is to be recorded; none of another mask."""
    sources = _sources(sample.image)
    painted = [lineage.read_variant(source) for source in sources]
    if newest and newest.digest != painted[0].lineage["mask"]["digest"]:
        return newest, []
    found = list[NewVariant]()
    for source, variant in zip(sources, painted, strict=True):
        file = session.workspace.variants / str(sample.id) / source.name
        if not file.exists():
            write_bytes(file, source.read_bytes())
        found.append(NewVariant.of(sample.id, None, file.relative_to(session.workspace.home), variant))
    person = {"person": told["people"][sample.image.as_posix()]}
    return newest or write_mask(session, sample.id, lineage.mask_of(painted[0]), told["parser"], person), found


@cache
def _shipped() -> frozenset[str]:
    return frozenset(path.name for path in EXPANSION.rglob("*.png"))


def only_embedded(files: Iterable[Path]) -> bool:
    """Whether variants of these files are none but those that come with the program: too few to learn from."""
    return all(file.name in _shipped() for file in files)
