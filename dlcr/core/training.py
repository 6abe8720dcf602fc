"""Settings of a re-ID training; a form, flags, environment and a run's own record meet the same checks."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

RECORD, MODEL = "run.json", "model.safetensors"
"""Files of a run's folder: its settings and facts, its network after the last epoch."""
NETWORKS = {"last": MODEL, "best": "best.safetensors"}
"""Which network of a run, and its file: after its last epoch, or after the tested epoch of highest rank-1."""
DEMO = "demo"
BATCH = 64
"""The embedded backbone's spec; photos a batch as published (Gu et al. 2022; DLCR: 32 of them variants)."""
VARIANTS = 10
"""Variants of each photo that a training with variants uses at most, as published, if nothing else is said."""
CHECKPOINTS, LOG = "checkpoints", "log.jsonl"
"""Where a run's folder keeps its state, and there the file with one line an epoch."""


class TrainSettings(BaseModel):
    """Everything that decides a training beside its data; defaults are the embedded backbone's. Recorded in the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str = Field(DEMO, description="backbone by spec: demo, timm:NAME, cal:PATH, hf:HUB_ID")
    height: int | None = Field(
        None, ge=32, le=1024, description="height of the photos; the backbone's own if not given"
    )
    width: int | None = Field(None, ge=16, le=1024)
    epochs: int = Field(24, ge=1, le=1000, description="published epoch numbers scale by epochs / 60")
    batch: int | None = Field(
        None, ge=4, le=4096,
        description="photos a batch, variants included; not given: 64, for the embedded backbone without variants 32",
    )  # fmt: skip
    photos_per_person: int = Field(4, ge=2, le=64)
    variants: int = Field(
        0, ge=0, le=100, description="how many variants of each photo may be used; 0 = real photos only"
    )
    accepted_only: bool = Field(False, description="only accepted variants, else all but the rejected")
    guided: bool | None = Field(
        None,
        description="only variants painted with discriminator guidance (true), only those without (false), or both",
    )
    recoloured: bool = Field(
        False, description="in place of variants copies with the clothes' hue, colourfulness and brightness changed"
    )
    progressive: bool = Field(True, description="the share of usable variants grows over the epochs")
    clothes_losses: bool = Field(True, description="clothes classifier and adversarial loss (CAL)")
    smoothing: float = Field(0.1, ge=0.0, lt=1.0)
    clip_frames: int = Field(1, ge=1, le=64, description="frames of a tracklet that make one clip; 1 = single photos")
    clip_stride: int = Field(4, ge=1, le=64, description="frames from one of a clip to its next")
    triplet_weight: float = Field(0.0, ge=0.0, le=10.0)
    learning_rate: float = Field(1e-3, gt=0.0, le=1.0)
    weight_decay: float = Field(5e-4, ge=0.0, le=1.0)
    clip: float = Field(10.0, gt=0.0, description="largest norm of the gradient")
    erasing: float = Field(0.5, ge=0.0, le=1.0, description="share of photos with a random rectangle erased")
    amp: bool = Field(True, description="half precision on a GPU")
    evaluate_every: int = Field(
        0, ge=0, le=1000, description="epochs between tests on the set's first protocol, the best is kept; 0 = never"
    )
    seed: int = Field(0, ge=0, le=2**31 - 1)

    @property
    def real_photos(self) -> int:
        """Real photos (or clips) a batch: half of it where each comes with a variant (DLCR, section 3.3).

        The embedded backbone has half a batch in either case. The small sets it is for give few steps, and a baseline with half as
        many steps would be behind for that alone.
        """
        paired = bool(self.variants or self.recoloured)
        batch = self.batch or (BATCH // 2 if self.backbone == DEMO and not paired else BATCH)
        return batch // 2 if paired else batch

    @property
    def video(self) -> bool:
        """Whether clips are learned instead of photos."""
        return self.clip_frames > 1

    @property
    def people(self) -> int:
        """Persons a batch."""
        return self.real_photos // self.photos_per_person

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.people < 2 or self.real_photos % self.photos_per_person:
            raise ValueError(
                f"{self.real_photos} real photos a batch do not give two persons or more with {self.photos_per_person} photos each"
            )
        if (self.height is None) != (self.width is None):
            raise ValueError("height and width belong together")
        if self.recoloured and self.variants:
            raise ValueError("a batch's second half is variants or recoloured copies, not both")
        if self.recoloured and self.video:
            raise ValueError("clips cannot be recoloured: choose single photos (clip_frames 1)")
        return self


_CLIPS = {
    "clip_frames": 8, "clip_stride": 4, "photos_per_person": 4, "batch": 32, "smoothing": 0.0, "erasing": 0.0,
}  # fmt: skip
PUBLISHED = {"learning_rate": 3.5e-4, "photos_per_person": 8}
"""What the defaults are for a backbone other than the embedded one, which sees too few steps of its small set with these."""
PRESETS: dict[str, dict[str, Any]] = {"last": {"photos_per_person": 4, "triplet_weight": 1.0}, "ccvid": _CLIPS}
"""What a layout changes in the defaults (Gu et al. 2022: their settings for LaST, and for CCVID's videos)."""


def preset(layout: str, backbone: str | None = None) -> dict[str, Any]:
    """The settings that a data set in this layout and a backbone start from: of a large backbone those that were published (Gu
    et al. 2022), CCVID's photos 256x128."""
    found = dict(PRESETS.get(layout, {}))
    if backbone not in (None, DEMO):
        found = PUBLISHED | found | ({"height": 256, "width": 128} if layout == "ccvid" else {})
    return found
