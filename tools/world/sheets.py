"""Contact sheets to look at: people by outfits, one person by cameras, photos beside their labels."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from dlcr.core.files import write_bytes
from tools.world.cameras import CAMERAS, draw_shot
from tools.world.lens import jpeg
from tools.world.outfits import Outfit, draw_wardrobe
from tools.world.people import draw_person
from tools.world.render import Model, Picture, Studio

COLOURS = np.array(
    [[20, 20, 24], [120, 60, 20], [255, 190, 150], [255, 120, 90], [250, 220, 80], [60, 110, 230], [40, 170, 90], [200, 60, 200],
     [170, 170, 170], [0, 220, 220], [255, 0, 0]], np.uint8,
)  # fmt: skip
"""A colour a label, for the eye."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """What is on the sheets: `people` rows from `first` on, drawn with `seed`."""

    people: int
    first: int
    seed: int


def models(studio: Studio, pid: int, seed: int, outfits: int) -> list[tuple[Model, Outfit]]:
    """One person in several outfits."""
    person = draw_person(pid, studio.template.local_changes, seed=seed)
    rest = studio.dresser.body(person)
    wardrobe = draw_wardrobe(person.sex, outfits, np.random.default_rng([seed, pid, 2]))
    return [(Model(person, studio.dresser.dress(person, rest, outfit)), outfit) for outfit in wardrobe]


def take(studio: Studio, model: Model, number: int, camera: int, *, clear: bool = False) -> Picture:
    """Shot `number` of a model by one of the six cameras; `clear` without anything in the way."""
    chosen = CAMERAS[camera]
    rng = np.random.default_rng([model.person.pid, number, camera])
    shot = draw_shot(chosen, studio.scene(chosen.scene, chosen.place).half_width, rng)
    return studio.photograph(model, chosen, replace(shot, occluder="", passer=None) if clear else shot)


def people_sheet(studio: Studio, plan: Sheets) -> np.ndarray:
    """A row a person: four outfits, three cameras each."""
    rows = []
    for pid in range(plan.first, plan.first + plan.people):
        worn = models(studio, pid, plan.seed, 4)
        rows.append(
            [take(studio, model, k, (3 * k + j) % 6).photo for k, (model, _) in enumerate(worn) for j in range(3)]
        )
    return tiled(rows)


def cameras_sheet(studio: Studio, plan: Sheets) -> np.ndarray:
    """A row a person in one outfit: the six cameras, twice."""
    rows = []
    for pid in range(plan.first, plan.first + plan.people):
        [(model, _)] = models(studio, pid, plan.seed, 1)
        rows.append([take(studio, model, j, j % 6).photo for j in range(12)])
    return tiled(rows)


def labels_sheet(studio: Studio, plan: Sheets) -> np.ndarray:
    """A row a person: six photos, each beside its labels."""
    rows = []
    for pid in range(plan.first, plan.first + plan.people):
        pictures = [take(studio, model, 0, j) for j, (model, _) in enumerate(models(studio, pid, plan.seed, 6))]
        rows.append([tile for picture in pictures for tile in (picture.photo, COLOURS[picture.labels])])
    return tiled(rows)


def tiled(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Pictures of one size as a grid."""
    return np.concatenate([np.concatenate(row, 1) for row in rows])


def small_jpeg(sheet: np.ndarray, limit: int) -> bytes:
    """The sheet at the best JPEG quality that keeps it within `limit` bytes, down to 40."""
    picture = np.asarray(
        Image.fromarray(sheet).resize((sheet.shape[1] * 3 // 4, sheet.shape[0] * 3 // 4), Image.Resampling.LANCZOS)
    )
    tries = (jpeg(picture, quality) for quality in range(88, 38, -6))
    return next((data for data in tries if len(data) <= limit), jpeg(picture, 40))


def write_sheets(studio: Studio, folder: Path, plan: Sheets) -> list[Path]:
    """`world-people.jpg`, `world-cameras.jpg` and `world-labels.jpg`, 250 KB at most each."""
    sheets = {"people": people_sheet, "cameras": cameras_sheet, "labels": labels_sheet}
    made = {name: small_jpeg(make(studio, plan), 250_000) for name, make in sheets.items()}
    return [write_bytes(folder / f"world-{name}.jpg", data) for name, data in made.items()]
