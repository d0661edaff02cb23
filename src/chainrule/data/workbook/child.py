"""Reads a sheet of a workbook in a process of its own, which imports nothing of this package.

A broken workbook can end the process that reads it: the library is not written in Python, and where it
asks for more memory than there is, nothing can be caught. What is found goes to standard output: a line
of JSON, and behind it, if there is such a sheet, an Arrow stream with columns for each one of the sheet:
``t0`` its cells as text, ``f0`` those that are numbers or spell one, and where that matters ``d0`` those
that are durations, and ``n0`` whether a cell is a number.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

__all__: list[str] = []

_SCARCE = 0.1  # a sheet of fewer rows than this part of the longest one is no table beside it
_EARLY = r"^(?:1899-12-31|190\d-\d\d-\d\d) .*[1-9]"  # a time of day, or a duration
_LONG = r"^-?\d{16,}$"  # a number, or a text: of a number the last digits mean nothing
_NUMBERS = ("Float(", "Int(")
_BYTES_OF_A_CELL = 64  # while it is read


def main(path: str, memory: str, wanted: str) -> None:
    """Print what is in a sheet: the named or numbered one, or else the first with a table in it."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    try:
        workbook = _Workbook(_opened(path), int(memory))
        sheet = workbook.chosen(json.loads(wanted))
        if sheet is None:
            _say({"sheets": workbook.names, "name": None})
            return
        columns = workbook.columns(sheet)
    except Exception as error:
        _say({"error": str(error).strip() or type(error).__name__})
        return
    _say({"sheets": workbook.names, "name": sheet.name})
    _send(columns)


def _opened(path: str) -> Any:
    import fastexcel

    try:  # of bytes the library finds out the format, but not what is wrong with them
        return fastexcel.read_excel(Path(path).read_bytes())
    except Exception:
        return fastexcel.read_excel(path)  # it believes the ending


def _say(found: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n")


def _send(columns: dict[str, Any]) -> None:
    import pyarrow as pa

    table = pa.table(columns)
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
        writer.write_table(table)


class _Workbook:
    """An opened workbook.

    Parameters
    ----------
    reader : fastexcel.ExcelReader
    memory : int
        The bytes that there are.
    """

    def __init__(self, reader: Any, memory: int) -> None:
        self.reader = reader
        self.memory = memory
        self.names: list[str] = list(reader.sheet_names)

    def chosen(self, wanted: str | None) -> Any:
        """Return a sheet as text, None if there is no such one."""
        if wanted is None:
            wanted = self._first_table()
        elif wanted not in self.names and wanted.isdecimal():
            place = int(wanted)
            wanted = self.names[place - 1] if 1 <= place <= len(self.names) else wanted
        return self._loaded(wanted, dtypes="string") if wanted in self.names else None

    def _first_table(self) -> str | None:
        """Return the name of the first sheet that is not much shorter than the longest one."""
        if len(self.names) == 1:
            return self.names[0]
        visible: dict[str, int] = {}
        hidden: dict[str, int] = {}
        failed = None
        for name in self.names:
            try:
                sheet = self._loaded(name, dtypes="string")
            except Exception as error:  # one sheet may be broken, or be a chart
                failed = failed or error
                continue
            if sheet.total_height:
                (visible if sheet.visible == "visible" else hidden)[name] = sheet.total_height
        rows = visible or hidden
        if not rows and failed is not None:
            raise failed
        least = _SCARCE * max(rows.values(), default=0)
        return next((name for name in rows if rows[name] >= least), None)

    def _loaded(self, name: str, skip_rows: int = 0, **options: Any) -> Any:
        sheet = self.reader.load_sheet(
            name,
            header_row=None,
            skip_rows=skip_rows,
            schema_sample_rows=None,
            skip_whitespace_tail_rows=True,
            **options,
        )
        if sheet.total_height * sheet.width * _BYTES_OF_A_CELL > self.memory:
            raise ValueError(
                f"its {sheet.total_height:,} rows of {sheet.width:,} columns do not fit into memory"
            )
        return sheet

    def columns(self, sheet: Any) -> dict[str, Any]:
        """Return the cells of a sheet under the names that stand at the top of this file."""
        import pyarrow.compute as pc

        texts = sheet.to_arrow().columns
        # In the text a number has nine decimals at most: 1e-12 is 0 there.
        numbers = self._loaded(sheet.name, dtypes="float").to_arrow().columns
        found = {}
        for place, (text, number) in enumerate(zip(texts, numbers, strict=True)):
            found[f"t{place}"], found[f"f{place}"] = text, number
            first = pc.index(pc.match_substring_regex(text, _EARLY), True).as_py()
            if first >= 0 and self._has_durations(sheet.name, place, first):
                part = self._loaded(sheet.name, dtypes="duration", use_columns=[place])
                found[f"d{place}"] = part.to_arrow().columns[0]
            if pc.any(pc.match_substring_regex(text, _LONG)).as_py():
                found[f"n{place}"] = self._are_numbers(sheet.name, place)
        return found

    def _are_numbers(self, name: str, place: int) -> Any:
        """Tell which cells of a column are numbers: no such cell can be read as a duration."""
        import pyarrow as pa

        part = self._loaded(name, dtypes="duration", use_columns=[place])
        batch, failed = part.to_arrow_with_errors()
        found = [False] * batch.num_rows
        for error in failed.errors if failed else ():
            found[error.offset_position[0]] = error.detail.partition(" got '")[2].startswith(
                _NUMBERS
            )
        return pa.array(found)

    def _has_durations(self, name: str, place: int, first: int) -> bool:
        """Tell whether what looks like a moment of 1899 or 1900 is a duration."""
        try:
            part = self._loaded(name, first, use_columns=[place]).to_arrow()
        except Exception as error:  # durations among texts have no type in common
            return "Duration" in str(error)
        return "duration" in str(part.schema.types[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
