"""Five sets of lecture notes on back-propagation, each as a convention: one small file a note."""

from __future__ import annotations

from chainrule.errors import unknown_name
from chainrule.explain.notes.base import Note, NoteConvention, Slip
from chainrule.explain.notes.binary_classification import NOTE as BINARY_CLASSIFICATION
from chainrule.explain.notes.col_865 import NOTE as COL_865
from chainrule.explain.notes.forward_and_back import NOTE as FORWARD_AND_BACK
from chainrule.explain.notes.mehmet import NOTE as MEHMET
from chainrule.explain.notes.singh import NOTE as SINGH

__all__ = ["NOTES", "Note", "NoteConvention", "Slip", "get_note"]

NOTES: dict[str, Note] = {
    note.key: note for note in (BINARY_CLASSIFICATION, SINGH, MEHMET, FORWARD_AND_BACK, COL_865)
}
"""The notes by the names that users type."""


def get_note(name: str) -> Note:
    """Return a note by its name, or by its number, N1 to N5.

    Raises
    ------
    ParameterError
        If there is none of that name; the message lists them.
    """
    numbers = {f"n{place}": note for place, note in enumerate(NOTES.values(), start=1)}
    folded = str(name).strip().casefold().replace("_", "-").replace(" ", "-")
    try:
        return {**NOTES, **numbers}[folded]
    except KeyError:
        raise unknown_name("note", name, [*NOTES, *(key.upper() for key in numbers)]) from None
