"""The one place where settings are read; everything else is handed what it needs."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ml import shipped_detector


class Settings(BaseSettings):
    """Each field is the environment variable MOTHMASK_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="MOTHMASK_", frozen=True)

    data: Annotated[Path, Field(description="folder for the database, blobs and messages")] = Path(
        "mothmask-data"
    )
    database_url: Annotated[
        str, Field(description="SQLAlchemy URL; empty: an SQLite file in the data folder")
    ] = ""
    broker_url: Annotated[
        str, Field(description="Redis URL; empty: messages are files in the data folder")
    ] = ""
    detector: Annotated[
        str,
        Field(description="'fallback', 'shipped', or the path of a YOLO network in ONNX format"),
    ] = shipped_detector.default_name()
    token: Annotated[
        SecretStr, Field(description="what the printed link carries; made anew at each start")
    ] = SecretStr("")
    upload_megabytes: Annotated[
        int, Field(description="largest request that is accepted, in MB", gt=0)
    ] = 2000
    photograph_megapixels: Annotated[
        int, Field(description="largest photograph that is decoded", gt=0)
    ] = 500
    heartbeat_seconds: Annotated[
        float, Field(description="a part silent for so long is given to another worker", gt=0)
    ] = 60.0
    sweep_seconds: Annotated[
        float, Field(description="how often workers look for lost messages and silent parts", gt=0)
    ] = 5.0

    proposal_seconds: Annotated[
        float,
        Field(description="processor time that quick methods may take to propose masks", ge=0),
    ] = 1.5
    threads: Annotated[
        int,
        Field(description="processor threads of each worker; 0: the cores shared evenly", ge=0),
    ] = 0

    webhook_url: Annotated[
        str,
        Field(
            description="http(s) address to which notices are sent as JSON; empty: nowhere",
            pattern=r"^(https?://\S+)?$",
        ),
    ] = ""
    stop_acceptance: Annotated[
        float,
        Field(description="share of the last 50 decisions that accept, to advise stopping", le=1),
    ] = 0.9
    stop_dice: Annotated[
        float,
        Field(description="lower end of the random checks' Dice, to advise stopping", le=1),
    ] = 0.95

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data.absolute() / 'mothmask.sqlite'}"

    @property
    def blob_folder(self) -> Path:
        return self.data.absolute() / "blobs"

    @property
    def message_folder(self) -> Path:
        return self.data.absolute() / "messages"

    @property
    def tensorboard_folder(self) -> Path:
        """A folder per round, for TensorBoard. Can be deleted at any time."""
        return self.data.absolute() / "tensorboard"

    @property
    def thumbnail_folder(self) -> Path:
        """Can be deleted at any time."""
        return self.data.absolute() / "thumbnails"
