"""The report: every finding of a diagnosis; and how it looks on a terminal, as text, as Markdown."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from chainrule.doctor.findings import Finding, Mistake, Verdict

__all__ = ["Report", "markdown", "plain_text", "terminal"]

STYLES = {
    Verdict.RIGHT: "green",
    Verdict.CONVENTION: "green",
    Verdict.WRONG: "bold red",
    Verdict.FOLLOWS: "yellow",
    Verdict.NOT_GIVEN: "dim",
    Verdict.UNREADABLE: "magenta",
}
WIDTH = 100


@dataclass(frozen=True)
class Report:
    """The diagnosis: a finding for every quantity, in the order of the backward pass.

    Parameters
    ----------
    title : str
        What was checked, in one line.
    findings : tuple of Finding
    notes : tuple of str
        What holds for all of them: where it was checked, what cannot be told apart there.
    """

    title: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong and everything could be read."""
        bad = (Verdict.WRONG, Verdict.FOLLOWS, Verdict.UNREADABLE)
        return not any(finding.verdict in bad for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 if all is right, 1 if something is wrong, 2 if nothing is wrong but not all was readable."""
        verdicts = {finding.verdict for finding in self.findings}
        if verdicts & {Verdict.WRONG, Verdict.FOLLOWS}:
            return 1
        return 2 if Verdict.UNREADABLE in verdicts else 0

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """All mistakes, the first one made in the backward pass first."""
        return tuple(mistake for finding in self.findings for mistake in finding.mistakes)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all mistakes, in the same order."""
        return tuple(mistake.code for mistake in self.mistakes)

    def __getitem__(self, quantity: str) -> Finding:
        for finding in self.findings:
            if finding.quantity == quantity:
                return finding
        raise KeyError(quantity)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return {
            "title": self.title,
            "ok": self.ok,
            "codes": list(self.codes),
            "findings": [finding.to_dict() for finding in self.findings],
            "notes": list(self.notes),
        }

    def to_markdown(self) -> str:
        """Return the report as Markdown."""
        return markdown(self)

    def __rich__(self) -> Any:
        return terminal(self)

    def __str__(self) -> str:
        return plain_text(self)


def headline(report: Report) -> str:
    """Say in one sentence how it stands."""
    mistakes = report.mistakes
    wrong = [f for f in report.findings if f.verdict in (Verdict.WRONG, Verdict.FOLLOWS)]
    if mistakes:
        places = dict.fromkeys(mistake.place for mistake in mistakes)
        count = f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)}"
        return f"{count}, in {', '.join(places)}."
    if wrong:
        return f"{', '.join(f.quantity for f in wrong)}: wrong."
    if not report.ok:
        return "Not everything could be read; nothing else is wrong."
    given = sum(finding.given for finding in report.findings)
    return f"All right: {given} quantit{'y' if given == 1 else 'ies'}."


def remark(finding: Finding) -> str:
    """Return what stands beside the verdict in a table."""
    parts = [", ".join(finding.codes)] if finding.codes else []
    if finding.follows_from:
        word = "because of " if finding.verdict is Verdict.FOLLOWS else "and because of "
        parts.append(word + ", ".join(finding.follows_from))
    if finding.note:
        parts.append(finding.note)
    return "; ".join(parts)


def distance_text(finding: Finding) -> str:
    """Return the distance to the truth, short."""
    if finding.distance is None:
        return ""
    return f"{finding.distance:.1e}" if math.isfinite(finding.distance) else "its shape"


def explanation(mistake: Mistake) -> list[str]:
    """Return a mistake as lines: the sentence, the corrected formula."""
    lines = [f"{mistake.code}: {mistake.sentence}"]
    if mistake.corrected:
        lines.append(f"right: {mistake.corrected}")
    return lines


def evidence_text(finding: Finding) -> str:
    """Return how far the values are from each candidate, in one line; nothing if there is only one."""
    if len(finding.evidence) < 2:
        return ""
    parts = [f"{item.candidate} {item.distance:.1e}" for item in finding.evidence]
    return f"distance to: {', '.join(parts)}"


def tie_text(tie: tuple[Mistake, ...]) -> str:
    """Return another explanation in one line."""
    return "or, the same numbers: " + "; ".join(f"{m.code} in {m.place}: {m.sentence}" for m in tie)


def terminal(report: Report) -> Group:
    """Return the report as something that rich prints."""
    table = Table()
    for name in ("quantity", "verdict", "off by", "what"):
        table.add_column(name, overflow="fold")
    for finding in report.findings:
        verdict = Text(str(finding.verdict), STYLES[finding.verdict])
        cells = (finding.quantity, verdict, distance_text(finding), remark(finding))
        table.add_row(*cells)
    parts: list[Table | Text] = [Text(report.title, "bold"), table]
    parts.append(Text(headline(report), "bold green" if report.ok else "bold red"))
    for finding in report.findings:
        for mistake in finding.mistakes:
            first, *rest = explanation(mistake)
            parts.append(Text.assemble((f"{finding.quantity} ", "bold"), first))
            parts += [Text(f"    {line}", "green") for line in rest]
        parts += [Text(f"    {tie_text(tie)}", "dim") for tie in finding.ties]
        if finding.mistakes and evidence_text(finding):
            parts.append(Text(f"    {evidence_text(finding)}", "dim"))
    parts += [Text(note, "dim") for note in report.notes]
    return Group(*parts)


def plain_text(report: Report) -> str:
    """Return the report as text without colors, 100 columns wide."""
    file = io.StringIO()
    console = Console(
        file=file, width=WIDTH, color_system=None, highlight=False, emoji=False, markup=False
    )
    console.print(terminal(report))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def markdown(report: Report) -> str:
    """Return the report as Markdown."""
    lines = [f"# {cell(report.title)}", "", headline(report), ""]
    lines += ["| quantity | verdict | off by | what |", "|---|---|---|---|"]
    for finding in report.findings:
        cells = (finding.quantity, str(finding.verdict), distance_text(finding), remark(finding))
        lines.append(f"| {' | '.join(cell(text) for text in cells)} |")
    for finding in report.findings:
        for mistake in finding.mistakes:
            lines += ["", f"**{finding.quantity}** · `{mistake.code}`: {cell(mistake.sentence)}"]
            if mistake.corrected:
                lines += ["", "```python", mistake.corrected, "```"]
        for tie in finding.ties:
            lines += ["", f"_{cell(tie_text(tie))}_"]
        if finding.mistakes and evidence_text(finding):
            lines += ["", f"_{cell(evidence_text(finding))}_"]
    if report.notes:
        lines += ["", *(f"- {cell(note)}" for note in report.notes)]
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    line = " ".join(text.split())
    for letter in "\\`*_|<>":
        line = line.replace(letter, f"\\{letter}")
    return line
