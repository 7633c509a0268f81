"""``python -m stagedoor`` is ``stagedoor``."""

from .cli import main

main()
