"""Scripts: with `element`, and such as look up another output in the document."""

import ipywidgets as widgets
from IPython.display import HTML, Javascript, display

display(HTML("<p id='target'>untouched</p>"))
display(Javascript("element.append(Object.assign(document.createElement('i'), { textContent: 'made by a script' }))"))
display(HTML("<script>document.getElementById('target').textContent = 'touched'</script>"))
display(HTML("<script type='module'>document.getElementById('target').dataset.module = 'ran'</script>"))

out = widgets.Output()
button = widgets.Button(description="Touch")


def touch(_):
    with out:
        display(Javascript("document.getElementById('target').textContent = 'touched again'"))


button.on_click(touch)
display(button, out)
