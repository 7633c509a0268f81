"""The ``stagedoor`` command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from . import __version__
from .apps.app import AppsError
from .apps.discover import discover
from .demo import demo_site, examples_folder
from .door.stage import Stage
from .logs import configure_logs
from .server import Server, ServerError, bind
from .settings import Settings, SettingsError, load_settings
from .web.assets import AssetsError

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=str(__import__("stagedoor").__doc__),
)
console = Console(stderr=True)

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings in TOML; by default stagedoor.toml, if there is one.")
]


def main() -> None:
    """The command's entry point."""
    cli()


def _fail(sentence: str) -> NoReturn:
    console.print(f"stagedoor: {sentence}", style="bold red", highlight=False, soft_wrap=True)
    raise typer.Exit(2)


@cli.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(__version__)
        raise typer.Exit


@cli.command()
def serve(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="A .py file, an .ipynb file, or a folder of them.")
    ],
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
    server_flags = {"host": host, "port": port, "allow_origins": allow_origin, "root_path": root_path}
    flags: dict[str, Any] = {"server": {key: value for key, value in server_flags.items() if value is not None}}
    _serve(paths, config, flags | ({"dev": True} if dev else {}))


@cli.command()
def demo(
    port: Annotated[
        int, typer.Option(help="The gateway's port; the page that embeds the apps gets the next one.")
    ] = 8900,
    config: ConfigFile = None,
) -> None:
    """Serves the examples, and a page of another origin that embeds them."""
    site = f"http://127.0.0.1:{port + 1}"
    flags = {"server": {"host": "127.0.0.1", "port": port, "allow_origins": [site]}}
    _serve([examples_folder()], config, flags, site_port=port + 1)


def _serve(paths: list[Path], config: Path | None, flags: dict[str, Any], site_port: int | None = None) -> None:
    try:
        settings = load_settings(config, flags)
        apps = discover(paths)
        configure_logs(settings.log.format, settings.log.level)
        listener = bind(settings.server.host, settings.server.port)
        others = []
        if site_port is not None:
            site = demo_site(f"http://{settings.server.host}:{listener.getsockname()[1]}")
            others.append((site, bind(settings.server.host, site_port)))
        server = Server(apps, settings, on_ready=_tell)
    except (SettingsError, AppsError, ServerError, AssetsError) as error:
        _fail(str(error))
    _greet(settings, server, listener.getsockname()[1], site_port)
    asyncio.run(server.run(listener, *others))


def _greet(settings: Settings, server: Server, port: int, site_port: int | None) -> None:
    host = f"[{settings.server.host}]" if ":" in settings.server.host else settings.server.host
    root = f"http://{host}:{port}{settings.server.root_path.rstrip('/')}"
    console.print(f"[bold]Stagedoor {__version__}[/bold] at {root} [dim](Ctrl-C ends it)[/dim]", highlight=False)
    if site_port is not None:
        console.print(f"The page that embeds the apps: [bold]http://{host}:{site_port}/[/bold]", highlight=False)
    for app in server.apps:
        console.print(f"  [dim]…[/dim] {root}/apps/{app.name}", highlight=False, soft_wrap=True)


def _tell(stage: Stage) -> None:
    if stage.failure is None:
        console.print(f"  [green]✓[/green] {stage.name} is ready [dim]({stage.seconds:.1f} s)[/dim]", highlight=False)
        return
    body = Text(stage.failure.reason)
    if stage.failure.traceback:
        body.append("\n\n")
        body.append_text(Text.from_ansi("\n".join(stage.failure.traceback)))
    title = f"✗ {stage.name} cannot be shown (id {stage.failure.id})"
    console.print(Panel(body, title=title, title_align="left", border_style="red"))


if __name__ == "__main__":
    main()
