"""Checked settings: a form, a command-line flag, an environment variable (`DLCR_...`) and a file meet the same checks."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
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


class ExpandSettings(BaseModel):
    """Which variants a data set gets (method.md, stage 1, item 4)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variants: int = Field(10, ge=1, le=1000, description="variants a photo, each in another outfit")
    split: str = Field("train", min_length=1, description="whose photos; the outfits are always the train split's")
    limit: int | None = Field(None, ge=1, description="photos, the first of the split")
    seed: int = Field(0, ge=0, le=2**31 - 1)
    diverse: bool = Field(False, description="spread the outfits of a photo over garments and colours")
    compile: bool = Field(False, description="compile the model for its batch shape first")


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


class Backends(BaseSettings):
    """Which implementation each step uses, by spec (`kind` or `kind:argument`)."""

    model_config = SettingsConfigDict(env_prefix="DLCR_", frozen=True, extra="ignore")

    parser: str = "demo"
    clicker: str = "grabcut"
    captioner: str = "demo"
    summariser: str = "vote"
    inpainter: str = "demo"
    device: str = "auto"


def checked(model: type[Model], **values: Any) -> Model:
    """Build `model` from the values that are not None; SettingError says which one, what it got and what is allowed."""
    try:
        return model(**{key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or model.__name__
        raise SettingError(
            f"{name}: {first['msg'].lower()}, got {first['input']!r}.", "Change it and try again."
        ) from error
