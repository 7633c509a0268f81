"""Sound, film, pictures and a page within the page, all of data."""

import base64
import io
import struct
import wave

import ipywidgets as widgets
import numpy as np
from IPython.display import SVG, Audio, IFrame, Image, display


def png(colour):
    """A PNG of one colour, by hand."""
    import zlib

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    line = b"\0" + bytes(colour) * 60
    head = struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(line * 40)) + chunk(b"IEND", b"")


display(Image(data=png((200, 30, 60)), alt="a red picture"))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><circle cx="30" cy="20" r="18"/></svg>'))
display(Audio(np.sin(np.linspace(0, 2000, 8000)), rate=8000))
page = base64.b64encode(b"<!doctype html><p id=inside>a page within the page").decode()
display(IFrame(f"data:text/html;base64,{page}", 300, 60))

sound = io.BytesIO()
with wave.open(sound, "wb") as file:
    file.setparams((1, 1, 8000, 8000, "NONE", ""))
    file.writeframes(bytes(8000))
picture = widgets.Image(value=png((20, 120, 60)), format="png")
button = widgets.Button(description="Blue")
button.on_click(lambda _: setattr(picture, "value", png((30, 60, 200))))
display(button, picture, widgets.Audio(value=sound.getvalue(), format="wav", autoplay=False))
