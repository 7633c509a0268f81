"""The breath of the planet: carbon dioxide above Mauna Loa, week by week.

Backstage only: the data file, the smoothing and the drawing stay here; pictures leave.
"""

# %% data
from pathlib import Path

import numpy as np
import pandas as pd
from ipywidgets import HTML, IntRangeSlider, IntSlider, Layout, Output, VBox
from matplotlib.collections import LineCollection

from look import EMBER, SKY, new_figure, plain, show

WEEKS_IN_A_YEAR = 52
# The years of which every week has half a year of measurements on both sides.
FIRST_YEAR, LAST_YEAR = 1959, 2000

record = pd.read_csv(Path("data", "mauna_loa_co2_weekly.csv"), index_col="week_ending", parse_dates=True)
ppm = record["co2"].interpolate().to_numpy()
year = record.index.year.to_numpy()
month = record.index.month.to_numpy()
when = year + (record.index.day_of_year.to_numpy() - 0.5) / 365.25


def smooth(values: np.ndarray, weeks: int) -> np.ndarray:
    """The mean over so many weeks around each week; not a number where the record does not reach far enough."""
    before, after = weeks // 2, (weeks - 1) // 2
    means = np.full(len(values), np.nan)
    means[before : len(values) - after] = np.convolve(values, np.full(weeks, 1 / weeks), mode="valid")
    return means


# A mean over one year lets nothing of the seasons through: what it takes away is the breath.
seasonless = smooth(ppm, WEEKS_IN_A_YEAR)
breath = ppm - seasonless


# %% figure
wide = Layout(width="calc(100% - 12px)")  # the rest is for the handle, at the right end
# The line of text below the sliders says what they stand at.
years = IntRangeSlider(
    value=(1965, 2000), min=FIRST_YEAR, max=LAST_YEAR, readout=False, description="Years", layout=wide
)
weeks = IntSlider(value=WEEKS_IN_A_YEAR, min=1, max=208, readout=False, description="Smoothing", layout=wide)
summary = HTML()
stage = Output()

figure = new_figure(640, 470)
above, below = figure.subplots(2, 1, height_ratios=[3, 2])
figure.subplots_adjust(left=0.075, right=0.985, top=0.92, bottom=0.08, hspace=0.44)

plain(above, title="CO₂ above Mauna Loa, parts per million: each week, and smoothed")
(measured,) = above.plot([], [], color=SKY, linewidth=0.9, alpha=0.85)
(smoothed,) = above.plot([], [], color=EMBER, linewidth=2.2, solid_capstyle="round")
above.xaxis.get_major_locator().set_params(integer=True)

plain(below, title="What the seasons add and take: each year, and their mean")
each_year = below.add_collection(LineCollection([], linewidths=0.8, alpha=0.3, colors=SKY))
(mean_year,) = below.plot([], [], color=EMBER, linewidth=2.2, marker="o", markersize=3.5)
below.set(xlim=(0.4, 12.6), ylim=(-5, 5))
below.set_yticks([-4, -2, 0, 2, 4], ["−4", "−2", "0", "+2", "+4"])
below.set_xticks(range(1, 13), "JFMAMJJASOND")


def draw(_: object = None) -> None:
    first, last = years.value
    chosen = (year >= first) & (year <= last)

    measured.set_data(when[chosen], ppm[chosen])
    smoothed.set_data(when[chosen], smooth(ppm, weeks.value)[chosen])
    above.set(xlim=(first - 0.02, last + 1.02), ylim=(ppm[chosen].min() - 1, ppm[chosen].max() + 1))

    place_in_year = (when - year) * 12 + 0.5
    each_year.set_segments(
        [np.column_stack([place_in_year[year == y], breath[year == y]]) for y in range(first, last + 1)]
    )
    monthly = [breath[chosen & (month == m)].mean() for m in range(1, 13)]
    mean_year.set_data(range(1, 13), monthly)

    rise = np.polyfit(when[chosen], seasonless[chosen], 1)[0]
    depth = max(monthly) - min(monthly)
    span = f"{first} to {last}" if first < last else f"{first}"
    summary.value = (
        f"<b>{span}</b>, smoothed over {weeks.value} week{'s'[: weeks.value - 1]}: "
        f"<b>{rise:+.2f} ppm</b> a year, and a breath <b>{depth:.1f} ppm</b> deep."
    )
    with stage:
        stage.clear_output(wait=True)
        show(
            figure,
            alt=f"Carbon dioxide above Mauna Loa, {span}: rising by {rise:.2f} parts per million a year, "
            f"while the seasons move it by {depth:.1f}.",
        )


years.observe(draw, names="value")
weeks.observe(draw, names="value")
draw()
VBox([years, weeks, summary, stage], layout=Layout(max_width="640px"))
