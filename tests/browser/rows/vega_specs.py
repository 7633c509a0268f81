"""Vega and Vega-Lite as bundles, of two versions."""

from IPython.display import display

bars = {
    "data": {"values": [{"a": "A", "b": 28}, {"a": "B", "b": 55}, {"a": "C", "b": 43}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a"}, "y": {"field": "b", "type": "quantitative"}},
}
lite = "https://vega.github.io/schema/vega-lite/v{}.json"
display({"application/vnd.vegalite.v6+json": {"$schema": lite.format(6), **bars}}, raw=True)
display({"application/vnd.vegalite.v5+json": {"$schema": lite.format(5), **bars}}, raw=True)
dots = {
    "$schema": "https://vega.github.io/schema/vega/v6.json",
    "width": 100,
    "height": 100,
    "signals": [{"name": "size", "value": 100, "on": [{"events": "click", "update": "900"}]}],
    "data": [{"name": "table", "values": [{"x": 30, "y": 50}, {"x": 70, "y": 50}]}],
    "marks": [
        {
            "type": "symbol",
            "from": {"data": "table"},
            "encode": {"update": {"x": {"field": "x"}, "y": {"field": "y"}, "size": {"signal": "size"}}},
        }
    ],
}
display({"application/vnd.vega.v6+json": dots}, raw=True)
