"""The summariser through a true causal language model, tiny and random; what counts as a reply."""

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from dlcr.core.errors import BackendError, ReplyError
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Outfit
from dlcr.language import Reader, load_summariser
from dlcr.language.replies import extract_question, read_caption, read_outfit
from tests.language.tiny import save_llm

SURE = DescribeSettings(temperature=0, max_tokens=12)


def test_the_reply_is_the_models_own(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")
    reader = load_summariser(f"llm:{save_llm(tmp_path)}", "cpu")
    assert isinstance(reader, Reader)
    model, words = AutoModelForCausalLM.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(tmp_path)
    inputs = words("USER: red shirt blue jeans ASSISTANT: ", return_tensors="pt", add_special_tokens=False)
    with torch.no_grad():
        out = model.generate(inputs.input_ids, max_new_tokens=12, do_sample=False)[0, inputs.input_ids.shape[1] :]
    assert reader.reply("red shirt blue jeans", SURE, 0) == words.decode(out, skip_special_tokens=True).strip()
    warm = DescribeSettings(temperature=2.0, max_tokens=12)
    assert reader.reply("red shirt", warm, 5) == reader.reply("red shirt", warm, 5)
    assert reader.reply("red shirt", warm, 5) != reader.reply("red shirt", warm, 6)


def test_all_frame_answers_are_joined_and_cut_to_200_words():
    said = [Caption("word " * 150, Outfit(())) for _ in range(2)]
    question = extract_question(said, DescribeSettings())
    assert question.startswith("Extract the clothing items from the following text: word word")
    assert question.count("word") == 200


@pytest.mark.parametrize(
    "reply", ["", "  \n", "...", "12. 13.", "- -", "|".join(f"item {i}" for i in range(13)), "word " * 40]
)
def test_nonsense_is_no_outfit_and_the_error_keeps_it(reply):
    with pytest.raises(ReplyError) as told:
        read_outfit(reply)
    assert told.value.reply == reply


def test_an_outfit_is_read_from_a_chatty_list():
    reply = "Sure! Here are the clothing items:\n1. Gray shirt\n2. Blue jeans\n3. Gray shirt\n\n"
    reply += "Let me know if there is anything else that I can help you with today!"
    assert read_outfit(reply).items == ("Gray shirt", "Blue jeans")
    with pytest.raises(ReplyError):
        read_caption(" . ")


def test_missing_and_wrong_models_say_so(tmp_path):
    with pytest.raises(BackendError, match="needs a model"):
        load_summariser("llm")
    with pytest.raises(BackendError, match="about 14 GB"):
        load_summariser("llm:meta-llama/Llama-2-7b-chat-hf", "cpu")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BackendError, match=r"could not be loaded.*causal language model"):
        load_summariser(f"llm:{tmp_path}", "cpu")
