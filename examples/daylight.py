"""The sun at your door: a form that knows when it gets light, and how often you get up in the dark.

Backstage only: the astronomy, the clock's rules and the drawing stay here.
"""

# %% sun
# The sun's place as the Astronomical Almanac gives it in low precision: good to 0.01 degrees from 1950 to 2050.
from __future__ import annotations

from calendar import isleap
from datetime import date, datetime, timedelta
from html import escape
from typing import NamedTuple

import numpy as np
from ipywidgets import HTML, Checkbox, DatePicker, Dropdown, FloatSlider, GridBox, Layout, Output, Text, VBox
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from look import EMBER, new_figure, plain, show

FIRST_YEAR, LAST_YEAR = 1950, 2050
MINUTES = 24 * 60
# Half the sun's disc, and the air that bends its light: the sun rises while its middle is still below the horizon.
SUNRISE = -0.833
# Civil twilight: light enough to read the door number.
TWILIGHT = -6.0


def altitude(days: np.ndarray, latitude: float, longitude: float) -> np.ndarray:
    """How high the sun stands, in degrees, at these times: days since noon UTC on 1 January 2000."""
    anomaly = np.radians(357.529 + 0.98560028 * days)
    ecliptic = np.radians(280.459 + 0.98564736 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 0.00000036 * days)
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    sidereal = np.radians(280.460625 + 360.985647364 * days)
    hour_angle = sidereal + np.radians(longitude) - ascension
    phi = np.radians(latitude)
    return np.degrees(
        np.arcsin(np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle))
    )


def last_sunday(year: int, month: int) -> date:
    """Of a month that has 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


class Clock(NamedTuple):
    """What a clock on the wall shows: hours ahead of UTC, and one more in European summer time, if it keeps that."""

    offset: float
    summer: bool

    def ahead(self, day: date) -> float:
        """Hours ahead of UTC on this day (from the morning on, on the two days that change it)."""
        summer = self.summer and last_sunday(day.year, 3) <= day < last_sunday(day.year, 10)
        return self.offset + summer

    def midnight(self, day: date) -> float:
        """When the day begins: days since noon UTC on 1 January 2000."""
        return (day - date(2000, 1, 1)).days - 0.5 - self.ahead(day) / 24


class Day(NamedTuple):
    """A day's light; times in minutes after midnight, ``None`` for what does not happen."""

    dawn: float | None
    rise: float | None
    noon: float
    height: float
    set: float | None
    dusk: float | None
    length: float


def crossing(heights: np.ndarray, level: float, *, upward: bool) -> float | None:
    above = heights > level
    steps = np.flatnonzero(above[1:] > above[:-1] if upward else above[1:] < above[:-1])
    if not len(steps):
        return None
    before, after = heights[steps[0]], heights[steps[0] + 1]
    return float(steps[0] + (level - before) / (after - before))


def light_of(day: date, clock: Clock, latitude: float, longitude: float) -> Day:
    heights = altitude(clock.midnight(day) + np.arange(MINUTES + 1) / MINUTES, latitude, longitude)
    over = heights - SUNRISE
    low, high = np.minimum(over[1:], over[:-1]), np.maximum(over[1:], over[:-1])
    lit = np.where(low >= 0, 1.0, np.where(high <= 0, 0.0, high / np.maximum(high - low, 1e-12)))
    return Day(
        dawn=crossing(heights, TWILIGHT, upward=True),
        rise=crossing(heights, SUNRISE, upward=True),
        noon=float(heights.argmax()),
        height=float(heights.max()),
        set=crossing(heights, SUNRISE, upward=False),
        dusk=crossing(heights, TWILIGHT, upward=False),
        length=float(lit.sum()),
    )


# %% form
ELSEWHERE = "somewhere else"
PLACES = {  # latitude, longitude, hours ahead of UTC, European summer time
    "Tromsø": (69.65, 18.96, 1, True),
    "Reykjavík": (64.15, -21.94, 0, False),
    "Edinburgh": (55.95, -3.19, 0, True),
    "Berlin": (52.52, 13.4, 1, True),
    "Madrid": (40.42, -3.7, 1, True),
    "Singapore": (1.35, 103.82, 8, False),
    "Quito": (-0.18, -78.47, -5, False),
    "Cape Town": (-33.92, 18.42, 2, False),
    "Ushuaia": (-54.8, -68.3, -3, False),
}

fit = Layout(width="auto")
place = Dropdown(options=[*PLACES, ELSEWHERE], value="Berlin", description="Place", layout=fit)
day = DatePicker(value=date(2026, 12, 21), description="Day", layout=fit)
latitude = FloatSlider(min=-90, max=90, step=0.01, readout_format=".1f", description="Latitude", layout=fit)
longitude = FloatSlider(min=-180, max=180, step=0.01, readout_format=".1f", description="Longitude", layout=fit)
offset = FloatSlider(min=-12, max=14, step=0.25, readout_format="+.2f", description="UTC", layout=fit)
alarm = Text(value="06:45", description="You get up", continuous_update=False, layout=fit)
summer = Checkbox(description="The clock keeps European summer time", indent=False, layout=fit)
complaint = HTML()
answer = HTML()
stage = Output()

SKY_COLOURS = LinearSegmentedColormap.from_list(
    "sky",
    [  # from the sun's height in degrees, -90 to 90
        (0.0, "#0d1730"),
        (72 / 180, "#12204a"),
        (81 / 180, "#2c3f7f"),
        (86 / 180, "#7a5f9a"),
        (89.2 / 180, "#e8895a"),
        (92 / 180, "#f5c46b"),
        (105 / 180, "#f9e3a5"),
        (1.0, "#fff6da"),
    ],
    N=1024,
)
figure = new_figure(640, 320)
axes = figure.subplots()
figure.subplots_adjust(left=0.085, right=0.99, top=0.96, bottom=0.11)
plain(axes, grid=False)
sky = axes.imshow(
    np.zeros((1, 1)),
    cmap=SKY_COLOURS,
    vmin=-90,
    vmax=90,
    extent=(0, 12, 0, 24),
    origin="lower",
    aspect="auto",
    interpolation="nearest",
)
outline = [withStroke(linewidth=3.2, foreground="#0d173099")]
today = axes.axvline(0, color="white", linewidth=1.4, path_effects=outline)
getting_up = axes.axhline(0, color="white", linewidth=1.4, linestyle=(0, (5, 2.5)), path_effects=outline)
axes.set_xticks(np.arange(12) + 0.5, "JFMAMJJASOND")
axes.set_yticks(range(0, 25, 6), [f"{hour}:00" for hour in range(0, 25, 6)])


def spoken(minutes: float | None, never: str = "–") -> str:
    """The time of day, as a clock shows it."""
    if minutes is None:
        return never
    whole = round(minutes) % MINUTES
    return f"{whole // 60}:{whole % 60:02}"


def lasting(minutes: float) -> str:
    whole = round(minutes)
    return f"{whole // 60} h {whole % 60:02} min"


def read_alarm() -> int:
    """Minutes after midnight; raises ValueError with a sentence for the visitor."""
    try:
        time = datetime.strptime(alarm.value.strip(), "%H:%M")
    except ValueError:
        raise ValueError(f"“{alarm.value[:20]}” is no time of day. Write it like 6:45 or 17:30.") from None
    return time.hour * 60 + time.minute


def read_day() -> date:
    """Raises ValueError with a sentence for the visitor."""
    if day.value is None:
        raise ValueError("Choose a day.")
    if not FIRST_YEAR <= day.value.year <= LAST_YEAR:
        raise ValueError(f"The formulas hold from {FIRST_YEAR} to {LAST_YEAR}. Choose a day of these years.")
    return day.value


def table_of(light: Day, yesterday: Day) -> str:
    change = round((light.length - yesterday.length) * 60)
    minutes, seconds = divmod(abs(change), 60)
    minutes_too = f"{minutes} min " if minutes else ""
    compared = f"{minutes_too}{seconds} s {'more' if change > 0 else 'less'} than" if change else "as"
    rows = {
        "First light": spoken(light.dawn),
        "Sunrise": spoken(light.rise, "not on this day"),
        "Highest": f"{spoken(light.noon)}, {light.height:.1f}° above the horizon"
        if light.height > SUNRISE
        else "stays below the horizon",
        "Sunset": spoken(light.set, "not on this day"),
        "Last light": spoken(light.dusk),
        "Daylight": lasting(light.length),
        "": f"{compared} the day before",
    }
    style = "text-align: left; font-weight: normal; padding-right: 1.5em"
    cells = "".join(
        f"<tr><th scope='row' style='{style}'>{name}</th><td>{value}</td></tr>" for name, value in rows.items()
    )
    return f"<table style='line-height: 1.6'>{cells}</table>"


def compute(_: object = None) -> None:
    try:
        chosen, up = read_day(), read_alarm()
    except ValueError as wrong:
        complaint.value = f"<span role='alert' style='color:{EMBER}'>{escape(str(wrong))}</span>"
        return
    complaint.value = ""

    clock = Clock(offset.value, summer.value)
    here = (latitude.value, longitude.value)
    days = [date(chosen.year, 1, 1) + timedelta(days=n) for n in range(365 + isleap(chosen.year))]
    midnights = np.array([clock.midnight(d) for d in days])
    light = light_of(chosen, clock, *here)
    table = table_of(light, light_of(chosen - timedelta(days=1), clock, *here))

    dark = int((altitude(midnights + up / MINUTES, *here) < SUNRISE).sum())
    where = "Here" if place.value == ELSEWHERE else f"In {place.value}"
    answer.value = (
        f"{table}<p style='line-height: 1.5'>{where}, getting up at {spoken(up)} is getting up before sunrise "
        f"on <b>{dark} of the {len(days)} days</b> of {chosen.year}.</p>"
    )

    into_day = np.linspace(0, 1, 192, endpoint=False)
    sky.set_data(altitude(midnights + into_day[:, None], *here))
    today.set_xdata([(chosen - days[0]).days / len(days) * 12] * 2)
    getting_up.set_ydata([up / 60] * 2)
    with stage:
        stage.clear_output(wait=True)
        show(
            figure,
            alt=f"The sky of {chosen.year} by day and hour: the sun is not yet up at {spoken(up)} on {dark} days.",
            shades=True,
        )


whereabouts = (latitude, longitude, offset)
form = (*whereabouts, day, alarm, summer)


def go_to_place(_: object = None) -> None:
    """Sets all that a place decides, and computes once for all of it."""
    if place.value == ELSEWHERE:
        return
    unwatch()
    *position, summer.value = PLACES[place.value]
    for field, value in zip(whereabouts, position, strict=True):
        field.value = value
    watch()
    compute()


def leave_place(_: object) -> None:
    # A slider in the browser sends back the number that it was given a last digit off: that is no move.
    position = PLACES.get(place.value)
    if position and any(abs(f.value - at) > f.step / 2 for f, at in zip(whereabouts, position[:3], strict=True)):
        place.value = ELSEWHERE


def watch() -> None:
    for field in whereabouts:
        field.observe(leave_place, names="value")
    for field in form:
        field.observe(compute, names="value")


def unwatch() -> None:
    for field in whereabouts:
        field.unobserve(leave_place, names="value")
    for field in form:
        field.unobserve(compute, names="value")


watch()
place.observe(go_to_place, names="value")
go_to_place()
VBox(
    [
        GridBox(
            [place, day, latitude, longitude, offset, alarm, summer],
            layout=Layout(grid_template_columns="repeat(auto-fit, minmax(260px, 1fr))", grid_gap="2px 24px"),
        ),
        complaint,
        stage,
        answer,
    ],
    layout=Layout(max_width="640px"),
)
