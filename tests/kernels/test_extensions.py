"""The browser code of widgets is found where packages install it, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stagedoor.kernels.extensions import Extension, installed, installed_renderers

WIDGETS = {"@jupyter-widgets/base": {"bundled": False, "singleton": True}}
ENTRY = "static/remoteEntry.5f.js"


def labextension(
    data: Path, name: str, *, version: str = "1.2.3", shared: object = WIDGETS, load: str = ENTRY, **parts: str
) -> Path:
    """Installs a prebuilt extension of JupyterLab; returns its folder."""
    folder = data / "labextensions" / name
    (folder / "static").mkdir(parents=True)
    (folder / "static" / "remoteEntry.5f.js").write_text("var _JUPYTERLAB;")
    build = {"load": load, "style": "./style"} | (parts or {"extension": "./extension"})
    about = {"name": name, "version": version, "jupyterlab": {"sharedPackages": shared, "_build": build}}
    (folder / "package.json").write_text(json.dumps(about))
    return folder


def nbextension(data: Path, name: str) -> Path:
    folder = data / "nbextensions" / name
    folder.mkdir(parents=True)
    (folder / "index.js").write_text("define([], () => ({}));")
    (folder / "extension.js").write_text("define([], () => ({}));")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "share" / "jupyter"


def test_what_packages_have_installed_is_found(data: Path) -> None:
    labextension(data, "bqplot")
    labextension(data, "@scope/maps", version="0.1.0")
    nbextension(data, "classic")
    found = installed([data])
    assert set(found) == {"bqplot", "@scope/maps", "classic"}
    bqplot, maps, classic = found["bqplot"], found["@scope/maps"], found["classic"]
    assert (bqplot.kind, bqplot.version, bqplot.entry) == ("federated", "1.2.3", "remoteEntry.5f.js")
    assert bqplot.modules == ("./extension", "./style")
    assert (maps.kind, maps.name, maps.version) == ("federated", "@scope/maps", "0.1.0")
    assert (classic.kind, classic.entry, set(classic.files)) == ("amd", "index.js", {"index.js", "extension.js"})


def test_where_both_forms_are_installed_the_newer_one_counts(data: Path) -> None:
    nbextension(data, "bqplot")
    labextension(data, "bqplot")
    assert installed([data])["bqplot"].kind == "federated"


def test_the_first_folder_hides_the_later_ones(tmp_path: Path) -> None:
    labextension(tmp_path / "env", "bqplot", version="2.0.0")
    labextension(tmp_path / "system", "bqplot", version="1.0.0")
    assert installed([tmp_path / "env", tmp_path / "system"])["bqplot"].version == "2.0.0"


def test_extensions_without_widgets_and_our_own_are_none(data: Path) -> None:
    labextension(data, "jupyterlab-git", shared={})
    labextension(data, "@jupyter-widgets/jupyterlab-manager")
    labextension(data, "anywidget")
    nbextension(data, "anywidget")
    assert installed([data]) == {}


@pytest.mark.parametrize("about", ["", "{", "[]", '{"name": "x"}', '{"name": "x", "jupyterlab": 1}'])
def test_broken_descriptions_are_skipped(data: Path, about: str) -> None:
    (labextension(data, "broken") / "package.json").write_text(about)
    assert installed([data]) == {}


@pytest.mark.parametrize("load", ["../evil.js", "static/../../evil.js", "static/missing.js", "/etc/passwd", "evil.js"])
def test_an_entry_that_is_not_a_file_of_its_static_folder_is_refused(data: Path, load: str) -> None:
    labextension(data, "evil", load=load)
    (data / "evil.js").write_text("")
    assert installed([data]) == {}


def test_only_what_browsers_load_may_be_served(data: Path) -> None:
    folder = labextension(data, "bqplot")
    for name in ("index.css", "font.woff2", "notes.py", "page.html", "index.js.map", ".hidden.js", "no_suffix"):
        (folder / "static" / name).write_text("")
    (folder / "static" / "deep" / ".git").mkdir(parents=True)
    (folder / "static" / "deep" / "chunk.js").write_text("")
    (folder / "static" / "deep" / ".git" / "hook.js").write_text("")
    (folder / "install.json").write_text("{}")
    files = installed([data])["bqplot"].files
    assert set(files) == {"remoteEntry.5f.js", "index.css", "font.woff2", "deep/chunk.js"}


def test_links_lead_nowhere_else(data: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.js"
    secret.write_text("secret")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key.json").write_text("{}")
    (tmp_path / "app.py").write_text("code")
    static = labextension(data, "bqplot") / "static"
    (static / "secret.js").symlink_to(secret)
    (static / "app.js").symlink_to(tmp_path / "app.py")
    (static / "secrets").symlink_to(tmp_path / "secrets")
    (static / "script.py").write_text("code")
    (static / "script.js").symlink_to(static / "script.py")
    (static / "again.js").symlink_to(static / "remoteEntry.5f.js")
    assert set(installed([data])["bqplot"].files) == {"remoteEntry.5f.js", "again.js"}


def test_a_static_folder_elsewhere_is_none(data: Path, tmp_path: Path) -> None:
    folder = labextension(data, "bqplot")
    (folder / "static").rename(tmp_path / "elsewhere")
    (folder / "static").symlink_to(tmp_path / "elsewhere")
    assert installed([data]) == {}


def test_an_extension_that_is_being_developed_is_linked_to_as_a_whole(data: Path, tmp_path: Path) -> None:
    made = labextension(tmp_path / "checkout", "mine")
    (data / "labextensions").mkdir(parents=True)
    (data / "labextensions" / "mine").symlink_to(made)
    assert set(installed([data])["mine"].files) == {"remoteEntry.5f.js"}


def test_an_extension_tells_under_which_names_it_may_register_widgets(data: Path) -> None:
    folder = labextension(data, "jupyterlab-plots")
    (folder / "static" / "1.js").write_text("r.registerWidget({name:'plotwidget',version:'1'})")
    extension: Extension = installed([data])["jupyterlab-plots"]
    assert extension.mentions("plotwidget")
    assert not extension.mentions("plotwidge")


def test_renderers_of_mime_types_are_found_beside_widgets(data: Path) -> None:
    labextension(data, "bqplot")
    labextension(data, "notes", shared={}, mimeExtension="./mimeExtension")
    labextension(data, "charts", extension="./extension", mimeExtension="./lib/renderer")
    found = {extension.name: extension.modules for extension in installed_renderers([data])}
    assert list(found.items()) == [("charts", ("./lib/renderer", "./style")), ("notes", ("./mimeExtension", "./style"))]
    assert {name: extension.modules for name, extension in installed([data]).items()} == {
        "bqplot": ("./extension", "./style"),
        "charts": ("./extension", "./style"),
    }


def test_the_first_folder_hides_renderers_of_the_later_ones(tmp_path: Path) -> None:
    for folder, version in {"env": "2.0.0", "system": "1.0.0"}.items():
        labextension(tmp_path / folder, "notes", version=version, mimeExtension="./mimeExtension")
    (found,) = installed_renderers([tmp_path / "env", tmp_path / "system"])
    assert found.version == "2.0.0"


def test_a_renderer_tells_which_mime_types_it_may_draw(data: Path) -> None:
    static = labextension(data, "notes", mimeExtension="./mimeExtension") / "static"
    (static / "1.js").write_text(
        """const a="application/vnd.notes+json";x={mimeTypes:[a,'audio/midi',`x-notes/v1`],createRenderer:make}"""
    )
    (static / "2.js").write_text(r"""eval("const type = \"chemical/x-pdb\"; const f = {createRenderer: make}")""")
    (static / "library.js").write_text("""if (type === "text/csv") parse(); import("./lib/application/vnd.other")""")
    (static / "data.json").write_text('{"createRenderer": "image/tiff"}')
    (extension,) = installed_renderers([data])
    assert extension.mime_types() == ["application/vnd.notes+json", "audio/midi", "chemical/x-pdb", "x-notes/v1"]


def test_types_of_a_renderer_that_is_far_from_them_count_wherever_they_are(data: Path) -> None:
    static = labextension(data, "notes", mimeExtension="./mimeExtension") / "static"
    (static / "1.js").write_text("export const f = {mimeTypes: [TYPE], createRenderer: make}")
    (static / "types.js").write_text("export const TYPE = 'audio/midi'")
    (extension,) = installed_renderers([data])
    assert extension.mime_types() == ["audio/midi"]


def test_no_package_draws_mime_types_without_saying_so(data: Path) -> None:
    labextension(data, "bqplot")
    nbextension(data, "classic")
    assert installed_renderers([data, data / "missing"]) == []
