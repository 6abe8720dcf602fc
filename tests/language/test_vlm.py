"""Each family of vision-language models through its true classes, tiny and random."""

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from dlcr.core.errors import BackendError
from dlcr.core.settings import DescribeSettings
from dlcr.language import Asked, load_captioner
from tests.language.tiny import CHAT, FAMILIES, save_llm, save_vlm

QUESTION = "the person is wearing"
SURE = DescribeSettings(question=QUESTION, caption_temperature=0, max_tokens=8)


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def family(request, tmp_path_factory):
    return request.param, save_vlm(tmp_path_factory.mktemp(request.param), request.param)


def photos():
    return list(np.random.default_rng(0).integers(0, 256, (3, 64, 32, 3), np.uint8))


def oracle(name, folder, photo):
    """The model asked about one photo as its documentation does."""
    model, processor = AutoModelForImageTextToText.from_pretrained(folder), AutoProcessor.from_pretrained(folder)
    image = {"llava": "<image>", "smolvlm": "<image>", "qwen": "<|vision_start|><|image_pad|><|vision_end|>"}.get(name)
    text = f"USER: {image} {QUESTION}  ASSISTANT: " if image else "<MORE_DETAILED_CAPTION>"
    inputs = processor(images=Image.fromarray(photo), text=text, return_tensors="pt")
    with torch.no_grad():
        out = model.generate(**inputs, max_new_tokens=8, do_sample=False, num_beams=1)[0]
    out = out[0 if name == "florence" else inputs["input_ids"].shape[1] :]
    return processor.decode(out, skip_special_tokens=True).strip()


def test_replies_are_the_models_own_and_a_batch_says_what_each_photo_says_alone(family, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")
    name, folder = family
    captioner = load_captioner(f"vlm:{folder}", "cpu")
    assert isinstance(captioner, Asked)
    together = captioner.replies(photos(), SURE, 0)
    assert together == [oracle(name, folder, photo) for photo in photos()]


def test_sampling_follows_the_seed(tmp_path):
    captioner = load_captioner(f"vlm:{save_vlm(tmp_path, 'llava')}", "cpu")
    warm = SURE.model_copy(update={"caption_temperature": 2.0, "max_tokens": 24})
    before = torch.random.get_rng_state()
    first = captioner.replies(photos(), warm, 1)
    assert captioner.replies(photos(), warm, 1) == first
    assert captioner.replies(photos(), warm, 2) != first
    assert torch.equal(torch.random.get_rng_state(), before)


def test_missing_and_wrong_models_say_so(tmp_path):
    with pytest.raises(BackendError, match="needs a model"):
        load_captioner("vlm")
    with pytest.raises(BackendError, match="about 14 GB"):
        load_captioner("vlm:llava-hf/llava-1.5-7b-hf", "cpu")
    with pytest.raises(BackendError, match=r"could not be loaded.*image-text-to-text"):
        load_captioner(f"vlm:{save_llm(tmp_path)}", "cpu")
    assert "IMAGE" in CHAT
