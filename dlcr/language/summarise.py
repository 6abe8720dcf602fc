"""The embedded summariser: a majority vote per garment over the frames of one outfit (pure, deterministic)."""

from collections import Counter
from collections.abc import Sequence

from dlcr.core.errors import BackendError
from dlcr.core.values import Caption, Outfit
from dlcr.language.garments import SLOTS, Garment, read_garment


class Vote:
    """A slot is worn if at least half of the frames show one; its garment, colour and pattern are voted one by one."""

    def summarise(self, captions: Sequence[Caption]) -> Outfit:
        """Captions of frames of one outfit -> its items, in the order of SLOTS; ties go to what was said first.

        Items that name no known garment are kept if most frames say them word for word.
        """
        frames = [[(item, read_garment(item)) for item in caption.outfit.items] for caption in captions]
        items = [str(worn) for slot in SLOTS if (worn := _worn(slot, frames))]
        other = Counter(
            item for frame in frames for item in dict.fromkeys(i for i, garment in frame if garment is None)
        )
        items += [item for item, count in other.items() if 2 * count > len(frames)]
        return Outfit(tuple(items))


def load_vote(argument: str | None = None, device: str = "auto") -> Vote:
    """The vote needs no weights and no device."""
    if argument is not None:
        raise BackendError(f"the summariser vote takes no argument, got '{argument}'.", "Use: vote")
    return Vote()


def _worn(slot: str, frames: Sequence[Sequence[tuple[str, Garment | None]]]) -> Garment | None:
    """The garment of a slot that most frames show; None if fewer than half show one."""
    shown = [[garment for _, garment in frame if garment and garment.slot == slot] for frame in frames]
    seen = [garments[0] for garments in shown if garments]
    if not seen or 2 * len(seen) < len(frames):
        return None
    garment = Counter(one.garment for one in seen).most_common(1)[0][0]
    colours = Counter(one.colour for one in seen if one.colour)
    pattern = Counter(one.pattern for one in seen).most_common(1)[0][0]
    return Garment(slot, garment, colours.most_common(1)[0][0] if colours else None, pattern)
