"""What changes from epoch to epoch: learning rate, clothes losses, share of variants (pure; epochs count from 0)."""

from dataclasses import dataclass

FULL = 60
"""The training that the published epoch numbers belong to; shorter ones scale them by epochs / 60, rounded."""
DECAYS = (20, 40)
CLOTHES_FROM = 25
VIDEO_FULL, VIDEO_DECAYS, VIDEO_CLOTHES_FROM = 150, (40, 80, 120), 50
"""The same for clips (Gu et al. 2022, CCVID)."""
SHARES = ((5, 0.25), (10, 0.5), (15, 0.75))
"""Last epoch of each share of the variants (DLCR, progressive learning); later all."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A training of `epochs` epochs; `progressive` lets the share of usable variants grow; `video` has numbers of its own."""

    epochs: int
    progressive: bool = True
    video: bool = False

    def scaled(self, epoch: int) -> int:
        """An epoch number of the full training in this one; halves round up."""
        return int(epoch * self.epochs / (VIDEO_FULL if self.video else FULL) + 0.5)

    def learning_rate(self, epoch: int, start: float) -> float:
        """Times 0.1 at epochs 20 and 40 of 60 (clips: 40, 80, 120 of 150); the clothes classifier keeps the first one."""
        decays = VIDEO_DECAYS if self.video else DECAYS
        return float(start * 0.1 ** sum(epoch >= self.scaled(decay) for decay in decays))

    def clothes_losses(self, epoch: int) -> bool:
        """Whether clothes classifier and adversarial loss are on."""
        return epoch >= self.scaled(VIDEO_CLOTHES_FROM if self.video else CLOTHES_FROM)

    def usable_variants(self, epoch: int, count: int) -> int:
        """How many of a photo's `count` variants may be drawn, from the first on; at least one where there is one."""
        if not self.progressive:
            return count
        share = next((share for last, share in SHARES if epoch <= self.scaled(last)), 1.0)
        return max(min(count, 1), int(share * count))
