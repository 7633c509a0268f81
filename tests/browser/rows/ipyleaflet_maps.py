"""ipyleaflet: a marker that is clicked, a map whose zoom Python hears of; there may be no tiles."""

from ipyleaflet import Map, Marker

places = Map(center=(50, 10), zoom=5)
marker = Marker(location=(50, 10), draggable=False)
marker.on_click(lambda **event: print("marker at", event["coordinates"]))
places.observe(lambda change: print("zoom", change.new), "zoom")
places.add(marker)
places
