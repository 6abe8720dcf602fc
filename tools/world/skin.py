"""The bare body's surface: skin, lips, eyes, beard and scalp as vertex colours, and which label each face bears."""

import numpy as np

from tools.world.body import Template
from tools.world.geometry import hermite
from tools.world.materials import Colour, Label, Material, Pattern
from tools.world.people import Person

FACE, ARMS, LEGS, SCALP = range(4)
"""Rows of `materials`."""
NECKLINE = 4.9


def materials(person: Person) -> list[Material]:
    """Face (with brows and glasses), arms, legs and shorn scalp; their base is white, the vertex colours carry the tone."""
    rise, thick, strength = person.brows
    brow = tuple(np.minimum(np.multiply(person.hair_rgb, 0.75), np.multiply(person.skin_colour, 0.55)))
    white = (1.0, 1.0, 1.0)
    extra = (strength, float(person.glasses), 0.0)
    face = Material(
        white, Label.FACE, second=brow, third=extra, pattern=Pattern.FACE, scale=rise, amount=thick, gloss=0.05
    )
    return [
        face,
        Material(white, Label.ARMS, gloss=0.05),
        Material(white, Label.LEGS, gloss=0.05),
        Material(white, Label.HAIR),
    ]


def tints(template: Template, person: Person) -> np.ndarray:
    """(19158, 3) float32 linear albedo of every body vertex."""
    points = template.base.points
    colour = np.tile(np.multiply(person.skin_colour, (1.05, 1.0, 0.94)), (len(points), 1))
    lips = template.regions["lips"][:, None]
    colour = colour * (1 - lips) + lips * person.lips
    colour *= 1 - 0.25 * template.regions["eyelids"][:, None]
    for x in (0.42, -0.42, 0.0):
        flush = np.exp(-((points[:, 0] - x) ** 2 + (points[:, 1] - 6.75) ** 2) / 0.06) * (points[:, 2] > 0.7) * 0.3
        colour *= 1 - flush[:, None] * (0.05, 0.35, 0.35)
    colour = _mixed(colour, _beard(template) * person.stubble, np.multiply(person.hair_rgb, 0.8))
    colour = _mixed(colour, scalp(template, person) * _density(person), person.hair_rgb)
    for side in "lr":
        _paint_eye(colour, points, template.eye(side), person)
    return colour.astype(np.float32)


def scalp(template: Template, person: Person) -> np.ndarray:
    """(19158,) 0..1: the skin under the hair."""
    return template.scalp(7.80 if person.hair in ("none", "buzz") else 8.15)


def rows(template: Template, person: Person) -> np.ndarray:
    """(F,) which of `materials` each face of the body and eyes bears."""
    faces = template.base.faces[template.shown]
    part = np.where(
        template.head > 0.5, FACE, np.where(template.arm > 0.4, ARMS, np.where(template.leg > 0.5, LEGS, -1))
    )
    row = np.median(part[faces], axis=1).astype(int)
    height = template.base.points[faces][:, :, 1].mean(1)
    row = np.where(row >= 0, row, np.where(height > NECKLINE, FACE, np.where(height > 0.5, ARMS, LEGS)))
    if _density(person) > 0.4:
        row[scalp(template, person)[faces].mean(1) > 0.5] = SCALP
    return row


def _density(person: Person) -> float:
    return {"none": 0.12, "buzz": 0.85}.get(person.hair, 0.6 if person.age == "older" else 0.9)


def _beard(template: Template) -> np.ndarray:
    _, y, z = template.base.points.T
    height = hermite(6.55, 6.35, y) * hermite(6.05, 6.2, y)
    return height * (template.head > 0.6) * (1 - template.regions["lips"]) * hermite(0.55, 0.95, z)


def _mixed(colour: np.ndarray, share: np.ndarray, other: np.ndarray | Colour) -> np.ndarray:
    return colour * (1 - share[:, None]) + share[:, None] * other


def _paint_eye(colour: np.ndarray, points: np.ndarray, eye: np.ndarray, person: Person) -> None:
    """White, iris and pupil, into `colour`."""
    offset = points[eye] - points[eye].mean(0)
    radius, front = np.hypot(offset[:, 0], offset[:, 1]), offset[:, 2] > 0
    colour[eye] = (0.80, 0.78, 0.75)
    colour[eye[front & (radius < 0.085)]] = person.eyes
    colour[eye[front & (radius < 0.040)]] = 0.02
