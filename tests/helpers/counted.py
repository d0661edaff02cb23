"""Names that count how often they are compared: a search through a list for each of them shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class CountedName(str):
    """A name that counts its comparisons, with names of whatever kind."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedName.compared += 1
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class CountedTable:
    """A table whose column names count their comparisons; all else is the table's own."""

    def __init__(self, table):
        self.table = table
        self.column_names = [CountedName(name) for name in table.column_names]

    def __getattr__(self, name):
        return getattr(self.table, name)

    @property
    def schema(self):
        return CountedSchema(self.table.schema)


class CountedSchema:
    """A schema of such names."""

    def __init__(self, schema):
        self.of_table = schema
        self.names = [CountedName(name) for name in schema.names]

    def __getattr__(self, name):
        return getattr(self.of_table, name)


@contextmanager
def at_most(comparisons: int) -> Iterator[None]:
    """Assert that the names are compared no more often than that."""
    CountedName.compared = 0
    yield
    assert CountedName.compared <= comparisons
