"""Workbooks: a sheet of an .xlsx, .xls, .xlsb or .ods file as the text of a table.

`child` reads the workbook in a process of its own, for a broken one may end its reader; `cells` makes
text of what it found, and `sheets` gives that as text files give theirs.
"""

from chainrule.data.workbook.sheets import WorkbookText

__all__ = ["WorkbookText"]
