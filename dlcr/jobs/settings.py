"""How workers behave; every value may be given as an environment variable (`DLCR_JOB_...`)."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class JobSettings(BaseSettings):
    """Seconds, all of them."""

    model_config = SettingsConfigDict(env_prefix="DLCR_JOB_", frozen=True, extra="ignore")

    heartbeat: float = Field(5.0, gt=0.0, le=60.0, description="between two signs of life of a worker")
    patience: float = Field(
        60.0,
        gt=0.0,
        description="without a sign of life until a worker is given up; a busy catalog may delay one by 30",
    )
    grace: float = Field(30.0, gt=0.0, description="that an interrupted command has to end by itself")
    yields: float = Field(10.0, gt=0.0, description="that a job leaves the device to somebody who asked once")
    look: float = Field(5.0, gt=0.0, description="between two looks at the queue when nothing rings")
