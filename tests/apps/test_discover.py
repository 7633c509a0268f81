"""What an operator names is found; a file that is no app does not keep the others from being served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v3, v4

from stagedoor.apps import App, AppsError, BrokenApp, discover


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def notebook(path: Path, *cells: Any, **metadata: Any) -> None:
    nbformat.write(v4.new_notebook(cells=list(cells), metadata=metadata), path)


def test_a_folder_gives_its_apps_in_order(tmp_path: Path) -> None:
    write(tmp_path, b__py="1", a__py="2", notes__txt="", _part__py="3")
    (tmp_path / ".hidden.py").write_text("4")
    (tmp_path / "c.py").mkdir()
    notebook(tmp_path / "n.ipynb", v4.new_code_cell("5"))
    found = discover([tmp_path])
    assert [app.name for app in found] == ["a", "b", "n"]
    assert all(isinstance(app, App) and app.path.is_absolute() and app.folder == tmp_path for app in found)


def test_a_file_may_be_named_twice(tmp_path: Path) -> None:
    write(tmp_path, a__py="1")
    assert [app.name for app in discover([tmp_path, tmp_path / "a.py"])] == ["a"]


def test_a_private_file_is_served_when_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, _a__py="1")
    assert [app.name for app in discover([tmp_path / "_a.py"])] == ["_a"]


def test_two_apps_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, a__py="1")
    notebook(tmp_path / "a.ipynb", v4.new_code_cell("1"))
    with pytest.raises(AppsError, match=r"Two apps have the name 'a', .*a\.ipynb and .*a\.py"):
        discover([tmp_path])


@pytest.mark.parametrize(
    ("name", "problem"), [("missing.py", "does not exist"), ("notes.txt", "is no app"), ("empty", "has no apps in it")]
)
def test_a_path_that_can_never_be_served_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    write(tmp_path, notes__txt="")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AppsError, match=problem):
        discover([tmp_path / name])


def test_broken_files_are_listed_beside_the_others(tmp_path: Path) -> None:
    write(tmp_path, good__py="1", bad__ipynb="{", list__ipynb="[]", odd__ipynb='{"nbformat": 4, "cells": [3]}')
    write(tmp_path, new__ipynb='{"nbformat": 77, "nbformat_minor": 0, "cells": [], "metadata": {}}')
    (tmp_path / "not here.py").write_text("1")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    found = {app.name: app for app in discover([tmp_path])}
    assert isinstance(found.pop("good"), App)
    problems = {name: app.problem for name, app in found.items() if isinstance(app, BrokenApp)}
    assert problems.keys() == {"bad", "list", "odd", "new", "not here", "gone", "loop"}
    assert "is not JSON" in problems["bad"]
    assert "cannot be in an address" in problems["not here"]
    assert "cannot be read" in problems["gone"]
    assert all(str(tmp_path) in problem and "\n" not in problem for problem in problems.values())


def test_a_notebook_names_its_cells_and_its_kernel(tmp_path: Path) -> None:
    notebook(
        tmp_path / "n.ipynb",
        v4.new_markdown_cell("# Secret"),
        v4.new_code_cell("a", metadata={"tags": ["x", "name:plot"]}),
        v4.new_code_cell(" "),
        v4.new_raw_cell("raw"),
        v4.new_code_cell("b"),
        title="A study",
        kernelspec={"name": "ir", "display_name": "R", "language": "R"},
    )
    (app,) = discover([tmp_path])
    assert isinstance(app, App)
    assert [(cell.name, cell.code) for cell in app.cells] == [("plot", "a"), ("2", "b")]
    assert (app.title, app.kernel_name, app.language) == ("A study", "ir", "r")


def test_a_notebook_of_another_language_must_name_its_kernel(tmp_path: Path) -> None:
    notebook(tmp_path / "n.ipynb", v4.new_code_cell("a"), language_info={"name": "julia"})
    (app,) = discover([tmp_path])
    assert isinstance(app, BrokenApp)
    assert "does not say which kernel" in app.problem


def test_old_notebooks_are_upgraded(tmp_path: Path) -> None:
    old = v3.new_notebook(worksheets=[v3.new_worksheet(cells=[v3.new_code_cell(input="a\nb")])])
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    (app,) = discover([tmp_path])
    assert isinstance(app, App)
    assert [(cell.name, cell.code) for cell in app.cells] == [("0", "a\nb")]
    assert app.kernel_name == "python3"


def test_an_entry_is_code_in_cells_or_the_path_of_a_notebook() -> None:
    code, notebook = discover([], {"code": "# %% plot\nimport x\n# %%\nx.y()", "book": "books/a b.ipynb"})
    assert isinstance(code, App)
    assert isinstance(notebook, App)
    assert [(cell.name, cell.code) for cell in code.cells] == [("plot", "import x\n"), ("1", "x.y()\n")]
    assert (code.name, code.path, code.kernel_name) == ("code", None, "python3")
    assert (notebook.name, notebook.notebook, notebook.cells) == ("book", "books/a b.ipynb", ())


@pytest.mark.parametrize(
    ("name", "entry", "said"),
    [
        ("a b", "import x", "The app 'a b' cannot be in an address"),
        ("x", "# nothing", "The entry of the app 'x' has no code to run."),
        ("x", "../x.ipynb", "The entry of the app 'x' is no path on the Jupyter server"),
        ("x", "/x.ipynb", "The entry of the app 'x' is no path on the Jupyter server"),
        ("app", "import x", "The app 'app' has both an entry on the Jupyter server and a file"),
    ],
)
def test_an_entry_that_can_be_none_is_refused(tmp_path: Path, name: str, entry: str, said: str) -> None:
    (tmp_path / "app.py").write_text("1")
    with pytest.raises(AppsError, match=said):
        discover([tmp_path], {name: entry})


def test_nothing_to_serve_is_refused() -> None:
    with pytest.raises(AppsError, match="There is nothing to serve"):
        discover([])
