"""Pack rendered crops and real street photos into arrays that every trainer reads.

    python -m tools.pack_corpus --world FOLDER --rendered FOLDER --ccp FOLDER --out FOLDER

World: shards of `python -m tools.world corpus`. Rendered: an earlier renderer's. Both are WebDataset tars of 128x256 `.jpg`, label
`.png` and `.json` with `text`. CCP (Yang, Luo, Lin, CVPR 2014): `photos/`, `labels/`, `label_names.json`. Each may be left out.
Several folders of a world may be given; crops that show a person in the same shot (`--alike` there) share a name in `shot`.
Held out: every eighth identity of the world, the rendered shards 05 and 11, every fifth CCP name in sorted order.
"""

import argparse
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

CLASSES = ("background", "hair", "face and skin", "hat and accessory", "upper", "lower", "dress", "shoes", "bag")
HELD_OUT_SHARDS = ("05", "11")
HEIGHT, WIDTH = 256, 128
LEAST = 0.01
"""Share of a crop that must be person."""

UPPER = (
    "blazer blouse bodysuit bra cape cardigan coat hoodie intimate jacket "
    "jumper shirt suit sweater sweatshirt swimwear t-shirt top vest"
).split()
LOWER = "jeans leggings panties pants shorts skirt stockings tights".split()
DRESS = "dress romper".split()
SHOES = "boots clogs flats heels loafers pumps sandals shoes socks sneakers wedges".split()
BAG = "bag purse wallet".split()
HAT = "hat scarf".split()
RGB = {
    "white": (0.93, 0.93, 0.92), "black": (0.1, 0.1, 0.1), "grey": (0.5, 0.5, 0.5), "light grey": (0.75, 0.75, 0.75),
    "red": (0.75, 0.12, 0.12), "dark red": (0.45, 0.07, 0.1), "navy": (0.12, 0.16, 0.3), "blue": (0.2, 0.35, 0.7),
    "light blue": (0.6, 0.75, 0.9), "green": (0.15, 0.5, 0.25), "olive": (0.4, 0.4, 0.22), "yellow": (0.92, 0.8, 0.2),
    "orange": (0.92, 0.5, 0.15), "pink": (0.93, 0.65, 0.72), "purple": (0.45, 0.22, 0.55), "brown": (0.42, 0.28, 0.18),
    "beige": (0.8, 0.72, 0.6), "teal": (0.1, 0.5, 0.52), "cream": (0.93, 0.89, 0.78),
}  # fmt: skip

Crop = tuple[np.ndarray, np.ndarray, str, bool, str, str]
"""Photo (256, 128, 3) and labels (256, 128) uint8, description, whether it is held out, where it is from, which shot it shares."""


def rendered_table(text: str) -> np.ndarray:
    """Lookup from the renderer's ten labels to CLASSES; its `dress or skirt` depends on the text."""
    skirt = 5 if "skirt" in text else 6
    return np.array([0, 1, 2, 2, 2, 4, 5, skirt, 7, 8], np.uint8)


WORLD_TABLE = np.array([0, 1, 2, 2, 2, 4, 5, 6, 7, 8, 3], np.uint8)
"""Lookup from the labels of `tools.world` to CLASSES."""


def ccp_table(names: list[str]) -> np.ndarray:
    """Lookup from CCP's 59 labels to CLASSES; small things not named above are accessories."""
    table = np.full(256, 3, np.uint8)
    groups = ((["null"], 0), (["hair"], 1), (["skin"], 2), (UPPER, 4), (LOWER, 5), (DRESS, 6), (SHOES, 7), (BAG, 8))
    for group, value in groups:
        for name in group:
            table[names.index(name)] = value
    return table


def read_shard(shard: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray, dict[str, Any]]]:
    """Yield (key, photo, raw labels, JSON) of every crop of a tar, in sorted order."""
    with tarfile.open(shard) as tar:
        files = {m.name: file.read() for m in tar if m.isfile() and (file := tar.extractfile(m))}
    for key in sorted({name.rsplit(".", 1)[0] for name in files}):
        photo = np.asarray(Image.open(io.BytesIO(files[key + ".jpg"])).convert("RGB"))
        yield key, photo, np.asarray(Image.open(io.BytesIO(files[key + ".png"]))), json.loads(files[key + ".json"])


def read_world(folder: Path) -> Iterator[Crop]:
    """Yield (photo, labels, text, held_out, source, shot) of every crop of the present renderer."""
    for shard in sorted(folder.glob("*.tar")):
        for key, photo, raw, told in read_shard(shard):
            yield photo, WORLD_TABLE[raw], told["text"], told["identity"] % 8 == 7, f"{shard.stem}/{key}", _shot(told)


def _shot(told: dict[str, Any]) -> str:
    return f"{told['identity']}/{told['shot']}" if "shot" in told else ""


def read_rendered(folder: Path) -> Iterator[Crop]:
    """Yield (photo, labels, text, held_out, source, no shot) of every crop of the earlier renderer."""
    for shard in sorted(folder.glob("*.tar")):
        held_out = shard.stem.rsplit("-", 1)[-1] in HELD_OUT_SHARDS
        for key, photo, raw, told in read_shard(shard):
            yield photo, rendered_table(told["text"])[raw], told["text"], held_out, f"{shard.stem}/{key}", ""


def person_box(labels: np.ndarray) -> tuple[int, int, int, int] | None:
    """Box (x0, y0, x1, y1) of everything labelled, 6 % larger, at one half as wide as high; None for an empty map."""
    ys, xs = np.where(labels > 0)
    if len(ys) < 500:
        return None
    height, width = (ys.max() - ys.min()) * 1.06, (xs.max() - xs.min()) * 1.05
    height = max(height, 2 * width)
    cy, cx = (ys.min() + ys.max()) / 2, (xs.min() + xs.max()) / 2
    return int(cx - height / 4), int(cy - height / 2), int(cx + height / 4), int(cy + height / 2)


def ccp_text(photo: np.ndarray, raw: np.ndarray, names: list[str]) -> str:
    """`colour garment` of the largest upper, lower, dress, shoe and hat label, colours by nearest median."""
    keys, items = list(RGB), []
    values = np.array([RGB[k] for k in keys])
    for group in (UPPER, LOWER, DRESS, SHOES, HAT):
        area, name = max((int((raw == names.index(n)).sum()), n) for n in group if n != "socks")
        if area > 120:
            colour = np.median(photo[raw == names.index(name)], axis=0) / 255
            items.append(f"{keys[int(((values - colour) ** 2).sum(1).argmin())]} {name}")
    return " | ".join(items)


def read_ccp(folder: Path) -> Iterator[Crop]:
    """Yield (photo, labels, text, held_out, source, no shot) of every CCP photo with labels, cropped to the person."""
    names = json.loads((folder / "label_names.json").read_text())
    table = ccp_table(names)
    for index, path in enumerate(sorted((folder / "photos").glob("*.jpg"))):
        photo = np.asarray(Image.open(path).convert("RGB"))
        raw = np.asarray(Image.open(folder / "labels" / f"{path.stem}.png"))
        box = person_box(raw)
        if box is None:
            continue
        pad = max(photo.shape)
        size = (WIDTH, HEIGHT)
        shifted = tuple(v + pad for v in box)
        big = Image.fromarray(np.pad(photo, ((pad, pad), (pad, pad), (0, 0)), mode="edge"))
        crop = np.asarray(big.crop(shifted).resize(size, Image.Resampling.LANCZOS))
        label = np.asarray(Image.fromarray(np.pad(raw, pad)).crop(shifted).resize(size, Image.Resampling.NEAREST))
        yield crop, table[label], ccp_text(photo, raw, names), index % 5 == 4, f"ccp/{path.stem}", ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", type=Path, nargs="+", default=[], help="folders of shards of tools.world")
    parser.add_argument("--rendered", type=Path, help="shards of the earlier renderer")
    parser.add_argument("--ccp", type=Path, help="Clothing Co-Parsing")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    readers = (
        *((read_world, folder) for folder in args.world), (read_rendered, args.rendered), (read_ccp, args.ccp)
    )  # fmt: skip
    found = [row for read, folder in readers if folder for row in read(folder)]
    rows = [row for row in found if (row[1] > 0).mean() > LEAST]
    if not rows:
        parser.error("nothing to pack: give --world, --rendered or --ccp")
    np.save(args.out / "photos.npy", np.stack([r[0] for r in rows]))
    np.save(args.out / "labels.npy", np.stack([r[1] for r in rows]))
    held_out = [bool(r[3]) for r in rows]
    meta = {
        "classes": CLASSES,
        "text": [r[2] for r in rows],
        "held_out": held_out,
        "source": [r[4] for r in rows],
        "shot": [r[5] for r in rows],
    }
    (args.out / "meta.json").write_text(json.dumps(meta))
    print(f"{len(rows)} crops, {sum(held_out)} held out, {len(found) - len(rows)} show nobody -> {args.out}")


if __name__ == "__main__":
    main()
