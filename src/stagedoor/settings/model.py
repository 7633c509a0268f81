"""All settings in one typed model, and what each room gets of them."""

from __future__ import annotations

from pathlib import Path

from pydantic import (
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    SettingsConfigDict,
)

from ..door.crowd import CrowdLimits
from ..door.incoming import FrameLimits
from ..door.limits import SessionLimits
from ..door.rates import Rates
from ..door.terms import Terms
from ..door.tokens import Key
from ..web.limits import WebLimits
from .sections import (
    AppSettings,
    KernelSettings,
    LimitSettings,
    LogSettings,
    RunSettings,
    ServerSettings,
    SessionSettings,
    TokenSettings,
)

PREFIX = "STAGEDOOR_"
DELIMITER = "__"


def entries_need_a_server(apps: dict[str, AppSettings], info: ValidationInfo) -> dict[str, AppSettings]:
    """What only a Jupyter server has makes no sense without one."""
    kernels = info.data.get("kernels")
    for name, app in apps.items():
        given = next((key for key in ("entry", "kernel_name") if getattr(app, key)), None)
        if given and isinstance(kernels, KernelSettings) and kernels.source == "local":
            raise ValueError(f"apps.{name}.{given} is for apps of a Jupyter server: set kernels.source = 'jupyter'")
    return apps


class Settings(BaseSettings):
    """All settings. Flags go before the environment (``STAGEDOOR_SERVER__PORT``), the environment before the file."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid")

    server: ServerSettings = ServerSettings()
    sessions: SessionSettings = SessionSettings()
    kernels: KernelSettings = KernelSettings()
    limits: LimitSettings = LimitSettings()
    tokens: TokenSettings = TokenSettings()
    apps: dict[str, AppSettings] = {}
    """By the app's name; only in the file."""
    _entries = field_validator("apps")(entries_need_a_server)
    log: LogSettings = LogSettings()
    dev: bool = False
    """Show tracebacks and stderr in the page."""

    def entries(self) -> dict[str, str]:
        """By name, the apps that live on the Jupyter server."""
        return {name: app.entry for name, app in self.apps.items() if app.entry}

    def run_settings(self, name: str) -> RunSettings:
        """What is set for an app: by itself, or else for all."""
        own = self.apps.get(name, RunSettings())
        return self.kernels.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})

    def session_limits(self) -> SessionLimits:
        """The door's share of the settings."""
        sessions = self.sessions
        return SessionLimits(
            grace=sessions.grace,
            idle=sessions.idle,
            age=sessions.age,
            yield_after=sessions.yield_after,
        )

    def web_limits(self) -> WebLimits:
        """The web room's share of the settings."""
        limits = self.limits
        return WebLimits(
            frames=FrameLimits(int(limits.frame), int(limits.json_size)),
            rates=Rates(messages=limits.messages, bytes=float(limits.rate)),
            crowd=CrowdLimits(
                connections=limits.connections_per_address,
                sessions=limits.sessions_per_address,
                openings=limits.openings_per_address,
                refusals=limits.refusals_per_address,
            ),
            silence=limits.silence,
            request=limits.request,
            unread=limits.unread,
        )

    def terms(self, app: str) -> Terms:
        """What the author of an app has decided about its visitors."""
        chosen = self.apps.get(app, AppSettings())
        return Terms(frozenset(chosen.allow), chosen.token, chosen.scripts)

    def token_keys(self) -> list[Key]:
        """The keys of embed tokens. Raises KeyProblem when one cannot be used."""
        keys = [Key.read(Path(file)) for file in self.tokens.key_files]
        if secret := self.tokens.key.get_secret_value():
            keys.append(Key(secret.encode(), "in the setting tokens.key"))
        return keys
