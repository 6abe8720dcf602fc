"""Every figure of the embedded world and the embedded models, measured on people that no model was trained on.

    python -m tools.evaluate_embedded [--json] [--corpus CORPUS] [--photos 64] [--only world,parser,captioner,inpainter]

World, captioner and inpainter need nothing but the repository; the parser's figures need exact labels, hence the packed corpus
(`tools.pack_corpus`). Prompts are the true descriptions of other people's outfits; what a variant shows is what the
embedded captioner says of it, so the captioner's own mistakes count against the inpainter.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dlcr import data, stages
from dlcr.core.images import read_photo
from dlcr.core.profiles import PROFILES
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Caption
from dlcr.inpaint.seam import edge_energy
from dlcr.language.agreement import NEARLY
from dlcr.language.garments import Garment, read_garment
from dlcr.reid.backbone import features, load_trunk

PARTS = ("world", "parser", "captioner", "inpainter")
SLOTS = ("upper", "lower")
ASPECTS = ("colour", "garment", "pattern")
GROWN = 4
"""Pixels by which the mask with bare arms and legs is grown."""
FULL = PaintSettings()
FAST = PaintSettings(**PROFILES["fast"].paint).model_copy(update={"batch": 4})
"""The profile `fast`, in batches of one photo's four variants."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One test picture of the embedded world and what its person truly wears."""

    path: str
    photo: np.ndarray
    pid: int
    letter: str
    description: str


def test_shots() -> list[Shot]:
    """The world's test people, sorted by path."""
    root = data.world_root()
    table = pd.read_parquet(root / "attributes.parquet").sort_values("path")
    table = table[table["path"].str.contains("rgb/test/")]
    return [
        Shot(str(row.path), read_photo(root / row.path), int(row.pid), str(row.letter), str(row.description))
        for row in table.itertuples(index=False)
    ]


def garments_of(text: str) -> dict[str, Garment]:
    """Slot -> the first garment of a description in that slot."""
    found = [garment for garment in map(read_garment, text.split(" | ")) if garment]
    return {garment.slot: garment for garment in reversed(found)}


def compared(asked: str, seen: Caption) -> Iterator[tuple[str, str, bool]]:
    """(slot, aspect, right) of what was asked for upper and lower body, or the dress; near synonyms are right."""
    worn = garments_of(" | ".join(seen.outfit.items))
    for slot, garment in garments_of(asked).items():
        if slot not in (*SLOTS, "dress"):
            continue
        other = worn.get(slot)
        yield slot, "colour", other is not None and other.colour == garment.colour
        same = other is not None and (
            other.garment == garment.garment or frozenset((other.garment, garment.garment)) in NEARLY
        )
        yield slot, "garment", same
        yield slot, "pattern", other is not None and (other.pattern or "plain") == (garment.pattern or "plain")
        if garment.pattern not in (None, "plain"):
            yield slot, "pattern of patterned", other is not None and other.pattern == garment.pattern


def shares(pairs: list[tuple[str, str, bool]]) -> dict[str, float]:
    """Share of right answers by aspect (upper, lower and dress pooled) and by slot and aspect."""
    table = pd.DataFrame(pairs, columns=["slot", "aspect", "right"])
    whole = table.groupby("aspect")["right"].mean()
    parts = table.groupby(["slot", "aspect"])["right"].mean()
    named = {f"{slot} {aspect}": value for (slot, aspect), value in parts.items()}
    return {key: round(float(value), 4) for key, value in {**whole.to_dict(), **named}.items()}


def world_figures() -> dict:
    """How far clothes alone identify people: rank-1 of a colour histogram, same clothes (B to A) and changed (C to A)."""
    from tools.world.histogram import measure

    root = data.world_root()
    found = {"ellipse": measure(root), "whole_crop": measure(root, whole=True)}
    return {name: {key: round(value, 4) for key, value in asdict(one).items()} for name, one in found.items()}


def parser_figures(corpus: Path | None) -> dict | None:
    """Clothing IoU and mIoU of the raw network on the corpus' held-out crops, and seconds a photo."""
    if corpus is None:
        return None
    from dlcr.parsing.segmenter import load_demo
    from tools.train_parser import Corpus, scores

    packed, parser = Corpus.open(corpus), load_demo(device="cpu")
    rows = {
        name: np.flatnonzero(packed.held_out & (packed.real == flag))
        for name, flag in (("rendered", False), ("ccp", True))
    }
    found = {name: scores(parser, packed, index) for name, index in rows.items()}
    start = time.perf_counter()
    for row in rows["rendered"][:40]:
        parser.parse(np.array(packed.photos[row]))
    return {**found, "seconds_a_photo": round((time.perf_counter() - start) / 40, 4)}


def captioner_figures(session: stages.Session, shots: list[Shot]) -> dict:
    """Right answers on regions as the embedded parser predicts them; a missed garment is wrong in all it would say."""
    pairs, seconds = [], 0.0
    for shot in shots:
        labels = session.parser.parse(shot.photo)
        start = time.perf_counter()
        seen = session.captioner.caption(shot.photo, labels)
        seconds += time.perf_counter() - start
        pairs += [(slot, aspect, right) for slot, aspect, right in strictly(shot.description, seen)]
    return {"photos": len(shots), **shares(pairs), "seconds_a_photo": round(seconds / len(shots), 4)}


def strictly(truth: str, seen: Caption) -> Iterator[tuple[str, str, bool]]:
    """As `compared`, but only the very word is right."""
    worn = garments_of(" | ".join(seen.outfit.items))
    for slot, garment in garments_of(truth).items():
        if slot in (*SLOTS, "dress"):
            other = worn.get(slot)
            yield slot, "colour", other is not None and other.colour == garment.colour
            yield slot, "garment", other is not None and other.garment == garment.garment
            yield slot, "pattern", other is not None and (other.pattern or "plain") == (garment.pattern or "plain")


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """One photo, its mask, its protected region, and its variants with their prompts."""

    photo: np.ndarray
    mask: np.ndarray
    protected: np.ndarray
    prompts: list[str]
    images: list[np.ndarray]


def shots_to_paint(shots: list[Shot], photos: int) -> list[Shot]:
    """So many of the shots, drawn by seed."""
    return [shots[i] for i in np.random.default_rng(3).permutation(len(shots))[:photos]]


def other_outfits(shots: list[Shot], wardrobe: list[Shot]) -> list[list[tuple[int, str]]]:
    """Four outfits of other people of the wardrobe for each shot, drawn by seed: whose it is and its description."""
    rng, outfits = np.random.default_rng(7), sorted({(shot.pid, shot.description) for shot in wardrobe})
    others = [[one for one in outfits if one[0] != shot.pid] for shot in shots]
    return [[found[i] for i in rng.choice(len(found), 4, replace=False)] for found in others]


def paint_all(
    session: stages.Session, shots: list[Shot], wardrobe: list[Shot], settings: PaintSettings, *, limbs: bool = False
) -> tuple[list[Painted], float]:
    """Each shot in four outfits of other people of the wardrobe; seconds of painting alone.

    The mask is the product's own of the clothes; with `limbs` the one that the mask editor offers for other kinds of garments: of
    bare arms and legs too, grown by GROWN.
    """
    out, seconds = [], 0.0
    for index, (shot, outfits) in enumerate(zip(shots, other_outfits(shots, wardrobe), strict=True)):
        prompts = [text for _, text in outfits]
        parsed = stages.parse_photo(session, shot.photo)
        mask = stages.compose_mask(parsed, parsed.labels.clothing, GROWN, limbs=True) if limbs else parsed.mask
        start = time.perf_counter()
        made = stages.paint(
            session,
            shot.photo,
            mask,
            prompts,
            stages.variant_seeds(index, 4),
            settings=settings,
            person=parsed.box,
        )
        seconds += time.perf_counter() - start
        head = parsed.labels.where(*parsed.labels.protected)
        out.append(Painted(shot.photo, mask, head, prompts, [variant.image for variant in made]))
    return out, seconds


def prompt_agreement(session: stages.Session, painted: list[Painted]) -> dict[str, float]:
    """What the captioner sees of what was asked."""
    pairs = [
        pair
        for one in painted
        for prompt, image in zip(one.prompts, one.images, strict=True)
        for pair in compared(prompt, session.captioner.caption(image, session.parser.parse(image)))
    ]
    return shares(pairs)


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Frechet distance of two sets of features (N, D) as Gaussians (Heusel et al. 2017); eigenvalues instead of sqrtm."""
    sa, sb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    cross = np.linalg.eigvals(sa @ sb).real.clip(0)
    mean = a.mean(0) - b.mean(0)
    return float(mean @ mean + np.trace(sa) + np.trace(sb) - 2 * np.sqrt(cross).sum())


def inpainter_figures(session: stages.Session, shots: list[Shot], photos: int) -> dict:
    """Prompt agreement, distance to real crops, seams, bytes outside the mask, speed, and the price of few steps."""
    chosen = shots_to_paint(shots, photos)
    painted, seconds = paint_all(session, chosen, shots, FULL)
    fast, fast_seconds = paint_all(session, chosen, shots, FAST)
    wide, _ = paint_all(session, chosen, shots, FULL, limbs=True)
    trunk, rng = load_trunk("cpu"), np.random.default_rng(5)
    variants = features(trunk, [image for one in painted for image in one.images])
    real = features(trunk, [shots[i].photo for i in rng.permutation(len(shots))])
    size = min(len(real) // 2, len(variants))
    halves = frechet(real[:size], real[size : 2 * size])
    distance = frechet(variants[rng.permutation(len(variants))[:size]], real[:size])
    edges = [
        (edge_energy(image, one.mask), edge_energy(one.photo, one.mask)) for one in painted for image in one.images
    ]
    outside = max(int((i != one.photo)[~one.mask].any()) for one in painted for i in one.images)
    head = max(int((i != one.photo)[one.protected].any()) for one in painted for i in one.images)
    agreement, quick = prompt_agreement(session, painted), prompt_agreement(session, fast)
    return {
        "variants": 4 * len(chosen), "agreement": agreement, "agreement_with_limbs": prompt_agreement(session, wide),
        "frechet": round(distance, 4), "frechet_of_halves": round(halves, 4),
        "frechet_ratio": round(distance / halves, 2), "features_compared": size,
        "outside_changed": outside, "head_changed": head,
        "edge_energy_ratio": round(float(np.mean([a for a, _ in edges]) / np.mean([b for _, b in edges])), 3),
        "seconds_for_four": round(seconds / len(chosen), 2),
        "few_steps": {
            "steps": FAST.steps, "agreement": quick, "variants_per_second": round(4 * len(chosen) / fast_seconds, 2),
            "points_lost": {key: round(100 * (agreement[key] - quick[key]), 1) for key in ASPECTS},
        },
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="packed corpus with exact labels, for the parser's figures")
    parser.add_argument("--photos", type=int, default=64, help="photos to paint, four variants each")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--json", action="store_true", help="one line instead of an indented text")
    args = parser.parse_args()
    wanted = args.only.split(",")
    if set(wanted) - set(PARTS):
        parser.error(f"--only takes {', '.join(PARTS)}")
    found: dict = {"cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as home:
        session, shots = stages.open_session(home), test_shots()
        if "world" in wanted:
            found["world"] = world_figures()
        if "parser" in wanted:
            found["parser"] = parser_figures(args.corpus)
        if "captioner" in wanted:
            found["captioner"] = captioner_figures(session, shots)
        if "inpainter" in wanted:
            found["inpainter"] = inpainter_figures(session, shots, args.photos)
    print(json.dumps(found, indent=None if args.json else 1))


if __name__ == "__main__":
    main()
