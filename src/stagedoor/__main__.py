"""``python -m stagedoor`` is ``stagedoor``."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """The command's entry point: Ctrl-C ends it without a word, while it is still being loaded too."""
    try:
        from .cli import run  # noqa: PLC0415 -- takes a second

        status = run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)


if __name__ == "__main__":
    main()
