"""Summarisers that transformers' AutoModelForCausalLM loads: Llama-2-chat (the reference) and its like."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from dlcr.backend.device import choose_device, choose_dtype
from dlcr.backend.hub import checked_load, model_folder
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Outfit
from dlcr.language.replies import extract_question, read_outfit

EXAMPLE = "llm:meta-llama/Llama-2-7b-chat-hf"


class TextSummariser:
    """Asks a language model for the garments in what was said of an outfit's frames."""

    def __init__(self, model: Any, tokenizer: Any):
        self.model, self.tokenizer = model, tokenizer

    def summarise(self, captions: Sequence[Caption]) -> Outfit:
        """Captions of frames of one outfit -> its items; ReplyError if the reply lists none."""
        settings = DescribeSettings()
        return read_outfit(self.reply(extract_question(captions, settings), settings, settings.seed))

    def reply(self, question: str, settings: DescribeSettings, seed: int) -> str:
        """The model's own words."""
        if self.tokenizer.chat_template:
            chat = [{"role": "user", "content": question}]
            question = self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        inputs = self.tokenizer(question, return_tensors="pt", add_special_tokens=not self.tokenizer.chat_template)
        inputs = {key: inputs[key].to(self.model.device) for key in ("input_ids", "attention_mask")}
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(seed)
            out = self.model.generate(
                **inputs, max_new_tokens=settings.max_tokens, **sampling(settings.temperature, settings.top_p)
            )
        text = self.tokenizer.decode(out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        return str(text).strip()


def sampling(temperature: float, top_p: float) -> dict[str, Any]:
    """What `generate` is told: sampling at a temperature, or always the likeliest word at 0."""
    if temperature == 0:
        return {"do_sample": False, "num_beams": 1}
    return {"do_sample": True, "num_beams": 1, "temperature": temperature, "top_p": top_p, "top_k": 0}


def load_llm(argument: str | None, device: str = "auto") -> TextSummariser:
    """`llm:HUB_ID` or `llm:FOLDER`; bfloat16 on a GPU, spread over GPU and main memory if it does not fit."""
    name = f"llm:{argument or ''}"
    folder = model_folder(name, argument, EXAMPLE)
    on = choose_device(device)

    def load() -> tuple[Any, Any]:
        dtype = choose_dtype(on, torch.bfloat16)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, device_map="auto" if on == "cuda" else on)
        return model.eval(), AutoTokenizer.from_pretrained(folder)

    return TextSummariser(*checked_load(name, "a causal language model of transformers", load))
