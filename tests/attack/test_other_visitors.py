"""Nobody gets into another visitor's session, whatever they know of it but its secret."""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from attacker import Attacker
from gateway import Gateway, Page, refusals, running_gateway, wait_until
from house import SITE, Tally
from wire_attacks import SPEAKS, UPGRADE, handshake, key

APP = """
import ipywidgets as widgets

slider = widgets.IntSlider(value=3, description="n")
made = widgets.VBox()
more, tell = widgets.Button(description="more"), widgets.Button(description="tell")
more.on_click(lambda _: setattr(made, "children", [*made.children, widgets.IntSlider(description="made")]))
tell.on_click(lambda _: print("n is", slider.value, "and there are", len(made.children)))
display(slider, made, more, tell)
"""
SETTINGS = """
[log]
format = "json"
level = "debug"
[server]
allow_origins = ["https://course.example", "http://[2001:db8::1]:8080"]
[sessions]
grace = 1.0
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("apps")
    (folder / "mine.py").write_text(APP)
    (folder / "other.py").write_text(APP)
    config = folder / "stagedoor.toml"
    config.write_text(SETTINGS)
    with running_gateway([folder / "mine.py", folder / "other.py"], "--config", str(config)) as running:
        yield running


@pytest.fixture
def attacker(gateway: Gateway, tally: Tally) -> Iterator[Attacker]:
    attacker = Attacker(gateway, "mine")
    yield attacker
    tally.add(attacker)


def tell(page: Page) -> str:
    """What the app says of the page's session."""
    page.until_done(page.click(page.comm("ButtonModel", description="tell")))
    return page.text.splitlines()[-1]


def refused(attacker: Attacker, session: Any, received: Any = 0) -> bool:
    """Whether nothing comes of the wish to go on with this session."""
    attacker.tries("sessions")
    with attacker.connection() as line:
        answer = line.resume(session, received)
    # Whoever goes on with a session is told its secret and its id in the log.
    return answer is None or (answer["state"], answer["code"], answer["session"], answer["id"]) == (
        "ended",
        "unknown_session",
        "",
        "",
    )


def test_a_session_is_not_found_by_anything_but_its_secret(gateway: Gateway, attacker: Attacker) -> None:
    with gateway.page("mine") as page:
        assert tell(page) == "n is 3 and there are 0"
        secret, label = page.session, page.label
        near = [
            secret[:-1], secret[1:], secret + "A", secret.swapcase(), secret[::-1], f" {secret}", f"{secret}\n", f"{secret}=", secret + "\0",
            secret[:-1] + chr(ord(secret[-1]) ^ 1), base64.b64encode(secret.encode()).decode(), f"{secret}/", f"../{secret}", f"%{secret}",
        ]  # fmt: skip
        known = [
            label,
            "p-1",
            "k-0",
            page.recording.generation,
            str(gateway.process.pid),
            "mine",
            page.comm("IntSliderModel"),
        ]
        guesses: list[Any] = [
            "",
            "*",
            "x",
            "0" * 32,
            "null",
            None,
            True,
            0,
            -1,
            1.5,
            [secret],
            {"id": secret},
            {"$ne": ""},
            "__class__",
        ]
        before = refusals(gateway, "unknown_session")
        let_in = []

        def guess(session: Any) -> None:
            if not refused(attacker, session):
                let_in.append(session)

        attacker.at_once(guess, [*near, *known, *guesses])
        assert not let_in
        assert refusals(gateway, "unknown_session") >= before + len(near) + len(known)
        for received in (-1, 1.5, "0", None, True, [0], {"a": 1}):
            assert refused(attacker, secret, received)
        # Its own page still has it.
        assert tell(page) == "n is 3 and there are 0"


def test_the_secret_is_in_nothing_that_others_see(gateway: Gateway, attacker: Attacker) -> None:
    with gateway.page("mine") as page:
        tell(page)
        page.send("shell", "execute_request", {"code": "1"})
        page.drop()
        with gateway.page("mine") as back:
            back.send("control", "stagedoor_resume", {"session": page.session, "received": 0})
            back.until_state("live")
            attacker.get(f"/apps/mine/live?session={page.session}")
        label, secret = page.label, page.session
        wait_until(lambda: [line for line in gateway.logged("session ended") if label in line])
        assert [line for line in gateway.log if label in line], "the log names sessions by another id"
        assert not [line for line in gateway.log if secret in line]
    for path in ("/metrics", "/healthz", "/apps/mine", "/apps/mine/recording"):
        answer = gateway.get(path)
        assert secret not in answer.text
        assert label not in answer.text
        assert secret not in str(answer.headers)
        assert "set-cookie" not in answer.headers, "no browser sends anything for a page of another site"
    assert not re.search(r"stagedoor_\w+\{[^}]*(session|visitor|address|client)=", gateway.get("/metrics").text)
    # A page's address has nothing of the session in it, which a referrer would carry away.
    assert gateway.get("/apps/mine").headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert gateway.get("/apps/mine?token=x").headers["referrer-policy"] == "no-referrer"
    with attacker.connection() as line:
        line.open()
    handshakes = [data for where, data in attacker.received if where == "handshake"]
    assert handshakes
    assert not any(secret.encode() in data for data in handshakes)


def test_secrets_cannot_be_guessed_from_other_secrets(attacker: Attacker) -> None:
    found: list[str] = []

    def open_one(_: int) -> None:
        with attacker.connection() as line:
            found.append(line.open()["session"])

    attacker.at_once(open_one, range(24))
    assert len(set(found)) == len(found)
    assert {len(secret) for secret in found} == {32}, "24 bytes in base64: 192 bits"
    # At every place there are several letters: nothing of them is a time, a number or a process's id.
    assert all(len({secret[place] for secret in found}) > 8 for place in range(32))


def test_a_session_of_another_app_is_none(gateway: Gateway, attacker: Attacker) -> None:
    attacker.tries("sessions")
    with gateway.page("other") as page:
        assert tell(page) == "n is 3 and there are 0"
        assert refused(attacker, page.session)
        assert tell(page) == "n is 3 and there are 0"


def test_a_session_that_has_ended_is_none(gateway: Gateway, attacker: Attacker) -> None:
    page = gateway.page("mine")
    tell(page)
    secret, label = page.session, page.label
    page.close()
    wait_until(lambda: [line for line in gateway.logged("session ended") if label in line])
    assert refused(attacker, secret)


def test_who_was_cut_off_by_a_second_page_gets_nothing_more(gateway: Gateway) -> None:
    """The secret is one page's: where it is used twice, the later one has the session."""
    with gateway.page("mine") as first, gateway.page("mine") as second:
        tell(first)
        second.send("control", "stagedoor_resume", {"session": first.session, "received": 0})
        second.until_state("live")
        before = len(first.received)
        assert tell(second).startswith("n is")
        with pytest.raises(Exception, match="1000"):
            while True:
                first.next()
        assert len(first.received) == before


def test_widgets_of_another_session_are_none(gateway: Gateway, attacker: Attacker) -> None:
    with gateway.page("mine") as one, gateway.page("mine") as another:
        for page in (one, another):
            assert tell(page) == "n is 3 and there are 0"
        one.until_done(one.click(one.comm("ButtonModel", description="more")))
        made = [m.content["comm_id"] for m in one.received if m.msg_type == "comm_open"]
        assert made, "a widget that only this session has"
        attacker.tries("sessions", len(made))
        before = refusals(gateway, "unknown_comm")
        for comm_id in made:
            another.until_done(another.update(comm_id, value=9))
        assert refusals(gateway, "unknown_comm") == before + len(made)
        assert tell(one) == "n is 3 and there are 1"
        assert tell(another) == "n is 3 and there are 0"


def test_what_one_does_is_in_nothing_that_the_next_gets(gateway: Gateway) -> None:
    before = gateway.get("/apps/mine/recording")
    with gateway.page("mine") as page:
        page.until_done(page.update(page.comm("IntSliderModel"), value=77))
        page.until_done(page.click(page.comm("ButtonModel", description="more")))
        assert tell(page) == "n is 77 and there are 1"
    with gateway.page("mine", generation="an older one") as following:
        # A page that shows something old is sent the whole state of its session.
        following.send("control", "stagedoor_open", {})
        following.until_state("live")
        assert tell(following) == "n is 3 and there are 0"
        states = [m.content["data"]["state"] for m in following.received if m.msg_type == "comm_open"]
        assert 77 not in [state.get("value") for state in states]
        assert "made" not in [state.get("description") for state in states]
    after = gateway.get("/apps/mine/recording")
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


MAY_NOT = [
    "null", "", "https://evil.example", "https://course.example.evil.example", "https://evil-course.example", "https://evilcourse.example",
    "https://course.example@evil.example", "https://evil.example@course.example", "https://evil.example#https://course.example",
    "https://evil.example/https://course.example", "https://evil.example?https://course.example", "https://evil.example\\@course.example",
    "https://course.example.", "https://sub.course.example", "https://course.exampl", "https://course", "http://course.example",
    "https://course.example:444", "https://course.example:80", "https://course.example:0", "//course.example",
    "course.example", "wss://course.example", "file://course.example", "javascript://course.example", "https:course.example",
    "https://course.example, https://evil.example", "https://evil.example, https://course.example", "https://course.example https://evil.example",
    "https://course.example%00.evil.example", "https://course.example%2eevil.example", "https://cour\u0455e.example", "https://xn--coure-example",
    "http://[2001:db8::1]", "http://[2001:db8::2]:8080", "http://2001:db8::1:8080", "http://[2001:db8::1]:8081", "http://[2001:db8::1", "*",
    "chrome-extension://abc", "https://127.0.0.1", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost", "http://0.0.0.0", "http://[::1]",
]  # fmt: skip


def test_pages_of_other_sites_get_no_connection_and_no_recording(gateway: Gateway, attacker: Attacker) -> None:
    attacker.tries("origins", 2 * len(MAY_NOT))
    before = refusals(gateway, "origin")

    def ask(origin: str) -> None:
        # As the bytes that a header has; a browser's are ASCII.
        given = f"Origin: {origin.encode().decode('latin-1')}"
        for path, headers in (("live", [*UPGRADE, key(), SPEAKS]), ("recording", [])):
            answer = attacker.get(f"/apps/mine/{path}", *headers, given, kind="origins")
            assert answer.startswith(b"HTTP/1.1 403"), (origin, answer[:200])
            assert b"stagedoor.recording" not in answer

    attacker.at_once(ask, MAY_NOT)
    assert refusals(gateway, "origin") == before + 2 * len(MAY_NOT)


@pytest.mark.parametrize(
    "origin",
    [SITE, "HTTPS://COURSE.EXAMPLE", f"{SITE}:443", "http://[2001:db8::1]:8080", "http://[2001:DB8::1]:8080", ""],
)
def test_pages_of_sites_that_may_do_so_get_in(attacker: Attacker, origin: str) -> None:
    """So do those of the gateway itself, and programs, which send no origin: they have no visitor's browser to ride on."""
    headers = [f"Origin: {origin or attacker.gateway.url}"]
    for given in (headers, []):
        with attacker.socket(3.0) as connection:
            handshake(attacker, connection, *given)
