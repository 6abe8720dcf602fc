"""Pick the embedded expansion of `assets/expansion` from a workspace that holds the embedded set's expansion.

    python -m tools.embedded_expansion --home HOME

A photo gets the first of the variants that `expand` would give it, whatever their number: `expand` counts them as kept. What the
workspace lacks of them is painted now.
"""

import argparse
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dlcr import stages
from dlcr.catalog import SampleRow
from dlcr.core.errors import UsageError
from dlcr.core.files import write_bytes, write_json
from dlcr.core.profiles import profile
from dlcr.core.settings import ExpandSettings, PaintSettings
from dlcr.stages_expand import expand
from dlcr.stages_expansion import EXPANSION, PHOTOS, folder_of
from dlcr.stages_painting import identity
from dlcr.stages_wishes import Wardrobe, open_wardrobe
from pages import _retrieve_desk, _space_desk

PROFILE = "fast"
CARD = """# A few variants of the embedded data set `world`

{count} variants of {photos} photos ({size:.1f} MiB) as `dlcr expand` painted them: PNG without loss, each with its lineage inside,
in a folder named after its photo. A fresh workspace takes them over, so that its pages have something to show. Nobody on these
pictures exists.

- **Chosen**: one photo of every training person, in turn over cameras and outfits, with one variant; the first gallery photos,
  which the Studio shows first, with {gallery}; the queries that the Retrieve page lists first, with {query}; photos of the people
  whom the Space page draws first, with {space}. Always the first outfits that `expand` would choose, whatever they look like.
- **Command**: `python -m tools.embedded_expansion --home HOME`, which paints as `dlcr expand world --profile fast` does, for these
  photos only. `dlcr expand` in a workspace that took them over counts them as kept.
- **Models**: the embedded parser and inpainter (`assets/models`), on a CPU. `dlcr replay FILE` paints any of them again.
- **Not for training**: `dlcr train --with-variants`, `dlcr guide` and `dlcr ablation` ask for more where there are only these.
- **Limits**: people, clothes and cameras are rendered, outfits drawn by chance; see the cards of the models.
- **Licence**: CC0-1.0, as the photos.
"""

GALLERY, QUERY, SPACE = 3, 4, 2
"""Variants a photo."""
FIRST, SECOND = "world-cal", "world-dlcr"
"""The runs that Retrieve compares in a fresh workspace."""
LISTED = 3
"""Queries from the head of each of Retrieve's lists."""


def chosen(session: stages.Session) -> dict[str, int]:
    """How many variants each photo gets, by its path in the data set."""
    train = session.catalog.every_sample(stages.WORLD, "train")
    wanted = {sample.image.as_posix(): 1 for sample in _one_each(train)}
    for sample in session.catalog.every_sample(stages.WORLD, "gallery")[:4]:
        wanted[sample.image.as_posix()] = GALLERY
    for sample in _first_of_space(session):
        wanted[sample.image.as_posix()] = SPACE
    for sample in _first_of_retrieve(session):
        wanted[sample.image.as_posix()] = QUERY
    return wanted


def _one_each(samples: Sequence[SampleRow]) -> Iterator[SampleRow]:
    """One photo of each person, another place in the person's photos each time."""
    for turn, pid in enumerate(sorted({sample.pid for sample in samples})):
        own = sorted((sample for sample in samples if sample.pid == pid), key=lambda sample: sample.image.as_posix())
        yield own[turn % len(own)]


def _first_of_space(session: stages.Session) -> Iterator[SampleRow]:
    """A query in the same and one in other clothes of each of the people drawn first."""
    samples, _ = _space_desk.shown(session, _space_desk.read_address(session, ""))
    seen = Counter[tuple[int, int]]()
    for sample in samples:
        seen[sample.pid, sample.camid] += sample.split == "query"
        if sample.split == "query" and seen[sample.pid, sample.camid] == 1:
            yield sample


def _first_of_retrieve(session: stages.Session) -> Iterator[SampleRow]:
    """The first queries of the embedded runs' whole list and of those that the second fixes, whatever runs are kept here."""
    shelf = _retrieve_desk.Shelf(session)
    for only in ("", "fixed"):
        desk = _retrieve_desk.read_address(session, f"run={FIRST}&other={SECOND}&only={only}")
        looks = _retrieve_desk.open_galleries(shelf.galleries, desk)
        yield from (one.sample for one in shelf.listed(looks, desk).queries[:LISTED])


def paint_lacking(session: stages.Session, wanted: Mapping[str, int]) -> None:
    """Paint what the workspace lacks of so many variants of each photo, as `expand` would."""
    split_of = {one.image.as_posix(): one.split for one in session.catalog.every_sample(stages.WORLD)}
    for split, count in sorted({(split_of[image], count) for image, count in wanted.items()}):
        images = {image for image, number in wanted.items() if (split_of[image], number) == (split, count)}
        settings = ExpandSettings(variants=count, split=split)
        made = expand(session, stages.WORLD, settings, paint=PaintSettings(**profile(PROFILE).paint), images=images)
        print(f"{split}: {len(images)} photos, {made.made} painted, {made.kept} there before", flush=True)


def pick(session: stages.Session, wardrobe: Wardrobe, sample: SampleRow, count: int) -> list[Path]:
    """A photo's first variants as `expand` chooses them, relative to the workspace; UsageError if one was not painted."""
    outfits = wardrobe.choose(sample.image.as_posix(), sample.clothes_id, ExpandSettings(variants=count))
    settings, digest = PaintSettings(**profile(PROFILE).paint).model_dump(), identity(session).digest
    painted = {
        row.lineage["source"]["outfit"]: row.file
        for row in session.catalog.variants(sample.id)
        if (row.lineage["settings"], row.lineage["engine"]["digest"]) == (settings, digest)
    }
    missing = [outfit for outfit in outfits if outfit not in painted]
    if missing:
        remedy = "Run the commands at the head of this file."
        raise UsageError(f"{sample.image} is not painted in {', '.join(missing)}.", remedy)
    return [painted[outfit] for outfit in outfits]


def release(session: stages.Session, wanted: Mapping[str, int], out: Path) -> None:
    """Write `out` anew from the workspace: so many variants of each photo, what else their masks' rows need, the card."""
    samples = session.catalog.every_sample(stages.WORLD)
    wardrobe, _ = open_wardrobe(session, stages.WORLD, identity(session))
    dressed = [sample for sample in samples if sample.image.as_posix() in wanted]
    masks = session.catalog.newest_masks([sample.id for sample in dressed])
    shutil.rmtree(out, ignore_errors=True)
    size, people = 0, {}
    for sample in dressed:
        people[sample.image.as_posix()] = list(masks[sample.id].settings["person"])
        for file in pick(session, wardrobe, sample, wanted[sample.image.as_posix()]):
            content = (session.workspace.home / file).read_bytes()
            write_bytes(out / folder_of(sample.image) / file.name, content)
            size += len(content)
    told = {"world": samples.fingerprint, "parser": stages.parser_source(session), "people": people}
    write_json(out / PHOTOS, told)
    count = sum(wanted.values())
    card = CARD.format(
        count=count, photos=len(people), size=size / 2**20, gallery=GALLERY, query=QUERY, space=SPACE
    )  # fmt: skip
    write_bytes(out / "README.md", card.encode())
    print(f"{count} variants of {len(people)} photos, {size / 2**20:.2f} MiB in {out}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", required=True, help="the workspace that holds the expansion")
    parser.add_argument("--out", type=Path, default=EXPANSION)
    given = parser.parse_args()
    session = stages.open_session(given.home)
    wanted = chosen(session)
    paint_lacking(session, wanted)
    release(session, wanted, given.out)


if __name__ == "__main__":
    main()
