"""What is said of one formula of a document."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.doctor.findings import Finding

__all__ = ["FormulaFinding"]


@dataclass(frozen=True)
class FormulaFinding(Finding):
    """What is said of one formula of a document.

    Parameters
    ----------
    source : str
        The formula, as it stands there.
    line : int
        Where it stands.
    """

    source: str = ""
    line: int = 0

    def to_dict(self) -> dict[str, object]:
        """Return the finding as plain values, ready for JSON."""
        return {"line": self.line, "source": self.source, **super().to_dict()}
