"""A sheet of a workbook (.xlsx, .xls, .ods) as the text of a table."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chainrule.data.messages import first_line, listed
from chainrule.errors import DataError, MissingExtraError, lacks_memory
from chainrule.files import check_table_size, check_text_size, open_regular
from chainrule.files.tables import TableFile

__all__ = ["WorkbookText"]

_BLOCK = 1 << 20
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?")
_MIDNIGHT = " 00:00:00"


@dataclass
class WorkbookText:
    """A sheet as text: a line for each row, with commas between the cells.

    Attributes
    ----------
    file : TableFile
    sheet : str or None
        Its name, or its number, counted from 1; the first one with something in it by default.
    """

    file: TableFile
    sheet: str | None = None
    said: list[str] = field(default_factory=list)
    rows: list[list[str]] | None = None

    def notes(self) -> list[str]:
        """Return the line that says which sheet is read, if there are several."""
        self._read()
        return list(self.said)

    def blocks(self, notes: list[str] | None = None) -> Iterator[bytes]:
        """Yield the text."""
        sink = io.StringIO()
        write = csv.writer(sink, lineterminator="\n").writerow
        for row in self._read():
            write(row)
            if sink.tell() > _BLOCK:
                yield sink.getvalue().encode("utf-8", "replace")
                sink.seek(0)
                sink.truncate()
        if sink.tell():
            yield sink.getvalue().encode("utf-8", "replace")

    def _read(self) -> list[list[str]]:
        if self.rows is None:
            self._check_size()
            reader = _opened(self.file)
            names = list(reader.sheet_names)
            for name in self._wanted(names):
                self.rows = self._rows_of(reader, name)
                if any(map(any, self.rows)):
                    break
            else:
                raise DataError(
                    f"{self.file}: there is nothing in the workbook (its sheets: {listed(names)})"
                )
            if len(names) > 1 and self.sheet is None:
                self.said.append(
                    f"{self.file.label}: of {len(names)} sheets {name!r} is read (--sheet says "
                    "otherwise)"
                )
        return self.rows

    def _wanted(self, names: list[str]) -> list[str]:
        if self.sheet is None:
            return names
        if self.sheet in names:
            return [self.sheet]
        if self.sheet.isdecimal() and 1 <= int(self.sheet) <= len(names):
            return [names[int(self.sheet) - 1]]
        raise DataError(
            f"{self.file}: there is no sheet {self.sheet!r}: the sheets are {listed(names, 8)}"
        )

    def _check_size(self) -> None:
        """Raise a DataError if the workbook, which may be a ZIP file, would not fit into memory."""
        with open_regular(self.file.path) as opened:
            if not zipfile.is_zipfile(opened):
                return
            with zipfile.ZipFile(opened) as archive:
                check_text_size(self.file, sum(member.file_size for member in archive.infolist()))

    def _rows_of(self, reader: Any, name: str) -> list[list[str]]:
        with _reading(self.file):
            sheet = reader.load_sheet(
                name, header_row=None, schema_sample_rows=None, skip_whitespace_tail_rows=True
            )
            check_table_size(self.file, sheet.total_height, sheet.width)
            batch = sheet.to_arrow()
        columns = [_written_cells(column.to_pylist()) for column in batch.columns]
        return [list(row) for row in zip(*columns, strict=True)]


class _reading:
    """Turns what the library raises into a `DataError`."""

    def __init__(self, file: TableFile) -> None:
        self.file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if error is None or isinstance(error, DataError | MemoryError | KeyboardInterrupt):
            return
        if lacks_memory(error):
            raise MemoryError(str(error)) from error
        raise DataError(
            f"{self.file}: a broken workbook, or none ({first_line(error)}): save it again, or as CSV"
        ) from error


def _opened(file: TableFile) -> Any:
    try:
        import fastexcel
    except ImportError:
        raise MissingExtraError(
            f"{file}: a workbook needs fastexcel: pip install 'chainrule[excel]', or save the sheet as "
            "CSV"
        ) from None
    with _reading(file):
        return fastexcel.read_excel(str(file.path))


def _written_cells(cells: list[object]) -> list[str]:
    """Return the cells of a column as a text file would have them, days without a time of day."""
    written = [_written(cell) for cell in cells]
    moments = [cell for cell in written if _MOMENT.fullmatch(cell)]
    if moments and all(cell.endswith(_MIDNIGHT) for cell in moments):
        written = [cell[:10] if _MOMENT.fullmatch(cell) else cell for cell in written]
    return written


def _written(cell: object) -> str:
    """Return a cell as a text file would have it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
