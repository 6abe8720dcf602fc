"""A tiny random Stable Diffusion inpainting model saved in diffusers' own folder format."""

from pathlib import Path

import pytest
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxFillPipeline,
    FluxTransformer2DModel,
    PNDMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
)
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

WORDS = "red blue green white black t-shirt jeans shoes dress".split()

CLIP = {
    "vocab_size": len(WORDS) + 4, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
    "max_position_embeddings": 12, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "projection_dim": 16,
}  # fmt: skip


def _autoencoder(kind: str):
    if kind == "kl":
        return AutoencoderKL(
            block_out_channels=(8, 16), layers_per_block=1, latent_channels=4, norm_num_groups=4,
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        )  # fmt: skip
    return AutoencoderTiny(
        encoder_block_out_channels=(8, 8), decoder_block_out_channels=(8, 8), num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1), latent_channels=4,
    )  # fmt: skip


def tokenizer() -> PreTrainedTokenizerFast:
    inner = Tokenizer(
        models.WordLevel({w: i for i, w in enumerate(["<pad>", "<unk>", "<s>", "</s>", *WORDS])}, unk_token="<unk>")
    )
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        model_max_length=12,
    )  # fmt: skip


def save_tiny(folder: Path, kind: str = "kl", in_channels: int = 9, prediction: str = "epsilon") -> Path:
    torch.manual_seed(0)
    words, text = tokenizer(), CLIPTextModel(CLIPTextConfig(**CLIP))
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=in_channels, out_channels=4, layers_per_block=1, block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16, attention_head_dim=4, norm_num_groups=4,
    )  # fmt: skip
    scheduler = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type=prediction,
        skip_prk_steps=True, steps_offset=1,
    )  # fmt: skip
    StableDiffusionInpaintPipeline(
        vae=_autoencoder(kind), text_encoder=text, tokenizer=words, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip
    (folder / "dlcr.json").write_text('{"height": 32, "width": 16}')
    return folder


def save_tiny_sdxl(folder: Path, in_channels: int = 9) -> Path:
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=in_channels, out_channels=4, layers_per_block=1, block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32, attention_head_dim=4, norm_num_groups=4, addition_embed_type="text_time",
        addition_time_embed_dim=8, projection_class_embeddings_input_dim=6 * 8 + 16,
    )  # fmt: skip
    config = CLIPTextConfig(**CLIP | {"num_hidden_layers": 2})
    StableDiffusionXLInpaintPipeline(
        vae=_autoencoder("kl"), text_encoder=CLIPTextModel(config), text_encoder_2=CLIPTextModelWithProjection(config),
        tokenizer=tokenizer(), tokenizer_2=tokenizer(), unet=unet,
        scheduler=EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
    ).save_pretrained(folder)  # fmt: skip
    (folder / "dlcr.json").write_text('{"height": 32, "width": 16}')
    return folder


def save_tiny_flux(folder: Path, in_channels: int = 48) -> Path:
    torch.manual_seed(0)
    vae = AutoencoderKL(
        block_out_channels=(8, 16), layers_per_block=1, latent_channels=4, norm_num_groups=4, scaling_factor=0.36,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, shift_factor=0.12,
    )  # fmt: skip
    transformer = FluxTransformer2DModel(
        patch_size=1, in_channels=in_channels, out_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=16, pooled_projection_dim=16, axes_dims_rope=(4, 4, 8),
        guidance_embeds=True,
    )  # fmt: skip
    t5 = T5Config(vocab_size=CLIP["vocab_size"], d_model=16, d_ff=32, d_kv=8, num_heads=2, num_layers=1)
    FluxFillPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True), vae=vae, transformer=transformer,
        text_encoder=CLIPTextModel(CLIPTextConfig(**CLIP)), tokenizer=tokenizer(),
        text_encoder_2=T5EncoderModel(t5), tokenizer_2=tokenizer(),
    ).save_pretrained(folder)  # fmt: skip
    (folder / "dlcr.json").write_text('{"height": 32, "width": 16, "tokens": 12}')
    return folder


@pytest.fixture(params=["kl", "tiny"], scope="session")
def tiny(request, tmp_path_factory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("model") / request.param, request.param)


@pytest.fixture(scope="session")
def kl(tmp_path_factory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("model") / "kl")


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")
