"""What a Jupyter server may answer, and what the operator is told of it; and what it is never told, or asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_servers import JupyterServer, Proxy
from structlog.testing import capture_logs

from stagedoor.kernels.remote.access import Access, parse_address
from stagedoor.kernels.remote.problems import KernelLost, ServerProblem
from stagedoor.kernels.remote.server import JupyterServer as Client

PAGE = "<!doctype html><title>Sign in</title>"


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        ("302 Found", {"Location": "/hub/login?next=x"}, PAGE, "sends us elsewhere (302 to '/hub/login')"),
        ("403 Forbidden", {}, PAGE, "does not take the token (403): correct kernels.token"),
        ("404 Not Found", {}, PAGE, "There is no Jupyter server at http"),
        ("503 Service Unavailable", {}, PAGE, "is not available (503)"),
        ("200 OK", {}, PAGE, "is no Jupyter server: it sends a page, 'Sign in', instead of JSON"),
        ("200 OK", {}, "[]", "is no Jupyter server: it sends something else instead of JSON"),
        ("500 Internal Server Error", {}, '{"message": "No such kernel named cobol"}', "No such kernel named cobol"),
    ],
)
async def test_each_answer_is_told_as_what_it_is(
    client: Client, between: Proxy, status: str, headers: dict[str, str], body: str, said: str
) -> None:
    between.answer(status, "text/html", body, **headers)
    with pytest.raises(ServerProblem) as told:
        await client.start_kernel("python3")
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.passing, "it is worth trying again"


@pytest.mark.parametrize("status", ["302 Found", "403 Forbidden", "404 Not Found", "503 Unavailable", "200 OK"])
async def test_what_answers_a_websocket_is_told_too(client: Client, between: Proxy, status: str) -> None:
    between.answer(status, "text/html", PAGE, Location="http://127.0.0.1:9/elsewhere")
    with pytest.raises(ServerProblem, match=f"{status[:3]}|opens no websockets"):
        await client.connect("0-0-0-0-0", "session")


async def test_a_page_in_place_of_a_kernel_does_not_mean_that_the_kernel_is_gone(
    client: Client, between: Proxy
) -> None:
    between.answer("404 Not Found", "text/html", PAGE)
    with pytest.raises(ServerProblem):
        await client.look_after("0-0-0-0-0")
    between.pass_on()
    with pytest.raises(KernelLost, match="has ended the kernel"):
        await client.look_after("00000000-0000-0000-0000-000000000000")


async def test_a_wrong_token_is_told_and_the_right_one_is_read_from_its_file_when_it_is_there(
    jupyter: JupyterServer, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    client = Client(Access(jupyter.url, token_file=str(file)))
    with pytest.raises(ServerProblem, match="cannot be read from"):
        await client.start_kernel("python3")
    file.write_text("wrong\n")
    with pytest.raises(ServerProblem, match="does not take the token"):
        await client.start_kernel("python3")
    file.write_text(f"{jupyter.token}\n")
    await client.end_kernel(await client.start_kernel("python3"))
    await client.close()


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "sch\u00f6n"])
async def test_what_can_be_no_token_is_told_without_showing_it(jupyter: JupyterServer, token: str) -> None:
    client = Client(Access(jupyter.url, token))
    with pytest.raises(ServerProblem, match="has blanks or odd characters") as told:
        await client.start_kernel("python3")
    assert token not in str(told.value)
    await client.close()


async def test_a_kernel_that_the_server_does_not_have_is_told(client: Client) -> None:
    with pytest.raises(ServerProblem, match="'cobol': is kernels"):
        await client.start_kernel("cobol")


async def test_a_server_that_is_away_is_told_to_the_operator_once_and_so_is_its_return(
    client: Client, between: Proxy
) -> None:
    between.cut()
    with capture_logs() as logged:
        for _ in range(3):
            with pytest.raises(ServerProblem, match="cannot be reached"):
                await client.start_kernel("python3")
        between.mend()
        await client.end_kernel(await client.start_kernel("python3"))
    assert [line["log_level"] for line in logged] == ["error", "info"]


async def test_cookies_are_not_kept_and_the_token_is_in_a_header_only(
    client: Client, between: Proxy, jupyter: JupyterServer
) -> None:
    kernel = await client.start_kernel("python3")
    between.answer("403 Forbidden", "text/html", PAGE, **{"Set-Cookie": "secret=1; Path=/"})
    for _ in range(2):
        with pytest.raises(ServerProblem):
            await client.look_after(kernel)
    between.pass_on()
    await (await client.connect(kernel, "session")).close()
    await client.end_kernel(kernel)
    said = b"".join(between.heard)
    assert b"Cookie" not in said
    assert b"cookie" not in said
    starts = [line for line in said.split(b"\r\n") if b" HTTP/1.1" in line]
    assert any(b"/channels?session_id=" in line for line in starts)
    assert not any(jupyter.token.encode() in line for line in starts)
    assert b"uthorization: token " + jupyter.token.encode() in said


async def test_nothing_of_the_token_is_in_what_is_logged(jupyter: JupyterServer, between: Proxy) -> None:
    access = Access(between.url, jupyter.token)
    assert jupyter.token not in repr(access)
    client = Client(access)
    between.answer("403 Forbidden", "text/html", PAGE)
    with capture_logs() as logged, pytest.raises(ServerProblem) as told:
        await client.start_kernel("python3")
    assert jupyter.token not in f"{logged} {told.value!r}"
    await client.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://localhost:8888/", "http://localhost:8888"),
        ("https://hub.example.org/user/x/stage/", "https://hub.example.org/user/x/stage"),
        ("http://[::1]:8888", "http://[::1]:8888"),
    ],
)
def test_the_path_under_which_a_server_is_reached_is_kept(text: str, address: str) -> None:
    assert parse_address(text) == address
    access = Access(parse_address(text))
    assert access.address("api", "contents", "a b", "ü?.ipynb", type="notebook").startswith(
        f"{address}/api/contents/a%20b/%C3%BC%3F.ipynb?type=notebook"
    )
    assert access.socket_address("api").startswith("ws")


@pytest.mark.parametrize(
    "text",
    ["localhost:8888", "ftp://x", "http://", "http://x:99999", "http://x/?token=1", "http://a:b@x", "http://x/#y"],
)
def test_an_odd_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address") as refused:
        parse_address(text)
    assert "token=1" not in str(refused.value)
