"""The peers' own virtual environment, with this environment's versions of everything that both use."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".bench-venv"
_PEERS = ["voila>=0.5.8"]
_SHARED = ["ipykernel", "ipywidgets", "jupyter_client", "matplotlib", "numpy", "pandas"]


def peer_python() -> Path:
    """The environment's Python; the environment is made at the first call, and again when versions change."""
    wanted = "\n".join(_PEERS + [f"{name}=={version(name)}" for name in _SHARED])
    stamp = PEERS / ".installed"
    python = PEERS / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Making the peers' environment {PEERS.name} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
        pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        installed = subprocess.run([python, *pip, *wanted.split("\n")], check=False, capture_output=True, text=True)
        if installed.returncode:
            raise SystemExit(f"The peers could not be installed:\n{installed.stderr}")
        stamp.write_text(wanted)
    return python


def peer_version(name: str) -> str:
    """The version of a package in the peers' environment."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run([peer_python(), "-c", code], check=True, capture_output=True, text=True).stdout.strip()
