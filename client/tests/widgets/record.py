"""Writes recording.jsonl: the messages of a real kernel that makes every core widget once.

python record.py > recording.jsonl   (needs ipykernel, ipywidgets, jupyter_client)
"""

import json
from base64 import b64encode
from typing import Any

from jupyter_client.manager import start_new_kernel

APP = """
import datetime as dt
import ipywidgets as w

numbers = [
    w.IntSlider(), w.FloatSlider(), w.FloatLogSlider(), w.IntRangeSlider(), w.FloatRangeSlider(), w.IntProgress(),
    w.FloatProgress(), w.BoundedIntText(), w.BoundedFloatText(), w.IntText(), w.FloatText(), w.Play(),
    w.IntSlider(orientation="vertical"), w.FloatProgress(orientation="vertical", bar_style="info"),
]
kinds = [w.Dropdown, w.RadioButtons, w.Select, w.SelectMultiple, w.SelectionSlider, w.ToggleButtons]
choices = [kind(options=["a", "b"], description="choose") for kind in kinds]
texts = [
    w.Text("text"), w.Textarea(), w.Password(), w.Combobox(options=["a"]), w.Label("label"), w.HTML("<b>bold</b>"),
    w.HTMLMath("<i>plain</i>"), w.Text(description="<b>x</b><script>1</script>", description_allow_html=True),
]
dates = [
    w.DatePicker(value=dt.date(2026, 1, 2)), w.TimePicker(value=dt.time(3, 4)), w.NaiveDatetimePicker(),
    w.DatetimePicker(value=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.timezone.utc)),
]
others = [
    w.Button(description="go", icon="check", button_style="info"), w.ToggleButton(), w.Checkbox(description="tick"),
    w.Valid(value=True), w.ColorPicker(value="red"), w.TagsInput(value=["tag"]), w.ColorsInput(value=["red"]),
    w.FloatsInput(value=[1.5]), w.IntsInput(value=[1]), w.FileUpload(), w.Controller(),
    w.SelectionRangeSlider(options=["a", "b"], index=(0, 1)),
]
media = [w.Image(value=b"\\x89PNG\\xff"), w.Audio(value=b"RIFF", autoplay=False), w.Video(value=b"mp4", autoplay=False)]
grid = w.GridspecLayout(1, 1)
grid[0, 0] = w.Button()
boxes = [
    w.HBox([w.Label("in a box")]), w.VBox(), w.GridBox(), w.Tab([w.Label("in a tab")], titles=["first"]),
    w.Accordion([w.Label("in a fold")], titles=["fold"], selected_index=0),
    w.Stack([w.Label("on top")], selected_index=0),
    grid, w.TwoByTwoLayout(top_left=w.Button()), w.AppLayout(center=w.Button()), w.Output(),
]
everything = w.VBox([*numbers, *choices, *texts, *dates, *others, *media, *boxes])
"""


def record(code: str) -> list[dict[str, Any]]:
    """Return the comm messages of a run of the code, with their binary parts in base64."""
    manager, client = start_new_kernel()
    messages: list[dict[str, Any]] = []

    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(message["content"]["traceback"]))
        if message["msg_type"].startswith("comm_"):
            messages.append(lean(message))

    try:
        client.execute_interactive(code, output_hook=keep, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return messages


def lean(message: dict[str, Any]) -> dict[str, Any]:
    """Return what a page needs of a comm message; of a layout, what is set in it."""
    content = message["content"]
    state = content["data"].get("state", {})
    if state.get("_model_name") == "LayoutModel":
        content["data"]["state"] = {name: value for name, value in state.items() if value is not None}
    return {
        "type": message["msg_type"],
        "content": content,
        "buffers": [b64encode(bytes(part)).decode() for part in message["buffers"]],
    }


if __name__ == "__main__":
    for message in record(APP):
        print(json.dumps(message, default=str))
