"""How a Jupyter server is reached: its address, its token, the certificates that it is checked by."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from .problems import ServerProblem

_TOKEN = re.compile(r"[\x21-\x7e]*")


def parse_address(text: str) -> str:
    """The address of a Jupyter server, without the last slash.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(text.strip())
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError(f"{text.partition('?')[0]!r} is no address such as 'http://localhost:8888/user/x'")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(
            "the address of a Jupyter server has no '?', '#' or '@' in it: the token is a setting of its own"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def certificates(ca_file: str = "") -> ssl.SSLContext:
    """What a server's certificate is checked by: the file's certificates, or else the system's.

    Raises:
        ValueError: the file cannot be read, or has no certificates.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:  # of which the errors of ssl are some
        reason = "it has no certificates in PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise ValueError(f"{ca_file} cannot be read: {reason}") from None


@dataclass(frozen=True, slots=True)
class Access:
    """A Jupyter server's address, and what opens it."""

    url: str
    token: str = field(default="", repr=False)
    token_file: str = ""
    ca_file: str = ""

    def address(self, *steps: str, **query: str) -> str:
        """The address of what lies under the server's own path; a step may hold any character."""
        path = "/".join(quote(step, safe="") for step in steps)
        return f"{self.url}/{path}" + (f"?{urlencode(query)}" if query else "")

    def socket_address(self, *steps: str, **query: str) -> str:
        """The same for a websocket."""
        return "ws" + self.address(*steps, **query).removeprefix("http")

    def headers(self) -> dict[str, str]:
        """What proves that we may. A file is read every time: its token may have been renewed.

        Raises:
            ServerProblem: the file cannot be read, or what it has in it is no token.
        """
        token = self.token
        if self.token_file:
            try:
                token = Path(self.token_file).read_text().strip()
            except (OSError, ValueError) as error:
                raise ServerProblem(
                    f"The Jupyter server's token cannot be read from {self.token_file}: {error}."
                ) from None
        if not _TOKEN.fullmatch(token):
            raise ServerProblem("The Jupyter server's token has blanks or odd characters in it: correct kernels.token.")
        return {"Authorization": f"token {token}"} if token else {}
