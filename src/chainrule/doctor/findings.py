"""What a diagnosis consists of: mistakes, and what is said of each quantity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chainrule.doctor.catalog import get_kind

__all__ = ["Evidence", "Finding", "Mistake", "Verdict"]


class Verdict(StrEnum):
    """What is said of one quantity.

    ================  =============================================================================
    RIGHT             it is the derivative of the declared cost
    CONVENTION        it is right under another convention than the network's, and no error
    WRONG             a mistake was made here
    FOLLOWS           its own formula is right; it is wrong because of what it is computed from
    NOT_GIVEN         it was not given, and nothing speaks against it
    UNREADABLE        it could not be computed or compared: the note says why
    ================  =============================================================================
    """

    RIGHT = "right"
    CONVENTION = "convention"
    WRONG = "wrong"
    FOLLOWS = "follows"
    NOT_GIVEN = "not given"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Mistake:
    """One mistake, at the place where it was made.

    Parameters
    ----------
    code : str
        Of the catalog.
    place : str
        The quantity whose formula has the mistake, for example ``"dW2"``.
    sentence : str
        What is wrong, in plain words.
    corrected : str
        The right formula in NumPy notation, rows layout.
    details : mapping
        What the sentence says, for programs: ``{"factor": 2.0}``, ``{"layer": 1}``.
    """

    code: str
    place: str
    sentence: str
    corrected: str = ""
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        get_kind(self.code)  # no report may use a code that the catalog does not explain

    @property
    def meaning(self) -> str:
        """The catalog's sentence for this kind of mistake."""
        return get_kind(self.code).meaning

    def to_dict(self) -> dict[str, Any]:
        """Return the mistake as plain values, ready for JSON."""
        return {
            "code": self.code,
            "place": self.place,
            "sentence": self.sentence,
            "corrected": self.corrected,
            "details": dict(self.details),
        }


def finite(value: float | None) -> float | None:
    """Return a number as JSON has it: None for infinity, which is the distance of other shapes."""
    return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True)
class Evidence:
    """How far the given values are from one candidate.

    Parameters
    ----------
    candidate : str
        ``"right"`` or a code, with its details.
    distance : float
        ‖given − candidate‖/max(‖given‖, ‖candidate‖), the largest over the points.
    """

    candidate: str
    distance: float


@dataclass(frozen=True)
class Finding:
    """What is said of one quantity.

    Parameters
    ----------
    quantity : str
        ``"dZ2"``, ``"dW2"``, and so on.
    verdict : Verdict
    given : bool
        Whether the user gave it. What was not given can still be found to be wrong: by its effects.
    mistakes : tuple of Mistake
        Where the verdict is WRONG: the mistakes that were made here, all of them at once.
    ties : tuple of tuple of Mistake
        Other explanations that nothing at these points can tell from `mistakes`.
    distance : float or None
        The relative distance to the true value; None if it was not given.
    follows_from : tuple of str
        The quantities that it is wrong because of.
    evidence : tuple of Evidence
        Relative distances to the nearest candidates.
    note : str
        What else there is to say.
    """

    quantity: str
    verdict: Verdict
    given: bool = True
    mistakes: tuple[Mistake, ...] = ()
    ties: tuple[tuple[Mistake, ...], ...] = ()
    distance: float | None = None
    follows_from: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    note: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the mistakes that were made here."""
        return tuple(mistake.code for mistake in self.mistakes)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, ready for JSON."""
        return {
            "quantity": self.quantity,
            "verdict": str(self.verdict),
            "given": self.given,
            "distance": finite(self.distance),
            "mistakes": [mistake.to_dict() for mistake in self.mistakes],
            "ties": [[mistake.to_dict() for mistake in tie] for tie in self.ties],
            "follows_from": list(self.follows_from),
            "evidence": [
                {"candidate": e.candidate, "distance": finite(e.distance)} for e in self.evidence
            ],
            "note": self.note,
        }
