"""Bodies that are compressed once and served often."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

import brotli

_QUICK_BROTLI_ABOVE = 2**20
_HASTY_BROTLI = 6


@dataclass(frozen=True, slots=True)
class Encoded:
    """A body in the encodings that browsers ask for, prepared once."""

    plain: bytes
    gzip: bytes
    brotli: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes, *, hasty: bool = False) -> Encoded:
        """Compresses; takes up to some seconds for megabytes, or a tenth of it when somebody waits (``hasty``)."""
        quality = _HASTY_BROTLI if hasty else 11 if len(body) <= _QUICK_BROTLI_ABOVE else 9
        return cls(
            body,
            gzip.compress(body, 6 if hasty else 9, mtime=0),
            brotli.compress(body, quality=quality),
            hashlib.sha256(body).hexdigest()[:32],
        )
