"""The one place where settings are read; everything else is handed what it needs."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.people import Role, SignIn
from app.logs import LogFormat
from ml import shipped_detector

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Settings(BaseSettings):
    """Each field is the environment variable MOTHMASK_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="MOTHMASK_", frozen=True)

    data: Annotated[Path, Field(description="folder for the database, blobs and messages")] = Path(
        "mothmask-data"
    )
    database_url: Annotated[
        str, Field(description="SQLAlchemy URL; empty: an SQLite file in the data folder")
    ] = ""
    blobs_url: Annotated[
        str,
        Field(description="s3://bucket/prefix for photographs and masks; empty: the data folder"),
    ] = ""
    s3_endpoint: Annotated[
        str, Field(description="http(s) address of an S3 server; empty: Amazon's")
    ] = ""
    s3_region: Annotated[str, Field(description="where the bucket is")] = ""
    s3_key_id: Annotated[
        str, Field(description="name of the access key; empty: AWS_… variables, or the machine's")
    ] = ""
    s3_secret: Annotated[SecretStr, Field(description="the access key")] = SecretStr("")
    s3_seconds: Annotated[
        float, Field(description="how long a bucket that does not answer is asked again", gt=0)
    ] = 60.0
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
    sign_in: Annotated[
        SignIn, Field(description="how people come in: link, password, proxy or openid")
    ] = SignIn.LINK
    address: Annotated[
        str,
        Field(
            description="where people find the server, such as https://moths.example",
            pattern=r"^(https?://[^/\s]+)?$",
        ),
    ] = ""
    hosts: Annotated[
        str, Field(description="further names by which the server may be asked, between commas")
    ] = ""
    proxies: Annotated[
        str,
        Field(description="addresses and networks of reverse proxies that are believed"),
    ] = ""
    proxy_header: Annotated[
        str, Field(description="where the proxy says who it is; with sign_in=proxy", min_length=1)
    ] = "Remote-User"
    openid_issuer: Annotated[str, Field(description="the OpenID provider; with sign_in=openid")] = (
        ""
    )
    openid_client: Annotated[str, Field(description="our name with that provider")] = ""
    openid_secret: Annotated[SecretStr, Field(description="our secret with that provider")] = (
        SecretStr("")
    )
    newcomers: Annotated[
        Role | None,
        BeforeValidator(lambda given: None if given in ("", "nobody") else given),
        Field(description="role of those who come first by proxy or OpenID; nobody: refused"),
    ] = None
    session_days: Annotated[
        int, Field(description="days after which an unused browser is signed out", gt=0)
    ] = 30

    upload_megabytes: Annotated[
        int, Field(description="largest request that is accepted, in MB", gt=0)
    ] = 2000
    photograph_megapixels: Annotated[
        int, Field(description="largest photograph that is decoded", gt=0)
    ] = 500
    decoding_megabytes: Annotated[
        int, Field(description="memory that reading one file from outside may take, in MB", gt=0)
    ] = 6000
    decoding_seconds: Annotated[
        int, Field(description="how long reading one file from outside may take", gt=0)
    ] = 120
    heartbeat_seconds: Annotated[
        float, Field(description="a part silent for so long is given to another worker", gt=0)
    ] = 60.0
    sweep_seconds: Annotated[
        float, Field(description="how often workers look for lost messages and silent parts", gt=0)
    ] = 5.0

    stop_seconds: Annotated[
        float,
        Field(
            description="how long what is being done may take when server or worker shall stop",
            ge=0,
        ),
    ] = 20.0
    log_format: Annotated[
        LogFormat, Field(description="'text' for people, 'json' for programs")
    ] = LogFormat.TEXT
    metrics: Annotated[
        str,
        Field(
            description="HOST:PORT at which figures for Prometheus are given; empty: nowhere",
            pattern=r"^([^\s/]+:[0-9]{1,5})?$",
        ),
    ] = ""

    proposal_seconds: Annotated[
        float,
        Field(description="processor time that quick methods may take to propose masks", ge=0),
    ] = 1.5
    threads: Annotated[
        int,
        Field(description="processor threads of each worker; 0: the cores shared evenly", ge=0),
    ] = 0

    webhook_private: Annotated[
        bool, Field(description="whether notices may be sent into a private network")
    ] = False
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
    def missing_to_sign_in(self) -> list[str]:
        """Settings without which people could not come in the way that is chosen."""
        wanted = {
            SignIn.OPENID: ("address", "openid_issuer", "openid_client"),
            SignIn.PROXY: ("proxies",),
        }
        missing = (name for name in wanted.get(self.sign_in, ()) if not getattr(self, name))
        return [f"MOTHMASK_{name.upper()}" for name in missing]

    @property
    def host_names(self) -> list[str]:
        """By which the server may be asked."""
        further = (name.strip() for name in self.hosts.split(","))
        own = urlsplit(self.address).hostname or ""
        return [*LOOPBACK_NAMES, *(name for name in (own, *further) if name)]

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
    def thumbnail_folder(self) -> Path:
        """Can be deleted at any time."""
        return self.data.absolute() / "thumbnails"
