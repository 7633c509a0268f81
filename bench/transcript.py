"""How fast messages are folded: ``python -m bench.transcript``."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

from stagedoor.jupyter.message import Message, encode_json
from stagedoor.jupyter.recording import encode_recording
from stagedoor.jupyter.transcript import Transcript

CELL = "cell-0"
COUNT = 100_000


def of_kernel(msg_type: str, content: dict[str, Any]) -> Message:
    """A message with its content still to be decoded, as it is on the hot path."""
    return Message("iopub", msg_type, encode_json(content), parent_id=CELL)


def stream(text: str) -> Message:
    """A piece of stdout."""
    return of_kernel("stream", {"name": "stdout", "text": text})


def update(comm_id: str, state: dict[str, Any]) -> Message:
    """A widget's update."""
    return of_kernel("comm_msg", {"comm_id": comm_id, "data": {"method": "update", "state": state}})


def widget(comm_id: str, model_name: str, **state: Any) -> Message:
    """A widget that is made."""
    whole = {"_model_name": model_name, **{f"trait_{number}": number for number in range(30)}, **state}
    return of_kernel("comm_open", {"comm_id": comm_id, "target_name": "jupyter.widget", "data": {"state": whole}})


def picture(size: int) -> Message:
    """A picture of so many characters of Base64."""
    return of_kernel("display_data", {"data": {"image/png": "A" * size}, "metadata": {}})


def app_of_50_widgets() -> Transcript:
    """An app with 50 widgets, five of them output widgets, and a picture of 1 MB."""
    transcript = Transcript([CELL, "cell-1"])
    for number in range(45):
        transcript.apply(widget(f"w{number}", "IntSliderModel", value=number))
    for number in range(5):
        transcript.apply(widget(f"o{number}", "OutputModel", msg_id="", outputs=[]))
    for message in (picture(1_000_000), stream("text\n" * 1_000)):
        transcript.apply(message)
    return transcript


def applied(name: str, messages: Iterable[Message], transcript: Transcript | None = None) -> None:
    """Prints what it takes to apply the messages."""
    transcript = transcript or Transcript([CELL])
    made = list(messages)
    gc.collect()
    began = time.perf_counter()
    for message in made:
        transcript.apply(message)
    seconds = time.perf_counter() - began
    print(f"{name:56} {seconds / len(made) * 1e6:9.2f} µs each, {seconds:6.2f} s")


def timed(name: str, function: Callable[[], object], times: int = 20) -> None:
    """Prints the median time of the function."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    print(f"{name:56} {sorted(seconds)[times // 2] * 1e3:9.3f} ms (first {seconds[0] * 1e3:.3f} ms)")


def memory(text: str, total: int) -> None:
    """Prints the peak of what a transcript takes of so many characters of prints."""
    transcript = Transcript([CELL])
    tracemalloc.start()
    for _ in range(total // len(text)):
        transcript.apply(stream(text))
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    print(f"{total / 1e6:g} MB of prints, {len(text)} characters each: peak {peak:.1f} MB")
    tracemalloc.stop()


def main() -> None:
    """Runs all of it."""
    applied("lines of stdout", (stream(f"line {n}\n") for n in range(COUNT)))
    applied("a progress bar on stdout", (stream(f"\r{n}|####    ") for n in range(COUNT)))
    bar = Transcript([CELL])
    bar.apply(widget("bar", "IntProgressModel"))
    applied("a progress bar widget", (update("bar", {"value": n}) for n in range(COUNT)), bar)
    capturing = Transcript([CELL])
    capturing.apply(widget("out", "OutputModel", msg_id=CELL, outputs=[]))
    applied("lines into an output widget", (stream(f"line {n}\n") for n in range(COUNT)), capturing)
    applied("pictures of 50 kB, cleared each time", (m for _ in range(1_000) for m in (clear(), picture(50_000))))
    applied("100 MB of prints", (stream("x" * 99 + "\n") for _ in range(1_000_000)))
    long_line = [stream("x" * 9_000_000), *(stream("\rab\b") for _ in range(COUNT))]
    applied("one line of 9 MB, overwritten again and again", long_line)
    bars = "\n\r\x1b[32mouter\x1b[0m {0}\n\rinner {0}\x1b[A\x1b[A"
    applied("two nested coloured progress bars", (stream(bars.format(n)) for n in range(COUNT)))
    applied("4 MB that go up and down all the time", [stream("\n\x1b[A" * 1_000_000)])
    memory("x" * 99 + "\n", 100_000_000)
    memory("x" * 9 + "\n", 12_000_000)
    app = app_of_50_widgets()
    timed("copy of 50 widgets and a picture of 1 MB", app.copy)
    timed("its messages", app.messages)
    timed("its recording", lambda: recording(app))


def clear() -> Message:
    """Empties the cell when the next output comes."""
    return of_kernel("clear_output", {"wait": True})


def recording(transcript: Transcript) -> bytes:
    """The transcript's recording."""
    return encode_recording(app="app", title="app", generation="0", cells=[], assets={}, messages=transcript.messages())


if __name__ == "__main__":
    main()
