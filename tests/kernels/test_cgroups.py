"""A delegated control group is divided among kernels; here with whatever controller this system has to give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stagedoor.kernels.cgroups import _DELEGATED, CgroupError, Cgroups, _own_group
from stagedoor.kernels.template.limits import Limits

DIVIDING = """
import json, subprocess, sys, time
from pathlib import Path
from stagedoor.kernels.cgroups import Cgroups, CgroupError

own, controllers, limits = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
(own / "cgroup.procs").write_text(str(__import__("os").getpid()))
try:
    groups = Cgroups.divide(controllers)
except CgroupError as error:
    print(json.dumps({"problem": str(error), "left": [one.name for one in own.iterdir() if one.is_dir()]}))
    sys.exit()
kernel = subprocess.Popen(["sh", "-c", "read line; sleep 1000 & echo started; wait"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
groups.add(kernel.pid, limits)
print("go", file=kernel.stdin, flush=True)
kernel.stdout.readline()
group = own / f"kernel-{kernel.pid}"
told = {"limits": {name: (group / name).read_text().strip() for name in limits}}
told["members"] = len((group / "cgroup.procs").read_text().split())
told["gateway"] = len((own / "gateway" / "cgroup.procs").read_text().split())
groups.remove(kernel.pid)
kernel.wait()
while group.exists():
    groups.remove(0)
print(json.dumps(told | {"status": kernel.returncode}))
"""


@pytest.fixture
def delegated() -> Iterator[Path]:
    """A group that is as systemd delegates one."""
    above = _own_group()
    if sys.platform != "linux" or os.geteuid() or above is None or not os.access(above, os.W_OK):
        pytest.skip("no group can be made here")
    group = above / "stagedoor-test"
    control, before = above / "cgroup.subtree_control", (above / "cgroup.subtree_control").read_text().split()
    given = (above / "cgroup.controllers").read_text().split()
    try:
        control.write_text(" ".join(f"+{name}" for name in given))
        group.mkdir()
        os.setxattr(group, _DELEGATED, b"1")
    except OSError as error:
        pytest.skip(f"no group can be made here: {error}")
    yield group
    for one in (*(folder for folder in group.iterdir() if folder.is_dir()), group):
        one.rmdir()
    control.write_text(" ".join(f"-{name}" for name in given if name not in before))


def divided(group: Path, controllers: list[str], limits: dict[str, str] | None = None) -> dict[str, Any]:
    command = [sys.executable, "-c", DIVIDING, str(group), json.dumps(controllers), json.dumps(limits or {})]
    said: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    return said


def test_a_kernel_and_all_that_it_starts_are_limited_and_ended_together(delegated: Path) -> None:
    given = (delegated / "cgroup.controllers").read_text().split()
    name = next((file.name for file in delegated.glob("*.max") if file.name.split(".")[0] in given), None)
    said = divided(delegated, given, {name: "0"} if name else {})
    assert said["limits"] == ({name: "0"} if name else {})
    assert (said["members"], said["gateway"]) == (2, 1), "what it has started since is in its group, the gateway is not"
    assert said["status"] == -9


def test_a_group_that_was_not_delegated_is_let_be(delegated: Path) -> None:
    os.removexattr(delegated, _DELEGATED)
    said = divided(delegated, [])
    assert "Delegate=memory pids" in said["problem"]
    assert said["left"] == []


def test_a_group_that_cannot_limit_what_is_wanted_is_let_be(delegated: Path) -> None:
    said = divided(delegated, ["memory", "nothing_of_the_kind"])
    assert "cannot limit" in said["problem"]
    assert "nothing_of_the_kind" in said["problem"]
    assert said["left"] == []


def test_nothing_is_divided_where_nothing_was_delegated() -> None:
    with pytest.raises(CgroupError):
        Cgroups.divide(["nothing_of_the_kind"])


def test_what_a_group_is_limited_to() -> None:
    assert Limits(memory=100, disk=50, processes=7).of_group() == {
        "memory.max": "150",
        "memory.oom.group": "1",
        "pids.max": "7",
    }
    assert Limits(disk=50).of_group() == {}
