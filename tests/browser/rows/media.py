"""Sound, film, pictures and a page within the page, all of data."""

import base64
import io
import struct
import wave

import ipywidgets as widgets
import numpy as np
from IPython.display import SVG, Audio, IFrame, Image, Video, display

# Two pictures of one colour each, half a second long each (WebM, VP8).
FILM = base64.b64decode(
    "GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQJChYECGFOAZwEAAAAAAAIEEU2bdLpNu4tTq4QVSalmU6yBoU27i1OrhBZUrmtTrIHYTb"
    "uMU6uEElTDZ1OsggEbTbuMU6uEHFO7a1OsggHu7AEAAAAAAABZAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAVSalmsirXsYMPQkBNgI1MYXZmNjIuMTIuMTAyV0GNTGF2ZjYyLj"
    "EyLjEwMkSJiECPQAAAAAAAFlSua76uAQAAAAAAADXXgQFzxYgkGDQvC6oyQ5yBACK1nIN1bmSIgQCGhVZfVlA4g4EBI+ODhB3NZQDghrCBPLqB"
    "KBJUw2fYc3OgY8CAZ8iaRaOHRU5DT0RFUkSHjUxhdmY2Mi4xMi4xMDJzc7JjwItjxYgkGDQvC6oyQ2fIoUWjiERVUkFUSU9ORIeTMDA6MDA6MD"
    "EuMDAwMDAwMDAwAB9DtnXx54EAo8CBAACAkAMAnQEqPAAoAABHCIWFiIWEiAICAnWqA/gD+gIHO5vDZ5mPLwD+Ux//a7FwG4H/2u1/+Zc1oPe/"
    "8xMAo6qBAfQAUQIABRCsABgHT/gcO/MNAAH///gA/uX6P9V7g5Ja//wHqva5fAAcU7trkbuPs4EAt4r3gQHxggF48IED"
)


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
display(Video(data=FILM, embed=True, mimetype="video/webm"))
page = base64.b64encode(b"<!doctype html><p id=inside>a page within the page").decode()
display(IFrame(f"data:text/html;base64,{page}", 300, 60))

sound = io.BytesIO()
with wave.open(sound, "wb") as file:
    file.setparams((1, 1, 8000, 8000, "NONE", ""))
    file.writeframes(bytes(8000))
picture = widgets.Image(value=png((20, 120, 60)), format="png")
button = widgets.Button(description="Blue")
button.on_click(lambda _: setattr(picture, "value", png((30, 60, 200))))
sounding = widgets.Audio(value=sound.getvalue(), format="wav", autoplay=False)
film = widgets.Video(value=FILM, format="webm", autoplay=False, loop=False)
display(button, picture, sounding, film)
