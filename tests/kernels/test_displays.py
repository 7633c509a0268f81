"""What a kernel displays otherwise for a page than for a notebook."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from IPython.display import FileLink, FileLinks

from stagedoor.kernels import displays_in_kernel
from stagedoor.kernels.displays_in_kernel import AfterImport, file_link, folder_link, plain_link


def test_a_file_is_handed_out_with_its_content_and_without_its_path(tmp_path: Path) -> None:
    file = tmp_path / 'a "report".csv'
    file.write_text("a,b\n")
    shown = file_link(FileLink(str(file), result_html_suffix=""))
    name = "a &quot;report&quot;.csv"
    assert shown == f'<a download="{name}" href="data:text/csv;base64,YSxiCg==">{name}</a>'


def test_no_file_is_handed_out_that_is_missing_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_link(FileLink(str(tmp_path / "gone.csv"))) == "There is no file gone.csv."
    monkeypatch.setattr(displays_in_kernel, "FILE_LIMIT", 2)
    (tmp_path / "large.bin").write_bytes(bytes(3))
    assert "too large" in file_link(FileLink(str(tmp_path / "large.bin")))


def test_a_folder_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").touch()
    assert "secret" not in folder_link(FileLinks(str(tmp_path)))


def test_the_text_of_a_link_tells_no_path(tmp_path: Path) -> None:
    class Printer:
        said = ""

        def text(self, text: str) -> None:
            self.said += text

    printer = Printer()
    plain_link(FileLink(str(tmp_path / "a.csv")), printer, False)
    assert printer.said == "a.csv"


def test_a_module_is_changed_when_it_has_been_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stagedoor_imported.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    finder = AfterImport({"stagedoor_imported": lambda module: setattr(module, "value", module.value + 1)})
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    import stagedoor_imported

    assert stagedoor_imported.value == 2
