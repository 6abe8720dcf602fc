"""Sheets of variants beside their photos and prompts, for the documents: drawn by chance, and the worst of them.

    python -m tools.variant_sheets --out docs/pictures [--photos 24]
    python -m tools.variant_sheets --out FOLDER --folder PHOTOS

Everything is seeded; nothing is chosen by eye. `variants.jpg` shows the first photos drawn, `variants-worst.jpg` those variants
in which the captioner sees least of the prompt. `own.jpg` shows twelve photos drawn from a folder, each in an outfit of
`OUTFITS`, as who brings a photo to the Studio sees them.
"""

import argparse
import io
import tempfile
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dlcr import stages
from dlcr.core.errors import SettingError
from dlcr.core.files import write_bytes
from dlcr.core.images import EXTENSIONS, read_photo
from dlcr.core.values import Box
from dlcr.language.agreement import agreement
from tools.evaluate_embedded import FULL, Painted, paint_all, test_shots

WIDTH, HEIGHT, TEXT, GAP = 128, 256, 74, 8
ROWS = 4
OWN = 12
"""Photos of a folder of one's own on its sheet."""
OUTFITS = (
    "red t-shirt | blue jeans | white shoes", "green striped sweater | black trousers | brown boots",
    "yellow dress | white shoes", "navy coat | grey trousers | black shoes",
    "pink hoodie | light blue jeans | white shoes", "purple shirt | beige skirt | black boots",
)  # fmt: skip


def cell(image: np.ndarray, text: str) -> Image.Image:
    """A crop with its words below."""
    out = Image.new("RGB", (WIDTH, HEIGHT + TEXT), "white")
    out.paste(Image.fromarray(image).resize((WIDTH, HEIGHT)), (0, 0))
    lines = [line for item in text.split(" | ") for line in textwrap.wrap(item, 24)]
    ImageDraw.Draw(out).multiline_text(
        (2, HEIGHT + 3), "\n".join(lines[:6]), "black", ImageFont.load_default(10), spacing=1
    )
    return out


def grid(rows: list[list[Image.Image]]) -> Image.Image:
    """Cells side by side, rows below each other."""
    wide, high = WIDTH + GAP, HEIGHT + TEXT + GAP
    out = Image.new("RGB", (wide * max(map(len, rows)) - GAP, high * len(rows) - GAP), "white")
    for y, row in enumerate(rows):
        for x, one in enumerate(row):
            out.paste(one, (x * wide, y * high))
    return out


def write(image: Image.Image, path: Path) -> None:
    """JPEG, whole or not at all."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=74)
    write_bytes(path, buffer.getvalue())
    print(f"{path}: {len(buffer.getvalue()) // 1000} KB")


def chance_sheet(painted: list[Painted]) -> Image.Image:
    """Photos with their four variants, two photos a row."""
    cells = [
        [cell(one.photo, "photo"), *(cell(i, p) for i, p in zip(one.images, one.prompts, strict=True))]
        for one in painted
    ]
    return grid([cells[2 * i] + cells[2 * i + 1] for i in range(ROWS)])


def worst_sheet(session: stages.Session, painted: list[Painted]) -> Image.Image:
    """The variants with the lowest agreement, each after its photo, with what the captioner saw instead."""
    scored = []
    for index, one in enumerate(painted):
        for prompt, image in zip(one.prompts, one.images, strict=True):
            seen = session.captioner.caption(image, session.parser.parse(image))
            scored.append((agreement(prompt, seen) or 0.0, index, prompt, image, str(seen.outfit)))
    scored.sort(key=lambda entry: entry[:3])
    pairs = [
        [cell(painted[i].photo, "asked: " + prompt), cell(image, "seen: " + seen)]
        for _, i, prompt, image, seen in scored
    ]
    return grid([[one for pair in pairs[5 * row : 5 * row + 5] for one in pair] for row in range(ROWS // 2)])


def around(image: np.ndarray, person: Box) -> np.ndarray:
    """A photo (H, W, 3), cut to twice as high as wide round its person, at most to its edges."""
    tall = 1.1 * max(person.height, 2 * person.width)
    middle, rows = (person.x0 + person.x1) / 2, (person.y0 + person.y1) / 2
    x0, y0 = max(0, round(middle - tall / 4)), max(0, round(rows - tall / 2))
    return image[y0 : round(rows + tall / 2), x0 : round(middle + tall / 4)]


def own_sheet(session: stages.Session, folder: Path) -> Image.Image:
    """Photos of a folder, drawn by chance, each beside itself in another outfit; SettingError if there are too few."""
    files = sorted(file for file in folder.glob("*") if file.suffix.lower() in EXTENSIONS)
    if len(files) < OWN:
        raise SettingError(f"{folder} holds {len(files)} photos.", f"Give a folder with {OWN} or more.")
    cells = []
    for index, row in enumerate(np.random.default_rng(1).choice(len(files), OWN, replace=False)):
        photo, prompt = read_photo(files[row]), OUTFITS[index % len(OUTFITS)]
        parsed, seeds = stages.parse_photo(session, photo), stages.variant_seeds(index, 1)
        (made,) = stages.paint(session, photo, parsed.mask, [prompt], seeds, settings=FULL, person=parsed.box)
        cells += [cell(around(photo, parsed.box), "photo"), cell(around(made.image, parsed.box), prompt)]
    return grid([cells[start : start + 8] for start in range(0, len(cells), 8)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=24, help="photos to paint, four variants each; 8 at least")
    parser.add_argument("--folder", type=Path, help="a sheet of photos of one's own instead")
    args = parser.parse_args()
    if args.folder:
        with tempfile.TemporaryDirectory() as home:
            write(own_sheet(stages.open_session(home), args.folder), args.out / "own.jpg")
        return
    with tempfile.TemporaryDirectory() as home:
        session, shots = stages.open_session(home), test_shots()
        chosen = [shots[i] for i in np.random.default_rng(11).permutation(len(shots))[: max(8, args.photos)]]
        painted, _ = paint_all(session, chosen, shots, FULL)
        write(chance_sheet(painted), args.out / "variants.jpg")
        write(worst_sheet(session, painted), args.out / "variants-worst.jpg")


if __name__ == "__main__":
    main()
