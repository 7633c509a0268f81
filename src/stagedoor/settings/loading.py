"""Settings out of a file, the environment and flags; what is wrong is told by its key and where it was set."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from .model import DELIMITER, PREFIX, Settings
from .sections import (
    AppSettings,
    KernelSettings,
    LimitSettings,
    LogSettings,
    Section,
    ServerSettings,
    SessionSettings,
    TokenSettings,
)

DEFAULT_FILE = Path("stagedoor.toml")
_SHOWN_CHARS = 60
_SECTIONS: dict[str, type[Section]] = {
    "server": ServerSettings,
    "sessions": SessionSettings,
    "kernels": KernelSettings,
    "limits": LimitSettings,
    "tokens": TokenSettings,
    "log": LogSettings,
}
_APPS = "apps"
_KEYS = [("dev",), *((name, field) for name, section in _SECTIONS.items() for field in section.model_fields)]


class SettingsError(Exception):
    """A setting is wrong. The text names its key and says what is wrong with it."""


def load_settings(file: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Settings out of a file (if none is named, ``stagedoor.toml`` where it was called), the environment and flags.

    Raises:
        SettingsError: a file cannot be read, or a value is not what it has to be.
    """
    chosen = file or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    written = _read(chosen) if chosen else {}

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, written)

    _check_environment()
    try:
        return FromFile(**flags)
    except ValidationError as error:
        problem = error.errors()[0]
        key = [step for step in problem["loc"] if isinstance(step, str)]
        raise SettingsError(_explain(key, problem, _origin(key, flags, chosen))) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(file.read_bytes().decode())
    except FileNotFoundError:
        raise SettingsError(f"The settings file {file} does not exist.") from None
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise SettingsError(f"The settings file {file} is not TOML: {error}.") from None
    for name in (*_SECTIONS, _APPS):
        if not isinstance(written.get(name, {}), dict):
            raise SettingsError(f"The setting {name} is wrong (from {file}): it is a table, [{name}].")
    for name, table in written.get(_APPS, {}).items():
        if not isinstance(table, dict):
            raise SettingsError(f"The setting apps.{name} is wrong (from {file}): it is a table, [apps.{name}].")
    return written


def _check_environment() -> None:
    """Finds variables whose names are almost right: to pydantic-settings they would not exist.

    Other variables with our prefix are let alone; Kubernetes makes ``STAGEDOOR_PORT`` for a service of our name.
    """
    known = [_variable(key) for key in _KEYS]
    one_underscore = {name.replace(DELIMITER, "_"): name for name in known}
    for variable in os.environ:
        name = variable.upper()
        if not name.startswith(PREFIX) or name in known:
            continue
        if meant := one_underscore.get(name):
            raise SettingsError(f"The variable {variable} has no effect: write {meant}.")
        if DELIMITER in name or name in map(_variable, ((section,) for section in (*_SECTIONS, _APPS))):
            raise SettingsError(f"There is no setting for the variable {variable}{_similar(name, known)}")


def _explain(key: Sequence[str], problem: Mapping[str, Any], origin: str) -> str:
    name = ".".join(key)
    if problem["type"] == "extra_forbidden":
        keys = [(_APPS, key[1], field) for field in AppSettings.model_fields] if key[0] == _APPS else _KEYS
        paths = [".".join(known) for known in keys]
        among = paths if len(key) > 1 else [path for path in paths if path.endswith(f".{name}")] or [*_SECTIONS, _APPS]
        return f"There is no setting {name} ({origin}){_similar(name, among)}"
    if problem["type"] == "value_error":
        return f"The setting {name} is wrong ({origin}): {problem['ctx']['error']}."
    wanted = problem["msg"].partition(", unable")[0].replace("Input should", "it should")
    given = repr(problem["input"])
    given = given if len(given) <= _SHOWN_CHARS else given[:_SHOWN_CHARS] + "…"
    return f"The setting {name} is wrong ({origin}): {wanted}, and is {given}."


def _origin(key: Sequence[str], flags: Mapping[str, Any], file: Path | None) -> str:
    """Where the value of a key came from, for people."""
    value: Any = flags
    for step in key:
        value = value.get(step) if isinstance(value, Mapping) else None
    if value is not None:
        return "from the command line"
    names = {_variable(key[:depth]) for depth in range(1, len(key) + 1)}
    variable = next((variable for variable in os.environ if variable.upper() in names), None)
    return f"from the variable {variable}" if variable else f"from {file}"


def _variable(key: Sequence[str]) -> str:
    return PREFIX + DELIMITER.join(key).upper()


def _similar(name: str, among: list[str]) -> str:
    close = difflib.get_close_matches(name, among, n=1, cutoff=0.4)
    return f": did you mean {close[0]}?" if close else "."
