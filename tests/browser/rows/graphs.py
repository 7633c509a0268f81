"""Graphs of Graphviz, and of NetworkX by matplotlib."""

import graphviz
import matplotlib.pyplot as plt
import networkx as nx
from IPython.display import display
from ipywidgets import interact

dot = graphviz.Digraph()
dot.edge("page", "door")
dot.edge("door", "kernel")
display(dot)


@interact(n=(3, 8))
def ring(n=3):
    plt.figure(figsize=(3, 3))
    nx.draw(nx.cycle_graph(n), with_labels=True)
    plt.show()
