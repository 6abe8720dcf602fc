"""Train the embedded captioner's head on regions of the packed corpus, seen through the embedded parser's encoder.

    python -m tools.train_captioner --corpus CORPUS --out FOLDER [--limit 6000]

The corpus' texts say colour, garment and pattern of each slot. Every crop is read twice, with its true labels and with
those the embedded parser predicts, so that the head learns to live with the parser's mistakes.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from dlcr.core.files import write_bytes, write_json
from dlcr.language.captioner import (
    ENCODER,
    GARMENTS,
    GRID,
    WIDTH_IN,
    Head,
    RegionReader,
    person_crop,
    skin_of,
    visible_regions,
)
from dlcr.language.garments import COLOUR_NAMES, PATTERNS, SLOTS, read_garment
from dlcr.parsing import load_parser
from tools.pack_corpus import CLASSES

NAMES = ("colour", "garment", "pattern")
NOISE, SMOOTHING = 0.5, 0.05
"""Noise of the features, in their own spread, and smoothing of colours and patterns, whose words are neighbours: with less of
either the head learns the training crops by heart."""
CARD = """# captioner-demo: the embedded captioner's head

Reads colour (19 words), garment ({garments} words) and pattern ({patterns} words) of each parsed region from features of
parser-demo's encoder averaged over the region and from the region's colours. Three linear layers, {parameters:.2f} M
parameters, fp16.

Right answers on held-out crops, regions **as the embedded parser predicts them** (a slot it misses counts as wrong):

| held out | slot | regions | colour | garment | pattern |
|---|---|---|---|---|---|
{rows}

- **Data**: the texts of {crops} training crops: rendered for this project, and Clothing Co-Parsing (Apache-2.0), whose
  colours are the nearest of 19 to the region's median, hence themselves uncertain, and whose patterns are not annotated.
- **Training**: `{command}`, {minutes:.0f} minutes on {device}.
- **Limits**: one garment a slot (a shirt under a jacket is not named); neighbouring colours (white / cream, navy / black)
  and kinds that differ in cut only (t-shirt / blouse, trousers / suit trousers) are confused; on real photos expect
  clearly worse than on rendered ones.
"""


def targets(text: str) -> dict[str, tuple[int, int, int]]:
    """Slot -> indices of colour, garment and pattern; -1 where the text does not say. The first item of a slot counts."""
    out: dict[str, tuple[int, int, int]] = {}
    for garment in filter(None, map(read_garment, text.split(" | "))):
        colour = COLOUR_NAMES.index(garment.colour) if garment.colour else -1
        pattern = PATTERNS.index(garment.pattern) if garment.pattern else -1
        out.setdefault(garment.slot, (colour, GARMENTS.index(garment.garment), pattern))
    return out


def read_crops(args: argparse.Namespace, rows: np.ndarray, texts: list[str], real: np.ndarray) -> dict[str, np.ndarray]:
    """Features and targets of every region of the crops, true and predicted; a slot the parser misses has row -1 features."""
    photos, labels = (np.load(args.corpus / f"{name}.npy", mmap_mode="r") for name in ("photos", "labels"))
    parser, reader = load_parser("demo", args.device), RegionReader(ENCODER, args.device)
    out: dict[str, list] = {key: [] for key in ("x", "y", "slot", "real", "predicted", "missed")}
    start = time.monotonic()
    for done, row in enumerate(rows):
        wanted = targets(texts[row])
        for predicted in (False, True):
            photo = np.array(photos[row])
            found = parser.parse(photo).map if predicted else np.array(labels[row])
            crop, small = person_crop(photo, found)
            regions = [pair for pair in visible_regions(small, CLASSES) if pair[0] in wanted]
            features = (
                reader.read(crop, regions, skin_of(small, CLASSES)) if regions else np.zeros((0, WIDTH_IN), np.float32)
            )
            entries = [(slot, feature, False) for (slot, _), feature in zip(regions, features, strict=True)]
            if predicted:
                seen = {slot for slot, _ in regions}
                entries += [(slot, np.zeros(WIDTH_IN, np.float32), True) for slot in wanted if slot not in seen]
            for slot, feature, missed in entries:
                colour, garment, pattern = wanted[slot]
                out["x"].append(feature)
                out["y"].append(
                    (colour, garment, -1 if real[row] or slot in ("shoes", "bag", "hat and accessory") else pattern)
                )
                out["slot"].append(list(SLOTS).index(slot))
                out["real"].append(real[row])
                out["predicted"].append(predicted)
                out["missed"].append(missed)
        if done % 500 == 0:
            print(f"read {done} of {len(rows)}, {time.monotonic() - start:.0f} s", flush=True)
    return {key: np.array(value) for key, value in out.items()}


def allowed(slot: torch.Tensor) -> torch.Tensor:
    """(N,) slots -> (N, garments) 0 where the slot may wear the garment, else -1e4."""
    table = torch.full((len(SLOTS), len(GARMENTS)), -1e4)
    for i, garments in enumerate(SLOTS.values()):
        for garment in garments:
            table[i, GARMENTS.index(garment)] = 0
    return table[slot]


def mirrored() -> torch.Tensor:
    """(WIDTH_IN,) which number stands at each place of a mirrored crop's: only the outlines know left from right."""
    cells = GRID[0] * GRID[1]
    places = torch.arange(WIDTH_IN)
    first = WIDTH_IN - len(SLOTS) - 2 * cells
    for start in (first, first + cells):
        places[start : start + cells] = torch.arange(start, start + cells).reshape(GRID).flip(1).reshape(-1)
    return places


def fit(data: dict[str, np.ndarray], epochs: int) -> Head:
    """AdamW with a cosine pace over all regions that were seen, as they are or mirrored; real crops weigh twice."""
    torch.manual_seed(0)
    keep = ~data["missed"]
    x, y, slot = (torch.from_numpy(data[key][keep]) for key in ("x", "y", "slot"))
    weight = torch.from_numpy(np.where(data["real"][keep], 2.0, 1.0)).float()
    head, mirror = Head(), mirrored()
    head.mean.copy_(x.mean(0))
    head.scale.copy_(x.std(0) + 1e-3)
    optimiser = torch.optim.AdamW(head.parameters(), lr=1.5e-3, weight_decay=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for epoch in range(epochs):
        total = 0.0
        for index in torch.split(torch.randperm(len(x)), 256):
            seen = x[index][:, mirror] if torch.rand(()) < 0.5 else x[index]
            noisy = seen + NOISE * head.scale * torch.randn_like(seen)
            colour, garment, pattern = head(noisy)
            answers = (colour, garment + allowed(slot[index]), pattern)
            losses = [
                F.cross_entropy(a, y[index, i], ignore_index=-1, reduction="none", label_smoothing=s)
                for i, (a, s) in enumerate(zip(answers, (SMOOTHING, 0.0, SMOOTHING), strict=True))
            ]
            loss = (sum(losses) * weight[index]).mean()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            total += loss.item() * len(index)
        schedule.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1} loss {total / len(x):.4f}", flush=True)
    return head.eval()


def accuracy(head: Head, data: dict[str, np.ndarray]) -> dict[str, dict]:
    """Share of right answers by source and slot, on predicted regions."""
    out: dict[str, dict] = {}
    with torch.inference_mode():
        slots = torch.from_numpy(data["slot"])
        colour, garment, pattern = head(torch.from_numpy(data["x"]))
        best = torch.stack([colour.argmax(1), (garment + allowed(slots)).argmax(1), pattern.argmax(1)], 1).numpy()
    for name, flag in (("rendered", False), ("ccp", True)):
        for index, slot in enumerate(SLOTS):
            where = data["predicted"] & (data["real"] == flag) & (data["slot"] == index)
            if not where.any():
                continue
            figures: dict[str, int | float | None] = {"regions": int(where.sum())}
            for i, what in enumerate(NAMES):
                said = where & (data["y"][:, i] >= 0)
                right = (best[said, i] == data["y"][said, i]) & ~data["missed"][said]
                figures[what] = round(float(right.mean()), 4) if said.any() else None
            out[f"{name} {slot}"] = figures
    return out


def cell(value: float | None) -> str:
    """A share of right answers in the card's table."""
    return "not annotated" if value is None else f"{value:.3f}"


def export(head: Head, figures: dict[str, dict], args: argparse.Namespace, crops: int, minutes: float) -> None:
    args.out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().contiguous() for k, v in head.state_dict().items()}, args.out / "model.safetensors")
    write_json(
        args.out / "config.json",
        {"colours": COLOUR_NAMES, "garments": GARMENTS, "patterns": PATTERNS, "held_out": figures},
    )
    rows = [
        f"| {key.replace(' ', ' | ', 1)} | {f['regions']} | {cell(f['colour'])} | {cell(f['garment'])} | {cell(f['pattern'])} |"
        for key, f in figures.items()
    ]
    card = CARD.format(
        garments=len(GARMENTS), patterns=len(PATTERNS),
        parameters=sum(p.numel() for p in head.parameters()) / 1e6, rows="\n".join(rows), crops=crops,
        command=f"python -m tools.train_captioner --corpus CORPUS --out FOLDER --limit {args.limit}", minutes=minutes,
        device="CPU cores shared with another training" if args.device == "cpu" else args.device,
    )  # fmt: skip
    write_bytes(args.out / "README.md", card.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of tools.pack_corpus")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=6000, help="rendered training crops to read")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    start = time.monotonic()
    meta = json.loads((args.corpus / "meta.json").read_text())
    real, held_out = np.array([s.startswith("ccp/") for s in meta["source"]]), np.array(meta["held_out"])
    rendered = np.random.default_rng(0).permutation(np.flatnonzero(~held_out & ~real))[: args.limit]
    train = np.sort(np.concatenate([rendered, np.flatnonzero(~held_out & real)]))
    head = fit(read_crops(args, train, meta["text"], real), args.epochs).half().float()
    test = np.flatnonzero(held_out)
    test = np.concatenate([test[real[test]], test[~real[test]][::3]])
    figures = accuracy(head, read_crops(args, test, meta["text"], real))
    export(head, figures, args, len(train), (time.monotonic() - start) / 60)
    print(json.dumps(figures, indent=1), flush=True)


if __name__ == "__main__":
    main()
