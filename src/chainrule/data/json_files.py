"""Reading JSON: a record on each line, or an array of records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from chainrule.data.messages import first_line
from chainrule.data.records import table_of_records
from chainrule.data.text.encoding import TextFile
from chainrule.errors import DataError
from chainrule.files import check_table_size, check_text_size

__all__ = ["read_json"]


def read_json(text: TextFile, notes: list[str]) -> pa.Table:
    """Return the records of a JSON file as a table; a name that a record lacks is missing there.

    Raises
    ------
    DataError
        If it is not JSON, or not of records.
    """
    parts: list[bytes] = []
    size = 0
    for block in text.blocks(notes):
        size += len(block)
        check_text_size(text.file, 8 * size)  # what Python makes of it is larger
        parts.append(block)
    records = list(_records(text, b"".join(parts).decode()))
    if not records:
        raise DataError(f"{text.file}: there are no rows: a table needs at least one")
    for row, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DataError(
                f"{text.file}, row {row}: {type(record).__name__}, not a record: each row is one of the "
                'form {"name": value}'
            )
    check_table_size(text.file, len(records), len({name for record in records for name in record}))
    return table_of_records(records)


def _records(text: TextFile, content: str) -> Iterable[Any]:
    start = content.lstrip()[:1]
    try:
        if start == "[":
            return list(json.loads(content))
        lines = [line for line in content.split("\n") if line.strip()]
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            whole = json.loads(content)  # a document over several lines
            if isinstance(whole, dict):
                return _of_columns(whole)
            return [whole]
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{text.file}: not JSON ({first_line(error)}): a table is an array of "
            "records, or a record a line"
        ) from error


def _of_columns(document: dict[str, Any]) -> list[Any]:
    """Return the records of a document of columns, or of one that holds nothing but them."""
    values = list(document.values())
    lists = [value for value in values if isinstance(value, list)]
    if (
        len(lists) == len(values)
        and len(set(map(len, lists))) == 1
        and not isinstance(lists[0][:1], dict)
    ):
        if lists[0] and isinstance(lists[0][0], dict):
            return lists[0] if len(lists) == 1 else [document]
        return [dict(zip(document, row, strict=True)) for row in zip(*lists, strict=True)]
    records = [value for value in lists if value and all(isinstance(row, dict) for row in value)]
    return records[0] if len(records) == 1 else [document]
