"""Checked settings: a form, a command-line flag, an environment variable (`DLCR_...`) and a file meet the same checks."""

from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, ValidationError, model_serializer
from pydantic_settings import BaseSettings, SettingsConfigDict

from dlcr.core.errors import SettingError

Model = TypeVar("Model", bound=BaseModel)


class PaintSettings(BaseModel):
    """How a variant is painted; recorded in its lineage. Defaults are the embedded inpainter's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(20, ge=1, le=200, description="diffusion steps")
    guidance: float = Field(4.0, ge=0.0, le=30.0, description="guidance scale; 1 or less switches guidance off")
    guided: float = Field(1.0, ge=0.0, le=1.0, description="share of the steps, from the first, that run with guidance")
    scheduler: str = Field("model", description="scheduler by name, `model` = the model's own")
    negative_prompt: str = Field("", max_length=500)
    strength: float = Field(1.0, gt=0.0, le=1.0, description="1 paints from noise; less keeps something of the photo")
    batch: int = Field(4, ge=1, le=64, description="fixed batch shape; short batches are padded")
    discriminator_weight: float = Field(0.0, ge=0.0, le=10.0, description="discriminator guidance; 0 switches it off")
    discriminator: str = Field("", pattern=r"^([0-9a-f]{16})?$", description="digest of the trained discriminator")

    @model_serializer(mode="wrap")
    def _told(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Discriminator guidance is told only where it is on: without it a variant keeps its name and its bytes."""
        told: dict[str, Any] = handler(self)
        if not self.discriminator_weight:
            told.pop("discriminator_weight", None)
            told.pop("discriminator", None)
        return told


class ExpandSettings(BaseModel):
    """Which variants a data set gets (method.md, stage 1, item 4)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variants: int = Field(10, ge=1, le=1000, description="variants a photo, each in another outfit")
    split: str = Field("train", min_length=1, description="whose photos; the outfits are always the train split's")
    limit: int | None = Field(None, ge=1, description="photos, the first of the split")
    seed: int = Field(0, ge=0, le=2**31 - 1)
    diverse: bool = Field(False, description="spread the outfits of a photo over garments and colours")
    compile: bool = Field(False, description="compile the model for its batch shape first")


class GuideSettings(BaseModel):
    """How the discriminator of discriminator guidance is trained (method.md, stage 1, item 6)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str = Field("train", min_length=1, description="whose photos and first-pass variants")
    steps: int = Field(2000, ge=1, le=1_000_000, description="updates")
    batch: int = Field(16, ge=2, le=1024, multiple_of=2, description="half real latents, half generated ones")
    width: int = Field(48, ge=8, le=512, multiple_of=8, description="channels of the first level")
    levels: int = Field(3, ge=1, le=5, description="each halves the latents and widens")
    learning_rate: float = Field(3e-4, gt=0.0, le=1.0)
    weight_decay: float = Field(1e-7, ge=0.0, le=1.0)
    held_out: float = Field(0.2, gt=0.0, lt=1.0, description="share of the people on whom the accuracy is measured")
    limit: int = Field(20_000, ge=2, description="variants to learn from at most, drawn by chance")
    seed: int = Field(0, ge=0, le=2**31 - 1)


class GateSettings(BaseModel):
    """When a variant is not good enough, and what becomes of it. Thresholds: docs/decisions/015-quality-gate.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gate: Literal["keep", "flag", "repaint"] = Field(
        "keep", description="keep: only measure; flag: reject what fails; repaint: also paint it again"
    )
    split: str | None = Field(None, min_length=1, description="whose variants; all if not given")
    run: str | None = Field(
        None, min_length=1, description="re-ID run or backbone that measures drift, else ImageNet's"
    )
    max_outside: int = Field(0, ge=0, description="pixels changed outside the mask")
    max_drift: float = Field(0.5, ge=0.0, le=2.0, description="identity drift of the whole person, 1 - cosine")
    max_head_drift: float = Field(0.1, ge=0.0, le=2.0, description="identity drift of head and hair, 1 - cosine")
    min_agreement: float = Field(0.2, ge=0.0, le=1.0, description="share of the prompt that the captioner sees")
    max_seam: float = Field(2.0, ge=0.0, le=1000.0, description="gradient energy at the mask's edge over the photo's")
    attempts: int = Field(2, ge=1, le=20, description="times a variant is painted again, each with another seed")
    batch: int = Field(16, ge=1, le=256, description="variants that are looked at together")


class DescribeSettings(BaseModel):
    """What language models are asked, and how (method.md, stage 1, items 2 and 3); kept beside every raw reply."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field("What clothes is the person wearing?", min_length=1, max_length=2000)
    extract: str = Field(
        "Extract the clothing items from the following text: {text}", pattern=r"\{text\}", max_length=2000
    )
    frame_words: int = Field(200, ge=10, le=5000, description="words of all frame answers that the summary reads")
    caption_temperature: float = Field(0.2, ge=0.0, le=2.0, description="0 always takes the likeliest word")
    temperature: float = Field(0.6, ge=0.0, le=2.0, description="of the summary")
    top_p: float = Field(0.9, gt=0.0, le=1.0, description="of the summary")
    max_tokens: int = Field(128, ge=8, le=4096)
    batch: int = Field(8, ge=1, le=256, description="photos a call")
    retries: int = Field(2, ge=0, le=10, description="times a failed question is asked again, each with another seed")
    timeout: float = Field(120.0, gt=0.0, le=3600.0, description="seconds to wait for a server")
    seed: int = Field(0, ge=0, le=2**31 - 1)


class MaskSettings(BaseModel):
    """What the parser's masks of whole data sets cover besides the clothes; as it stands, nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grow: int = Field(0, ge=-64, le=64, description="pixels of the photo by which a mask is grown, below 0 shrunk")
    limbs: bool = Field(False, description="bare arms and legs too, hands not")


CLOTHES_ONLY = MaskSettings()


class ScaleSettings(BaseModel):
    """Which Ray cluster works, and by how many workers of one CPU each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str | None = Field(
        None, min_length=1, description="auto, HOST:PORT, ray://HOST:PORT; None starts a Ray here"
    )
    workers: int | None = Field(None, ge=1, le=10_000, description="as many as there is room for, if not given")
    gpus_per_worker: float | None = Field(None, ge=0.0, le=64.0, description="1 where there are GPUs, if not given")


class Backends(BaseSettings):
    """Which implementation each step uses, by spec (`kind` or `kind:argument`)."""

    model_config = SettingsConfigDict(env_prefix="DLCR_", frozen=True, extra="ignore")

    parser: str = "demo"
    clicker: str = "grabcut"
    captioner: str = "demo"
    summariser: str = "vote"
    inpainter: str = "demo"
    device: str = "auto"


class Viewing(BaseSettings):
    """How pictures are shown to people; what is computed and kept is the same either way."""

    model_config = SettingsConfigDict(env_prefix="DLCR_", frozen=True, extra="ignore")

    privacy: bool = Field(False, description="faces are blurred in every picture that is shown or taken along")


def checked(model: type[Model], /, **values: Any) -> Model:
    """Build `model` from the values that are not None; SettingError says which one, what it got and what is allowed."""
    try:
        return model(**{key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        between = first.get("ctx", {}).get("error")  # of settings that do not go together
        told = (
            f"{between}."
            if between and not name
            else f"{name or '(no name)'}: {first['msg'].lower()}, got {first['input']!r}."
        )
        raise SettingError(told, "Change it and try again.") from error
