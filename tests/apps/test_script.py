"""A Python file becomes cells as Spyder, VS Code and Jupytext would cut it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagedoor.apps.app import AppFileError
from stagedoor.apps.script import read_script, script_cells


def cells(text: str) -> list[tuple[str, str]]:
    return [(cell.name, cell.code) for cell in script_cells(text)]


def test_a_file_without_markers_is_one_cell() -> None:
    assert cells("import math\nmath.pi\n") == [("0", "import math\nmath.pi\n")]


def test_markers_cut_and_name_cells() -> None:
    text = "import a\n# %% plot\nb\n#%%\nc\n# %%  two words  \nd\n"
    assert cells(text) == [("0", "import a\n"), ("plot", "b\n"), ("2", "c\n"), ("two words", "d\n")]


def test_what_jupytext_writes_after_a_name_is_not_part_of_it() -> None:
    text = '# %% plot [code] tags=["x"]\na\n# %% slug="q" id="1"\nb\n# %% {"tags": []}\nc\n# %%% sub [x]\nd\n'
    assert [name for name, _ in cells(text)] == ["plot", "1", "2", "sub"]


@pytest.mark.parametrize("marker", ['# %% name="plot"', '# %% tags=["name:plot"]', "# %% [name:plot]"])
def test_a_name_may_be_given_as_an_option(marker: str) -> None:
    assert cells(f"{marker}\na\n") == [("plot", "a\n")]


def test_markdown_and_raw_cells_are_no_code() -> None:
    text = "# %% [markdown]\n# # Secret title\n# %%\na\n# %% text [md]\n# b\n# %% [raw]\nnot python\n# %%\nc\n"
    assert cells(text) == [("0", "a\n"), ("1", "c\n")]


@pytest.mark.parametrize("quotes", ['"""', "'''", 'f"""', 'r"""'])
def test_a_marker_inside_a_string_is_text(quotes: str) -> None:
    text = f"a = {quotes}\n# %% no\n{quotes[-3:]}\n# %% yes\nb\n"
    assert [name for name, _ in cells(text)] == ["0", "yes"]


def test_an_apostrophe_in_a_shell_line_does_not_hide_the_next_cells() -> None:
    text = "!echo it's '''\n# %% second\n%timeit 'x\n# %% third\n'''\n# %% text\n'''\n# %% fourth\n1\n"
    assert [name for name, _ in cells(text)] == ["0", "second", "third", "fourth"]


def test_a_broken_cell_does_not_hide_the_next_ones() -> None:
    assert [name for name, _ in cells("f(\n# %% second\n  1)\nx = (\n")] == ["0", "second"]


def test_indented_or_unseparated_percent_signs_are_comments() -> None:
    assert len(cells("if a:\n    # %% no\n    b\n# %%time\n#%%bash\n# %matplotlib\nc\n")) == 1


def test_empty_cells_are_left_out_but_counted() -> None:
    assert cells("# only a comment\n# %%\na\n# %%\n\n# %%\n# nothing\n# %%\nb\n") == [("0", "a\n"), ("3", "b\n")]


def test_a_docstring_that_stands_alone_is_never_shown() -> None:
    assert cells('"""Ask Bob for the key."""\n# %% plot\na\n') == [("plot", "a\n")]
    assert cells('# %%\n"""Ask Bob for the key."""\n# %% plot\na\n') == [("plot", "a\n")]
    assert cells('a\n# %%\n"""shown"""\n') == [("0", "a\n"), ("1", '"""shown"""\n')]


def test_code_that_python_cannot_parse_is_left_to_the_kernel() -> None:
    assert cells("%matplotlib inline\n# %% bad\ndef (:\n") == [("0", "%matplotlib inline\n"), ("bad", "def (:\n")]
    assert cells("a\x00b\n") == [("0", "a\x00b\n")]


@pytest.mark.parametrize(
    "data",
    [
        "text = 'é'\n".encode(),
        "# -*- coding: latin-1 -*-\ntext = 'é'\n".encode("latin-1"),
        "\ufefftext = 'é'\n".encode(),
        b"text = '\xc3\xa9'\r\n",
    ],
)
def test_encodings_are_read_as_python_reads_them(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "app.py"
    path.write_bytes(data)
    assert read_script(path).cells[0].code.endswith("text = 'é'\n")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a = 1\nb = '\xe9'\n", "is not utf-8 text at line 2"),
        (b"# coding: klingon\na\n", "unknown encoding"),
        (b"# nothing\n", "has no code to run"),
        (b"# %% a\n1\n# %% a\n2\n", "has 2 cells of the name 'a'"),
    ],
)
def test_a_file_that_is_no_app_says_why(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "app.py"
    path.write_bytes(data)
    with pytest.raises(AppFileError, match=problem) as raised:
        read_script(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_version_changes_with_the_code_and_with_nothing_else(tmp_path: Path) -> None:
    def version(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return read_script(tmp_path / name).version

    assert version("a.py", "1\n") == version("a.py", "1\n")
    assert version("a.py", "1\n") != version("a.py", "2\n")
    assert version("a.py", "# %% x\n1\n") != version("a.py", "1\n")
