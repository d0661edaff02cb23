"""Texts that are no tables, and are often saved under the ending of one: rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chainrule.errors import DataError

__all__ = ["FOREIGN", "Foreign", "refuse_foreign"]


@dataclass(frozen=True)
class Foreign:
    """A kind of text: how it begins, how it is called, and what to do.

    Attributes
    ----------
    begins : str
        A regular expression for its start, in any case.
    called : str
    advice : str
    """

    begins: str
    called: str
    advice: str


FOREIGN = (
    Foreign(
        r"(?:<!--[^>]{0,500}-->\s*)?<(?:!doctype html|html|head|body|table|div|script|meta)\b",
        "an HTML page",
        "export the table as CSV, or read it with pandas.read_html",
    ),
    Foreign(
        r"<\?xml[^>]{0,500}>\s*<(?:!doctype )?html\b", "an HTML page", "export the table as CSV"
    ),
    Foreign(r"<(?:\?xml|svg|rss|feed|rdf)\b", "XML", "export the table as CSV"),
    Foreign(
        r"(?:\{\s*(?:\"|\})|\[\s*(?:[\[{]|\"[^\"]{0,500}\"\s*,\s*\"))",
        "JSON",
        "give it the ending .json, or .jsonl where each line is a record",
    ),
    Foreign(r"\{\\rtf", "RTF, the text of a word processor", "save the table as CSV"),
    Foreign(r"%PDF-", "a PDF", "export the table as CSV"),
    Foreign(r"%!PS", "PostScript", "export the table as CSV"),
    Foreign(
        r"version https://git-lfs", "a pointer of Git LFS, and not the file", "type git lfs pull"
    ),
    Foreign(r"\\documentclass|\\begin\{", "LaTeX", "write the table as CSV"),
    Foreign(
        r"(?:--[^\n]{0,200}\s*)*(?:insert into|create table|drop table)\s",
        "a script of SQL",
        "load it into a database, and export the table as CSV",
    ),
    Foreign(r"(?:%[^\n]{0,200}\s*)*@relation\s", "ARFF", "write the table as CSV"),
)
"""The kinds of text that are told apart from tables."""

_LOOKED_AT = 4096


def refuse_foreign(name: str, text: str) -> None:
    """Raise a `DataError` that says what a text is, if it is known and no table.

    Parameters
    ----------
    name : str
        What messages call the file.
    text : str
        Its start.
    """
    start = text[:_LOOKED_AT].lstrip("\ufeff \t\r\n")
    for row in FOREIGN:
        if re.match(row.begins, start, re.IGNORECASE):
            raise DataError(f"{name}: it is {row.called}, not a table: {row.advice}")
