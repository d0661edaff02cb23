"""Opening what a user named: regular files alone, of a bounded size, whatever they say of themselves.

Every reader of the package opens its file here, and asks how large it may be before it reads.
"""

from chainrule.files.bounds import MOST_COLUMNS, check_table_size, check_text_size, memory
from chainrule.files.lending import lent_to_arrow
from chainrule.files.regular import check_regular, open_regular, read_regular

__all__ = [
    "MOST_COLUMNS",
    "check_regular",
    "check_table_size",
    "check_text_size",
    "lent_to_arrow",
    "memory",
    "open_regular",
    "read_regular",
]
