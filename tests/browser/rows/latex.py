"""Formulas: of IPython, of some size, and in a widget."""

import ipywidgets as widgets
from IPython.display import Latex, Math, display

display(Math(r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}"))
display(
    Latex(
        r"""Maxwell's equations:
\begin{align}
\nabla \times \vec{B} - \frac1c \frac{\partial\vec{E}}{\partial t} & = \frac{4\pi}{c}\vec{j} \\
\nabla \cdot \vec{E} & = 4 \pi \rho \\
\nabla \times \vec{E} + \frac1c \frac{\partial\vec{B}}{\partial t} & = \vec{0} \\
\nabla \cdot \vec{B} & = 0
\end{align}"""
    )
)
rows = " \\\\ ".join(" & ".join(f"a_{{{i},{j}}}" for j in range(15)) for i in range(15))
display(Math(rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"))

power = widgets.IntSlider(value=2, min=2, max=9, description="n")
formula = widgets.HTMLMath(value="Power: $x^2$")
power.observe(lambda change: setattr(formula, "value", f"Power: $x^{{{change['new']}}}$"), "value")
display(power, formula)
