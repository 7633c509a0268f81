"""Python files cut into cells at ``# %%`` comments: the "percent format" of Spyder, VS Code and Jupytext."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .app import App, AppCell, AppFileError, make_app

# `# %%time` is a magic that Jupytext has commented out, so something must separate the percent signs from the rest.
_MARKER = re.compile(r"#[ \t]*%%+(?=[\s\[]|$)(?P<rest>.*)")
_NOT_CODE = re.compile(r"\[\s*(markdown|md|raw|html)\s*\]", re.IGNORECASE)
_OPTIONS = re.compile(r"\[|\{|(?:^|\s)[\w.-]+=")
_NAME_OPTION = re.compile(r"""(?:^|\s)name=(["'])(?P<option>.*?)\1|\bname:(?P<tag>[^\s"',\]]+)""")
_MAGIC = re.compile(r"^[ \t]*[%!].*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of a file: the rest of its marker's line (none for what precedes the first marker), and its code."""

    marker: str | None
    code: str


def read_script(path: Path) -> App:
    """The app of a ``.py`` file.

    Raises:
        AppFileError: the file is no text in its encoding (PEP 263), or has no usable cells.
        OSError: it cannot be read.
    """
    return make_app(path, list(script_cells(_decode(path))))


def script_cells(text: str) -> Iterator[AppCell]:
    """The cells of a Python file's text. Cells without code are left out, but count when unnamed ones are numbered."""
    index = 0
    at_start = True
    for section in _sections(text):
        if section.marker is not None and _NOT_CODE.search(section.marker):
            continue
        idle = _is_idle(section.code, docstring_too=at_start)
        if section.marker is None and idle:
            continue
        if not idle:
            at_start = False
            yield AppCell(_name(section.marker or "") or str(index), section.code.strip("\n") + "\n")
        index += 1


def _decode(path: Path) -> str:
    data = path.read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except SyntaxError as error:
        raise AppFileError(f"{path} cannot be decoded: {error.msg} (see PEP 263).") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AppFileError(
            f"{path} is not {error.encoding} text at line {line}: "
            "save it as UTF-8, or name its encoding in the first line (PEP 263)."
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sections(text: str) -> Iterator[_Section]:
    marker: str | None = None
    lines: list[str] = []
    for line in io.StringIO(text):
        match = _MARKER.match(line)
        if match and not _ends_inside_string("".join(lines)):
            yield _Section(marker, "".join(lines))
            marker, lines = match["rest"].strip(), []
        else:
            lines.append(line)
    yield _Section(marker, "".join(lines))


def _ends_inside_string(code: str) -> bool:
    """Whether what follows this code is part of a triple-quoted string, and so no comment."""
    if '"""' not in code and "'''" not in code:
        return False
    try:
        # Magics and shell lines are not Python: an apostrophe in one would end the reading.
        for _ in tokenize.generate_tokens(io.StringIO(_MAGIC.sub("", code)).readline):
            pass
    except tokenize.TokenError as error:
        # Python 3.11 says the one, 3.12 and later the other.
        reason = str(error.args[0])
        return "multi-line string" in reason or "triple-quoted" in reason
    except SyntaxError:
        return False
    return False


def _is_idle(code: str, *, docstring_too: bool) -> bool:
    """Whether running the code does nothing. A docstring alone in a cell is code: IPython would *show* it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statements = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return all(not line.strip() or line.lstrip().startswith("#") for line in code.splitlines())
    if not statements:
        return True
    return docstring_too and len(statements) == 1 and ast.get_docstring(ast.Module(statements, [])) is not None


def _name(marker: str) -> str:
    options = _OPTIONS.search(marker)
    name = marker[: options.start()].strip() if options else marker
    if not name and (match := _NAME_OPTION.search(marker)):
        name = match["option"] or match["tag"] or ""
    return name.strip()
