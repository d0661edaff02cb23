"""Delimited text: its bytes, its encoding, how its rows are cut, and where the table in it is.

    bytes → decompressed → UTF-8 → behind the header → without comments and foot → Arrow

`compression` and `encoding` give clean UTF-8; `dialect`, `comments`, `header`, `names`, `footer` and
`layout` find out, from a sample, where the rows are; `blocks`, `rows`, `arrow` and `reading` read them.
"""

from chainrule.data.text.dialect import Dialect
from chainrule.data.text.encoding import TextFile
from chainrule.data.text.layout import Layout, find_layout
from chainrule.data.text.reading import iterate_text, layout_of, read_text

__all__ = [
    "Dialect",
    "Layout",
    "TextFile",
    "find_layout",
    "iterate_text",
    "layout_of",
    "read_text",
]
