"""The sections of the settings: what each key may be, and what it is when nobody sets it."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    NoDecode,
)

from ..door.limits import SessionLimits
from ..door.origins import normalise_origin
from ..door.traits import is_opening
from ..kernels.remote.access import Access, certificates, parse_address
from ..kernels.template.canary import Canary
from ..kernels.template.confinement import Folder
from ..kernels.template.limits import Limits
from ..kernels.template.options import ForkOptions, Snapshot
from ..web.limits import WebLimits

_LIMITS = SessionLimits()
_WEB = WebLimits()
_ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


def _listed(value: object) -> object:
    """A list as the environment has it: in JSON, or separated by commas or spaces."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError(f"it is not JSON: {error}") from None
    return [text for text in re.split(r"[,\s]+", value) if text]


Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Texts = Annotated[list[str], NoDecode, BeforeValidator(_listed)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ServerSettings(Section):
    """``[server]``: where the gateway listens, and for whom."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8900, ge=0, le=65535)
    """0: any port that is free."""
    root_path: str = ""
    """The path under which a proxy shows the gateway."""
    hosts: Texts = []
    """Names under which the gateway is reached, without port; none: whatever a request names."""
    allow_origins: Texts = []
    """Origins of the pages that may embed the apps, or ``*``."""
    trusted_proxies: Texts = ["127.0.0.1", "::1"]
    """Addresses or networks whose ``X-Forwarded-*`` headers are believed, or ``*``."""

    @field_validator("root_path")
    @classmethod
    def _path(cls, text: str) -> str:
        if not _ROOT_PATH.fullmatch(text):
            raise ValueError(f"{text!r} is not a path such as '/live'")
        return text

    @field_validator("allow_origins")
    @classmethod
    def _origins(cls, texts: list[str]) -> list[str]:
        return [text if text == "*" else normalise_origin(text) for text in texts]

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, texts: list[str]) -> list[str]:
        for text in texts:
            try:
                ipaddress.ip_network("0.0.0.0/0" if text == "*" else text)
            except ValueError as error:
                raise ValueError(f"{error}: write addresses, or networks such as '10.0.0.0/8'") from None
        return texts


class SessionSettings(Section):
    """``[sessions]``: times in seconds."""

    grace: Seconds = _LIMITS.grace
    """How long a session waits for a page whose connection was lost."""
    idle: Seconds = _LIMITS.idle
    """How long a session lives without any act of the visitor."""
    age: Seconds = _LIMITS.age
    """How long a session lives in all."""
    seats: int = Field(default=500, ge=1)
    """How many sessions may have a kernel at a time; others queue."""
    memory: ByteSize = ByteSize(0)
    """How much memory the kernels of all sessions may use, such as ``4GB``; 0: most of what is free at the start."""
    yield_after: Seconds = _LIMITS.yield_after
    """How long a visitor may do nothing before the session ends when others queue."""


class RunSettings(Section):
    """How apps are run."""

    run_limit: Seconds = 60.0
    """How many seconds an app's first run may take."""
    snapshot: Snapshot = "auto"
    """When kernels are forked for visitors: after the run where that suits the app, ``imports``, or ``never``."""
    canary: Canary = "cells"
    """How a fork is tried out first: its ``cells`` are run again, its ``widgets`` are used, or ``off``."""
    settle: float = Field(default=0.0, ge=0, le=60)
    """Seconds for which the app's own tasks run on before it is forked."""
    memory_limit: ByteSize = ByteSize(4 * 2**30)
    """What a session may allocate beyond what the app's first run has left, such as ``500MB``; 0: no limit."""
    cpu_limit: int = Field(default=0, ge=0)
    """Seconds of processor time that a session may use; 0: no limit."""
    process_limit: int = Field(default=10_000, ge=0)
    """Processes and threads that this user may have before a session may start no more; 0: no limit."""
    file_limit: int = Field(default=1024, ge=64)
    """Files that a session may have open."""
    file_size_limit: ByteSize = ByteSize(10**9)
    """How large a file a session may write, such as ``100MB``; 0: no limit."""
    read_only: bool = False
    """Whether a session may write into its own temporary folder only; apps that are not forked get no kernels then."""
    folder: Folder = "auto"
    """Whether what a session writes into the app's folder is its own: where that is possible, or else no kernel
    (``private``), or not (``shared``)."""
    disk_limit: ByteSize = ByteSize(256 * 10**6)
    """Bytes of files that a session may write into its own folders, in memory; 0: no limit, on disk."""
    user: str = ""
    """The user of this system that runs the apps, when Stagedoor is started by root; default: Stagedoor's."""
    network: bool = True
    """Whether a session may use TCP. If not, apps that are not forked get no kernels."""
    max_age: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Seconds after which an app is run and recorded anew; 0: only when its files change."""

    kernel_name: str = ""
    """The kernel of the Jupyter server that apps run in; by default ``python3``, or the one that a notebook names."""

    def fork_options(self) -> ForkOptions:
        """The share of the forked kernels."""
        limits = Limits(
            int(self.memory_limit),
            self.cpu_limit,
            self.process_limit,
            self.file_limit,
            file_size=int(self.file_size_limit),
            read_only=self.read_only,
            disk=int(self.disk_limit),
            user=self.user,
            network=self.network,
        )
        return ForkOptions(self.snapshot, self.canary, self.settle, limits, self.folder)


class KernelSettings(RunSettings):
    """``[kernels]``: the same for all apps, and what is shared by them."""

    pool: int = Field(default=1, ge=0)
    """Idle kernels kept ready for each kernelspec that an app uses, where they are not forked."""
    source: Literal["local", "jupyter"] = "local"
    """Where kernels run: on this machine, or on a Jupyter server."""
    url: str = ""
    """The Jupyter server's address, with the path under which it is reached."""
    token: SecretStr = SecretStr("")
    """The Jupyter server's token, best given as ``STAGEDOOR_KERNELS__TOKEN``."""
    token_file: str = ""
    """A file with the token, which is read anew when it changes."""
    ca_file: str = ""
    """Certificates in PEM by which the server's is checked, instead of the system's."""

    @field_validator("url")
    @classmethod
    def _address(cls, text: str) -> str:
        return parse_address(text) if text else ""

    @field_validator("ca_file")
    @classmethod
    def _certificates(cls, text: str) -> str:
        if text:
            certificates(text)
        return text

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.source == "jupyter" and not self.url:
            raise ValueError("source is 'jupyter', so url has to be the server's, such as 'http://localhost:8888'")
        given = [name for name in ("url", "token_file", "ca_file", "kernel_name") if getattr(self, name)]
        if self.source == "local" and given:
            raise ValueError(f"{given[0]} has no effect where kernels are local: add source = 'jupyter'")
        if self.token.get_secret_value() and self.token_file:
            raise ValueError("token and token_file are both set: keep one of them")
        return self

    def access(self) -> Access:
        """How the Jupyter server is reached."""
        return Access(self.url, self.token.get_secret_value(), self.token_file, self.ca_file)


class LimitSettings(Section):
    """``[limits]``: what anybody who connects may do. Times in seconds."""

    frame: ByteSize = Field(default=ByteSize(_WEB.frames.frame), ge=1024)
    """Bytes of a websocket's message; a file that a visitor uploads fits into one."""
    json_size: ByteSize = Field(default=ByteSize(_WEB.frames.json), ge=1024)
    """Bytes of a message without its binary parts."""
    messages: float = Field(default=_WEB.rates.messages, ge=1, allow_inf_nan=False)
    """Messages that a page may send in a second, all the time."""
    rate: ByteSize = Field(default=ByteSize(_WEB.rates.bytes), ge=1024)
    """Bytes that a page may send in a second, all the time."""
    connections_per_address: int = Field(default=_WEB.crowd.connections, ge=1)
    sessions_per_address: int = Field(default=_WEB.crowd.sessions, ge=1)
    openings_per_address: float = Field(default=_WEB.crowd.openings, gt=0, allow_inf_nan=False)
    """Sessions that an address may open in a second, all the time; more wait."""
    refusals_per_address: float = Field(default=_WEB.crowd.refusals, gt=0, allow_inf_nan=False)
    """Messages of an address that may be refused in a second, all the time; with more, it is read more slowly."""
    queue: int = Field(default=1000, ge=0)
    """Visitors that may wait for a place."""
    silence: Seconds = _WEB.silence
    """How long a websocket may be open without a session."""
    request: Seconds = _WEB.request
    """How long a request may take to arrive."""
    unread: Seconds = _WEB.unread
    """How long whoever is connected may take nothing of what it is sent."""


class TokenSettings(Section):
    """``[tokens]``: the keys that sign embed tokens."""

    key: SecretStr = SecretStr("")
    """A secret, best given as ``STAGEDOOR_TOKENS__KEY``."""
    key_files: Texts = []
    """Files with a secret, or a key of Ed25519 in PEM; each of them may sign."""


class AppSettings(RunSettings):
    """``[apps.NAME]``: what may be set for one app otherwise than for all, and on which terms visitors use it."""

    allow: Texts = []
    """Traits that visitors may set beyond the gate's rules, such as ``IntSlider.max``."""
    entry: str = ""
    """Of an app that lives on the Jupyter server: the code that runs it, or the path of a notebook there."""
    token: bool = False
    """Whether visitors need an embed token."""
    scripts: bool = True
    """Whether HTML and JavaScript outputs run in the page; if not, HTML is cleaned, and neither JavaScript nor
    extensions' renderers of MIME types are run."""

    @field_validator("allow")
    @classmethod
    def _openings(cls, texts: list[str]) -> list[str]:
        for text in texts:
            if not is_opening(text):
                raise ValueError(f"{text!r} is not a widget's trait: write such as 'IntSlider.max' or 'HTML:custom'")
        return texts


class LogSettings(Section):
    """``[log]``."""

    format: Literal["auto", "pretty", "json"] = "auto"
    """``auto``: pretty in a terminal, else JSON."""
    level: Literal["debug", "info", "warning", "error"] = "info"
