"""docs/door.md says what the gate does."""

from __future__ import annotations

import re
from pathlib import Path

from stagedoor.door.table import put_into

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "door.md"


def test_the_table_is_the_codes() -> None:
    text = DOCUMENT.read_text()
    assert put_into(text) == text, "run `make door-table`"


def test_every_reason_to_refuse_is_explained() -> None:
    source = "".join(path.read_text() for path in (ROOT / "src/stagedoor").rglob("*.py"))
    reasons = set(re.findall(r'(?:Refused|refused|_refuse)\("(\w+)"', source))
    reasons |= set(re.findall(r'NotAdmitted\(\s*"(token_\w+)"', source))
    explained = set(re.findall(r"`(\w+)`", DOCUMENT.read_text()))
    assert len(reasons) > 20
    assert reasons <= explained
