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
    scheduler: str = Field("model", description="scheduler by name, `model` = the model's own")
    negative_prompt: str = Field("", max_length=500)
    strength: float = Field(1.0, gt=0.0, le=1.0, description="1 paints from noise; less keeps something of the photo")
    batch: int = Field(4, ge=1, le=64, description="fixed batch shape; short batches are padded")


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
