"""Who somebody is: body, face, skin, hair and gait, drawn from a seed (pure). Clothes are in `outfits`."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from tools.world.materials import Colour

SKINS: dict[str, tuple[Colour, ...]] = {
    "light": ((0.84, 0.64, 0.53), (0.80, 0.58, 0.46)),
    "medium": ((0.72, 0.49, 0.37), (0.66, 0.46, 0.31)),
    "tan": ((0.60, 0.40, 0.28), (0.54, 0.35, 0.24)),
    "brown": ((0.44, 0.27, 0.18), (0.36, 0.21, 0.14)),
    "dark": ((0.27, 0.16, 0.10), (0.21, 0.125, 0.08)),
}
"""Linear albedos by word."""
HAIR: dict[str, Colour] = {
    "black": (0.025, 0.022, 0.022), "dark brown": (0.07, 0.042, 0.028), "brown": (0.15, 0.085, 0.045),
    "chestnut": (0.20, 0.09, 0.045), "blond": (0.52, 0.37, 0.17), "red": (0.34, 0.11, 0.035), "grey": (0.40, 0.40, 0.40),
    "white": (0.68, 0.67, 0.65),
}  # fmt: skip
STYLES = {
    "bob01": "bob-cut", "bob02": "chin-length", "long01": "long", "ponytail01": "ponytail", "braid01": "braided", "afro01": "afro",
    "short01": "short", "short02": "short neat", "short03": "short swept", "short04": "cropped", "none": "bald", "buzz": "shaved",
}  # fmt: skip
"""MakeHuman's hair meshes (and two without one) and how people say them."""
HEADS = {
    "african": (("brown", "dark"), ("black", "black", "dark brown")),
    "asian": (("light", "medium", "tan"), ("black", "black", "dark brown")),
    "caucasian": (
        ("light", "light", "medium", "tan"),
        ("dark brown", "brown", "chestnut", "blond", "blond", "red", "black"),
    ),
}
"""Skin words and hair colours by anny's three phenotype axes."""
WOMEN, MEN = (
    ("bob01", "bob02", "long01", "ponytail01", "braid01", "short03"),
    (*["short01", "short02", "short03", "short04"] * 2, "buzz", "none"),
)
FACE_PARTS = ("nose", "chin", "head", "forehead", "mouth", "neck", "l-cheek", "l-eye", "l-ear", "eyebrows")


@dataclass(frozen=True, slots=True)
class Gait:
    """How somebody walks and holds themselves; radians, and shares of the average."""

    stride: float
    swing: float
    lean: float
    nod: float
    elbow: float
    splay: float
    drop: float


@dataclass(frozen=True, slots=True)
class Person:
    """One identity. `phenotype` and `face` are anny's values; the words say the same for a description."""

    pid: int
    sex: str
    age: str
    build: str
    height: str
    skin: str
    hair: str
    hair_colour: str
    beard: str
    glasses: bool
    walk: str
    phenotype: dict[str, float]
    face: dict[str, float]
    skin_colour: Colour
    hair_rgb: Colour
    lips: Colour
    eyes: Colour
    brows: Colour
    stubble: float
    gait: Gait

    @property
    def sentence(self) -> str:
        """Every attribute in words.

        >>> draw_person(7, ()).sentence.startswith(("young", "middle-aged", "older"))
        True
        """
        style = STYLES[self.hair]
        hair = style if self.hair == "none" else f"{style} {self.hair_colour} hair"
        extras = [self.beard] if self.beard != "no beard" else []
        extras += ["glasses"] if self.glasses else []
        parts = [f"{self.age} {self.sex}", self.height, f"{self.build} build", f"{self.skin} skin", hair, *extras]
        return ", ".join([*parts, f"{self.walk} walk"])


class _Words(TypedDict):
    age: str
    build: str
    height: str


class _Walk(TypedDict):
    gait: Gait
    walk: str


def draw_person(pid: int, local_changes: tuple[str, ...] | list[str], *, seed: int = 0) -> Person:
    """The person of a number: the same number and seed give the same person. `local_changes` are anny's labels."""
    rng = np.random.default_rng([seed, pid, 1])
    sex = str(rng.choice(["woman", "man"]))
    phenotype, words = _body(rng, sex)
    race = str(rng.choice(list(HEADS)))
    share = rng.dirichlet([0.35] * 3) * 0.25
    phenotype |= {axis: float(share[k] + 0.75 * (axis == race)) for k, axis in enumerate(HEADS)}
    skin = str(rng.choice(HEADS[race][0]))
    colour = _tinted(SKINS[skin][rng.integers(2)], rng.uniform(0.70, 0.80))
    hair, hair_colour = _hair(rng, sex, words["age"], race)
    stubble = float(rng.choice([0.0, 0.0, 0.3, 0.6])) if sex == "man" else 0.0
    return Person(
        pid=pid, sex=sex, **words, skin=skin, hair=hair, hair_colour=hair_colour,
        beard={0.0: "no beard", 0.3: "stubble", 0.6: "beard"}[stubble],
        glasses=bool(rng.random() < 0.2), phenotype=phenotype, face=_face(rng, local_changes),
        skin_colour=colour, hair_rgb=HAIR[hair_colour],
        lips=tuple(np.multiply(colour, (0.88, 0.46, 0.47) if sex == "woman" else (0.82, 0.60, 0.60))),
        eyes=((0.10, 0.05, 0.025), (0.12, 0.22, 0.34), (0.13, 0.20, 0.10))[rng.integers(3) if race == "caucasian" else 0],
        brows=(rng.uniform(-0.03, 0.05), rng.uniform(0.032, 0.05) if sex == "woman" else rng.uniform(0.045, 0.075),
               0.6 if hair_colour in ("blond", "white", "grey") else 0.85),
        stubble=stubble, **_gait(rng, phenotype["weight"]),
    )  # fmt: skip


def _body(rng: np.random.Generator, sex: str) -> tuple[dict[str, float], _Words]:
    """anny's phenotype and the words for age, build and height."""
    age = float(
        rng.choice([rng.uniform(0.52, 0.68), rng.uniform(0.68, 0.80), rng.uniform(0.82, 0.95)], p=[0.5, 0.3, 0.2])
    )
    muscle, weight, height = rng.uniform(0.2, 0.85), rng.uniform(0.1, 0.95), rng.uniform(0.1, 0.95)
    phenotype = {
        "gender": float(rng.uniform(0.88, 1.0) if sex == "woman" else rng.uniform(0.0, 0.12)),
        "age": age, "muscle": float(muscle), "weight": float(weight), "height": float(height),
        "proportions": float(rng.uniform(0.3, 0.8)), "cupsize": float(rng.uniform(0.3, 0.6)), "firmness": 0.6,
    }  # fmt: skip
    fit = "athletic" if muscle > 0.62 else "average"
    words: _Words = {
        "age": "young" if age < 0.68 else "middle-aged" if age < 0.81 else "older",
        "build": "slim" if weight < 0.35 else fit if weight < 0.68 else "heavy",
        "height": "short" if height < 0.35 else "medium height" if height < 0.68 else "tall",
    }
    return phenotype, words


def _hair(rng: np.random.Generator, sex: str, age: str, race: str) -> tuple[str, str]:
    styles = [*(WOMEN if sex == "woman" else MEN), *(["afro01", "afro01"] if race == "african" else [])]
    colours = ("grey", "white", "dark brown") if age == "older" else HEADS[race][1]
    return str(rng.choice(styles)), str(rng.choice(colours))


def _face(rng: np.random.Generator, labels: tuple[str, ...] | list[str]) -> dict[str, float]:
    """Random small changes of the face, the same on both sides."""
    changes = {}
    for label in labels:
        if label.startswith(FACE_PARTS):
            value = float(np.clip(rng.normal(0, 0.22), -0.5, 0.5))
            changes[label] = value
            if label.startswith("l-") and f"r-{label[2:]}" in labels:
                changes[f"r-{label[2:]}"] = value
    return changes


def _gait(rng: np.random.Generator, weight: float) -> _Walk:
    stride, swing, lean = rng.uniform(0.72, 1.12), rng.uniform(0.5, 1.35), rng.uniform(-0.02, 0.11)
    word = "brisk" if stride > 0.98 else "short-stepped" if stride < 0.84 else "even"
    word = f"stooped {word}" if lean > 0.08 else word
    drop = 0.47 - 0.24 * max(0.0, weight - 0.4)
    gait = Gait(stride, swing, lean, rng.uniform(-0.05, 0.14), rng.uniform(0.15, 0.5), rng.uniform(-0.02, 0.04), drop)
    return {"gait": gait, "walk": word}


def _tinted(colour: Colour, factor: float) -> Colour:
    red, green, blue = colour
    return red * factor, green * factor, blue * factor
