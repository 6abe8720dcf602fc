"""Train the embedded captioner's network on regions of the packed corpus, seen through the embedded parser.

    python -m tools.train_captioner --corpus CORPUS --work FOLDER --out FOLDER [--minutes 60] [--start FILE]

`--start` takes the first weights from an earlier captioner's `model.safetensors`.
The corpus' texts say colour, garment and pattern of each slot. Crops and regions are those that the embedded parser finds, so that
the network learns to live with its mistakes. What it finds is kept in `--work`, in parts that a grown corpus uses again.
"""

import argparse
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from dlcr.core.files import make_folder, write_bytes, write_json
from dlcr.language.captioner import ENCODER, Captioner, network_of, person_crop, skin_of, visible_regions
from dlcr.language.garments import COLOUR_NAMES, PATTERNS, SLOTS, read_garment
from dlcr.language.regions import GARMENTS, GRID, SEEN, TOLD, Encoder, RegionNet, Regions, as_input, told
from dlcr.parsing.segmenter import load_demo
from tools.pack_corpus import CLASSES
from tools.trainer import NetworkTrainer, add_ema, add_options, mixed

NAMES = ("colour", "garment", "pattern")
SLOT_NAMES = list(SLOTS)
PART = 500
"""Crops a file of what the parser finds."""
BATCH = 96
SELDOM = 0.35
"""How often shoes, bags and hats are drawn, against clothes."""
REAL = 3.0
"""The same of regions of street photos, which are few."""
NOISE, SMOOTHING = 0.5, 0.05
"""Noise of the numbers, in their own spread, and smoothing of colours and patterns, whose words are neighbours: with less of
either the network learns the training crops by heart."""
CARD = """# captioner-demo: the embedded captioner's network

Reads colour (19 words), garment ({garments} words) and pattern ({patterns} words) of each parsed region. Convolutions see the crop,
features of parser-demo's encoder and the region's outline; means of features, colours and outlines join them as numbers.
{parameters:.2f} M parameters, fp16.

Right answers on held-out crops, regions **as the embedded parser predicts them** (a slot it misses counts as wrong):

| held out | slot | regions | colour | garment | pattern |
|---|---|---|---|---|---|
{rows}

- **Start**: {start}.
- **Data**: the texts of {crops} training crops: rendered for this project, and Clothing Co-Parsing (Apache-2.0), whose
  colours are the nearest of 19 to the region's median, hence themselves uncertain, and whose patterns are not annotated.
- **Training**: `{command}`,
  {steps} steps of {batch} regions on {device}.
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


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the parser and its encoder find in n crops, and what is true of the m regions wanted there.

    `photos` (n, 256, 128, 3) uint8, `labels` (n, 256, 128) uint8, `levels` (n, C, h, w) float16 each; of a region `crop`, `slot`,
    `told` (TOLD,) float32, `truth` (3,) words, `real` (of a street photo) and `missed` (the parser does not see it).
    """

    photos: np.ndarray
    labels: np.ndarray
    levels: tuple[np.ndarray, ...]
    crop: np.ndarray
    slot: np.ndarray
    told: np.ndarray
    truth: np.ndarray
    real: np.ndarray
    missed: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """By name, as a file keeps them."""
        own = {name: getattr(self, name) for name in self.__slots__ if name != "levels"}
        return own | {f"level{i}": level for i, level in zip(SEEN, self.levels, strict=True)}

    @classmethod
    def joined(cls, parts: list["Found"]) -> "Found":
        """All parts as one."""
        starts = np.cumsum([0, *(len(part.photos) for part in parts)])
        whole = {
            n: np.concatenate([getattr(p, n) for p in parts]) for n in cls.__slots__ if n not in ("levels", "crop")
        }
        levels = tuple(np.concatenate(level) for level in zip(*(part.levels for part in parts), strict=True))
        crop = np.concatenate([part.crop + start for part, start in zip(parts, starts, strict=False)])
        return cls(levels=levels, crop=crop, **whole)


class Finder:
    """Looks at crops of a corpus as the product does, in parts that are kept."""

    def __init__(self, corpus: Path, work: Path, device: str):
        self.photos = np.load(corpus / "photos.npy", mmap_mode="r")
        meta = json.loads((corpus / "meta.json").read_text())
        self.texts, self.source = meta["text"], meta["source"]
        self.real, self.held_out = np.array([s.startswith("ccp/") for s in self.source]), np.array(meta["held_out"])
        self.parser, self.encoder = load_demo(device=device), Encoder(ENCODER, device)
        self.folder = make_folder(work / "found")
        self.seed = hashlib.sha256(ENCODER.read_bytes() + Path(told.__code__.co_filename).read_bytes()).hexdigest()

    def found(self, rows: np.ndarray) -> Found:
        """Of the given rows of the corpus."""
        parts = []
        for start in range(0, len(rows), PART):
            parts.append(self._part(rows[start : start + PART]))
            print(f"read {start + len(parts[-1].photos)} of {len(rows)} crops", flush=True)
        return Found.joined(parts)

    def _part(self, rows: np.ndarray) -> Found:
        named = json.dumps([self.seed, [(self.source[row], self.texts[row]) for row in rows]])
        file = self.folder / f"{hashlib.sha256(named.encode()).hexdigest()[:24]}.npz"
        if not file.exists():
            buffer = io.BytesIO()
            np.savez(buffer, **self._look(rows).arrays())  # type: ignore[arg-type]  # its flag allow_pickle
            write_bytes(file, buffer.getvalue())
        with np.load(file) as kept:
            levels = tuple(kept[f"level{i}"] for i in SEEN)
            return Found(levels=levels, **{name: kept[name] for name in kept if not name.startswith("level")})

    def _look(self, rows: np.ndarray) -> Found:
        out: dict[str, list] = {name: [] for name in Found.__slots__ if name != "levels"}
        levels: list[list[np.ndarray]] = [[] for _ in SEEN]
        for start in range(0, len(rows), 20):
            photos = [np.array(self.photos[row]) for row in rows[start : start + 20]]
            with mixed(self.parser.device):  # labels do not need more
                parsed = self.parser.parse_all(photos)
            cuts = [person_crop(photo, one.map) for photo, one in zip(photos, parsed, strict=True)]
            seen = self.encoder.levels(np.stack([crop for crop, _ in cuts]))
            for place, (crop, small) in enumerate(cuts):
                row, mine = rows[start + place], [level[place] for level in seen]
                for name, values in self._regions(row, crop, small, mine).items():
                    out[name] += [len(out["photos"])] * len(values) if name == "crop" else list(values)
                out["photos"].append(crop)
                out["labels"].append(small)
                for kept, i in zip(levels, SEEN, strict=True):
                    kept.append(mine[i].astype(np.float16))
        return Found(levels=tuple(map(np.stack, levels)), **{name: np.array(values) for name, values in out.items()})

    def _regions(self, row: int, crop: np.ndarray, small: np.ndarray, levels: list[np.ndarray]) -> dict[str, list]:
        wanted = targets(self.texts[row])
        regions = [pair for pair in visible_regions(small, CLASSES) if pair[0] in wanted]
        numbers = told(crop, levels, regions, skin_of(small, CLASSES)) if regions else np.zeros((0, TOLD), np.float32)
        missed = [slot for slot in wanted if slot not in {slot for slot, _ in regions}]
        slots = [slot for slot, _ in regions] + missed
        count = len(slots)
        return {
            "crop": [0] * count, "slot": [SLOT_NAMES.index(slot) for slot in slots],
            "told": [*numbers, *np.zeros((len(missed), TOLD), np.float32)],
            "truth": [_truth(slot, wanted[slot], self.real[row]) for slot in slots],
            "real": [self.real[row]] * count, "missed": [slot in missed for slot in slots],
        }  # fmt: skip


def _truth(slot: str, said: tuple[int, int, int], real: bool) -> tuple[int, int, int]:
    """Patterns of street photos and of small things are not annotated."""
    colour, garment, pattern = said
    return colour, garment, -1 if real or slot in ("shoes", "bag", "hat and accessory") else pattern


def mirrored() -> torch.Tensor:
    """(TOLD,) which number stands at each place of a mirrored crop's: only the outlines know left from right."""
    cells = GRID[0] * GRID[1]
    places = torch.arange(TOLD)
    first = TOLD - len(SLOTS) - 2 * cells
    for start in (first, first + cells):
        places[start : start + cells] = torch.arange(start, start + cells).reshape(GRID).flip(1).reshape(-1)
    return places


def regions_of(found: Found, index: np.ndarray, device: str) -> Regions:
    """The given regions for the network."""
    crop = found.crop[index]
    labels = found.labels[crop]
    places = np.array([CLASSES.index(slot) for slot in SLOT_NAMES])[found.slot[index]]
    skin = np.stack([skin_of(one, CLASSES) for one in labels])
    outlines = np.stack([labels == places[:, None, None], skin], 1).astype(np.float32)
    pictures = [as_input(found.photos[crop]), *(torch.from_numpy(level[crop]).float() for level in found.levels)]
    pictures.append(torch.from_numpy(outlines))
    photo, *levels, outlined = (one.to(device, memory_format=torch.channels_last) for one in pictures)
    return Regions(photo, tuple(levels), outlined, torch.from_numpy(found.told[index]).to(device))


class Trainer(NetworkTrainer):
    """The network and its run; the moving average is what is shipped."""

    def __init__(self, args: argparse.Namespace):
        self.device = args.device
        self.finder = Finder(args.corpus, args.work, args.device)
        real, held_out = self.finder.real, self.finder.held_out
        self.rows = [np.flatnonzero(~held_out & (real == flag)) for flag in (False, True)]
        self.found = Found.joined([self.finder.found(rows) for rows in self.rows if len(rows)])
        self.seen = np.flatnonzero(~self.found.missed)
        clothes = np.isin(self.found.slot, [SLOT_NAMES.index(slot) for slot in ("upper", "lower", "dress")])
        chance = np.where(clothes, 1, SELDOM) * np.where(self.found.real, REAL, 1)
        self.chance = chance[self.seen] / chance[self.seen].sum()
        self.mirror = mirrored().to(args.device)
        network = network_of(args.start) if args.start else RegionNet()
        if not args.start:
            numbers = torch.from_numpy(self.found.told[self.seen])
            network.mean.copy_(numbers.mean(0))
            network.scale.copy_(numbers.std(0) + 1e-3)
        network.to(args.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.scale = network.scale
        self.begin(network, torch.optim.AdamW(network.parameters(), lr=args.lr, weight_decay=0.05), args)

    def loss(self, rng: np.random.Generator) -> torch.Tensor:
        """Of one batch, as it is or mirrored, its numbers made noisy."""
        index = rng.choice(self.seen, BATCH, p=self.chance)
        regions = regions_of(self.found, index, self.device)
        if rng.random() < 0.5:
            flipped = tuple(level.flip(3) for level in regions.levels)
            regions = Regions(regions.photo.flip(3), flipped, regions.outlines.flip(3), regions.told[:, self.mirror])
        numbers = regions.told + NOISE * self.scale * torch.randn_like(regions.told)
        regions = Regions(regions.photo, regions.levels, regions.outlines, numbers)
        with mixed(self.device):
            colour, garment, pattern = self.network(regions)
        slots = torch.from_numpy(self.found.slot[index]).to(self.device)
        truth = torch.from_numpy(self.found.truth[index]).to(self.device)
        answers = (colour.float(), garment.float() + allowed(slots), pattern.float())
        pairs = zip(answers, truth.T, (SMOOTHING, 0.0, SMOOTHING), strict=True)
        losses = [
            F.cross_entropy(a, said, ignore_index=-1, reduction="sum", label_smoothing=s) / BATCH
            for a, said, s in pairs
        ]
        return torch.stack(losses).sum()

    def export(self) -> None:
        """Write weights, config and card; figures are of the fp16 weights as shipped, read as the product reads a photo."""
        folder = self.args.out
        make_folder(folder)
        save_file(self.half(), folder / "model.safetensors")
        held = np.flatnonzero(self.finder.held_out)
        captioner = Captioner(ENCODER, folder / "model.safetensors", self.device)
        figures = accuracy(captioner, self.finder, held)
        words = {"colours": COLOUR_NAMES, "garments": GARMENTS, "patterns": PATTERNS}
        write_json(folder / "config.json", {**words, "held_out": figures})
        write_bytes(folder / "README.md", self._card(figures).encode())
        print(json.dumps(figures, indent=1), flush=True)

    def _card(self, figures: dict[str, dict]) -> str:
        rows = [
            f"| {key.replace(' ', ' | ', 1)} | {f['regions']} | {cell(f['colour'])} | {cell(f['garment'])} | {cell(f['pattern'])} |"
            for key, f in figures.items()
        ]
        minutes = f"--minutes {self.run.minutes:.0f}"
        return CARD.format(
            garments=len(GARMENTS), patterns=len(PATTERNS), rows="\n".join(rows), crops=sum(map(len, self.rows)),
            parameters=sum(p.numel() for p in self.network.parameters()) / 1e6, steps=self.run.step, batch=BATCH,
            start="an earlier captioner of this kind" if self.args.start else "random weights",
            command=f"python -m tools.train_captioner --corpus CORPUS --work FOLDER --out FOLDER {minutes}",
            device="CPU cores shared with other work" if self.device == "cpu" else self.device,
        )  # fmt: skip


def allowed(slot: torch.Tensor) -> torch.Tensor:
    """(N,) slots -> (N, garments): 0 where the slot may wear the garment, else -1e4."""
    table = torch.full((len(SLOTS), len(GARMENTS)), -1e4)
    for i, garments in enumerate(SLOTS.values()):
        for garment in garments:
            table[i, GARMENTS.index(garment)] = 0
    return table.to(slot.device)[slot]


def accuracy(captioner: Captioner, finder: Finder, rows: np.ndarray) -> dict[str, dict]:
    """Share of right answers by source and slot on the given rows of the corpus; a slot that the parser misses is wrong."""
    told: dict[str, list[list[bool | None]]] = {}
    for start in range(0, len(rows), 20):
        index = rows[start : start + 20]
        photos = [np.array(finder.photos[row]) for row in index]
        for row, seen in zip(index, captioner.caption_all(photos, finder.parser.parse_all(photos)), strict=True):
            said, real = targets(" | ".join(seen.outfit.items)), bool(finder.real[row])
            for slot, words in targets(finder.texts[row]).items():
                pairs = zip(_truth(slot, words, real), said.get(slot, (-1, -1, -1)), strict=True)
                right = [word == answer if word >= 0 else None for word, answer in pairs]
                told.setdefault(f"{'ccp' if real else 'rendered'} {slot}", []).append(right)
    out: dict[str, dict] = {}
    for key in (f"{name} {slot}" for name in ("rendered", "ccp") for slot in SLOT_NAMES):
        if key in told:
            columns = dict(zip(NAMES, zip(*told[key], strict=True), strict=True))
            out[key] = {"regions": len(told[key])} | {what: _share(column) for what, column in columns.items()}
    return out


def _share(right: Sequence[bool | None]) -> float | None:
    said = [one for one in right if one is not None]
    return round(float(np.mean(said)), 4) if said else None


def cell(value: float | None) -> str:
    """A share of right answers in the card's table."""
    return "not annotated" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of tools.pack_corpus")
    parser.add_argument("--work", type=Path, required=True, help="state.pt and what the parser finds go here")
    parser.add_argument("--out", type=Path, required=True, help="the model folder")
    parser.add_argument("--start", type=Path, help="an earlier captioner's model.safetensors to begin from")
    add_options(parser, minutes=60, lr=1.5e-3, save_every=3)
    add_ema(parser)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    trainer = Trainer(args)
    trainer.train()
    trainer.export()


if __name__ == "__main__":
    main()
