"""Masks, variants and uploads: each row has its whole file, each file its row."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dlcr import stages
from dlcr.catalog import Filed, NewVariant
from dlcr.core.errors import CatalogError, DlcrError, PhotoError, UsageError
from dlcr.core.images import digest, read_mask, write_png
from dlcr.core.settings import Backends
from dlcr.core.values import Variant
from dlcr.core.whole import flaw
from dlcr.inpaint.lineage import mask_of, read_variant
from dlcr.integrity.leftovers import newest
from dlcr.integrity.ward import Damage, Ward
from dlcr.session import Session

BATCH = 500
"""Folders whose files are looked up at once."""
TAKEN_OUT = "Its row was taken out and is kept in lost+found/rows.jsonl."


def masks(ward: Ward) -> Iterator[Damage]:
    """Masks without their file, damaged ones, and files without a row."""
    for one in ward.catalog.filed("masks", ward.limit):
        wrong = _wrong(ward, one) or _other_mask(ward, one)
        if wrong:
            again = "It can be taken from a variant that carries it, or made anew by `dlcr parse`."
            yield Damage(f"mask {one.file.as_posix()}: {wrong}.", again, partial(_restore_mask, ward, one))
        elif one.told["digest"] != one.file.stem:
            what = f"row {one.id} of masks says another digest than its file {one.file.as_posix()}."
            yield Damage(what, "The file is right.", partial(_correct_digest, ward, one))
    for path in _strangers(ward, "masks", ward.workspace.masks):
        what = f"mask {ward.place(path)} has no row."
        yield Damage(what, "`dlcr parse` makes it anew, with its row.", partial(ward.put_aside, path))


def variants(ward: Ward) -> Iterator[Damage]:
    """Variants without their file, damaged ones, rows that differ from the lineage, and files without a row."""
    for one in ward.catalog.filed("variants", ward.limit):
        wrong = _wrong(ward, one)
        if wrong:
            what = f"variant {one.file.as_posix()}: {wrong}."
            yield Damage(what, "`dlcr expand` makes it anew.", partial(_drop, ward, "variants", one))
        elif differs := _differs(ward, one):
            what = f"row {one.id} of variants says another {', '.join(sorted(differs))} than its file."
            yield Damage(what, "The file is right.", partial(_correct, ward, one, differs))
    for path in sorted(_strangers(ward, "variants", ward.workspace.variants), key=lambda path: path.stat().st_mtime_ns):
        yield _stray_variant(ward, path)


def links(ward: Ward) -> Iterator[Damage]:
    """Variants that lost the number of their mask."""

    def mend(variant: int, mask: int) -> str:
        ward.catalog.correct("variants", variant, mask_id=mask)
        return f"It names mask {mask} again."

    for variant, mask in ward.catalog.unlinked():
        yield Damage(f"variant {variant} does not name its mask.", "Its lineage does.", partial(mend, variant, mask))


def uploads(ward: Ward) -> Iterator[Damage]:
    """The user's own photos."""
    session = Session(ward.workspace, ward.catalog, Backends())
    folder = ward.workspace.uploads

    def read_again() -> str:
        stages.put_uploads(session)
        return "The folder was read again."

    def move(path: Path) -> str:
        return f"{ward.put_aside(path)} {read_again()}"

    files = {path.name for path in folder.glob("*.png")}
    for name in sorted(files):
        if wrong := flaw(folder / name, ward.deep):
            yield Damage(f"the upload {name} is damaged: {wrong}.", "Upload it again.", partial(move, folder / name))
    rows = {row.image.as_posix() for row in _samples(ward)}
    if ward.alone and files != rows:
        what = f"{len(files ^ rows)} uploads have a row and no file, or a file and no row."
        yield Damage(what, "The folder can be read again.", read_again)


def _samples(ward: Ward) -> list[Any]:
    try:
        return ward.catalog.find_samples(stages.UPLOADS, limit=10**9)
    except UsageError:
        return []


def _wrong(ward: Ward, one: Filed) -> str | None:
    """What is wrong with the file of a row."""
    path = ward.workspace.home / one.file
    try:
        return flaw(path, ward.deep)
    except FileNotFoundError:
        return "its file is not there"
    except OSError as error:
        return f"its file cannot be read ({(error.strerror or str(error)).lower()})"


def _other_mask(ward: Ward, one: Filed) -> str | None:
    """Whether a mask's file holds another mask than it is named after; looked at only to the last byte."""
    if not ward.deep:
        return None
    found = digest(read_mask(ward.workspace.home / one.file))
    return None if found in (one.file.stem, one.told["digest"]) else "its file holds another mask"


def _correct_digest(ward: Ward, one: Filed) -> str:
    found = digest(read_mask(ward.workspace.home / one.file))
    if found == one.file.stem:
        ward.catalog.correct("masks", one.id, digest=found)
        return "The row was corrected."
    return _restore_mask(ward, one)


def _restore_mask(ward: Ward, one: Filed) -> str:
    """Put a mask back from a variant that carries it; else its row goes."""
    path, said = ward.workspace.home / one.file, ""
    if path.exists():
        said = ward.put_aside(path) + " "
    for row in ward.catalog.variants(one.told["sample_id"]):
        if row.lineage.get("mask") == one.told["digest"]:
            try:
                write_png(path, mask_of(read_variant(ward.workspace.home / row.file)))
            except PhotoError:
                continue
            return f"{said}It was taken from {row.file.as_posix()}."
    return said + _drop(ward, "masks", one)


def _drop(ward: Ward, table: str, one: Filed) -> str:
    """Take a row out whose file is lost; what is left of the file goes aside."""
    path, said = ward.workspace.home / one.file, ""
    if path.exists():
        said = ward.put_aside(path) + " "
    ward.catalog.take_out(table, one.id, ward.keep_rows)
    return said + TAKEN_OUT


def _differs(ward: Ward, one: Filed) -> dict[str, Any]:
    """What a row says otherwise than its lineage: the row's own, to the last byte the file's too."""
    told: Mapping[str, Any] = one.told["lineage"]
    if ward.deep and "engine" in told:
        try:
            told = NewVariant.of(0, None, one.file, read_variant(ward.workspace.home / one.file)).lineage
        except DlcrError:
            return {}
    right = {key: told[key] for key in ("prompt", "seed") if key in told} | {"lineage": told}
    if "engine" in told:
        right["model"] = str(told["engine"]["model"])
    return {key: value for key, value in right.items() if one.told[key] != value}


def _correct(ward: Ward, one: Filed, values: dict[str, Any]) -> str:
    ward.catalog.correct("variants", one.id, **values)
    return "The row was corrected."


def _strangers(ward: Ward, table: str, folder: Path) -> Iterator[Path]:
    """Files in the folders of samples that no row names; only where nobody is about to write their row."""
    folders = newest(folder, ward.limit) if ward.alone else []
    for start in range(0, len(folders), BATCH):
        some = folders[start : start + BATCH]
        files = [path for sub in some for path in sorted(sub.glob("*.png")) if not path.name.startswith(".")]
        places = {path.relative_to(ward.workspace.home): path for path in files}
        known = ward.catalog.known_files(table, list(places), [int(sub.name) for sub in some])
        yield from (path for place, path in places.items() if place not in known)


def _stray_variant(ward: Ward, path: Path) -> Damage:
    """A variant's file without a row: its lineage makes the row again where the catalog knows its photo."""
    what, move = f"variant {ward.place(path)} has no row.", partial(ward.put_aside, path)
    try:
        found = read_variant(path)
    except PhotoError as error:
        return Damage(what, f"It cannot be taken back: {error.what}", move)
    source = found.lineage.get("source", {})
    name, image = str(source.get("dataset", "")), str(source.get("image", ""))
    try:
        sample = ward.catalog.find_sample(name, image)
    except (CatalogError, UsageError):
        return Damage(what, f"The catalog does not know its photo {image or 'by any name'} of '{name}'.", move)
    return Damage(what, "Its lineage tells the row.", _adopting(ward, path, sample.id, found))


def _adopting(ward: Ward, path: Path, sample_id: int, found: Variant) -> Callable[[], str]:
    def mend() -> str:
        mask = ward.catalog.mask_of_digest(sample_id, found.lineage["mask"]["digest"])
        right = ward.workspace.variants / str(sample_id) / path.name
        if right != path:  # its photo has another number now
            right.parent.mkdir(parents=True, exist_ok=True)
            path.rename(right)
        place = right.relative_to(ward.workspace.home)
        ward.catalog.put_variants([NewVariant.of(sample_id, mask, place, found)])
        return "Its row was made again from its lineage."

    return mend
