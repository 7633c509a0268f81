"""Markdown with a table, code and formulas, which a button changes."""

import ipywidgets as widgets
from IPython.display import Markdown, display

TEXT = r"""
## Title {n}

| left | right |
|:-----|------:|
| a    |     1 |

```python
def twice(x):
    return 2 * x
```

Euler: $e^{{i\pi}} = -1$, and it costs $5 or $6.

$$\sum_{{k=1}}^n k = \frac{{n(n+1)}}{{2}}$$
"""
shown = display(Markdown(TEXT.format(n=1)), display_id=True)
button = widgets.Button(description="Next")
button.on_click(lambda _: shown.update(Markdown(TEXT.format(n=2))))
display(button)
