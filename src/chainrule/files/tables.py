"""A table's file, and the name that messages give it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["TableFile"]


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
