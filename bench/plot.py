from typing import Any


def draw(results: Any, path: Any) -> None:
    pass
