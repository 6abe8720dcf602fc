"""Fitting an outfit to a body at rest: layers of cloth, what each hides of the body, skirts to be hung, hair below a hat."""

from dataclasses import replace

import numpy as np

from tools.world import skin
from tools.world.body import ARM_BONES, Rest, Template, to_world
from tools.world.figures import BARE, Dressed, Hanging, Layer
from tools.world.geometry import hermite
from tools.world.materials import Frame, Label, Material, Pattern
from tools.world.meshes import Cloth
from tools.world.outfits import Item, Outfit
from tools.world.people import HAIR, Person
from tools.world.props import hat_line
from tools.world.raster import vertex_normals
from tools.world.skirts import RINGS, Drape
from tools.world.wardrobe import Wardrobe

PULL = {"shoes": 0.004, "lower": 0.008, "dress": 0.012, "upper": 0.014, "bag": 0.016, "scarf": 0.024, "hat": 0.03}
"""Metres that a layer is drawn towards the viewer, so that what is worn over something is seen over it."""
HAIR_PULL = 0.018


class Dresser:
    """Makes and poses dressed people; holds the body template and the wardrobe, and nothing about anyone."""

    def __init__(self, template: Template, wardrobe: Wardrobe) -> None:
        self.template, self.wardrobe = template, wardrobe
        self._body_faces = template.base.faces[template.shown]
        self._body_uv = template.base.uv[template.shown]

    def body(self, person: Person) -> Rest:
        """A person's body at rest."""
        return self.template.rest(person.phenotype, person.face)

    def dress(self, person: Person, rest: Rest, outfit: Outfit) -> "Dressed":
        """Fit every layer of an outfit to a body at rest."""
        return _Fitting(self, person, rest).dressed(outfit)


class _Fitting:
    """Fits one person's outfit, layer by layer; lives for one call of Dresser.dress."""

    def __init__(self, dresser: Dresser, person: Person, rest: Rest) -> None:
        self.dresser, self.person, self.rest = dresser, person, rest
        self.template, self.wardrobe = dresser.template, dresser.wardrobe
        self.materials: list[Material] = skin.materials(person)
        self.layers: list[Layer] = []
        self.hangings: list[Hanging] = []
        self.hidden = np.zeros(len(self.template.base.points), bool)

    def dressed(self, outfit: Outfit) -> Dressed:
        hat = outfit.get("hat")
        tops = ("dress", "upper")
        for item in sorted(outfit.items, key=lambda item: PULL[item.slot]):
            if item.slot == "shoes":
                self.shoes(item, outfit)
            elif item.slot in tops:
                self.top(item, outfit)
            elif item.model:
                boots = next((one for one in outfit.items if one.garment == "boots"), None)
                tucked = boots and item.garment in ("leggings", "jeans", "trousers")
                self.garment(item, hem=-6.6 if tucked else item.hem)
            if item.drape:
                self.hanging(item, item.drape)
        self.hair(hat)
        below = (self.template.arm < 0.15) & (self.template.head < 0.2) & self.template.surface
        rows = np.stack([material.row() for material in self.materials])
        layers = (self.bare(), *self.layers)
        return Dressed(self.template, self.rest, layers, tuple(self.hangings), rows, below)

    def add(self, material: Material) -> int:
        """Number of a new material."""
        self.materials.append(material)
        return len(self.materials) - 1

    def top(self, item: Item, outfit: Outfit) -> None:
        """An upper garment or a dress's bodice, with a shirt below a vest, tucked into a skirt."""
        if item.garment == "vest":
            material = Material(item.inner_colour, Label.UPPER, fold=0.25, seed=item.material.seed)
            shirt = replace(item, material=material, model="sweater", loose=0.001, sleeve=None, hem=0.9, drape=None)
            self.garment(shirt, pull=0.009)
        lower = outfit.get("lower")
        tucked = lower is not None and lower.drape is not None
        hem = 0.5 if tucked and item.garment in ("t-shirt", "top", "blouse", "shirt", "polo shirt") else item.hem
        self.garment(item, hem=hem)

    def shoes(self, item: Item, outfit: Outfit) -> None:
        number = item.model.split()[1]
        self.garment(item)
        if item.garment == "boots":
            shaft = replace(item.material, pattern=Pattern.PLAIN)
            self.garment(replace(item, model=f"socks {number}", material=shaft, loose=0.012), pull=0.010)
        elif outfit.socks:
            self.garment(
                replace(item, model=f"socks {number}", material=Material(outfit.socks, Label.SHOES)), pull=0.003
            )

    def garment(self, item: Item, *, hem: float | None = None, pull: float | None = None) -> None:
        """A layer that hangs on the body, and the body it hides."""
        cloth = self.wardrobe.cloth(item.model)
        arm = self.arm_of(cloth)
        cut = cut_of(cloth.rest, arm, sleeve=item.sleeve, hem=hem)
        cover = self.wardrobe.cover(item.model)
        self.hidden[cover.body[cut[cover.cloth] < -0.3]] = True
        loose = item.loose * looseness(item, cloth.rest)
        row = self.add(item.material)
        self.layer(cloth, arm=arm, cut=cut, loose=loose, row=row, pull=PULL[item.slot] if pull is None else pull)

    def layer(
        self, cloth: Cloth, *, arm: np.ndarray, cut: np.ndarray, loose: np.ndarray, row: int, pull: float
    ) -> None:
        points = to_world(cloth.fit(self.rest.points)).astype(np.float32)
        normals = vertex_normals(points, cloth.faces.astype(np.int32))
        points = points + normals * loose[:, None].astype(np.float32)
        tint, rows = np.ones((len(points), 3), np.float32), np.full(len(cloth.faces), row)
        self.layers.append(Layer(cloth.faces, cloth.uv, points, cloth.rest, cloth.skin, arm, cut, tint, rows, pull))

    def arm_of(self, cloth: Cloth) -> np.ndarray:
        """(V,) the arm bones' share of the cloth's skin."""
        return cloth.skin[:, self.template.bone_numbers(*ARM_BONES)].sum(1)

    def hanging(self, item: Item, drape: Drape) -> None:
        """A skirt, with the same cloth as the garment it belongs to."""
        material = item.material
        if material.pattern == Pattern.OPEN:
            material = replace(material, pattern=Pattern.PLAIN, strap=0)
        row = self.add(replace(material, frame=Frame.SKIRT, placket=0.0, strap=0))
        root = to_world(self.rest.points)[:, 2]
        base = self.template.base.points[:, 1]
        heights = np.interp(np.linspace(drape.top, drape.hem, RINGS), *_ladder(base, root))
        if not item.opening:
            self.hide_between(drape.hem + 0.6, drape.top - 0.15)
        self.hangings.append(Hanging(drape, heights, row, max(PULL[item.slot], 0.012) + 0.002, 0.6 * item.opening))

    def hide_between(self, low: float, high: float) -> None:
        """Hide the trunk and legs between two heights of the base body: a closed skirt is round them."""
        height = self.template.base.points[:, 1]
        self.hidden |= (height > low) & (height < high) & (self.template.arm < 0.15)

    def hair(self, hat: Item | None) -> None:
        """The hair mesh in strands of two tones, cut where a hat sits."""
        if self.person.hair in ("none", "buzz"):
            return
        cloth = self.wardrobe.cloth(f"hair {self.person.hair}")
        tone = np.array(HAIR[self.person.hair_colour])
        material = Material(
            tuple(tone * 0.72),
            Label.HAIR,
            second=tuple(tone * 1.4),
            pattern=Pattern.HAIR,
            gloss=0.10,
            seed=self.person.pid * 1.7 % 97,
        )
        none = np.zeros(len(cloth.rest))
        cut = np.full(len(cloth.rest), BARE) if hat is None else cloth.rest[:, 1] - hat_line(cloth.rest)
        loose = 0.004 * np.sin(cloth.rest * (9.0, 4.0, 11.0) + self.person.pid % 7).sum(1)  # locks, not a helmet
        self.layer(cloth, arm=none, cut=cut, loose=loose, row=self.add(material), pull=HAIR_PULL)

    def bare(self) -> Layer:
        """The body where nothing hides it."""
        template, faces = self.template, self.dresser._body_faces
        kept = ~self.hidden[faces].all(1)
        points, rest = to_world(self.rest.points), template.base.points
        bare, tint = np.full(len(points), BARE), skin.tints(template, self.person)
        rows = skin.rows(template, self.person)[kept]
        return Layer(
            faces[kept], self.dresser._body_uv[kept], points, rest, template.skin, template.arm, bare, tint, rows, 0.0
        )


def cut_of(rest: np.ndarray, arm: np.ndarray, *, sleeve: float | None, hem: float | None) -> np.ndarray:
    """(V,) decimetres beyond a cut, negative where the garment is worn; sleeves are cut along the arm, hems by height."""
    cut = np.full(len(rest), BARE)
    if sleeve is not None:
        along = 0.62 * (np.abs(rest[:, 0]) - 1.55) - 0.75 * (rest[:, 1] - 5.35) + 0.22 * rest[:, 2]
        cut = np.maximum(cut, np.where(arm > 0.15, along - sleeve, BARE))
    if hem is not None:
        cut = np.maximum(cut, np.where(arm < 0.3, hem - rest[:, 1], BARE))
    return cut


def looseness(item: Item, rest: np.ndarray) -> np.ndarray:
    """(V,) share of `item.loose` at each vertex: tops widen to the hem, trousers to the ankle, collars stay close."""
    y = rest[:, 1]
    if item.slot == "lower":
        return hermite(0.4, -3.0, y) * 0.8 + 0.2
    if item.garment == "vest" and item.model == "hoodie":
        return hermite(6.0, 5.6, y)
    if item.slot == "shoes":
        return np.ones(len(rest))
    return (0.45 + 0.55 * hermite(4.6, 2.0, y)) * hermite(6.0, 5.2, y)


def _ladder(base: np.ndarray, mine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heights on the base body and on a person's, in rising order, to carry a hem from one to the other."""
    levels = np.linspace(-8, 3, 23)
    return levels, np.array([np.median(mine[np.abs(base - level) < 0.25]) for level in levels])
