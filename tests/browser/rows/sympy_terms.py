"""Terms of SymPy as formulas."""

from IPython.display import display
from ipywidgets import interact
from sympy import Integral, Matrix, Symbol, init_printing, sqrt

init_printing()
x = Symbol("x")
display(Integral(sqrt(1 / x), x))
display(Matrix([[1, x], [x**2, 1 / x]]))


@interact(n=(2, 6))
def expanded(n=2):
    return ((x + 1) ** n).expand()
