"""A sheet of a workbook (.xlsx, .xls, .xlsb, .ods) as the text of a table."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from chainrule.data.messages import first_line, listed, shown
from chainrule.data.workbook.cells import cells_of, used_columns
from chainrule.errors import DataError, MissingExtraError
from chainrule.files import check_text_size, memory, open_regular
from chainrule.files.tables import TableFile

__all__ = ["WorkbookText"]

_ROWS = 10_000
_CHILD = Path(__file__).parent / "child.py"
_NO_ROOM = (
    "memory allocation",
    "limit exceeded",
    "do not fit into memory",
    "capacity overflow",
    "MemoryError",
)


@dataclass
class WorkbookText:
    """A sheet as text: a line for each row, with commas between the cells.

    Attributes
    ----------
    file : TableFile
    sheet : str or None
        Its name, or its number, counted from 1; by default the first one that is no cover.
    """

    file: TableFile
    sheet: str | None = None
    said: list[str] = field(default_factory=list)
    table: pa.Table | None = None

    def notes(self) -> list[str]:
        """Return the lines that say which sheet is read, if there are several, and what is odd in it."""
        self._read()
        return list(self.said)

    def blocks(self, notes: list[str] | None = None) -> Iterator[bytes]:
        """Yield the text."""
        table = self._read()
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
        for start in range(0, table.num_rows, _ROWS):
            sink = io.BytesIO()
            pyarrow.csv.write_csv(table.slice(start, _ROWS), sink, options)
            yield sink.getvalue()

    def _read(self) -> pa.Table:
        if self.table is None:
            found, parts = _found_in(self.file, self.sheet)
            names, name = found["sheets"], found["name"]
            if name is None and self.sheet is not None:
                raise DataError(
                    f"{self.file}: there is no sheet {self.sheet!r}: the sheets are {listed(names, 8)}"
                )
            columns = self._columns(parts)
            if not columns:
                raise DataError(
                    f"{self.file}: there is nothing in the workbook (its sheets: {listed(names, 8)})"
                )
            if len(names) > 1 and self.sheet is None:
                self.said.insert(
                    0,
                    f"{self.file.label}: of {len(names)} sheets {shown(name)} is read (--sheet says "
                    "otherwise)",
                )
            self.table = pa.table(columns, [f"c{place}" for place in range(len(columns))])
        return self.table

    def _columns(self, parts: dict[str, pa.Array]) -> list[pa.Array]:
        columns = []
        durations = []
        for place in range(sum(name.startswith("t") for name in parts)):
            text, numbers, spans, are = (parts.get(f"{kind}{place}") for kind in "tfdn")
            if spans is not None:
                durations.append(_letters(place))
            columns.append(cells_of(text, numbers, spans, are))
        if durations:
            self.said.append(
                f"{self.file.label}: durations are taken in seconds (column {', '.join(durations)} of "
                "the sheet)"
            )
        return used_columns(columns)


def _found_in(file: TableFile, sheet: str | None) -> tuple[dict[str, Any], dict[str, pa.Array]]:
    """Return what the child says of a workbook, and the parts of the columns of one of its sheets.

    Raises
    ------
    DataError
        If the workbook is broken, or too large.
    MissingExtraError
        If fastexcel is not installed.
    """
    if importlib.util.find_spec("fastexcel") is None:
        raise MissingExtraError(
            f"{file}: a workbook needs fastexcel: pip install 'chainrule[excel]', or save the sheet as "
            "CSV"
        )
    _check_size(file)
    # -P: the modules beside the child are not to be taken for those of Python.
    command = [sys.executable, "-P", str(_CHILD), str(file.path), str(memory()), json.dumps(sheet)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    line, _, rest = done.stdout.partition(b"\n")
    found = json.loads(line) if done.returncode == 0 and line else {}
    if "sheets" not in found:
        raise _broken(file, found.get("error") or done.stderr.decode("utf-8", "replace"))
    if not rest:
        return found, {}
    with pa.ipc.open_stream(rest) as stream:
        table = stream.read_all()
    columns = (column.combine_chunks() for column in table.columns)
    return found, dict(zip(table.column_names, columns, strict=True))


def _check_size(file: TableFile) -> None:
    """Raise a DataError if a workbook that is a ZIP file says of itself that it is too large."""
    with open_regular(file.path) as opened:
        if not zipfile.is_zipfile(opened):
            return
        try:
            with zipfile.ZipFile(opened) as archive:
                check_text_size(file, sum(member.file_size for member in archive.infolist()))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise _broken(file, first_line(error)) from error


def _broken(file: TableFile, told: str) -> DataError:
    if any(words in told for words in _NO_ROOM):
        return DataError(
            f"{file}: what the workbook holds does not fit into the memory of this machine: save the "
            "sheet as CSV"
        )
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    reason = lines[0][:180].rstrip(".:") if lines else "its reader ended"
    return DataError(f"{file}: a broken workbook, or none ({reason}): save it again, or as CSV")


def _letters(place: int) -> str:
    """Return what a spreadsheet calls a column.

    Examples
    --------
    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    found = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        found = chr(ord("A") + digit) + found
    return found
