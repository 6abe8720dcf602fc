"""Train the embedded inpainter: a 9-channel latent UNet and a small CLIP text model on a fixed small autoencoder.

    python -m tools.train_inpainter --corpus CORPUS --autoencoder FOLDER --out FOLDER --minutes 60 [--start FOLDER] [--device cuda]

Writes a diffusers folder (`StableDiffusionInpaintPipeline`) and `state.pt`, from which the same command goes on. `--start`
takes the first weights from an earlier diffusers folder, whatever its vocabulary and autoencoder were.
v-prediction with zero terminal SNR (Lin et al., WACV 2024, arXiv 2305.08891): without it a small model cannot leave
the mean brightness of pure noise and plain colours come out grey. A tenth of the prompts are empty (classifier-free guidance).
"""

import argparse
import copy
import io
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from diffusers import (
    AutoencoderTiny,
    DDPMScheduler,
    StableDiffusionInpaintPipeline,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
)
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from dlcr.core.files import write_bytes, write_json
from dlcr.core.values import Labels
from dlcr.language.vocabulary import understand, words_of
from dlcr.parsing.limbs import bare_limbs
from tools.pack_corpus import CLASSES
from tools.trainer import Run, add_ema, add_options, late

CLOTHES = (4, 5, 6, 7)
HAIR, SKIN = 1, 2
NECK = 12
"""Rows below the first of the clothes in which skin still is the head's."""
AT_ONCE = 6
"""Photos encoded at once: what a layer gives of more is above 32 MiB, for which the C library asks the system anew every time."""
TOKENS = 32
WIDTH = 128
SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
}


@dataclass(frozen=True)
class Latents:
    """Latents of photos (N, 4, 32, 16), of them under each mask (N, M, 4, 32, 16), masks (N, M, 1, 32, 16), text row of each."""

    photo: torch.Tensor
    masked: torch.Tensor
    mask: torch.Tensor
    row: np.ndarray


def clothing_of(labels: np.ndarray) -> np.ndarray:
    """Clothing mask (H, W) bool of labels (H, W)."""
    return np.isin(labels, CLOTHES)


def training_mask(labels: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Clothing mask grown by 1-8 pixels; sometimes its hull, often more than the clothes worn. (H, W) bool.

    Who repaints has the mask of the old clothes, and its shape says nothing of the new ones. So that the text decides what is
    painted, many masks also cover what the clothes of the person on `other` would, moved into place, or bare arms and legs: as
    `limbs` of `stages.compose_mask` finds them, or hands and all.
    """
    worn = clothing_of(labels)
    mask, kept, kind = worn.astype(np.uint8), head_of(labels, worn), rng.random()
    if 0.2 < kind < 0.6:
        bare = bare_limbs(Labels(labels, CLASSES, tuple(CLASSES[one] for one in CLOTHES)))
        mask |= bare
        kept |= (labels == SKIN) & ~bare
    if kind < 0.3:
        mask |= moved_into(box_of(worn), clothing_of(other))
    elif kind > 0.9:
        mask |= limbs(labels, worn)
    elif kind > 0.8 and mask.any():
        mask = cv2.fillConvexPoly(mask, cv2.convexHull(cv2.findNonZero(mask)), 1)
    size = int(rng.integers(1, 9))
    mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1)))
    return mask.astype(bool) & ~(kept & ~worn)


def box_of(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns that a mask (H, W) spans; empty if it is empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)) if len(rows) else (slice(0), slice(0))


def moved_into(box: tuple[slice, slice], mask: np.ndarray) -> np.ndarray:
    """What a mask (H, W) covers, stretched from its own box into `box`. (H, W) uint8."""
    out, part = np.zeros(mask.shape, np.uint8), mask[box_of(mask)].astype(np.uint8)
    place = out[box]
    if part.size and place.size:
        out[box] = cv2.resize(part, place.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return out


def limbs(labels: np.ndarray, worn: np.ndarray) -> np.ndarray:
    """Skin that is not the head's. (H, W) uint8."""
    return ((labels == SKIN) & ~head_of(labels, worn)).astype(np.uint8)


def head_of(labels: np.ndarray, worn: np.ndarray) -> np.ndarray:
    """Hair, and skin above the clothes' first rows. (H, W) bool."""
    top = box_of(worn)[0].start or 0
    return (labels == HAIR) | ((labels == SKIN) & (np.arange(len(labels)) < top + NECK)[:, None])


def encode_corpus(corpus: Path, folder: Path, vae: AutoencoderTiny, device: str, masks: int) -> Latents:
    """Encode every training crop, whole and without what each of its masks covers; kept in `folder` for this corpus."""
    cache = folder / f"latents-{masks}-{zlib.crc32((corpus / 'meta.json').read_bytes()):08x}.npz"
    if not cache.exists():
        photos, labels = np.load(corpus / "photos.npy", mmap_mode="r"), np.load(corpus / "labels.npy", mmap_mode="r")
        held_out = np.array(json.loads((corpus / "meta.json").read_text())["held_out"])
        rng, rows, parts = np.random.default_rng(0), np.flatnonzero(~held_out), []
        fast = copy.deepcopy(vae).to(torch.bfloat16, memory_format=torch.channels_last)
        for start in range(0, len(rows), 32):
            index = rows[start : start + 32]
            others = labels[np.sort(rng.choice(rows, masks * len(index)))]
            rng.shuffle(others)
            pairs = zip(np.concatenate([labels[index]] * masks), others, strict=True)
            mask = torch.from_numpy(np.stack([training_mask(own, other, rng) for own, other in pairs]))[:, None]
            x = torch.from_numpy(photos[index]).permute(0, 3, 1, 2).float() / 127.5 - 1
            both = torch.cat([x, torch.cat([x] * masks).masked_fill(mask, 0)])
            with torch.no_grad():
                both = both.to(device, torch.bfloat16, memory_format=torch.channels_last)
                pieces = [both[at : at + AT_ONCE] for at in range(0, len(both), AT_ONCE)]
                z = torch.cat([fast.encode(piece).latents for piece in pieces]).float()
            z = (z * vae.config.scaling_factor).cpu().half().numpy()
            small = F.interpolate(mask.float(), z.shape[-2:]).numpy().astype(np.uint8)
            shape = (masks, len(index))
            masked, small = (one.reshape(*shape, *one.shape[1:]).swapaxes(0, 1) for one in (z[len(index) :], small))
            parts.append((z[: len(index)], masked, small, index))
            if start % 1600 == 0:
                print(f"encoded {start} of {len(rows)}", flush=True)
        arrays = [np.concatenate(column) for column in zip(*parts, strict=True)]
        buffer = io.BytesIO()
        np.savez(buffer, photo=arrays[0], masked=arrays[1], mask=arrays[2], row=arrays[3])
        write_bytes(cache, buffer.getvalue())
    data = np.load(cache)
    photo, masked, mask = (torch.from_numpy(data[name]).to(device) for name in ("photo", "masked", "mask"))
    return Latents(photo, masked, mask, row=data["row"])


def make_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """One token a word; words of the mapping's targets count as known only if the corpus has them."""
    words = sorted({word for text in texts for word in words_of(text)})
    vocab = {word: i for i, word in enumerate(["<pad>", "<unk>", "<s>", "</s>", *words])}
    inner = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    inner.normalizer = normalizers.Lowercase()
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="<unk>", pad_token="<pad>", bos_token="<s>", eos_token="</s>",
        model_max_length=TOKENS,
    )  # fmt: skip


def training_texts(texts: list[str]) -> list[str]:
    """Texts in the words the model will be asked in: mapped exactly as `understand` maps what users type."""
    words = {word for text in texts for word in words_of(text)}
    return [" | ".join(understand(item, words).text for item in text.split(" | ")) for text in texts]


def draw_prompt(text: str, rng: np.random.Generator) -> str:
    """Items joined by spaces; each left out at 8 % (shoes and bags 25 %), everything at 10 %."""
    if rng.random() < 0.1:
        return ""
    items = text.split(" | ")
    keep = [i for i in items if rng.random() > (0.25 if i.split()[-1] in ("shoes", "boots", "backpack") else 0.08)]
    return " ".join(keep or items)


def draw_times(rng: np.random.Generator, count: int) -> np.ndarray:
    """Timesteps (count,) int64 in [0, 1000), half of them drawn towards the noisy end: there the garment is decided."""
    once, again = rng.integers(0, 1000, (2, count))
    return np.where(rng.random(count) < 0.5, once, np.maximum(once, again))


def make_models(vocabulary: int) -> tuple[UNet2DConditionModel, CLIPTextModel]:
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary, hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=TOKENS, pad_token_id=0, bos_token_id=2, eos_token_id=3, projection_dim=WIDTH,
        )
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=32, in_channels=9, out_channels=4, layers_per_block=1, block_out_channels=(64, 96, 136),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH, attention_head_dim=4, norm_num_groups=8,
    )  # fmt: skip
    return unet, text


def begin_from(
    folder: Path, unet: UNet2DConditionModel, text: CLIPTextModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    """Copy the weights of an earlier pipeline: the UNet whole, of the text model the layers and the words both know."""
    unet.load_state_dict(UNet2DConditionModel.from_pretrained(folder / "unet").state_dict())
    before, own = CLIPTextModel.from_pretrained(folder / "text_encoder").state_dict(), text.state_dict()
    words = PreTrainedTokenizerFast.from_pretrained(folder / "tokenizer").get_vocab()
    table = next(name for name in own if name.endswith("token_embedding.weight"))
    for word, row in tokenizer.get_vocab().items():
        if word in words:
            own[table][row] = before[table][words[word]]
    own.update({name: value for name, value in before.items() if name in own and name != table})
    text.load_state_dict(own)


def save_pipeline(
    folder: Path, vae: AutoencoderTiny, text: CLIPTextModel, tokenizer: PreTrainedTokenizerFast,
    unet: UNet2DConditionModel, dtype: torch.dtype = torch.float16,
) -> None:  # fmt: skip
    """Write a diffusers folder with fp16 weights."""
    pipe = StableDiffusionInpaintPipeline(
        vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=UniPCMultistepScheduler(**SCHEDULE),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    dtypes = [(m, m.dtype) for m in (vae, text, unet)]
    pipe.to(dtype=dtype).save_pretrained(folder)
    for path in sorted(folder.glob("*/config.json")):  # where the parts came from is nobody's business
        config = json.loads(path.read_text())
        config.pop("_name_or_path", None)
        write_json(path, config)
    for module, old in dtypes:
        module.to(old)


class Trainer:
    """The two models and their run; the moving averages are what is shipped."""

    def __init__(self, args: argparse.Namespace):
        meta = json.loads((args.corpus / "meta.json").read_text())
        self.args, self.device = args, args.device
        args.out.mkdir(parents=True, exist_ok=True)
        self.vae = AutoencoderTiny.from_pretrained(args.autoencoder).eval().requires_grad_(False).to(self.device)
        self.latents = encode_corpus(args.corpus, args.out, self.vae, self.device, args.masks)
        self.texts = training_texts(meta["text"])
        self.tokenizer = make_tokenizer([t for t, held in zip(self.texts, meta["held_out"], strict=True) if not held])
        self.unet, self.text = make_models(len(self.tokenizer))
        if args.start:
            begin_from(args.start, self.unet, self.text, self.tokenizer)
        self.unet.to(self.device, memory_format=torch.channels_last)
        self.text.to(self.device)
        self.params = [*self.unet.parameters(), *self.text.parameters()]
        optimiser = torch.optim.AdamW(self.params, lr=args.lr, weight_decay=1e-2, betas=(0.9, 0.99), fused=True)
        self.alphas = DDPMScheduler(**SCHEDULE).alphas_cumprod.to(self.device)
        real = np.array([meta["source"][r].startswith("ccp/") for r in self.latents.row])
        self.weights = np.where(real, 2.5, 1.0) / np.where(real, 2.5, 1.0).sum()
        self.run = Run(args.out / "state.pt", optimiser, self.params, ema=args.ema)
        if state := self.run.resume(self.device):
            torch._foreach_copy_(self.run.weights, state["params"])

    def train(self) -> None:
        self.run.go(self.loss, self.save, minutes=self.args.minutes, save_every=self.args.save_every, pace=late)

    def save(self) -> None:
        self.run.save(params=self.run.weights)
        with self.run.averaged():
            save_pipeline(self.args.out / "pipeline", self.vae, self.text, self.tokenizer, self.unet)
        write_json(self.args.out / "pipeline" / "dlcr.json", {"height": 256, "width": 128, "closed": True})

    def batch(self, rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
        index = rng.choice(len(self.weights), self.args.batch, p=self.weights)
        prompts = [draw_prompt(self.texts[self.latents.row[i]], rng) for i in index]
        ids = self.tokenizer(
            prompts, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt"
        ).input_ids.to(self.device)
        where = torch.from_numpy(index).to(self.device)
        lat = self.latents
        which = torch.from_numpy(rng.integers(0, lat.mask.shape[1], len(index))).to(self.device)
        arrays = [part.float() for part in (lat.photo[where], lat.masked[where, which], lat.mask[where, which])]
        if rng.random() < 0.5:
            arrays = [part.flip(3) for part in arrays]
        return *arrays, ids

    def loss(self, rng: np.random.Generator) -> torch.Tensor:
        photo, masked, mask, ids = self.batch(rng)
        t = torch.from_numpy(draw_times(rng, len(photo))).to(self.device)
        alpha = self.alphas[t][:, None, None, None]
        noise = torch.randn_like(photo)
        noisy = alpha.sqrt() * photo + (1 - alpha).sqrt() * noise
        target = alpha.sqrt() * noise - (1 - alpha).sqrt() * photo
        # with heads of a dozen channels the plain product is a third faster on a CPU than the flash kernel
        with torch.autocast(self.device, dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
            context = self.text(ids).last_hidden_state
            sample = torch.cat([noisy, mask, masked], 1).contiguous(memory_format=torch.channels_last)
            out = self.unet(sample, t, context).sample
            weight = 0.15 + F.max_pool2d(mask, 3, 1, 1)
            return ((out.float() - target) ** 2 * weight).mean() / weight.mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of tools.pack_corpus")
    parser.add_argument("--autoencoder", type=Path, required=True, help="diffusers AutoencoderTiny folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="an earlier diffusers folder to take the first weights from")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--masks", type=int, default=3, help="masks drawn for each photo")
    add_options(parser, minutes=60, lr=6e-4)
    add_ema(parser)
    Trainer(parser.parse_args()).train()


if __name__ == "__main__":
    main()
