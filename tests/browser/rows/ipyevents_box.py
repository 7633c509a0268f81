"""ipyevents: the page's own events, told to Python."""

from ipyevents import Event
from ipywidgets import Label

label = Label("click here")
event = Event(source=label, watched_events=["click", "keydown"])


def told(event):
    label.value = f"{event['type']} {event.get('key', '')}"


event.on_dom_event(told)
label
