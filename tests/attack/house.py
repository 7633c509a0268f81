"""Gateways that serve the marked apps, and the sum of what is tried on them."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import psutil
import pytest
from attacker import Attacker
from gateway import Gateway, running_gateway
from marked import Theatre

LONG = os.environ.get("STAGEDOOR_ATTACK") == "long"
SITE = "https://course.example"
SETTINGS = """
[log]
format = "json"
[server]
allow_origins = ["https://course.example", "http://[2001:db8::1]:8080"]
[sessions]
grace = 1.0
[limits]
messages = 100000
refusals_per_address = 1000000
[kernels]
snapshot = "{snapshot}"
"""


@dataclass
class Tally:
    """What all attacks of a test run have come to."""

    began: float = field(default_factory=time.monotonic)
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    searched: int = 0
    memory: list[str] = field(default_factory=list)

    def add(self, attacker: Attacker) -> None:
        """What one attacker has tried; none of what it has received has a mark, or its test would have failed."""
        self.tried += attacker.tried
        self.searched += sum(len(data) for _, data in attacker.received)
        found = re.findall(
            r'stagedoor_refusals_total\{reason="(\w+)"\} ([\d.]+)', attacker.gateway.get("/metrics").text
        )
        for reason, number in found:
            self.refused[f"{reason}, {attacker.gateway.process.pid}"] = int(float(number))

    def remember(self, what: str, before: int, after: int) -> None:
        """The gateway's memory, in bytes."""
        self.memory.append(f"{what}: {before / 2**20:.1f} MiB before, {after / 2**20:.1f} MiB after")


def memory(gateway: Gateway) -> int:
    return int(psutil.Process(gateway.process.pid).memory_info().rss)


def serve(
    theatre: Theatre, folders: pytest.TempPathFactory, snapshot: str, *flags: str
) -> AbstractContextManager[Gateway]:
    config = folders.mktemp("settings") / "stagedoor.toml"
    config.write_text(SETTINGS.format(snapshot=snapshot))
    # The other apps are attacked by their addresses only, once.
    apps = [theatre.folder] if snapshot == "auto" and not flags else [theatre.folder / "marked.py"]
    return running_gateway(apps, "--config", str(config), *flags, env=theatre.environment)
