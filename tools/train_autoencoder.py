"""Train the embedded inpainter's autoencoder (diffusers' `AutoencoderTiny`, 8x, four latent channels) on the packed corpus.

    python -m tools.train_autoencoder --corpus CORPUS --weights FILE.pth --out FOLDER --minutes 30 [--start FOLDER] [--device cuda]

Writes a diffusers folder and `state.pt`, from which the same command goes on. With four channels the colour axes collapse long
before shapes do (pink, purple and teal turn beige), so garments are recoloured at random and the means of small
squares are compared in opponent colours. `--weights`: see `tools.train_parser`; its first stages judge texture. `--keep-encoder`
trains the decoder alone: latents stay what they are, and an inpainter that has learned to paint them needs not learn anew.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny
from torch import nn

from dlcr.core.files import write_bytes, write_json
from tools.pack_corpus import RGB
from tools.train_parser import Corpus, imagenet
from tools.trainer import Run, add_options, mixed

PATCH = 128
CLOTHES = (4, 5, 6, 7, 8)
PLAN = {
    "latent_channels": 4, "encoder_block_out_channels": (32,) * 4, "decoder_block_out_channels": (32,) * 4,
    "num_encoder_blocks": (1, 3, 4, 4), "num_decoder_blocks": (4, 4, 3, 1),
}  # fmt: skip
CARD = """# Autoencoder of the embedded inpainter

diffusers `AutoencoderTiny`, {parameters:.2f} M parameters, 8x, four latent channels, for photos in [-1, 1].

| held out | PSNR (dB) | clothes' mean colour, CIE76 distance |
|---|---|---|
| {photos} rendered and CCP crops as they are | {psnr:.1f} | {plain:.1f} |
| the same, clothes recoloured evenly over nineteen colours | {recoloured_psnr:.1f} | {recoloured:.1f} |

{steps} steps of {batch} patches of 128x128 in {minutes:.0f} minutes on {device}, after the weights it started from.
"""


def recoloured(photo: np.ndarray, mask: np.ndarray, colour: tuple[float, float, float], keep: float) -> np.ndarray:
    """The masked cloth's mean becomes `colour` (RGB in [0, 1]); `keep` of its own variation stays. (H, W, 3) uint8."""
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB).astype(np.float32)
    goal = cv2.cvtColor(np.array([[colour]], np.float32), cv2.COLOR_RGB2LAB)[0, 0] * [255 / 100, 1, 1] + [0, 128, 128]
    cloth = lab[mask]
    lab[mask] = goal + (cloth - cloth.mean(axis=0)) * [1, keep, keep]
    return cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)


def drawn_colour(rng: np.random.Generator) -> tuple[float, float, float]:
    """A named colour moved a little, or any colour at all."""
    if rng.random() < 0.6:
        named = list(RGB.values())[int(rng.integers(len(RGB)))]
        return tuple(np.clip(np.array(named) + rng.normal(0, 0.06, 3), 0, 1).tolist())
    return tuple(rng.random(3).tolist())


def pattern(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Stripes, checks or dots of 5 to 16 pixels, a little turned: where the second colour goes. (H, W) bool."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    turn, period = rng.normal(0, 0.15) + (np.pi / 2) * rng.integers(2), rng.uniform(5, 16)
    along, across = rows * np.cos(turn) + columns * np.sin(turn), columns * np.cos(turn) - rows * np.sin(turn)
    width = rng.uniform(0.3, 0.6) * period
    first, second = along % period < width, across % period < width
    kind = rng.integers(4)
    if kind == 3:
        return np.hypot(along % period - period / 2, across % period - period / 2) < rng.uniform(0.22, 0.4) * period
    return first if kind < 2 else first ^ second


def example(corpus: Corpus, row: int, rng: np.random.Generator) -> np.ndarray:
    """A 128x128 patch around clothes, garments often recoloured or patterned, now and then greyed as a masked photo is."""
    photo, labels = np.ascontiguousarray(corpus.photos[row]), corpus.labels[row]
    for value in (4, 5, 6):
        mask = labels == value
        if mask.sum() > 80 and rng.random() < 0.5:
            photo = recoloured(photo, mask, drawn_colour(rng), float(rng.uniform(0.3, 1.2)))
            second = mask & pattern(mask.shape, rng)
            if second.sum() > 40 and rng.random() < 0.5:
                photo = recoloured(photo, second, drawn_colour(rng), 0.5)
    if rng.random() < 0.5:
        photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.3, 0.8))
    if rng.random() < 0.15:
        photo = np.where(np.isin(labels, CLOTHES)[..., None], 128, photo).astype(np.uint8)
    rows = np.flatnonzero(np.isin(labels, CLOTHES).any(axis=1))
    middle = int(rng.choice(rows)) if len(rows) else photo.shape[0] // 2
    top = int(np.clip(middle - PATCH // 2 + rng.integers(-24, 25), 0, photo.shape[0] - PATCH))
    patch = photo[top : top + PATCH]
    return patch[:, ::-1] if rng.random() < 0.5 else patch


def opponent(x: torch.Tensor) -> torch.Tensor:
    """Brightness, red-green, yellow-blue; the colour axes weigh double. (N, 3, H, W) both ways."""
    red, green, blue = x.unbind(1)
    return torch.stack([x.mean(1), 2 * (red - green), (red + green) - 2 * blue], 1)


def loss_of(out: torch.Tensor, x: torch.Tensor, latents: torch.Tensor, eye: nn.Module) -> torch.Tensor:
    """L1, opponent means of 2, 4 and 8 pixel squares, ImageNet texture, latents of unit power."""
    low = sum((F.avg_pool2d(opponent(out), size) - F.avg_pool2d(opponent(x), size)).abs().mean() for size in (2, 4, 8))
    seen, truth = eye(out.clamp(-1.3, 1.3)).float(), eye(x).float().detach()
    texture = (seen - truth).abs().mean() / truth.abs().mean()
    return (out - x).abs().mean() + low + 0.08 * texture + 0.01 * (latents.pow(2).mean() - 1) ** 2


class Trainer:
    """The autoencoder and its run."""

    def __init__(self, args: argparse.Namespace):
        self.args, self.device, self.corpus = args, args.device, Corpus.open(args.corpus)
        self.model = AutoencoderTiny.from_pretrained(args.start) if args.start else AutoencoderTiny(**PLAN)
        self.model.to(self.device, memory_format=torch.channels_last).train()
        whole = timm.create_model("tf_efficientnet_lite0", pretrained=False)
        whole.load_state_dict(imagenet(args.weights), strict=False)
        self.eye = nn.Sequential(whole.conv_stem, whole.bn1, whole.blocks[0], whole.blocks[1])
        self.eye.eval().requires_grad_(False).to(self.device)
        if args.keep_encoder:
            self.model.encoder.requires_grad_(False)
        learns = [one for one in self.model.parameters() if one.requires_grad]
        optimiser = torch.optim.AdamW(learns, lr=args.lr, weight_decay=1e-4, betas=(0.9, 0.99))
        self.run = Run(args.out / "state.pt", optimiser)
        if state := self.run.resume(self.device):
            self.model.load_state_dict(state["model"])

    def train(self) -> None:
        self.run.go(self.loss, self.save, minutes=self.args.minutes, save_every=self.args.save_every)

    def save(self) -> None:
        self.run.save(model=self.model.state_dict())

    def tensor(self, photos: list[np.ndarray]) -> torch.Tensor:
        x = torch.from_numpy(np.stack(photos)).to(self.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        return x.contiguous(memory_format=torch.channels_last)

    def loss(self, rng: np.random.Generator) -> torch.Tensor:
        rows = rng.choice(np.flatnonzero(~self.corpus.held_out), self.args.batch)
        x = self.tensor([example(self.corpus, int(row), rng) for row in rows])
        with mixed(self.device):
            latents = self.model.encoder(x)
            out = self.model.decoder(latents + 0.05 * torch.randn_like(latents))
            return loss_of(out.float(), x, latents.float(), self.eye)

    @torch.inference_mode()
    def measured(self, photos: list[np.ndarray], masks: list[np.ndarray]) -> tuple[float, float, float]:
        """PSNR in dB, mean CIE76 distance of the masked regions' mean colours, standard deviation of the latents."""
        errors, distances, spread = [], [], []
        for start in range(0, len(photos), 16):
            x = self.tensor(photos[start : start + 16])
            latents = self.model.encoder(x)
            out = self.model.decoder(latents).clamp(-1, 1)
            errors.append(((out - x) ** 2).mean((1, 2, 3)).cpu() / 4)
            spread.append(latents.flatten().cpu())
            pairs = [((y.permute(0, 2, 3, 1) + 1) / 2).float().cpu().numpy() for y in (x, out)]
            for before, after, mask in zip(*pairs, masks[start : start + 16], strict=False):
                means = [cv2.cvtColor(y, cv2.COLOR_RGB2LAB)[mask].mean(axis=0) for y in (before, after)]
                distances.append(float(np.linalg.norm(means[0] - means[1])))
        psnr = float(-10 * torch.log10(torch.cat(errors).mean()))
        return psnr, float(np.mean(distances)), float(torch.cat(spread).std())

    def export(self) -> None:
        """Write the diffusers folder with its scaling factor, and the figures on held-out crops."""
        self.model.eval()
        rng = np.random.default_rng(0)
        rows = [int(r) for r in rng.permutation(np.flatnonzero(self.corpus.held_out))[:190]]
        photos = [np.ascontiguousarray(self.corpus.photos[row]) for row in rows]
        masks = [np.isin(self.corpus.labels[row], CLOTHES[:4]) for row in rows]
        fit = [i for i, mask in enumerate(masks) if mask.sum() > 300]
        photos, masks = [photos[i] for i in fit], [masks[i] for i in fit]
        colours = list(RGB.values())
        painted = [
            recoloured(p, m, colours[i % len(colours)], 0.3) for i, (p, m) in enumerate(zip(photos, masks, strict=True))
        ]
        psnr, plain, spread = self.measured(photos, masks)
        recoloured_psnr, distance, _ = self.measured(painted, masks)
        if not self.args.keep_encoder:
            self.model.register_to_config(scaling_factor=1 / spread)
        self.model.save_pretrained(self.args.out)
        config = json.loads((self.args.out / "config.json").read_text())
        config.pop("_name_or_path", None)  # where it came from is nobody's business
        write_json(self.args.out / "config.json", config)
        figures = {"psnr": psnr, "plain": plain, "recoloured_psnr": recoloured_psnr, "recoloured": distance}
        card = CARD.format(
            parameters=sum(p.numel() for p in self.model.parameters()) / 1e6, photos=len(photos), steps=self.run.step,
            batch=self.args.batch, minutes=self.run.minutes, device="one CPU core" if self.device == "cpu" else self.device,
            **figures,
        )  # fmt: skip
        write_bytes(self.args.out / "README.md", card.encode())
        print(json.dumps(figures), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of tools.pack_corpus")
    parser.add_argument("--weights", type=Path, required=True, help="ImageNet weights, see tools.train_parser")
    parser.add_argument("--start", type=Path, help="an AutoencoderTiny folder to go on from")
    parser.add_argument("--keep-encoder", action="store_true", help="train the decoder alone; needs --start")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=8)
    add_options(parser, minutes=30, lr=1e-3)
    args = parser.parse_args()
    if args.keep_encoder and not args.start:
        parser.error("--keep-encoder needs --start: an encoder that has learned nothing is not worth keeping")
    cv2.setNumThreads(1)
    trainer = Trainer(args)
    trainer.train()
    trainer.export()


if __name__ == "__main__":
    main()
