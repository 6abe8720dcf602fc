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
import itertools
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

from dlcr.backend.device import choose_dtype
from dlcr.core.errors import SettingError
from dlcr.core.files import write_bytes, write_json
from dlcr.core.values import Labels
from dlcr.language.vocabulary import understand, words_of
from dlcr.parsing.limbs import bare_limbs
from tools.pack_corpus import CLASSES
from tools.trainer import Run, add_ema, add_options, late, mixed

CLOTHES = (4, 5, 6, 7)
HAIR, SKIN = 1, 2
NECK = 12
"""Rows below the first of the clothes in which skin still is the head's."""
AT_ONCE = 6
"""Photos encoded at once: what a layer gives of more is above 32 MiB, for which the C library asks the system anew every time."""
TOKENS = 32
WIDTH = 128
CHANGED, REAL = 0.5, 2.5
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
    """Of N examples what is to be painted and what is left of the photo (N, 4, 32, 16), the mask (N, 1, 32, 16), the text's row
    in the corpus, and whether other clothes than the photo's are to be painted.
    """

    photo: torch.Tensor
    masked: torch.Tensor
    mask: torch.Tensor
    row: np.ndarray
    changed: np.ndarray


def clothing_of(labels: np.ndarray) -> np.ndarray:
    """Clothing mask (H, W) bool of labels (H, W)."""
    return np.isin(labels, CLOTHES)


def training_mask(
    labels: np.ndarray, other: np.ndarray, rng: np.random.Generator, *, alike: bool = False
) -> np.ndarray:
    """Clothing mask grown by 0-8 pixels; sometimes its hull, often more than the clothes worn. (H, W) bool.

    Who repaints has the mask of the old clothes, and its shape says nothing of the new ones. So that the text decides what is
    painted, many masks also cover what the clothes of the person on `other` would, moved into place unless both show the same
    shot (`alike`), or bare arms and legs: as `limbs` of `stages.compose_mask` finds them, or hands and all.
    """
    worn = clothing_of(labels)
    mask, kept, kind = worn.astype(np.uint8), head_of(labels, worn), rng.random()
    if 0.2 < kind < 0.6:
        bare = bare_limbs(Labels(labels, CLASSES, tuple(CLASSES[one] for one in CLOTHES)))
        mask |= bare
        kept |= (labels == SKIN) & ~bare
    if kind < 0.3:
        mask |= clothing_of(other) if alike else moved_into(box_of(worn), clothing_of(other))
    elif kind > 0.9:
        mask |= limbs(labels, worn)
    elif kind > 0.8 and mask.any():
        mask = cv2.fillConvexPoly(mask, cv2.convexHull(cv2.findNonZero(mask)), 1)
    size = int(rng.integers(0, 9))
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


def draw_examples(meta: dict, masks: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of the corpus (E, 3) of each example: the photo, the one whose clothes replace its own, whose clothes shape the mask.

    Each training photo as it is, with `masks` masks shaped by whomever; and in the other clothes of its shot
    (`tools.world corpus --alike`), which shape the mask too: what one is asked for who has the mask of the old clothes.
    """
    if "shot" not in meta:
        raise SettingError(
            "the corpus does not tell which crops share a shot: it was packed by an earlier version.", "Pack it again."
        )
    rows = np.flatnonzero(~np.array(meta["held_out"]))
    own = np.repeat(rows, masks)
    alike: dict[str, list[int]] = {}
    for row in rows:
        alike.setdefault(meta["shot"][row], []).append(int(row))
    alike.pop("", None)
    pairs = [pair for group in alike.values() for pair in itertools.permutations(group, 2)]
    changed = np.array(pairs, int).reshape(-1, 2)
    return np.concatenate([np.stack([own, own, rng.choice(rows, len(own))], 1), changed[:, [0, 1, 1]]])


class Encoder:
    """Photos of a corpus under masks, and what `vae` makes of them."""

    def __init__(self, corpus: Path, vae: AutoencoderTiny, device: str):
        self.photos, self.labels = (np.load(corpus / f"{name}.npy", mmap_mode="r") for name in ("photos", "labels"))
        self.dtype, self.device = choose_dtype(device, torch.bfloat16), device
        self.vae = copy.deepcopy(vae).to(device, self.dtype, memory_format=torch.channels_last)

    def latents(self, photos: np.ndarray) -> np.ndarray:
        """(n, 256, 128, 3) float32 in [-1, 1] -> (n, 4, 32, 16) float16."""
        x = torch.from_numpy(photos).permute(0, 3, 1, 2).to(self.device, self.dtype)
        pieces = torch.split(x.contiguous(memory_format=torch.channels_last), AT_ONCE)
        with torch.no_grad():
            z = torch.cat([self.vae.encode(piece).latents for piece in pieces]).float()
        found: np.ndarray = (z * self.vae.config.scaling_factor).cpu().half().numpy()
        return found

    def example(self, example: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is to be painted and what is left of the photo (256, 128, 3) float32, and the mask (256, 128, 1) bool."""
        own, other, shape = example
        mask = training_mask(self.labels[own], self.labels[shape], rng, alike=own != other)[..., None]
        photo, changed = (self.photos[row].astype(np.float32) / 127.5 - 1 for row in (own, other))
        return np.where(mask, changed, photo), np.where(mask, 0, photo), mask


def encode_corpus(corpus: Path, folder: Path, vae: AutoencoderTiny, device: str, masks: int) -> Latents:
    """Encode every training example; kept in `folder` for this corpus."""
    cache = folder / f"latents-{masks}-{zlib.crc32((corpus / 'meta.json').read_bytes()):08x}.npz"
    if not cache.exists():
        meta, rng = json.loads((corpus / "meta.json").read_text()), np.random.default_rng(0)
        encoder, examples = Encoder(corpus, vae, device), draw_examples(meta, masks, rng)
        goals, rests, masked_cells = [], [], []
        for start in range(0, len(examples), 30):
            made = [encoder.example(one, rng) for one in examples[start : start + 30]]
            goal, rest, covered = (np.stack(column) for column in zip(*made, strict=True))
            cells = F.interpolate(torch.from_numpy(covered).permute(0, 3, 1, 2).float(), scale_factor=1 / 8)
            goals.append(encoder.latents(goal))
            rests.append(encoder.latents(rest))
            masked_cells.append(cells.byte().numpy())
            if start % 1500 == 0:
                print(f"encoded {start} of {len(examples)}", flush=True)
        z, z_rest, small = map(np.concatenate, (goals, rests, masked_cells))
        changed, buffer = examples[:, 0] != examples[:, 1], io.BytesIO()
        np.savez(buffer, photo=z, masked=z_rest, mask=small, row=examples[:, 1], changed=changed)
        write_bytes(cache, buffer.getvalue())
    data = np.load(cache)
    photo, masked, mask = (torch.from_numpy(data[name]).to(device) for name in ("photo", "masked", "mask"))
    return Latents(photo, masked, mask, row=data["row"], changed=data["changed"])


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


def chances(latents: Latents, real: np.ndarray) -> np.ndarray:
    """How often each example is drawn: CHANGED of the time one in other clothes; of the rest street photos REAL times as often."""
    own = np.where(latents.changed, 0, np.where(real[latents.row], REAL, 1.0))
    share = CHANGED if latents.changed.any() else 0
    return (1 - share) * own / own.sum() + share * latents.changed / max(1, latents.changed.sum())


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
        self.chance = chances(self.latents, np.array([one.startswith("ccp/") for one in meta["source"]]))
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
        index = rng.choice(len(self.chance), self.args.batch, p=self.chance)
        prompts = [draw_prompt(self.texts[self.latents.row[i]], rng) for i in index]
        ids = self.tokenizer(
            prompts, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt"
        ).input_ids.to(self.device)
        where = torch.from_numpy(index).to(self.device)
        lat = self.latents
        arrays = [part[where].float() for part in (lat.photo, lat.masked, lat.mask)]
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
        with mixed(self.device), sdpa_kernel(SDPBackend.MATH):
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
