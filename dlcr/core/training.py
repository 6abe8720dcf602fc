"""Settings of a re-ID training; a form, flags, environment and a run's own record meet the same checks."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class TrainSettings(BaseModel):
    """Everything that decides a training beside its data; defaults are the embedded backbone's. Recorded in the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str = Field("demo", description="backbone by spec: demo, timm:NAME, cal:PATH, hf:HUB_ID")
    height: int | None = Field(
        None, ge=32, le=1024, description="height of the photos; the backbone's own if not given"
    )
    width: int | None = Field(None, ge=16, le=1024)
    epochs: int = Field(24, ge=1, le=1000, description="published epoch numbers scale by epochs / 60")
    batch: int = Field(64, ge=4, le=4096, description="photos a batch, variants included")
    photos_per_person: int = Field(8, ge=2, le=64)
    variants: int = Field(
        0, ge=0, le=100, description="how many variants of each photo may be used; 0 = real photos only"
    )
    accepted_only: bool = Field(False, description="only accepted variants, else all but the rejected")
    progressive: bool = Field(True, description="the share of usable variants grows over the epochs")
    clothes_losses: bool = Field(True, description="clothes classifier and adversarial loss (CAL)")
    smoothing: float = Field(0.1, ge=0.0, lt=1.0)
    triplet_weight: float = Field(0.0, ge=0.0, le=10.0)
    learning_rate: float = Field(3.5e-4, gt=0.0, le=1.0)
    weight_decay: float = Field(5e-4, ge=0.0, le=1.0)
    clip: float = Field(10.0, gt=0.0, description="largest norm of the gradient")
    erasing: float = Field(0.5, ge=0.0, le=1.0, description="share of photos with a random rectangle erased")
    amp: bool = Field(True, description="half precision on a GPU")
    seed: int = Field(0, ge=0, le=2**31 - 1)

    @property
    def real_photos(self) -> int:
        """Real photos a batch: half of it where each comes with a variant (DLCR, section 3.3)."""
        return self.batch // 2 if self.variants else self.batch

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
        return self
