"""Two visitors of one app share nothing: no file that they write, no memory, no random number, no id."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from gateway import Gateway, Page, running_command, wait_until

from stagedoor.kernels.memory import held_bytes, private_bytes
from stagedoor.kernels.template.folder_trial import why_not

pytestmark = pytest.mark.skipif(
    why_not(Path(__file__).parent, 2**20) is not None, reason="this system does not give private folders"
)

MB = 10**6

# It does what its visitor types, so that each story below is told in one place.
APP = """
import ctypes, multiprocessing, os, random, secrets, subprocess, sys, tempfile, uuid
from pathlib import Path
import ipywidgets, numpy

here = Path(__file__).parent
visits = []
kept = tempfile.mkdtemp()
journal = open("journal.txt", "a")
generator = numpy.random.default_rng()
libc = ctypes.CDLL(None, use_errno=True)


def write(path, text):
    with open(path, "w") as file:
        return file.write(text)


def fill(path):
    with open(path, "wb") as file:
        for _ in range(8):
            file.write(bytes(1_000_000))
            file.flush()


def did(change):
    try:
        print(repr(eval(change["new"], globals())))
    except OSError as error:
        print(repr(error.strerror))


typed = ipywidgets.Text()
typed.observe(did, "value")
typed
"""

SETTINGS = f"""
[kernels]
disk_limit = {4 * MB}
[apps.on_disk]
disk_limit = 0
[apps.stock]
snapshot = "never"
[apps.guestbook]
folder = "shared"
"""

EVERY = ["forked", "on_disk", "stock"]


class Visitor:
    """A visitor who types what is to be done."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._numbers = count()

    def does(self, expression: str) -> Any:
        """What the expression gives in the visitor's kernel."""
        typed = self._page.update(self._page.comm("TextModel"), value=f"{expression}  # {next(self._numbers)}")
        said = [m.content["text"] for m in self._page.until_done(typed) if m.msg_type == "stream"]
        return ast.literal_eval("".join(said))

    def leaves(self) -> None:
        self._page.close()

    @property
    def ids(self) -> set[str]:
        """What the session is known by: to its page, and in the log."""
        return {self._page.session, self._page.label}


Arrive = Callable[[str], Visitor]


def _as_it_is(command: list[str], place: Path) -> list[str]:
    return command


def _without_rights(command: list[str], place: Path) -> list[str]:
    """Without the right to mount anything, which the superuser has, and others only in a namespace of their own."""
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("nothing is to be given up here")
    as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    # A program that setpriv itself starts is still found with the superuser's rights.
    if subprocess.run([*as_nobody, "sh", "-c", '"$0" -c "import numpy"', sys.executable], check=False).returncode:
        return ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", *command]
    for path in (place, *place.rglob("*")):
        shutil.chown(path, "nobody", "nogroup")
    return [*as_nobody, *command]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    # Not pytest's own, which nobody may enter.
    with tempfile.TemporaryDirectory(prefix="private-") as name:
        place = Path(name)
        for inner in ("apps/inner", "tmp", "home"):
            (place / inner).mkdir(parents=True)
        for app in (*EVERY, "guestbook"):
            (place / "apps" / f"{app}.py").write_text(APP)
        (place / "apps" / "data.txt").write_text("data")
        (place / "stagedoor.toml").write_text(SETTINGS)
        yield place


@pytest.fixture(scope="module")
def folder(place: Path) -> Path:
    """The author's."""
    return place / "apps"


@pytest.fixture(scope="module", params=[_as_it_is, _without_rights], ids=lambda how: how.__name__)
def gateway(request: pytest.FixtureRequest, place: Path) -> Iterator[Gateway]:
    files = [str(place / "apps"), "--config", str(place / "stagedoor.toml")]
    command = [sys.executable, "-m", "stagedoor", "serve", "--port", "0", *files]
    env = {"TMPDIR": str(place / "tmp"), "HOME": str(place / "home"), "XDG_CACHE_HOME": str(place / "home")}
    with running_command(request.param(command, place), env) as running:
        yield running


@pytest.fixture
def arrive(gateway: Gateway) -> Iterator[Arrive]:
    """Visitors of an app, who have all left when the test ends."""
    pages: list[Page] = []

    def arrive(app: str) -> Visitor:
        pages.append(gateway.page(app))
        return Visitor(pages[-1])

    yield arrive
    for page in pages:
        page.close()


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.txt")}


@pytest.mark.parametrize("app", EVERY)
def test_what_a_visitor_writes_beside_the_app_nobody_else_sees(arrive: Arrive, folder: Path, app: str) -> None:
    before = contents(folder)
    ada, bob = arrive(app), arrive(app)
    assert ada.does("open('data.txt').read(), (here / 'data.txt').read_text(), os.getcwd() == str(here)") == (
        "data",
        "data",
        True,
    )
    for place in ("'mine.txt'", "here / 'beside.txt'", "here / 'inner' / 'deep.txt'", "'data.txt'"):
        assert ada.does(f"write({place}, 'ada')") == 3
    assert ada.does("os.listdir('inner'), open('data.txt').read()") == (["deep.txt"], "ada")
    assert ada.does("subprocess.run(['cat', 'mine.txt'], capture_output=True, text=True).stdout") == "ada"

    written = "Path('mine.txt').exists(), (here / 'beside.txt').exists(), os.listdir('inner'), open('data.txt').read()"
    assert bob.does(written) == (False, False, [], "data")
    assert arrive(app).does(written) == (False, False, [], "data")
    assert contents(folder) == before


@pytest.mark.parametrize("app", ["forked", "stock"])
def test_a_file_that_the_run_has_opened_is_each_visitors_own(arrive: Arrive, folder: Path, app: str) -> None:
    before = (folder / "journal.txt").read_text()
    ada, bob = arrive(app), arrive(app)
    assert ada.does("print('ada', file=journal, flush=True) or Path('journal.txt').read_text()") == f"{before}ada\n"
    assert bob.does("Path('journal.txt').read_text()") == before
    assert (folder / "journal.txt").read_text() == before


@pytest.mark.parametrize("app", EVERY)
def test_temporary_files_and_shared_memory_are_each_visitors_own(arrive: Arrive, app: str) -> None:
    ada, bob = arrive(app), arrive(app)
    secret = ada.does("tempfile.mkstemp(prefix='secret')[1]")
    assert Path(secret).name not in bob.does("os.listdir(tempfile.gettempdir())")
    assert bob.does(f"Path({secret!r}).exists()") is False
    assert ada.does("write(f'{kept}/secret', 'ada') and os.listdir(kept)") == ["secret"]
    assert bob.does("os.listdir(kept)") == []
    assert ada.does("get_ipython().db.update(secret='ada')") is None
    assert bob.does("get_ipython().db.get('secret')") is None
    assert ada.does("write('/dev/shm/secret', 'ada') and get_ipython().db['secret']") == "ada"
    assert bob.does("os.listdir('/dev/shm')") == []


@pytest.mark.parametrize("app", EVERY)
def test_when_a_visitor_leaves_all_that_they_wrote_is_gone(
    arrive: Arrive, gateway: Gateway, folder: Path, app: str
) -> None:
    ada = arrive(app)
    temporary = Path(ada.does("write('mine.txt', 'ada') and tempfile.mkstemp()[1]")).parents[1]
    assert temporary.exists()
    ada.leaves()
    wait_until(lambda: not temporary.exists())
    assert not list(Path(temporary.parents[2]).rglob("mine.txt"))
    assert not (folder / "mine.txt").exists()
    assert str(folder) not in Path(f"/proc/{gateway.process.pid}/mounts").read_text()


def test_a_visitor_who_fills_the_disk_fills_their_own(arrive: Arrive, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    ada, bob = arrive("forked"), arrive("forked")
    for place in ("'large'", "here / 'inner' / 'large'", "tempfile.mkstemp()[1]", "'/dev/shm/large'"):
        assert ada.does(f"fill({place})") == "No space left on device"
    assert ada.does("[write(f'inner/{number}', '') for number in range(5000)]") == "No space left on device"
    assert bob.does("write('mine.txt', 'bob' * 1000)") == 3000
    assert ada.does("open('data.txt').read()") == "data"
    assert shutil.disk_usage(folder).free > free - 100 * MB


@pytest.mark.parametrize("app", ["forked", "stock"])
def test_what_a_visitor_writes_counts_as_memory_of_their_kernel(arrive: Arrive, app: str) -> None:
    ada = arrive(app)
    pid = ada.does("os.getpid()")
    ada.does("fill('large')")
    private, held = private_bytes(pid), held_bytes(pid)
    assert private
    assert held
    assert held - private > 3.9 * MB


@pytest.mark.parametrize("app", EVERY)
def test_a_kernel_cannot_leave_its_folder(arrive: Arrive, folder: Path, gateway: Gateway, app: str) -> None:
    ada = arrive(app)
    detach = "libc.umount2(str(here).encode(), 2), os.strerror(ctypes.get_errno())"
    assert ada.does(detach) == (-1, "Operation not permitted")
    assert ada.does(f"open('/proc/{gateway.process.pid}/root{folder}/data.txt').read()") == "Permission denied"
    assert ada.does(f"os.listdir('/proc/{gateway.process.pid}/cwd')") == "Permission denied"
    # Nor can it by a namespace of its own below, should the system give it one.
    ada.does("write('data.txt', 'ada')")
    inner = ["unshare", "-Urm", "sh", "-c", "umount -l $0; cat $0/data.txt", str(folder)]
    assert ada.does(f"subprocess.run({inner}, capture_output=True).stdout") in (b"ada", b"")


@pytest.mark.parametrize("app", ["forked", "stock"])
def test_memory_is_each_visitors_own(arrive: Arrive, app: str) -> None:
    ada, bob = arrive(app), arrive(app)
    assert ada.does("visits.append('ada') or os.environ.update(SECRET='ada') or sys.path.append('ada') or visits") == [
        "ada"
    ]
    assert bob.does("visits, os.environ.get('SECRET'), 'ada' in sys.path") == ([], None, False)


@pytest.mark.parametrize("app", ["forked", "stock"])
def test_random_numbers_and_ids_are_each_visitors_own(arrive: Arrive, app: str) -> None:
    draws = (
        "[random.getrandbits(64), secrets.randbits(64), int(generator.integers(2**62)),"
        " int(numpy.random.randint(2**31)), os.urandom(8), str(uuid.uuid4()), str(uuid.uuid1()),"
        " next(tempfile._get_candidate_names())]"
    )
    ada, bob = arrive(app), arrive(app)
    drawn, others = ada.does(draws), bob.does(draws)
    assert len({*drawn, *others}) == len(drawn) + len(others)
    assert not ada.ids & bob.ids


@pytest.mark.parametrize("app", ["forked", "stock"])
def test_what_a_visitor_has_done_is_in_nobodys_recording(arrive: Arrive, gateway: Gateway, app: str) -> None:
    before = gateway.get(f"/apps/{app}/recording").content
    ada = arrive(app)
    ada.does("visits.append('only ada') or setattr(typed, 'description', 'only ada')")
    assert gateway.get(f"/apps/{app}/recording").content == before


def test_an_app_may_keep_something_on_purpose(arrive: Arrive, folder: Path) -> None:
    ada, bob = arrive("guestbook"), arrive("guestbook")
    ada.does("write('guests.txt', 'ada')")
    assert bob.does("open('guests.txt').read()") == "ada"
    (folder / "guests.txt").unlink()


def test_what_is_private_is_told_at_the_start(gateway: Gateway) -> None:
    (line,) = gateway.logged("how visitors' kernels are confined")
    assert '"private_folder": "on; off: for guestbook: as the settings say"' in line
