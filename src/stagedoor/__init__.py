"""Stagedoor: the live, interactive output of hidden Python code in any web page."""

from .audience import Visitor, visitor

__all__ = ["Visitor", "visitor"]
__version__ = "0.1.0"
