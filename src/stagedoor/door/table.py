"""The rules of the gate as a table: ``python -m stagedoor.door.table docs/door.md`` writes it into the document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .traits import CAPTURED, EVENTS, RULES, STEERING, VIEW_COUNT
from .values import count

BEGIN = "<!-- The table is written by `make door-table`. -->"
END = "<!-- The end of the table. -->"


def table() -> str:
    """Markdown: what a visitor may set of each model, and send to it."""
    return "\n".join([*_models(), "", *_never()])


def put_into(document: str) -> str:
    """The document with the table between its marks."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def _models() -> Iterator[str]:
    yield "| widget | a visitor may set | to | and send |"
    yield "|---|---|---|---|"
    for model in sorted({*RULES, *EVENTS}):
        rules = RULES.get(model, {})
        event = f'`{{"event": "{EVENTS[model]}"}}`' if model in EVENTS else ""
        for index, (trait, rule) in enumerate(rules.items() or [("", None)]):
            name = "" if index else model.removesuffix("Model")
            values = rule.words if rule else ""
            yield f"| {name} | {f'`{trait}`' if trait else ''} | {values} | {'' if index else event} |"
    yield f"| every widget | `{VIEW_COUNT}` | {count.words}, once the app has set it | |"
    yield "| every other widget of ipywidgets | nothing | | nothing |"
    yield "| widgets of other packages | what they sync, but for what is listed below | any value | anything |"


def _never() -> Iterator[str]:
    yield "Never, of whatever widget: " + ", ".join(f"`{trait}`" for trait in sorted(STEERING)) + "."
    yield "Never, of an `Output`: " + ", ".join(f"`{trait}`" for trait in sorted(CAPTURED)) + "."


def main() -> None:
    """Writes the table into the file named on the command line."""
    file = Path(sys.argv[1])
    file.write_text(put_into(file.read_text()))


if __name__ == "__main__":
    main()
