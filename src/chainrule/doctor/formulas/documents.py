"""`check_document`: every formula of a document, under the conventions that it was told or follows."""

from __future__ import annotations

import errno
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from chainrule.doctor.findings import Mistake, Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.deltas import (
    count_held,
    may_be_negative,
    negated,
    without_corrections,
)
from chainrule.doctor.formulas.document import read_document
from chainrule.doctor.formulas.evidence import Evidence
from chainrule.doctor.formulas.formula_finding import FormulaFinding
from chainrule.doctor.formulas.graphs import Graph
from chainrule.doctor.formulas.ground import Ground
from chainrule.doctor.formulas.infer import infer
from chainrule.doctor.formulas.judge import Judge
from chainrule.doctor.formulas.normal import later_letter, normal
from chainrule.doctor.formulas.numbering import numbering_of
from chainrule.doctor.formulas.numpy_reader import read_numpy
from chainrule.doctor.formulas.order import in_program_order
from chainrule.doctor.formulas.session import TRANSPOSED
from chainrule.doctor.formulas.tree import Assignment, ShapeNote, Unreadable
from chainrule.doctor.formulas.write import Notation
from chainrule.doctor.report import Report
from chainrule.errors import DataError, FormulaError, ParameterError
from chainrule.files import read_regular

__all__ = ["DocumentReport", "check_document", "check_text"]

WORDS = {
    Verdict.RIGHT: "holds",
    Verdict.CONVENTION: "holds",
    Verdict.WRONG: "slip",
    Verdict.FOLLOWS: "follows",
    Verdict.NOT_GIVEN: "definition",
    Verdict.UNREADABLE: "not read",
}
STYLES = {"holds": "green", "slip": "bold red", "follows": "yellow", "not read": "magenta"}
KINDS = {".tex": "latex", ".latex": "latex", ".ltx": "latex", ".py": "numpy"}
MOST_BYTES = 8_000_000
WIDTH = 110
DECLARED = ("layout", "loss")  # where both are, it is known what is meant


@dataclass(frozen=True)
class DocumentReport(Report):
    """The verdicts on a document's formulas, in the order of the document.

    Parameters
    ----------
    conventions : tuple of str
        What the document was understood to mean, in words.
    """

    conventions: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return {**super().to_dict(), "conventions": list(self.conventions)}

    @property
    def headline(self) -> str:
        """How it stands, in one sentence."""
        counts = dict.fromkeys(dict.fromkeys(WORDS.values()), 0)
        for finding in self.findings:
            counts[WORDS[finding.verdict]] += 1
        names = {
            "holds": "right",
            "slip": "with a slip",
            "follows": "that follow from one",
            "definition": "that define names",
            "not read": "not read",
        }
        parts = [f"{count} {names[word]}" for word, count in counts.items() if count]
        total = len(self.findings)
        return f"{total} formula{'s' * (total != 1)}: {', '.join(parts)}."

    def to_markdown(self) -> str:
        """Return the report as Markdown."""
        lines = [f"# {cell(self.title)}", "", self.headline, ""]
        lines += [f"- {cell(text)}" for text in self.conventions]
        lines += ["", "| line | formula | verdict | what |", "|---|---|---|---|"]
        for finding in self.findings:
            assert isinstance(finding, FormulaFinding)
            source = f"`{cell(finding.source)}`"
            cells = (str(finding.line), source, WORDS[finding.verdict], cell(remark(finding)))
            lines.append(f"| {' | '.join(cells)} |")
        for finding in self.findings:
            for mistake in unique(finding.mistakes):
                line = getattr(finding, "line", 0)
                lines += ["", f"**line {line}** · `{mistake.code}`: {cell(mistake.sentence)}"]
                if mistake.corrected:
                    lines += ["", "```math", mistake.corrected, "```"]
        if self.notes:
            lines += ["", *(f"- {cell(note)}" for note in self.notes)]
        return "\n".join(lines) + "\n"

    def __rich__(self) -> Any:
        table = Table(title=self.title, title_justify="left", title_style="bold")
        table.add_column("line", justify="right")
        table.add_column("formula", overflow="fold", ratio=5)
        table.add_column("verdict", no_wrap=True)
        table.add_column("what", overflow="fold", ratio=4)
        for finding in self.findings:
            assert isinstance(finding, FormulaFinding)
            word = WORDS[finding.verdict]
            verdict = Text(word, STYLES.get(word, ""))
            table.add_row(str(finding.line), Text(finding.source), verdict, Text(remark(finding)))
        parts: list[Any] = [Text(f"Understood: {'; '.join(self.conventions)}.", "dim"), table]
        parts.append(Text(self.headline, "bold green" if self.ok else "bold red"))
        for finding in self.findings:
            for mistake in unique(finding.mistakes):
                where = (f"line {getattr(finding, 'line', 0)} ", "bold")
                parts.append(Text.assemble(where, f"{mistake.code}: {mistake.sentence}"))
                if mistake.corrected:
                    parts.append(Text(f"    right: {mistake.corrected}", "green"))
            for tie in finding.ties:
                parts.append(Text(f"    or: {'; '.join(m.sentence for m in tie)}", "dim"))
        parts += [Text(note, "dim") for note in self.notes]
        return Group(*parts)

    def __str__(self) -> str:
        file = io.StringIO()
        console = Console(
            file=file, width=WIDTH, color_system=None, highlight=False, emoji=False, markup=False
        )
        console.print(self.__rich__())
        return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def unique(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Return mistakes with a correction that several share beside the last of them alone."""
    last = {mistake.corrected: place for place, mistake in enumerate(mistakes)}
    return [
        mistake if last[mistake.corrected] == place else replace(mistake, corrected="")
        for place, mistake in enumerate(mistakes)
    ]


def cell(text: str) -> str:
    """Return a text that a Markdown table takes."""
    return " ".join(text.replace("|", "\\|").split())


def remark(finding: Any) -> str:
    """Return what stands beside the verdict."""
    parts = [", ".join(finding.codes)] if finding.codes else []
    if finding.follows_from:
        parts.append(f"from {', '.join(finding.follows_from)}")
    if finding.note:
        parts.append(finding.note)
    return "; ".join(parts)


def check_document(path: str | Path, **told: Any) -> DocumentReport:
    """Check every formula of a Markdown or LaTeX file.

    Parameters
    ----------
    path : str or Path
        A ``.tex`` file is LaTeX, a ``.py`` file has assignments in NumPy notation, any other is
        Markdown.
    **told
        As for `check_text`.

    Returns
    -------
    DocumentReport

    Raises
    ------
    DataError
        If the file cannot be read.
    FormulaError
        If it has no formula, or too many.
    """
    file = Path(path)
    try:
        text = (
            read_regular(file, MOST_BYTES)
            .decode("utf-8-sig")
            .replace("\r\n", "\n")
            .replace("\r", "\n")
        )
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file: check the path") from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise DataError(
                f"{path}: larger than {MOST_BYTES // 1_000_000} MB: split the document"
            ) from None
        raise DataError(f"{path}: it cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: it is not text in UTF-8") from None
    return check_text(text, KINDS.get(file.suffix.lower(), "markdown"), title=file.name, **told)


def check_text(
    text: str, kind: str = "markdown", *, title: str = "formulas", **told: Any
) -> DocumentReport:
    r"""Check every formula of a document.

    Parameters
    ----------
    text : str
        Markdown with mathematics between dollars or in ``math`` blocks, or LaTeX, or assignments in
        NumPy notation.
    kind : {"markdown", "latex", "numpy"}
    title : str
        The title of the report.
    **told
        What is declared, and not to be found out: fields of
        `chainrule.doctor.formulas.conventions.Convention`, such as ``layout``, ``hidden`` (a tuple),
        ``output``, ``loss``, ``reduction``, ``depth``, ``per_observation``.

    Returns
    -------
    DocumentReport

    Raises
    ------
    FormulaError
        If there is no formula in it, or too many.

    Examples
    --------
    >>> report = check_text(r"$$dZ_2 = A_2 - Y, \quad dW_2 = \frac{1}{m} A_1 dZ_2$$")
    >>> report.codes
    ('missing_transpose',)
    """
    unknown = set(told) - set(Convention.__dataclass_fields__)
    if unknown:
        raise ParameterError(f"unknown convention {min(unknown)!r}")
    try:
        formulas = read_any(text, kind)
    except FormulaError as error:
        raise FormulaError(f"{title}: {error}") from None
    if not formulas:
        where = "such as dW2 = A1.T @ dZ2" if kind == "numpy" else "between $ or $$"
        raise FormulaError(f"{title}: there is no formula in it: write formulas {where}")
    given = [formula for formula in formulas if isinstance(formula, Assignment)]
    settled = normal(given)
    if "depth" not in told and not has_layers(given):
        told = {**told, "depth": 1}
    findings, convention = understood(formulas, given, settled, kind, told)
    described = convention.described()
    if may_be_negative(formulas, settled, findings):
        others, other = understood(formulas, given, negated(settled), kind, told)
        if count_held(formulas, others) > count_held(formulas, findings):
            findings = without_corrections(formulas, others)
            described = [*other.described(), "δ is minus the derivative"]
    findings = counted(findings, given)
    if kind == "numpy":
        findings = in_program_order(zip(given, findings, strict=True))
    return DocumentReport(title, tuple(findings), (), tuple(described))


def understood(
    formulas: Sequence[Assignment | ShapeNote | Unreadable],
    given: Sequence[Assignment],
    settled: Sequence[Assignment],
    kind: str,
    told: dict[str, Any],
) -> tuple[list[FormulaFinding], Convention]:
    """Return what is said of every formula, and under which convention."""
    ground = Ground(settled)
    convention = infer(settled, ground, told) if settled else Convention()
    notation = replace(notation_of(given, kind), numbering=numbering_of(given))
    units, declared = speaks_of_units(given), "hidden" in told
    judge = Judge(convention, ground, graph_of(given), notation, units=units, declared=declared)
    pairs = dict(zip(map(id, given), settled, strict=True))
    findings = [judged(judge, formula, pairs) for formula in formulas]
    if not set(DECLARED) <= set(told):
        findings = Evidence(formulas, findings).weighed()
    return findings, convention


def has_layers(given: Sequence[Assignment]) -> bool:
    """Say whether a document tells layers apart at all."""
    return any(later_letter(assignment) for assignment in given) or any(
        name.layer is not None
        for assignment in given
        for part in (assignment.target, assignment.expression)
        for name in tree.names_of(part)
    )


def speaks_of_units(given: Sequence[Assignment]) -> bool:
    """Say whether a document writes of single units: in small letters, and of no matrix."""
    parts = [part for a in given for part in (a.target, a.expression)]
    nodes = [node for part in parts for node in tree.walk(part)]
    if any(
        isinstance(n, (tree.Transpose, tree.Multiply, tree.MatMul, tree.IndexSum)) for n in nodes
    ):
        return False
    names = [n for n in nodes if isinstance(n, tree.Name) and n.symbol in ("W", "X", "A", "Z", "b")]
    small = all(name.text == name.text.lower() and "\\" not in name.text for name in names)
    weights = [name for name in names if name.symbol == "W"]
    numbered = all(name.layer is None or not name.layer.letter for name in names)
    return bool(weights) and small and numbered and not any(name.indices for name in names)


def judged(
    judge: Judge, formula: Assignment | ShapeNote | Unreadable, pairs: dict[int, Assignment]
) -> FormulaFinding:
    """Judge one formula; what goes wrong with it is its own affair."""
    if isinstance(formula, Unreadable):
        return judge.unreadable(formula)
    if isinstance(formula, ShapeNote):
        return judge.shape_finding(formula)
    return judge.verdict(pairs[id(formula)], formula)


def graph_of(given: Sequence[Assignment]) -> Graph | None:
    """Return the nodes that a document defines for itself; None if there are none, or too many."""
    plain = [
        a
        for a in given
        if isinstance(a.target, tree.Name)
        and all(
            not name.indices
            and not name.observation
            and (name.layer is None or name.symbol in "Wb")
            for name in (a.target, *tree.names_of(a.expression))
        )
    ]
    if not any(isinstance(a.target, tree.Name) and a.target.symbol in "XZA" for a in plain):
        return None
    try:
        return Graph.of(plain)
    except FormulaError:
        return None


def notation_of(given: Sequence[Assignment], kind: str) -> Notation:
    """Learn how a document spells its names."""
    parts = [part for a in given for part in (a.target, a.expression)]
    found = Notation.of(parts, latex=kind != "numpy")
    sources = " ".join(assignment.source for assignment in given)
    return replace(found, transposed="T") if TRANSPOSED.search(sources) else found


def read_any(text: str, kind: str) -> list[Assignment | ShapeNote | Unreadable]:
    """Read the formulas of a document of any kind."""
    if kind == "numpy":
        return list(read_numpy(text))
    if kind not in ("markdown", "latex"):
        raise ParameterError(f"kind must be 'markdown', 'latex' or 'numpy', not {kind!r}")
    return read_document(text, latex=kind == "latex")


def counted(findings: list[FormulaFinding], given: Sequence[Assignment]) -> list[FormulaFinding]:
    """Say where a document counts the observations by a second letter: n here, m there."""
    letters: dict[str, str] = {}
    for assignment in given:
        for name in tree.names_of(assignment.expression):
            if name.symbol == "m" and name.text:
                letters.setdefault(name.text, assignment.source)
    if len(letters) < 2:
        return findings
    first, second = list(letters)[:2]
    done = []
    for finding in findings:
        if finding.source == letters[second] and second in letters:
            sentence = f"The observations are counted by {first} before, and by {second} here."
            mistake = Mistake(
                "symbol_clash", finding.quantity, sentence, "", {"symbols": [first, second]}
            )
            finding = replace(finding, verdict=Verdict.WRONG, mistakes=(*finding.mistakes, mistake))
            letters = {first: letters[first], second: ""}
        done.append(finding)
    return done
