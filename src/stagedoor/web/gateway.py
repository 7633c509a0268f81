"""The gateway as the web sees it: what is on stage, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from ..door.crowd import Crowd
from ..door.figures import Figures
from ..door.origins import Origins
from ..door.session import Session
from ..door.sessions import Sessions
from ..door.stage import Recorded, Stage
from ..door.tokens import NotAdmitted, Pass, Tokens
from .assets import Assets
from .limits import WebLimits
from .responses import Problem

_RETRY_SECONDS = "1"
_NOT_ALLOWED = "Pages of this origin may not use this app. Whoever runs it can allow them (--allow-origin)."


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that the routes need."""

    stages: Mapping[str, Stage]
    sessions: Sessions
    origins: Origins
    assets: Assets
    figures: Figures
    dev: bool = False
    tokens: Tokens = field(default_factory=lambda: Tokens(()))
    limits: WebLimits = field(default_factory=WebLimits)
    crowd: Crowd = field(default_factory=lambda: Crowd(WebLimits().crowd))

    def check_origin(self, connection: HTTPConnection) -> str | None:
        """The request's origin, if it has one, when it may use the door.

        Raises:
            Problem: it may not.
        """
        origin = connection.headers.get("origin")
        scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
        if not self.origins.allows(origin, f"{scheme}://{connection.url.netloc}"):
            self.figures.refused("origin")
            # This much every page may read: its author would look for the cause elsewhere.
            readable = {"Access-Control-Allow-Origin": "*"}
            raise Problem(403, "origin_not_allowed", _NOT_ALLOWED, readable)
        return origin

    def check_token(self, connection: HTTPConnection, stage: Stage) -> Pass | None:
        """What the request's token allows; None where the app requires none.

        Raises:
            NotAdmitted: it allows nothing.
        """
        if not stage.terms.token:
            return None
        try:
            return self.tokens.check(connection.query_params.get("token"), stage.name, connection.headers.get("origin"))
        except NotAdmitted as problem:
            self.figures.refused(problem.code)
            raise

    def open_session(self, connection: HTTPConnection, recorded: Recorded) -> Session:
        """A session for the page at the end of a connection.

        Raises:
            NotAdmitted: it may have none.
        """
        passing = self.check_token(connection, self.stages[recorded.app.name])
        opening = self.crowd.session(address_of(connection))
        if opening is None:
            self.figures.refused("sessions_per_address")
            raise NotAdmitted(
                "too_many_sessions", "Too many visitors use this app from your network. Please try again later."
            )
        if passing is not None:
            try:
                self.tokens.use(passing)
            except NotAdmitted as problem:
                opening.close()
                self.figures.refused(problem.code)
                raise
        return self.sessions.open(recorded, passing.visitor if passing else None, opening)

    def stage(self, connection: HTTPConnection) -> Stage:
        """The app that the request names. Raises a Problem when there is none of this name."""
        stage = self.stages.get(connection.path_params["name"])
        if stage is None:
            raise Problem(404, "unknown_app", "There is no app of this name here.")
        return stage

    def recorded(self, connection: HTTPConnection, generation: str | None = None) -> Recorded:
        """The recording of the app that the request names. Raises a Problem while, or when, it has none.

        Args:
            generation: the recording that a page shows; the latest is given when it is not kept any more.
        """
        stage = self.stage(connection)
        recorded = stage.shown_as(generation)
        if recorded is None and stage.failure is not None:
            raise Problem(503, "app_failed", "This app cannot be shown at the moment.")
        if recorded is None:
            raise Problem(503, "preparing", "The app is getting ready.", {"Retry-After": _RETRY_SECONDS})
        return recorded


def address_of(connection: HTTPConnection) -> str:
    """The visitor's address, as far as it can be told (see ``web.address``)."""
    return str(connection.scope.get("stagedoor.address", ""))
