"""A table's file, and the name that messages give it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["COMPRESSED", "STANDARD_INPUT", "TableFile", "stem_of"]

COMPRESSED = (".gz", ".bz2", ".zst", ".xz", ".zip")
"""The endings of compressed files."""

STANDARD_INPUT = "-"
"""What stands for standard input where a file is named."""


def stem_of(path: str) -> str:
    """Return a file's name without what says its kind.

    Examples
    --------
    >>> stem_of("data/sales.2024.csv.gz"), stem_of("-")
    ('sales.2024', 'table')
    """
    found = Path(path)
    if path == STANDARD_INPUT:
        return "table"
    return (Path(found.stem) if found.suffix.lower() in COMPRESSED else found).stem or "table"


@dataclass(frozen=True)
class TableFile:
    """A file, and what messages call it: its path, or where its bytes came from.

    Attributes
    ----------
    path : Path
        The file.
    name : str
        What the user knows it by.
    """

    path: Path
    name: str

    def __str__(self) -> str:
        return self.name

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def label(self) -> str:
        """What stands before a note: the name without its folder."""
        return Path(self.name).name or self.name
