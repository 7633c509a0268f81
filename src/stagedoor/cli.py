"""The ``stagedoor`` command."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from uvicorn import Config

from . import __doc__ as _about
from . import __version__
from .apps.app import AppsError
from .apps.discover import discover
from .demo import demo_site, examples_folder
from .door.tokens import KeyProblem
from .logs import configure_logs
from .server import Server, ServerError, bind
from .settings import Settings, SettingsError, load_settings
from .terminal import LogReport, Report, TerminalReport, complain, show_table
from .web.assets import Assets, AssetsError

_WRONG = 2
_BROKEN = 1

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=_about)

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH...", help="A .py file, an .ipynb file, or a folder of them.", show_default=False),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings in TOML; by default stagedoor.toml, if there is one.")
]


def run() -> int:
    """Does what the command line says; returns the exit status: 2 for a wrong one, 130 after Ctrl-C before serving."""
    try:
        return cli(standalone_mode=False, prog_name="stagedoor") or 0
    except typer.TyperException as error:
        command = next((word for word in sys.argv[1:] if word in {"serve", "demo", "check", "token", "embed"}), "")
        complain(f"{error.format_message().rstrip('.')} (see `{' '.join(f'stagedoor {command}'.split())} --help`).")
        return _WRONG


def _fail(sentence: str) -> NoReturn:
    complain(sentence)
    raise typer.Exit(_WRONG)


@cli.callback(invoke_without_command=True)
def _without_command(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        print(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        _fail("Say what to do: serve, check, demo, token or embed (see `stagedoor --help`).")


@cli.command()
def serve(
    paths: Paths = None,
    host: Annotated[str | None, typer.Option(help="The address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen at.")] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="An origin whose pages may embed the apps; may be repeated."),
    ] = None,
    root_path: Annotated[str | None, typer.Option(help="The path under which a proxy shows the gateway.")] = None,
    config: ConfigFile = None,
    dev: Annotated[bool, typer.Option("--dev", help="Show tracebacks and stderr in the page.")] = False,
) -> None:
    """Serves apps, until Ctrl-C."""
    given = {"host": host, "port": port, "allow_origins": allow_origin, "root_path": root_path}
    flags: dict[str, Any] = {"dev": True} if dev else {}
    flags["server"] = {key: value for key, value in given.items() if value is not None}
    try:
        settings = load_settings(config, flags)
        apps = discover(paths or [], settings.entries())
        server = Server(apps, settings)
        listener = bind(settings.server.host, settings.server.port)
    except (SettingsError, AppsError, ServerError, AssetsError) as error:
        _fail(str(error))
    configure_logs(settings.log.format, settings.log.level)
    with _report(settings, listener.getsockname()[1], server) as report:
        _run(server.run(report, listener))


@cli.command()
def demo(
    port: Annotated[
        int,
        typer.Option(min=0, max=65534, help="The gateway's port; the page that embeds the apps gets the next one."),
    ] = 8900,
) -> None:
    """Serves the examples, and a page of another origin that embeds them."""
    try:
        listener = bind("127.0.0.1", port)
        site_listener = bind("127.0.0.1", port + 1 if port else 0)
        port, site_port = listener.getsockname()[1], site_listener.getsockname()[1]
        site, same_site = (f"http://{host}:{site_port}" for host in ("127.0.0.1", "localhost"))
        flags = {"server": {"host": "127.0.0.1", "port": port, "allow_origins": [site, same_site], "root_path": ""}}
        settings = load_settings(None, flags)
        apps = discover([examples_folder()])
        server = Server(apps, settings)
    except (SettingsError, AppsError, ServerError, AssetsError) as error:
        _fail(str(error))
    configure_logs(settings.log.format, settings.log.level)
    with _report(settings, port, server, site) as report:
        _run(server.run(report, listener, (demo_site(f"http://127.0.0.1:{port}"), site_listener)))


@cli.command()
def check(paths: Paths = None, config: ConfigFile = None) -> None:
    """Runs every app once, as serve does at its start, and reports; exit status 1 if any cannot be shown."""
    try:
        settings = load_settings(config, {})
        apps = discover(paths or [], settings.entries())
        server = Server(apps, settings)
    except (SettingsError, AppsError, ServerError, AssetsError) as error:
        _fail(str(error))
    configure_logs(settings.log.format, settings.log.level)
    with TerminalReport([app.name for app in apps]) as report:
        asyncio.run(server.rehearse(report))
    show_table(apps, server.stages)
    if any(stage.failure for stage in server.stages.values()):
        raise typer.Exit(_BROKEN)


@cli.command()
def token(
    app: Annotated[str, typer.Argument(help="The app that the token is for.")],
    visitor: Annotated[str, typer.Option(help="The visitor's id, which the app reads as stagedoor.visitor.id.")] = "",
    name: Annotated[str, typer.Option(help="The visitor's name.")] = "",
    seconds: Annotated[int, typer.Option(min=1, help="How long it is valid.")] = 3600,
    uses: Annotated[int, typer.Option(min=0, help="How many sessions it may open; 0: any number.")] = 0,
    origin: Annotated[list[str] | None, typer.Option(help="An origin whose pages may use it; may be repeated.")] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter for the app.")] = None,
    config: ConfigFile = None,
) -> None:
    """Makes an embed token with the first key of the settings, for trying things out (docs/tokens.md)."""
    pairs = [text.partition("=") for text in param or []]
    if wrong := next((text for text, sign, _ in pairs if not sign), None):
        _fail(f"The parameter {wrong!r} has no value: write {wrong}=VALUE.")
    claims: dict[str, Any] = {"app": app, "exp": int(time.time()) + seconds}
    more = {
        "sub": visitor,
        "name": name,
        "uses": uses,
        "origin": origin,
        "params": {key: value for key, _, value in pairs},
    }
    try:
        keys = load_settings(config, {}).token_keys()
        if not keys:
            _fail("There is no key for tokens: set tokens.key_files in stagedoor.toml, or STAGEDOOR_TOKENS__KEY.")
        print(keys[0].sign(claims | {key: value for key, value in more.items() if value}))
    except (SettingsError, KeyProblem) as error:
        _fail(str(error))


@cli.command()
def embed(
    url: Annotated[str, typer.Argument(help="The gateway's address, such as https://live.example.org.")],
    app: Annotated[str, typer.Argument(help="The app.")],
) -> None:
    """Prints the lines for a page, with the hash by which the browser checks the script (SRI)."""
    try:
        integrity = Assets().integrity("stagedoor.js")
    except AssetsError as error:
        _fail(str(error))
    src = json.dumps(f"{url.rstrip('/')}/stagedoor.js")
    print(f'<script type="module" src={src} integrity="{integrity}" crossorigin="anonymous"></script>')
    print(f"<stage-door app={json.dumps(app)}>loading…</stage-door>")


def _run(serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=Config("", log_config=None).get_loop_factory()) as runner:
        runner.run(serving)


def _report(settings: Settings, port: int, server: Server, site: str = "") -> Report:
    host, names = settings.server.host, [app.name for app in server.apps]
    # An address to open in a browser; 0.0.0.0 and :: are none.
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    shown = f"[{shown}]" if ":" in shown else shown
    address = f"http://{shown}:{port}{settings.server.root_path.rstrip('/')}"
    report = LogReport if settings.log.format == "json" else TerminalReport
    return report(names, address, site)
