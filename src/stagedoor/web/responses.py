"""Answers that every route gives in the same form: encoded bodies, and errors in JSON."""

from __future__ import annotations

import re

import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from ..door.encoded import Encoded
from ..door.redaction import new_id

log = structlog.get_logger("stagedoor.web")

_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}


class Problem(Exception):  # noqa: N818 -- it becomes an answer
    """A request that cannot be served: status, a code for programs, a sentence for people."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def response(self, connection: HTTPConnection) -> JSONResponse:
        """The answer; what it was about is in the log under the answer's id."""
        problem = new_id()
        log.info("answered with an error", id=problem, path=connection.url.path, status=self.status, code=self.code)
        body = {"code": self.code, "message": self.message, "id": problem}
        return JSONResponse(body, self.status, _SAFE | {"Cache-Control": "no-store"} | self.headers)


def encoded_response(headers: Headers, body: Encoded, media_type: str, extra: dict[str, str]) -> Response:
    """The body in the best encoding that the request accepts; 304 when it has it already (RFC 9110, 13.1.2)."""
    encoding = _encoding(headers.get("accept-encoding", ""))
    content, suffix = {"br": (body.brotli, "-br"), "gzip": (body.gzip, "-gz"), "": (body.plain, "")}[encoding]
    etag = f'"{body.etag}{suffix}"'
    answer = _SAFE | {"ETag": etag, "Vary": "Accept-Encoding"} | extra
    if etag in re.split(r"\s*,\s*", headers.get("if-none-match", "").replace("W/", "")):
        return Response(status_code=304, headers=answer)
    if encoding:
        answer["Content-Encoding"] = encoding
    return Response(content, headers=answer, media_type=media_type)


def _encoding(accepted: str) -> str:
    """``br``, ``gzip`` or none (RFC 9110, 12.5.3)."""
    offered = {}
    for item in accepted.lower().split(","):
        name, _, weight = item.partition(";")
        offered[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((name for name in ("br", "gzip") if offered.get(name)), "")
