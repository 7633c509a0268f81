"""What the web room allows whoever connects."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..door.crowd import CrowdLimits
from ..door.incoming import FrameLimits
from ..door.rates import Rates


@dataclass(frozen=True, slots=True)
class WebLimits:
    """Times in seconds."""

    frames: FrameLimits = field(default_factory=FrameLimits)
    rates: Rates = field(default_factory=Rates)
    crowd: CrowdLimits = field(default_factory=CrowdLimits)
    silence: float = 600.0
    """How long a connection may be open without having asked for a session."""
    request: float = 20.0
    """How long a request may take to arrive."""
    unread: float = 40.0
    """How long whoever is connected may take nothing of what it is sent: an answer, a frame, a ping."""
