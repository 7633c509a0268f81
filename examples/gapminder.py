"""Health and wealth of 142 countries, 1952 to 2007.

Backstage only: the table is read, shaped and styled here; the finished figure leaves.
"""

# Data: the excerpt of Gapminder's tables that ships inside the plotly package.
# Free data from gapminder.org, licence CC BY 4.0.

import plotly.express as px

QUIET = "#767c84"
FAINT = "rgba(128,134,141,0.28)"
CONTINENTS = {"Asia": "#e8590c", "Europe": "#4389c9", "Africa": "#8a63c9", "Americas": "#2f9e6b", "Oceania": "#d19a12"}

countries = px.data.gapminder()
fig = px.scatter(
    countries,
    x="gdpPercap",
    y="lifeExp",
    size="pop",
    size_max=46,
    color="continent",
    color_discrete_map=CONTINENTS,
    category_orders={"continent": list(CONTINENTS)},
    animation_frame="year",
    animation_group="country",
    hover_name="country",
    custom_data=["pop"],
    log_x=True,
    range_x=[230, 70_000],
    range_y=[22, 88],
    labels={"gdpPercap": "income per person, dollars a year", "lifeExp": "life expectancy, years"},
)

HOVER = "<b>%{hovertext}</b><br>lives %{y:.0f} years on $%{x:,.0f} a year<br>%{customdata[0]:.3s} people<extra></extra>"
for traces in (fig.data, *(frame.data for frame in fig.frames)):
    for trace in traces:
        trace.hovertemplate = HOVER
        trace.marker.opacity = 0.72
        trace.marker.line = {"width": 0.6, "color": "rgba(255,255,255,0.7)"}

# Nothing behind the figure and no colour that only one background bears: it stands on paper and on a dark page alike.
fig.update_layout(
    template="none",
    height=500,
    margin={"l": 46, "r": 8, "t": 34, "b": 8},
    paper_bgcolor="rgba(0,0,0,0)",
    plot_bgcolor="rgba(0,0,0,0)",
    font={"family": "system-ui, sans-serif", "size": 13, "color": QUIET},
    legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None, "itemsizing": "constant"},
    hoverlabel={"font": {"family": "system-ui, sans-serif", "size": 13}},
)
plain = {"gridcolor": FAINT, "zeroline": False, "tickangle": 0, "title": {"font": {"size": 12}, "standoff": 8}}
fig.update_xaxes(tickvals=[300, 1000, 3000, 10_000, 30_000], tickformat="$~s", **plain)
fig.update_yaxes(tickvals=[30, 40, 50, 60, 70, 80], **plain)

menu, slider = fig.layout.updatemenus[0], fig.layout.sliders[0]
for button, duration in zip(menu.buttons, (450, 0), strict=True):
    button.args[1]["frame"]["duration"] = duration
    button.args[1]["transition"]["duration"] = duration
menu.update(bgcolor="rgba(128,134,141,0.12)", bordercolor=FAINT, font={"color": QUIET}, pad={"r": 8, "t": 66})
slider.update(
    currentvalue={"prefix": "", "xanchor": "right", "font": {"size": 22, "color": QUIET}},
    bgcolor=FAINT,
    bordercolor="rgba(0,0,0,0)",
    tickcolor=FAINT,
    font={"color": QUIET, "size": 11},
    pad={"b": 4, "t": 46},
)

fig.show(config={"displayModeBar": False, "responsive": True})
