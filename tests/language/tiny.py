"""Tiny random language and vision-language models of each family, saved as their publishers save theirs."""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    Florence2Config,
    Florence2ForConditionalGeneration,
    Florence2Processor,
    LlamaConfig,
    LlamaForCausalLM,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
    SmolVLMVideoProcessor,
)

WORDS = "red blue green black white shirt jeans shoes dress hat coat skirt the person is wearing a and".split()
CHAT = (
    "{% for m in messages %}{{ m['role'] | upper }}: {% if m['content'] is string %}{{ m['content'] }}{% else %}"
    "{% for c in m['content'] %}{% if c['type'] == 'image' %}IMAGE{% else %}{{ c['text'] }}{% endif %} {% endfor %}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %} ASSISTANT: {% endif %}"
)
CORE = {
    "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
    "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3,
}  # fmt: skip


def tokenizer(*extra, **named):
    words = ["<pad>", "<unk>", "<s>", "</s>", *WORDS, *(f"w{i}" for i in range(40))]
    inner = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made = PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        model_max_length=2048, extra_special_tokens=named or None,
    )  # fmt: skip
    if extra:
        made.add_special_tokens({"additional_special_tokens": list(extra)})
    return made


def save_llm(folder):
    torch.manual_seed(0)
    words = tokenizer()
    words.chat_template = CHAT
    LlamaForCausalLM(LlamaConfig(**CORE, vocab_size=len(words), max_position_embeddings=512)).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def save_llava(folder):
    words = tokenizer("<image>")
    vision = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14
    )
    text = LlamaConfig(**CORE, vocab_size=len(words), max_position_embeddings=512)
    image = words.convert_tokens_to_ids("<image>")
    LlavaForConditionalGeneration(
        LlavaConfig(vision_config=vision, text_config=text, image_token_index=image)
    ).save_pretrained(folder)
    pictures = CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    LlavaProcessor(
        pictures, words, patch_size=14, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=CHAT.replace("IMAGE", "<image>"),
    ).save_pretrained(folder)  # fmt: skip
    return folder


def save_qwen(folder):
    words = tokenizer("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    names = {"image": "image_pad", "video": "video_pad", "vision_start": "vision_start", "vision_end": "vision_end"}
    ids = {f"{key}_token_id": words.convert_tokens_to_ids(f"<|{name}|>") for key, name in names.items()}
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0}
    vision = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 32, "num_heads": 2, "patch_size": 14, "out_hidden_size": 16,
        "fullatt_block_indexes": [0], "window_size": 56,
    }  # fmt: skip
    text = CORE | {"vocab_size": len(words), "rope_parameters": rope}
    Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=text, vision_config=vision, **ids)).save_pretrained(
        folder
    )
    chat = CHAT.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")
    pictures = Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=56 * 112)
    Qwen2_5_VLProcessor(pictures, words, Qwen2VLVideoProcessor(), chat_template=chat).save_pretrained(folder)
    return folder


def save_florence(folder):
    words = tokenizer(image_token="<image>")
    text = {
        "model_type": "bart", "vocab_size": len(words), "d_model": 16, "encoder_layers": 1, "decoder_layers": 1,
        "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
        "max_position_embeddings": 256, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3,
        "decoder_start_token_id": 3, "forced_eos_token_id": 3,
    }  # fmt: skip
    vision = {
        "embed_dim": [8, 8, 16, 16], "num_heads": [1, 1, 2, 2], "num_groups": [1, 1, 2, 2], "depths": [1, 1, 1, 1],
        "projection_dim": 16, "window_size": 4, "max_position_embeddings": 50, "max_temporal_embeddings": 10,
    }  # fmt: skip
    image = words.convert_tokens_to_ids("<image>")
    model = Florence2ForConditionalGeneration(
        Florence2Config(text_config=text, vision_config=vision, image_token_id=image)
    )
    model.save_pretrained(folder)
    pictures = CLIPImageProcessor(size={"height": 64, "width": 64}, do_center_crop=False)
    pictures.image_seq_length = 5  # 2 x 2 places and their mean
    Florence2Processor(pictures, words).save_pretrained(folder)
    return folder


def save_smolvlm(folder):
    words = tokenizer("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>")
    vision = {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 32,
        "patch_size": 8,
    }  # fmt: skip
    text = CORE | {"model_type": "llama", "vocab_size": len(words)}
    image = words.convert_tokens_to_ids("<image>")
    config = SmolVLMConfig(text_config=text, vision_config=vision, scale_factor=2, image_token_id=image, pad_token_id=0)
    SmolVLMForConditionalGeneration(config).save_pretrained(folder)
    pictures = SmolVLMImageProcessor(
        size={"longest_edge": 32}, max_image_size={"longest_edge": 32}, do_image_splitting=False
    )
    chat = CHAT.replace("IMAGE", "<image>")
    SmolVLMProcessor(pictures, words, SmolVLMVideoProcessor(), image_seq_len=4, chat_template=chat).save_pretrained(
        folder
    )
    return folder


FAMILIES = {"llava": save_llava, "qwen": save_qwen, "florence": save_florence, "smolvlm": save_smolvlm}


def save_vlm(folder, family):
    torch.manual_seed(0)
    return FAMILIES[family](folder)
