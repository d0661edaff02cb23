"""Renderers: one small file a format, all fed by the same blocks."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from chainrule.errors import unknown_name
from chainrule.explain.document import Document

__all__ = ["FORMATS", "check_format", "render"]

FORMATS = ("text", "markdown", "latex", "html")


def check_format(format: str) -> None:
    """Raise a ParameterError if there is no such format."""
    if format not in FORMATS:
        raise unknown_name("format", format, FORMATS)


def render(document: Document, format: str = "text") -> str:
    """Return a page as text, Markdown, LaTeX or HTML.

    Parameters
    ----------
    document : Document
    format : {"text", "markdown", "latex", "html"}

    Raises
    ------
    ParameterError
        If there is no such format.
    """
    check_format(format)
    function: Callable[[Document], str] = import_module(f"chainrule.explain.render.{format}").render
    return function(document)
