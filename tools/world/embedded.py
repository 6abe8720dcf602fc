"""The embedded data set `world`: PRCC's layout, its true attributes as Parquet, and its card."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcr.core.files import write_bytes
from tools.world.cameras import CAMERAS, draw_shot
from tools.world.card import card
from tools.world.histogram import measure
from tools.world.lens import jpeg
from tools.world.outfits import SLOTS, Outfit, draw_wardrobe
from tools.world.people import STYLES, Person, draw_person
from tools.world.plan import OUTFITS, RESERVED, WorldPlan
from tools.world.render import Model, Studio

WORN = ("garment", "colour", "pattern", "second", "inner", "inner_colour")


@dataclass(frozen=True, slots=True)
class Crop:
    """A file of the set and its row of the attribute table."""

    path: Path
    data: bytes
    row: dict[str, object]


def person_columns(person: Person) -> dict[str, object]:
    """A person's attributes, every one a word of `person.sentence`."""
    words = {
        name: getattr(person, name)
        for name in ("sex", "age", "height", "build", "skin", "hair_colour", "beard", "walk")
    }
    return words | {"hair": STYLES[person.hair], "glasses": person.glasses, "person": person.sentence}


def outfit_columns(outfit: Outfit) -> dict[str, object]:
    """An outfit's attributes, `<slot>_<attribute>`; None where nothing is worn or nothing shows."""
    columns: dict[str, object] = {}
    for slot in SLOTS:
        item = outfit.get(slot)
        told = item.attributes if item else {}
        columns |= {f"{slot}_{name}": told.get(name) or None for name in WORN}
    return columns | {"description": outfit.text}


def render_person(studio: Studio, pid: int, plan: WorldPlan) -> list[Crop]:
    """Every crop of one person; the same plan gives the same bytes."""
    person = draw_person(RESERVED.start + pid, studio.template.local_changes, seed=plan.seed)
    rest = studio.dresser.body(person)
    wardrobe = draw_wardrobe(person.sex, 2, np.random.default_rng([plan.seed, RESERVED.start + pid, 2]))
    models = [Model(person, studio.dresser.dress(person, rest, outfit)) for outfit in wardrobe]
    crops = []
    for place in plan.places(pid):
        camera, worn = CAMERAS[place.camera], OUTFITS[place.letter]
        rng = np.random.default_rng([plan.seed, RESERVED.start + pid, 3, ord(place.letter), place.take])
        shot = draw_shot(camera, studio.scene(camera.scene, camera.place).half_width, rng)
        picture = studio.photograph(models[worn], camera, shot)
        where = {
            "path": place.path.as_posix(),
            "pid": pid,
            "letter": place.letter,
            "camera": camera.number,
            "scene": camera.scene,
        }
        seen = {"outfit": worn + 1, "visible": round(float(picture.visible), 3)}
        row = where | seen | person_columns(person) | outfit_columns(wardrobe[worn])
        crops.append(Crop(place.path, jpeg(picture.photo, camera.quality), row))
    return crops


def parquet(rows: Sequence[dict[str, object]]) -> bytes:
    """Rows as a Parquet file; the same rows give the same bytes with the same pyarrow."""
    import pyarrow
    from pyarrow import parquet as writer

    stream = io.BytesIO()
    empty = {name: pyarrow.string() for name in rows[0] if all(row[name] is None for row in rows)}
    columns = {name: pyarrow.array([row[name] for row in rows], type=empty.get(name)) for name in rows[0]}
    writer.write_table(pyarrow.table(columns), stream, compression="zstd")
    return stream.getvalue()


def write_world(folder: Path, crops: Sequence[Crop], plan: WorldPlan) -> None:
    """Write pictures, then the table, then the card."""
    for crop in crops:
        write_bytes(folder / crop.path, crop.data)
    rows = sorted((crop.row for crop in crops), key=lambda row: str(row["path"]))
    write_bytes(folder / "attributes.parquet", parquet(rows))
    write_card(folder, plan)


def write_card(folder: Path, plan: WorldPlan) -> None:
    """Write README.md: how the set was made, what is in it, and what a colour histogram makes of it."""
    sizes = [path.stat().st_size for path in sorted(folder.rglob("*.jpg"))]
    write_bytes(folder / "README.md", card(len(sizes), sum(sizes), plan, measure(folder)).encode())
