"""From frames to outfits: garment words, captioners, summarisers, prompts (pure but for the captioners).

May import `dlcr.core` and `dlcr.backend`. Start with `outfits.py` (text to items and back), then `garments.py` (one item).
"""

from dlcr.language.agreement import agreement
from dlcr.language.registry import (
    CAPTIONERS,
    SUMMARISERS,
    Asked,
    Batched,
    Captioner,
    Reader,
    Summariser,
    load_captioner,
    load_summariser,
)

__all__ = [
    "CAPTIONERS",
    "SUMMARISERS",
    "Asked",
    "Batched",
    "Captioner",
    "Reader",
    "Summariser",
    "agreement",
    "load_captioner",
    "load_summariser",
]
