"""Stagedoor: the live, interactive output of hidden Python code in any web page."""

__version__ = "0.1.0"
