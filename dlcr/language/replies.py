"""Questions to language models, and what is accepted as a reply (pure; method.md, stage 1, items 2 and 3)."""

from collections.abc import Sequence

from dlcr.core.errors import ReplyError
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Outfit
from dlcr.language.outfits import parse_items

MAX_ITEMS, MAX_WORDS = 12, 10
"""An outfit has no more items, and an item no more words: what goes beyond is prose or noise."""


def extract_question(captions: Sequence[Caption], settings: DescribeSettings) -> str:
    """All frame answers joined, cut to `frame_words` words, inside the question that asks for the items."""
    words = " ".join(caption.text for caption in captions).split()
    return settings.extract.replace("{text}", " ".join(words[: settings.frame_words]))


def read_caption(reply: str | ReplyError) -> Caption:
    """A frame's answer; ReplyError if it says nothing, or is one."""
    if isinstance(reply, ReplyError):
        raise reply
    text = " ".join(reply.split())
    if sum(map(str.isalpha, text)) < 3:
        raise ReplyError("the captioner's reply says nothing.", "Ask again, or choose another captioner.", reply)
    return Caption(text, parse_items(text))


def read_outfit(reply: str) -> Outfit:
    """The items of a summary; ReplyError if there are none, or far too many, or none is as short as a garment's name."""
    items = [item for item in parse_items(reply).items if len(item) > 2 and len(item.split()) <= MAX_WORDS]
    items = [item for item in dict.fromkeys(items) if any(map(str.isalpha, item))]
    if not 0 < len(items) <= MAX_ITEMS:
        raise ReplyError(
            f"the summariser's reply lists {len(items) or 'no'} garments: '{' '.join(reply.split())[:120]}'.",
            "Ask again, or choose another summariser.", reply,
        )  # fmt: skip
    return Outfit(tuple(items))
