"""What an operator sets: by file, environment and flags; and what is said when it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stagedoor.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, text: str) -> Path:
    file = folder / "my.toml"
    file.write_text(text)
    return file


def test_nothing_has_to_be_set() -> None:
    settings = load_settings(None, {})
    assert (settings.server.host, settings.server.port, settings.dev) == ("127.0.0.1", 8900, False)
    assert settings.server.allow_origins == []


def test_a_file_where_the_command_is_called_is_found(somewhere: Path) -> None:
    (somewhere / "stagedoor.toml").write_text("[sessions]\nidle = 7\n")
    assert load_settings(None, {}).sessions.idle == 7


def test_another_file_takes_its_place(somewhere: Path) -> None:
    (somewhere / "stagedoor.toml").write_text("[sessions]\nidle = 7\n")
    assert load_settings(written(somewhere, "[sessions]\nage = 8\n"), {}).sessions.idle == 1200


def test_flags_go_before_the_environment_and_that_before_the_file(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(somewhere, '[server]\nport = 1\nhost = "::1"\nroot_path = "/live"\n')
    monkeypatch.setenv("STAGEDOOR_SERVER__PORT", "2")
    monkeypatch.setenv("STAGEDOOR_SERVER__HOST", "0.0.0.0")
    server = load_settings(file, {"server": {"port": 3}}).server
    assert (server.port, server.host, server.root_path) == (3, "0.0.0.0", "/live")


@pytest.mark.parametrize("text", ["https://a.example, https://b.example", '["https://a.example", "https://b.example"]'])
def test_the_environment_has_lists_with_commas_or_in_json(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("STAGEDOOR_SERVER__ALLOW_ORIGINS", text)
    assert load_settings(None, {}).server.allow_origins == ["https://a.example", "https://b.example"]


def test_origins_are_written_as_browsers_send_them() -> None:
    flags = {"server": {"allow_origins": ["HTTPS://Course.Example.edu:443/", "*"]}}
    assert load_settings(None, flags).server.allow_origins == ["https://course.example.edu", "*"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sever]\nport = 1", "There is no setting sever (from my.toml): did you mean server?"),
        ("port = 1", "There is no setting port (from my.toml): did you mean server.port?"),
        ("[server]\nprot = 1", "There is no setting server.prot (from my.toml): did you mean server.port?"),
        ("server = 3", "The setting server is wrong (from my.toml): it is a table, [server]."),
        ("[server]\nport = 70000", "server.port is wrong (from my.toml): it should be less than or equal to 65535"),
        ("[server]\nport = 'x'", "server.port is wrong (from my.toml): it should be a valid integer, and is 'x'."),
        ("[server]\nhost = ''", "server.host is wrong"),
        ("[server]\nroot_path = 'live'", "server.root_path is wrong (from my.toml): 'live' is not a path such as"),
        ("[server]\nroot_path = '/a/../b?'", "server.root_path is wrong"),
        ("[server]\nallow_origins = ['https://a.example/page']", "server.allow_origins is wrong"),
        ("[server]\nallow_origins = 'null'", "server.allow_origins is wrong (from my.toml): 'null' is not an origin"),
        ("[server]\ntrusted_proxies = ['proxy.local']", "server.trusted_proxies is wrong"),
        ("[server]\ntrusted_proxies = ['10.0.0.1/8']", "10.0.0.1/8 has host bits set: write addresses, or networks"),
        ("[sessions]\nidle = 0", "sessions.idle is wrong (from my.toml): it should be greater than 0, and is 0."),
        ("[sessions]\nage = nan", "sessions.age is wrong"),
        ("[sessions]\nseats = 0", "sessions.seats is wrong"),
        ("[kernels]\npool = -1", "kernels.pool is wrong"),
        ("[kernels]\nrun_limit = 'long'", "kernels.run_limit is wrong"),
        ("apps = 1", "The setting apps is wrong (from my.toml): it is a table, [apps]."),
        ("[apps]\nco2 = 1", "The setting apps.co2 is wrong (from my.toml): it is a table, [apps.co2]."),
        (
            "[apps.co2]\nsnapshto = 'never'",
            "There is no setting apps.co2.snapshto (from my.toml): did you mean apps.co2.snapshot?",
        ),
        ("[apps.co2]\npool = 1", "There is no setting apps.co2.pool (from my.toml)"),
        (
            "[apps.co2]\ncanary = 'bird'",
            "apps.co2.canary is wrong (from my.toml): it should be 'cells', 'widgets' or 'off'",
        ),
        ("[apps.co2]\nmemory_limit = 'much'", "apps.co2.memory_limit is wrong"),
        (
            "[apps.co2]\nfile_limit = 1",
            "apps.co2.file_limit is wrong (from my.toml): it should be greater than or equal to 64",
        ),
        ("[apps.co2]\nrun_limit = 0", "apps.co2.run_limit is wrong"),
        (
            "[kernels]\nsource = 'jupyter'",
            "The setting kernels is wrong (from my.toml): source is 'jupyter', so url has to be the server's",
        ),
        ("[kernels]\nsource = 'hub'", "kernels.source is wrong (from my.toml): it should be 'local' or 'jupyter'"),
        (
            "[kernels]\nsource = 'jupyter'\nurl = 'localhost:8888'",
            "kernels.url is wrong (from my.toml): 'localhost:8888'",
        ),
        ("[kernels]\nsource = 'jupyter'\nurl = 'http://x/lab?token=s3cret'", "the token is a setting of its own."),
        ("[kernels]\nurl = 'http://x'", "url has no effect where kernels are local: add source = 'jupyter'."),
        (
            "[kernels]\nsource = 'jupyter'\nurl = 'https://x'\nca_file = 'gone.pem'",
            "kernels.ca_file is wrong (from my.toml): gone.pem cannot be read: No such file or directory.",
        ),
        (
            "[kernels]\nsource = 'jupyter'\nurl = 'https://x'\ntoken = 'a'\ntoken_file = 'b'",
            "token and token_file are both set: keep one of them.",
        ),
        ("[apps.co2]\nentry = 'import co2'", "apps.co2.entry is for apps of a Jupyter server: set kernels.source"),
        ("[log]\nlevel = 'loud'", "it should be 'debug', 'info', 'warning' or 'error', and is 'loud'."),
        ("[log]\nformat = 'xml'", "log.format is wrong"),
        ("dev = 'perhaps'", "The setting dev is wrong"),
        (
            "[server\nport = 1",
            "my.toml is not TOML: Expected ']' at the end of a table declaration (at line 1, ",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_name_of_the_key(somewhere: Path, text: str, said: str) -> None:
    written(somewhere, text)
    with pytest.raises(SettingsError) as refused:
        load_settings(Path("my.toml"), {})
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "STAGEDOOR_SERVER__PROT",
            "1",
            "the variable STAGEDOOR_SERVER__PROT: did you mean STAGEDOOR_SERVER__PORT?",
        ),
        ("STAGEDOOR_SESION__IDLE", "1", "did you mean STAGEDOOR_SESSIONS__IDLE?"),
        (
            "STAGEDOOR_SERVER_PORT",
            "1",
            "STAGEDOOR_SERVER_PORT has no effect: write STAGEDOOR_SERVER__PORT.",
        ),
        ("STAGEDOOR_APPS__CO2__CANARY", "off", "There is no setting for the variable STAGEDOOR_APPS__CO2__CANARY"),
        ("STAGEDOOR_APPS", "{}", "There is no setting for the variable STAGEDOOR_APPS"),
        ("STAGEDOOR_SESSIONS", "{}", "There is no setting for the variable STAGEDOOR_SESSIONS"),
        ("STAGEDOOR_SESSIONS__IDLE", "x", "sessions.idle is wrong (from the variable STAGEDOOR_SESSIONS__IDLE)"),
        ("stagedoor_sessions__idle", "x", "sessions.idle is wrong (from the variable stagedoor_sessions__idle)"),
        ("STAGEDOOR_SERVER__ALLOW_ORIGINS", "[x", "it is not JSON"),
        ("STAGEDOOR_DEV", "perhaps", "The setting dev is wrong (from the variable STAGEDOOR_DEV)"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load_settings(None, {})
    assert said in str(refused.value)


def test_an_app_may_be_run_otherwise_than_the_others(somewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(
        somewhere,
        """
        [kernels]
        canary = "widgets"
        cpu_limit = 5
        [apps.co2]
        canary = "off"
        memory_limit = "1 MiB"
        settle = 2
        [apps."of 2026"]
        snapshot = "never"
        run_limit = 7
        """,
    )
    monkeypatch.setenv("STAGEDOOR_KERNELS__CPU_LIMIT", "6")
    settings = load_settings(file, {})
    other, co2, old = (settings.run_settings(name) for name in ("other", "co2", "of 2026"))
    assert (other.canary, co2.canary, old.canary) == ("widgets", "off", "widgets")
    assert (co2.fork_options().limits.memory, co2.fork_options().limits.cpu) == (2**20, 6)
    assert (other.fork_options().settle, co2.fork_options().settle) == (0, 2)
    assert (other.snapshot, old.snapshot, other.run_limit, old.run_limit) == ("auto", "never", 60, 7)


def test_the_token_of_a_jupyter_server_comes_from_the_environment_and_is_not_shown(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[kernels]\nsource = 'jupyter'\nurl = 'https://hub.example/user/x/'\nkernel_name = 'r'\n"
    monkeypatch.setenv("STAGEDOOR_KERNELS__TOKEN", "s3cret")
    settings = load_settings(written(somewhere, text + "[apps.co2]\nentry = 'import co2'\nkernel_name = 'p'"), {})
    access = settings.kernels.access()
    assert (access.url, access.headers()) == ("https://hub.example/user/x", {"Authorization": "token s3cret"})
    assert (settings.run_settings("co2").kernel_name, settings.run_settings("other").kernel_name) == ("p", "r")
    assert settings.entries() == {"co2": "import co2"}
    assert "s3cret" not in f"{settings!r} {access!r}"


def test_variables_that_kubernetes_makes_for_a_service_are_let_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGEDOOR_PORT", "tcp://10.0.0.1:8900")
    monkeypatch.setenv("STAGEDOOR_SERVICE_HOST", "10.0.0.1")
    assert load_settings(None, {}).server.port == 8900


@pytest.mark.parametrize(("flags", "said"), [({"port": -1}, "server.port"), ({"allow_origins": ["x"]}, "'x' is not")])
def test_a_wrong_flag_is_named(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=r"\(from the command line\)") as refused:
        load_settings(None, {"server": flags})
    assert said in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(somewhere: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml does not exist"):
        load_settings(Path("gone.toml"), {})
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(somewhere, {})
    (somewhere / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(SettingsError, match=r"latin\.toml is not TOML"):
        load_settings(Path("latin.toml"), {})
