"""What an operator can set: a file, the environment, and flags, in one typed model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from .door.origins import normalise_origin
from .door.session import SessionLimits

_LIMITS = SessionLimits()

Seconds = Annotated[float, Field(gt=0)]


class SettingsError(Exception):
    """A setting is wrong. The text names its key and says what is wrong with it."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ServerSettings(_Section):
    """``[server]``: where the gateway listens, and for whom."""

    host: str = "127.0.0.1"
    port: int = Field(default=8900, ge=0, le=65535)
    """0: any port that is free."""
    root_path: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*/?$")
    """The path under which a proxy shows the gateway."""
    allow_origins: list[str] = []
    """Origins of the pages that may embed the apps, or ``*``."""
    trusted_proxies: list[str] = ["127.0.0.1", "::1"]
    """Addresses whose ``X-Forwarded-*`` headers are believed."""

    @field_validator("allow_origins")
    @classmethod
    def _origins(cls, texts: list[str]) -> list[str]:
        return [text if text == "*" else normalise_origin(text) for text in texts]


class SessionSettings(_Section):
    """``[sessions]``: times in seconds."""

    grace: Seconds = _LIMITS.grace
    """How long a session waits for a page whose connection was lost."""
    idle: Seconds = _LIMITS.idle
    """How long a session lives without any act of the visitor."""
    age: Seconds = _LIMITS.age
    """How long a session lives in all."""
    seats: int = Field(default=50, ge=1)
    """How many sessions may have a kernel at a time; others queue."""


class KernelSettings(_Section):
    """``[kernels]``."""

    pool: int = Field(default=1, ge=0)
    """Idle stock kernels kept ready for each kernelspec that an app uses."""
    run_limit: Seconds = _LIMITS.perform
    """How many seconds an app's first run may take."""


class LogSettings(_Section):
    """``[log]``."""

    format: Literal["auto", "pretty", "json"] = "auto"
    """``auto``: pretty in a terminal, else JSON."""
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """All settings. Flags go before the environment (``STAGEDOOR_SERVER__PORT``), the environment before the file."""

    model_config = SettingsConfigDict(env_prefix="STAGEDOOR_", env_nested_delimiter="__", extra="forbid")

    server: ServerSettings = ServerSettings()
    sessions: SessionSettings = SessionSettings()
    kernels: KernelSettings = KernelSettings()
    log: LogSettings = LogSettings()
    dev: bool = False
    """Show tracebacks and stderr in the page."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, settings_cls.model_config.get("toml_file")),
        )

    def session_limits(self) -> SessionLimits:
        """The door's share of the settings."""
        sessions = self.sessions
        return SessionLimits(grace=sessions.grace, idle=sessions.idle, age=sessions.age, perform=self.kernels.run_limit)


def load_settings(file: Path | None, flags: dict[str, Any]) -> Settings:
    """Settings out of a file (if none is named, ``stagedoor.toml`` where it was called), the environment and flags.

    Raises:
        SettingsError: a file cannot be read, or a value is not what it has to be.
    """
    default = Path("stagedoor.toml")
    chosen = file or (default if default.exists() else None)
    if file is not None and not file.is_file():
        raise SettingsError(f"The settings file {file} does not exist.")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=chosen)

    try:
        return FromFile(**flags)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(step) for step in problem["loc"])
        raise SettingsError(f"The setting {key} is wrong: {problem['msg']}.") from None
    except (ValueError, OSError) as error:
        raise SettingsError(f"The settings file {chosen} cannot be read: {error}.") from None
