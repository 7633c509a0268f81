"""A gateway of root's that gives its apps to another user."""

from __future__ import annotations

import ast
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway import Gateway, running_gateway, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give processes away")

APP = """
import getpass, os, resource, tempfile, time
from pathlib import Path
import ipywidgets

at_first = os.getuid()


def attempt(what):
    try:
        return what()
    except OSError as error:
        return error.strerror


def did(_):
    print({
        "user": (os.getuid(), os.geteuid(), os.getgid(), os.getgroups()),
        "name": (getpass.getuser(), os.path.expanduser("~")),
        "first run": at_first,
        "data": Path("data.txt").read_text(),
        "secret": attempt(lambda: Path("secret.txt").read_text()),
        "theirs": attempt(lambda: Path("data.txt").write_text("mine")),
        "temporary": Path(tempfile.mkstemp()[1]).stat().st_uid,
        "gateway": attempt(lambda: os.kill(gateway, 0)),
        "memory": resource.getrlimit(resource.RLIMIT_DATA)[0] < 2_000_000_000,
        "pid": os.getpid(),
    })


gateway = os.getppid()
button, stuck = ipywidgets.Button(), ipywidgets.Button(description="stuck")
button.on_click(did)
stuck.on_click(lambda _: print(os.getpid(), flush=True) or time.sleep(600))
display(button, stuck)
"""

NOBODY = pwd.getpwnam("nobody")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    # A program that setpriv itself starts is still found with the superuser's rights.
    python = [*as_nobody, "sh", "-c", '"$0" -c "import stagedoor.server"', sys.executable]
    if not shutil.which("setpriv") or subprocess.run(python, check=False).returncode:
        pytest.skip("nobody cannot run this Python")
    with tempfile.TemporaryDirectory(prefix="owned-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for app in ("forked", "stock"):
            (folder / f"{app}.py").write_text(APP)
        (folder / "data.txt").write_text("data")
        (folder / "secret.txt").write_text("root's")
        (folder / "secret.txt").chmod(0o600)
        (folder / "stagedoor.toml").write_text(
            '[kernels]\nuser = "nobody"\nmemory_limit = "1GB"\n[apps.stock]\nsnapshot = "never"\n'
        )
        yield folder


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[Gateway]:
    with running_gateway([folder], "--config", str(folder / "stagedoor.toml")) as running:
        yield running


@pytest.mark.parametrize("app", ["forked", "stock"])
def test_the_apps_are_another_users(gateway: Gateway, app: str) -> None:
    with gateway.page(app) as page:
        page.until_done(page.click(page.comm("ButtonModel", description="")))
        said = ast.literal_eval(page.text)
    assert said["user"] == (NOBODY.pw_uid, NOBODY.pw_uid, NOBODY.pw_gid, [NOBODY.pw_gid])
    assert said["name"] == ("nobody", NOBODY.pw_dir)
    assert said["first run"] == NOBODY.pw_uid
    assert said["data"] == "data"
    assert said["secret"] == "Permission denied"
    assert said["theirs"] == "Permission denied"
    assert said["temporary"] == NOBODY.pw_uid
    assert said["gateway"] == "Operation not permitted"
    assert said["memory"]
    wait_until(lambda: not Path(f"/proc/{said['pid']}").exists())


@pytest.mark.parametrize("app", ["forked", "stock"])
def test_the_gateway_ends_what_hangs(gateway: Gateway, app: str) -> None:
    with gateway.page(app) as page:
        page.click(page.comm("ButtonModel", description="stuck"))
        page.until(lambda m: m.msg_type == "stream")
        pid = int(page.text)
    wait_until(lambda: not Path(f"/proc/{pid}").exists())


def test_whose_they_are_is_told_at_the_start(gateway: Gateway) -> None:
    (line,) = gateway.logged("how visitors' kernels are confined")
    assert '"other_user": "on: nobody"' in line


def test_a_user_who_does_not_exist_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("1")
    env = os.environ | {"STAGEDOOR_KERNELS__USER": "no-such-user"}
    serve = [sys.executable, "-m", "stagedoor", "serve", str(tmp_path), "--port", "0"]
    done = subprocess.run(serve, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no user 'no-such-user' on this machine" in done.stderr
