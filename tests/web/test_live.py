"""A page and its session, over a real websocket and real kernels, whichever way the kernels are had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateway import Gateway, refusals, wait_until
from serving import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


@pytest.fixture(scope="module", params=["auto", "imports", "never"])
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Kernels forked after the run, forked after the imports, and stock ones pass the same tests."""
    with serve(tmp_path_factory, request.param, ["clicks", "asks", "fails", "changing", "unruly", "broken"]) as running:
        yield running


@pytest.fixture
def rerun(gateway: Gateway) -> bool:
    """Whether the app runs anew for each visitor."""
    return not gateway.logged("forked after its run")


def test_a_click_is_answered(gateway: Gateway) -> None:
    with gateway.page("clicks") as page:
        done = page.until_done(page.click(page.comm("ButtonModel", description="click me")))
        assert [m.content["text"] for m in done if m.msg_type == "stream"] == ["click 1\n"]
        states = [m.content["state"] for m in page.received if m.msg_type == "stagedoor_session"]
        assert states == ["starting", "live"]


def test_what_is_done_before_the_kernel_is_there_is_done_in_order(gateway: Gateway) -> None:
    with gateway.page("clicks") as page:
        slider, button = page.comm("IntSliderModel"), page.comm("ButtonModel")
        sent = [page.update(slider, value=4), page.click(button), page.update(slider, value=7), page.click(button)]
        page.until_done(sent[-1])
        assert page.text == "moved to 4\nclick 1\nmoved to 7\nclick 2\n"


def test_two_visitors_share_nothing(gateway: Gateway) -> None:
    with gateway.page("clicks") as one, gateway.page("clicks") as other:
        button = one.comm("ButtonModel")
        one.until_done(one.click(button))
        one.until_done(one.click(button))
        other.until_done(other.click(button))
        assert (one.text, other.text) == ("click 1\nclick 2\n", "click 1\n")


def test_the_kernel_knows_what_its_output_widgets_have_captured(gateway: Gateway) -> None:
    with gateway.page("clicks") as page:
        button = page.comm("ButtonModel")
        page.until_done(page.click(button))
        page.drop()
        session = page.session
        with gateway.page("clicks") as back:
            back.send("control", "stagedoor_resume", {"session": session, "received": 10_000})
            back.until(lambda m: m.msg_type == "stagedoor_render")
            opened = back.until(
                lambda m: m.msg_type == "comm_open" and m.content["comm_id"] == back.comm("OutputModel")
            )
            (output,) = opened.content["data"]["state"]["outputs"]
            assert output == {"output_type": "stream", "name": "stdout", "text": "click 1\n"}


def test_a_lost_connection_is_taken_up_where_it_broke(gateway: Gateway) -> None:
    with gateway.page("clicks") as page:
        button = page.comm("ButtonModel")
        page.until_done(page.click(button))
        session = page.session
        counted = [m for m in page.received if m.msg_type != "stagedoor_session"]
        page.drop()
        with gateway.page("clicks") as back:
            back.send("control", "stagedoor_resume", {"session": session, "received": len(counted) - 2})
            again = [back.next() for _ in range(3)]
            assert again[0].content["state"] == "live"
            assert again[0].content["received"] == 1
            assert [m.msg_id for m in again[1:]] == [m.msg_id for m in counted[-2:]]
            back.until_done(back.click(button))
            assert back.text.endswith("click 2\n")


def test_a_session_that_is_gone_cannot_be_taken_up(gateway: Gateway) -> None:
    with gateway.page("clicks") as page:
        page.send("control", "stagedoor_resume", {"session": "guess", "received": 0})
        assert page.until_state("ended").content["code"] == "unknown_session"
        with pytest.raises(ConnectionClosed):
            page.next()


def test_a_page_that_leaves_ends_its_session_at_once(gateway: Gateway) -> None:
    page = gateway.page("clicks")
    page.until_done(page.click(page.comm("ButtonModel")))
    label = page.label
    page.close(1000)
    ended = wait_until(lambda: [line for line in gateway.logged("session ended") if label in line], 5)
    assert '"left"' in ended[0]


def test_a_page_that_is_lost_ends_its_session_after_a_grace(gateway: Gateway) -> None:
    page = gateway.page("clicks")
    page.until_done(page.click(page.comm("ButtonModel")))
    label = page.label
    page.drop()
    assert not [line for line in gateway.logged("session ended") if label in line]
    wait_until(lambda: [line for line in gateway.logged("session ended") if label in line], 10)


def test_the_app_asks_and_the_visitor_answers(gateway: Gateway) -> None:
    with gateway.page("asks") as page:
        assert page.recording.messages[-1].msg_type == "input_request"
        page.send("stdin", "input_reply", {"value": "Ada", "status": "ok"})
        page.until(lambda m: m.msg_type == "stream" and "Hello, Ada!" in m.content["text"])


@pytest.mark.parametrize("description", ["raise", "raise in Output"])
def test_an_error_in_a_callback_leaves_as_a_sentence(gateway: Gateway, description: str) -> None:
    with gateway.page("fails") as page:
        done = page.until_done(page.click(page.comm("ButtonModel", description=description)))
        (error,) = [m for m in done if m.msg_type == "error"]
        assert error.content["ename"] in {"ValueError", "KeyError"}
        everything = b"".join(bytes(m.content_json) for m in page.received)
        assert b"MARK" not in everything
        problem = error.content["evalue"].split()[-1].rstrip(".")
        (line,) = wait_until(lambda: gateway.logged(problem))
        assert "MARK-fails" in line


def test_a_kernel_that_dies_is_told_and_the_page_may_start_anew(gateway: Gateway) -> None:
    with gateway.page("fails") as page:
        page.click(page.comm("ButtonModel", description="die"))
        ended = page.until_state("ended")
        assert ended.content["code"] == "kernel_died"
        assert wait_until(lambda: gateway.logged(ended.content["id"]))
    with gateway.page("fails") as anew:
        done = anew.until_done(anew.click(anew.comm("ButtonModel", description="raise")))
        assert any(m.msg_type == "error" for m in done)


def test_a_run_that_comes_out_otherwise_changes_just_that(gateway: Gateway, rerun: bool) -> None:
    with gateway.page("changing") as page:
        slider = page.comm("IntSliderModel")
        page.until_done(page.update(slider, value=42))
        rendered = [m.content["scope"] for m in page.received if m.msg_type == "stagedoor_render"]
        assert rendered == ([["cell-2"]] if rerun else [])
        assert page.text.endswith("now 42\n")
        changed = [m for m in page.received if m.msg_type == "comm_msg" and m.parent_id == ""]
        assert ({"value"} in [set(m.content["data"]["state"]) for m in changed]) == rerun


def test_a_run_with_other_widgets_is_shown_anew_and_the_visitor_is_understood(gateway: Gateway) -> None:
    for _ in range(3):  # the process ids differ, so one of these has other widgets than the recording
        with gateway.page("unruly") as page:
            msg_id = page.update(page.comm("IntSliderModel"), value=8)
            page.until_done(msg_id)
            assert page.text.endswith("now 8\n")
            rendered = [m for m in page.received if m.msg_type == "stagedoor_render"]
            if rendered:
                assert rendered[0].content["scope"] == "all"
                opened = [m for m in page.received if m.msg_type == "comm_open"]
                assert "IntSliderModel" in {m.content["data"]["state"]["_model_name"] for m in opened}


def test_an_old_page_is_shown_anew(gateway: Gateway) -> None:
    with gateway.page("clicks", generation="long-gone") as page:
        page.send("control", "stagedoor_open", {})
        render = page.until(lambda m: m.msg_type == "stagedoor_render")
        assert render.content["scope"] == "all"
        assert [cell["name"] for cell in render.content["cells"]] == ["0", "controls", "slider"]


def test_what_may_not_pass_opens_no_session(gateway: Gateway) -> None:
    with gateway.page("clicks") as page:
        page.send("shell", "execute_request", {"code": "print(1)"})
        page.update("no-such-comm", value=1)
        page.send_raw(b"garbage")
        page.send_raw("text")
        page.until_done(page.click(page.comm("ButtonModel")))
        assert page.received[0].content == page.received[0].content | {"state": "starting", "received": 0}
        assert page.text == "click 1\n"


def test_a_refused_message_is_dealt_with_and_counted(gateway: Gateway) -> None:
    with gateway.page("clicks") as page:
        slider = page.comm("IntSliderModel")
        page.until_done(page.update(slider, value=5))
        before = refusals(gateway, "protected_trait")
        page.until_done(page.update(slider, _model_name="Evil"))
        assert refusals(gateway, "protected_trait") == before + 1
        page.until_done(page.update(slider, value=6))
        assert page.text == "moved to 5\nmoved to 6\n"


def test_an_oversized_frame_ends_the_connection(gateway: Gateway) -> None:
    with gateway.page("clicks") as page, pytest.raises(ConnectionClosed) as closed:
        page.send_raw(b"\x00" * (20 * 2**20))
        page.next()
    assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


@pytest.mark.parametrize(
    ("app", "origin", "status"),
    [("clicks", "https://evil.example", 403), ("no_such_app", None, 404), ("broken", None, 503)],
)
def test_who_may_not_come_in(gateway: Gateway, app: str, origin: str | None, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(
            f"ws{gateway.url[4:]}/apps/{app}/live",
            origin=origin,  # type: ignore[arg-type]
            subprotocols=["v1.kernel.websocket.jupyter.org"],  # type: ignore[list-item]
        )
    assert refused.value.response.status_code == status


def test_pages_of_an_allowed_origin_come_in(gateway: Gateway) -> None:
    with gateway.page("clicks", origin="https://allowed.example") as page:
        page.until_done(page.click(page.comm("ButtonModel")))


def test_nothing_of_the_script_is_in_what_a_page_gets(gateway: Gateway) -> None:
    body = gateway.get("/apps/clicks/recording").content
    assert b"click me" in body
    assert b"MARK" not in body
    assert b"clicks.py" not in body
