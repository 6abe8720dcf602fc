"""How much of what is asked a mask lets any painter show: test people of the embedded world rendered anew in the outfits asked.

    python -m tools.evaluate_masks --makehuman FOLDER [--photos 64] [--workers 2] [--bound-only] [--json]

The photos and outfits of `tools.evaluate_embedded --only inpainter`. Each person is rendered in each outfit asked, in the same
shot, and pasted into the photo through each mask, as a painter without fault would paint it; the embedded captioner says what is
seen. The second row of a mask is the same sent through the inpainter's autoencoder first: what a UNet without fault could
show. The last is the embedded inpainter through it, unless the bound alone is asked for. Needs what the renderer needs
(`pip install -e .[render]`).
"""

import argparse
import json
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch

from dlcr import stages
from dlcr.inpaint.engine import Engine
from tools.evaluate_embedded import FULL, compared, other_outfits, shares, shots_to_paint, test_shots
from tools.world.cameras import CAMERAS, draw_shot
from tools.world.materials import Label
from tools.world.outfits import Outfit, draw_wardrobe
from tools.world.people import draw_person
from tools.world.plan import OUTFITS, RESERVED, SEED, WorldPlan
from tools.world.render import Model, Picture
from tools.world.workers import each, studio

HEAD = (Label.HAIR, Label.FACE, Label.ACCESSORY)
HAND = 0.11
"""Length of a hand as a share of a person's height."""
GROWN = 4
"""Pixels by which the masks with limbs are grown."""


def outfits_of(makehuman: Path, pid: int, plan: WorldPlan) -> list[Outfit]:
    """Both outfits of a person of the embedded set."""
    person = draw_person(RESERVED.start + pid, studio(makehuman).template.local_changes, seed=plan.seed)
    return draw_wardrobe(person.sex, 2, np.random.default_rng([plan.seed, RESERVED.start + pid, 2]))


def render_asked(makehuman: Path, plan: WorldPlan, task: tuple[str, int, list[tuple[int, str]]]) -> list[Picture]:
    """A shot of the set as it is, then its person in each outfit asked, before the camera's compression."""
    path, pid, asked = task
    place = studio(makehuman)
    person = draw_person(RESERVED.start + pid, place.template.local_changes, seed=plan.seed)
    rest = place.dresser.body(person)
    spot = next(one for one in plan.places(pid) if one.path.as_posix() == path)
    camera = CAMERAS[spot.camera]
    rng = np.random.default_rng([plan.seed, RESERVED.start + pid, 3, ord(spot.letter), spot.take])
    shot = draw_shot(camera, place.scene(camera.scene, camera.place).half_width, rng)
    worn = [outfits_of(makehuman, pid, plan)[OUTFITS[spot.letter]]]
    worn += [next(one for one in outfits_of(makehuman, other, plan) if one.text == text) for other, text in asked]
    models = [Model(person, place.dresser.dress(person, rest, one)) for one in worn]
    return [place.photograph(one, camera, shot, framed=models[0]) for one in models]


def arms_without_hands(labels: np.ndarray) -> np.ndarray:
    """Of each bare arm what lies more than a hand's length above its lowest pixel; nothing of an arm apart from the clothes.

    Renderer's labels (H, W) -> (H, W) bool.
    """
    out, arms = np.zeros(labels.shape, bool), labels == Label.ARMS
    height = np.ptp(np.flatnonzero((labels != Label.BACKGROUND).any(1))) + 1
    worn = _near(np.isin(labels, (Label.UPPER, Label.DRESS)), 1)
    count, pieces = cv2.connectedComponents(arms.astype(np.uint8), connectivity=8)
    for number in range(1, count):
        piece = pieces == number
        if (piece & worn).any():
            lowest = np.flatnonzero(piece.any(1)).max()
            out |= piece & (np.arange(len(piece)) < lowest - HAND * height)[:, None]
    return out


def masks_of(parsed: stages.Parsing, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Masks by name, from what the product uses to the whole photo; limbs are the renderer's, head and hands never theirs."""
    arms = arms_without_hands(labels)
    limbs = parsed.mask | (labels == Label.LEGS) | arms
    kept = np.isin(labels, HEAD) | ((labels == Label.ARMS) & ~arms)
    hull = parsed.mask.astype(np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(hull)), 1)
    return {
        "clothes": parsed.mask,
        f"clothes grown {GROWN}": _near(parsed.mask, GROWN) & ~parsed.labels.where(*parsed.labels.protected),
        "clothes and limbs": limbs,
        f"clothes and limbs grown {GROWN}": _near(limbs, GROWN) & ~kept,
        "hull and limbs": (hull.astype(bool) | limbs) & ~kept,
        f"product, limbs, grown {GROWN}": stages.compose_mask(parsed, parsed.labels.clothing, GROWN, limbs=True),
        "whole photo": np.ones_like(parsed.mask),
    }


def _near(mask: np.ndarray, pixels: int) -> np.ndarray:
    size = 2 * pixels + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))).astype(bool)


def autoencoded(engine: Engine, photos: list[np.ndarray]) -> np.ndarray:
    """What an inpainter's autoencoder makes of photos of its own size, (N, H, W, 3) uint8."""
    with torch.inference_mode():
        return engine.sampler.decode(engine.latents(photos).to(engine.device))


def measure(
    makehuman: Path, photos: int, workers: int, *, bound_only: bool
) -> Mapping[str, Mapping[str, dict[str, float]]]:
    """Agreement by mask: of the painter without fault, the same autoencoded, and the embedded inpainter (not if `bound_only`)."""
    shots, found = test_shots(), dict[str, dict[str, list[tuple[str, str, bool]]]]()
    chosen = shots_to_paint(shots, photos)
    asked = other_outfits(chosen, shots)
    tasks = [(shot.path, shot.pid, outfits) for shot, outfits in zip(chosen, asked, strict=True)]
    made = list(each(partial(render_asked, makehuman, WorldPlan(SEED)), tasks, workers=workers))
    with tempfile.TemporaryDirectory() as home:
        session = stages.open_session(home)

        def read(name: str, painter: str, prompts: list[str], images: list[np.ndarray]) -> None:
            kept = found.setdefault(name, {}).setdefault(painter, [])
            for prompt, image in zip(prompts, images, strict=True):
                kept.extend(compared(prompt, session.captioner.caption(image, session.parser.parse(image))))

        for index, (shot, outfits, pictures) in enumerate(zip(chosen, asked, made, strict=True)):
            prompts, parsed = [text for _, text in outfits], stages.parse_photo(session, shot.photo)
            seeds = stages.variant_seeds(index, len(prompts))
            for name, mask in masks_of(parsed, pictures[0].labels).items():
                pasted = [np.where(mask[..., None], one.photo, shot.photo) for one in pictures[1:]]
                read(name, "without fault", prompts, pasted)
                coded = autoencoded(session.inpainter, pasted)
                kept = [np.where(mask[..., None], one, shot.photo) for one in coded]
                read(name, "autoencoded", prompts, kept)
                if not (mask.all() or bound_only):
                    variants = stages.paint(
                        session, shot.photo, mask, prompts, seeds, settings=FULL, person=parsed.box
                    )  # fmt: skip
                    read(name, "inpainter", prompts, [one.image for one in variants])
    return {name: {painter: shares(pairs) for painter, pairs in by.items()} for name, by in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--makehuman", type=Path, required=True, help="MakeHuman's asset folder, which holds base/")
    parser.add_argument("--photos", type=int, default=64, help="photos to paint, in four outfits each")
    parser.add_argument("--workers", type=int, default=2, help="processes that render")
    parser.add_argument(
        "--bound-only", action="store_true", help="leave out the embedded inpainter, which takes longest"
    )
    parser.add_argument("--json", action="store_true", help="one line instead of a table")
    args = parser.parse_args()
    found = measure(args.makehuman, args.photos, args.workers, bound_only=args.bound_only)
    if args.json:
        print(json.dumps(found))
        return
    for name, by in found.items():
        for painter, one in by.items():
            told = "  ".join(f"{key} {100 * one[key]:.1f}" for key in ("colour", "garment", "pattern"))
            print(f"{name:26}{painter:15}{told}")


if __name__ == "__main__":
    main()
