"""`check_formulas`: formulas for the gradients of a declared network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from chainrule.checks import check_count
from chainrule.doctor.diagnosis import diagnose
from chainrule.doctor.findings import Finding, Mistake, Verdict
from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.corrections import correction, mended, right_formula
from chainrule.doctor.formulas.equations import read_latex, read_latex_expression
from chainrule.doctor.formulas.latex_names import Style
from chainrule.doctor.formulas.latex_reader import LatexReader
from chainrule.doctor.formulas.numpy_reader import read_numpy, read_numpy_expression
from chainrule.doctor.formulas.program import Outcome, concrete, in_order
from chainrule.doctor.formulas.repairs import Repair
from chainrule.doctor.formulas.session import (
    FORWARD,
    GRADIENT,
    SAME,
    Session,
    credibility,
    truth_of,
)
from chainrule.doctor.formulas.settings import LAYOUTS, LEARNING_RATE, in_rows
from chainrule.doctor.formulas.symbols import canonical_name
from chainrule.doctor.formulas.tree import Assignment, Expression, Name, Unreadable
from chainrule.doctor.formulas.trials import fitted
from chainrule.doctor.points import draw_points
from chainrule.doctor.quantities import quantity_order
from chainrule.doctor.reference import check_network, refer
from chainrule.doctor.report import Report
from chainrule.errors import FormulaError, ParameterError
from chainrule.nn import Network
from chainrule.nn.arrays import Array

__all__ = ["check_formulas"]

LATEX = re.compile(r"\\[A-Za-z]|[_^]\{|\$|\^T")


def check_formulas(
    network: Network,
    formulas: str | Mapping[str, str],
    *,
    notation: str | None = None,
    layout: str | None = None,
    learning_rate: float = LEARNING_RATE,
    draws: int = 3,
    seed: int = 0,
) -> Report:
    r"""Check formulas for the gradients of a network, and name the mistakes in them.

    Parameters
    ----------
    network : Network
        What the gradients are those of: its loss, reduction and penalty decide what is right.
    formulas : str or mapping of str to str
        Assignments, one or several, in which intermediates may be named and used:
        ``"dZ2 = (A2 - Y) / m"``. Or a mapping of what they give to formulas, in any order:
        ``{"dW2": "A1.T @ (A2 - Y) / m"}``. The names are X, Y, W1, b1, Z1, A1, dZ1, dA1, dW1, db1, m,
        lam, eta, and others that people use for the same; what is not assigned has its true value.
    notation : {"numpy", "latex"}, optional
        By default it is found out.
    layout : {"rows", "columns", "rows_transposed", "columns_transposed"}, optional
        Z = A W + b, Z = W A + b, Z = A Wᵀ + b or Z = Wᵀ A + b; by default it is found out.
    learning_rate : float
        What eta stands for, in updates.
    draws : int
        At how many points the formulas are computed.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    Report
        As `chainrule.check_gradients` returns it; corrections are in the notation of the formulas.

    Raises
    ------
    FormulaError
        If a formula cannot be read.
    ParameterError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> net = Network((3, 4, 1), hidden="tanh", loss="binary_cross_entropy")
    >>> report = check_formulas(net, {"dW2": "A1.T @ (A2 - Y)"})
    >>> report.codes, report.mistakes[0].corrected
    (('missing_mean',), 'dW2 = A1.T @ (A2 - Y) / m')
    """
    check_network(network)
    if layout is not None and layout not in LAYOUTS:
        raise ParameterError(f"layout must be one of {', '.join(LAYOUTS)}, or None, not {layout!r}")
    if notation not in (None, "numpy", "latex"):
        raise ParameterError(f"notation must be 'numpy', 'latex' or None, not {notation!r}")
    check_count("draws", draws)
    assignments, latex = read(formulas, notation)
    references = [refer(point) for point in draw_points(network, draws, seed)]
    sessions = [
        Session(network, assignments, references, name, learning_rate, latex)
        for name in ((layout,) if layout else LAYOUTS)
    ]
    return report_on(most_credible(sessions))


def most_credible(sessions: Sequence[Session]) -> Session:
    """Return the session in the layout that the formulas are in.

    Where none fits in several, it is the layout in which most of them can be mended.
    """
    scores = [credibility(session) for session in sessions]
    best = [s for s, score in zip(sessions, scores, strict=True) if score == max(scores)]
    if len(best) == 1:
        return best[0]
    return max(best, key=lambda session: sum(bool(mended(session, k)) for k in session.broken))


def read(formulas: str | Mapping[str, str], notation: str | None) -> tuple[list[Assignment], bool]:
    """Read the formulas, and say whether they are in LaTeX."""
    if isinstance(formulas, str):
        latex = is_latex([formulas], notation)
        assignments = read_text(formulas, latex)
    elif isinstance(formulas, Mapping):
        texts = [part for pair in formulas.items() for part in pair]
        if not all(isinstance(text, str) for text in texts):
            raise ParameterError("formulas must be text: {'dW2': 'A1.T @ dZ2'}")
        latex = is_latex(texts, notation)
        assignments = in_order([one(name, text, latex) for name, text in formulas.items()])
    else:
        raise ParameterError(
            f"formulas must be a text or a mapping of texts, not a {type(formulas).__name__}"
        )
    if not assignments:
        raise FormulaError("there is no formula: write one such as dW2 = A1.T @ dZ2")
    return assignments, latex


def is_latex(texts: Iterable[str], notation: str | None) -> bool:
    if notation is not None:
        return notation == "latex"
    return any(LATEX.search(text) for text in texts)


def read_text(text: str, latex: bool) -> list[Assignment]:
    """Read assignments; every one must be readable."""
    if not latex:
        return read_numpy(text)
    found = []
    for formula in read_latex(text.replace("$", " ")):
        if isinstance(formula, Unreadable):
            raise FormulaError(f"line {formula.line}, {formula.source!r}: {formula.reason}")
        if isinstance(formula, Assignment):
            found.append(formula)
    return found


def one(name: str, text: str, latex: bool) -> Assignment:
    """Read one formula and what it gives."""
    target: Expression | None = None if not latex else latex_name(name)
    if target is None:
        target = canonical_name(name.strip()) or Name(name.strip(), text=name.strip())
    expression = read_latex_expression(text) if latex else read_numpy_expression(text)
    assignment = Assignment(target, expression, f"{name} = {' '.join(text.split())}")
    if isinstance(target, Name) and target.symbol in ("W", "b") and not assignment.is_update:
        # In a mapping of gradients "W2" is the gradient of W2.
        return replace(assignment, target=replace(target, symbol=f"d{target.symbol}"))
    return assignment


def latex_name(text: str) -> Name | None:
    """Read a name in LaTeX; None if it is not one."""
    try:
        side = LatexReader(text, Style()).sides()[0]
    except FormulaError:
        return None
    return side if isinstance(side, Name) else None


def report_on(session: Session) -> Report:
    """Diagnose what the formulas give, and write the corrections in their notation."""
    outcomes = session.outcomes()
    keys = list(
        dict.fromkeys(key for outcome in outcomes for key in (*outcome.values, *outcome.errors))
    )
    order = quantity_order(session.network.depth)
    broken = [key for key in keys if any(key in outcome.errors for outcome in outcomes)]
    findings = [unfit(session, key, outcomes) for key in broken]
    findings += [forward_finding(session, key, outcomes) for key in keys if FORWARD.fullmatch(key)]
    notes = [layout_note(session.layout)]
    given = {
        key: [in_rows(key, outcome.values[key], session.layout) for outcome in outcomes]
        for key in keys
        if key in order and key not in broken
    }
    if not given and not findings:
        raise FormulaError("none of the formulas gives a gradient, such as dW2 or dZ1")
    title = "formulas"
    if given:
        taken = taken_as_true(session, set(keys))
        report = diagnose(
            [reference.point for reference in session.references],
            {**given, **taken},
            learning_rate=session.learning_rate,
            layout="columns" if session.layout.startswith("columns") else "rows",
            title=title,
        )
        ours = {finding.quantity for finding in findings} | set(taken)
        findings += [
            corrected(session, finding)
            for finding in report.findings
            if finding.quantity not in ours
        ]
        notes += report.notes
    ranks = {key: place for place, key in enumerate(order)}
    findings.sort(key=lambda finding: ranks.get(finding.quantity, -1))
    return Report(title, tuple(findings), tuple(notes))


def taken_as_true(session: Session, assigned: set[str]) -> dict[str, list[Array]]:
    """Return the true values of the derivatives that formulas use and none of them gives."""
    depth = session.network.depth
    order = quantity_order(depth)
    used: set[str] = set()
    for assignment, letters in concrete(session.assignments, depth):
        meaning = session.meaning(session.references[0], letters)
        for name in tree.names_of(assignment.expression):
            if name.is_derivative:
                with suppress(FormulaError):
                    used.add(meaning.key(name))
    return {
        key: [reference.true(key) for reference in session.references]
        for key in sorted((used - assigned) & set(order))
    }


def layout_note(layout: str) -> str:
    """Say in words how a layout writes the forward pass."""
    return {
        "rows": "One row is one observation: Z = A W + b.",
        "rows_transposed": "One row is one observation, and Z = A Wᵀ + b.",
        "columns": "One column is one observation: Z = W A + b.",
        "columns_transposed": "One column is one observation, and Z = Wᵀ A + b.",
    }[layout]


def corrected(session: Session, finding: Finding) -> Finding:
    """Write a finding's corrections in the notation of the formulas."""
    if not finding.mistakes or not finding.given:
        return finding
    found = mended(session, finding.quantity)
    if found and set(finding.codes) <= {"unknown", "wrong_shape"}:  # the shapes went astray
        repair, text = found[0]
        mistakes = wrong(finding.quantity, repair, text, finding.note).mistakes
        return replace(finding, mistakes=mistakes, ties=())
    mistakes = tuple(
        replace(mistake, corrected=correction(session, mistake, finding.codes, found))
        for mistake in finding.mistakes
    )
    return replace(finding, mistakes=mistakes)


def unfit(session: Session, key: str, outcomes: Sequence[Outcome]) -> Finding:
    """Return the finding for a formula whose shapes do not fit; a small change may mend it."""
    reason = next(outcome.errors[key] for outcome in outcomes if key in outcome.errors)
    found = mended(session, key)
    if not found and "has no value" in reason:
        return Finding(key, Verdict.UNREADABLE, note=reason)
    if found:
        repair, text = found[0]
        return wrong(key, repair, text, reason)
    right = ""
    if GRADIENT.fullmatch(key):
        right = right_formula(session, key)
    sentence = f"The shapes in {key} do not fit."
    mistake = Mistake("wrong_shape", key, sentence, right)
    return Finding(key, Verdict.WRONG, mistakes=(mistake,), note=reason)


def wrong(key: str, repair: Repair, text: str, note: str) -> Finding:
    """Return the finding for a formula that a repair puts right."""
    mistakes = tuple(
        Mistake(code, key, f"In {key} {sentence}.", text, repair.details)
        for code, sentence in zip(repair.codes, repair.sentences, strict=True)
    )
    return Finding(key, Verdict.WRONG, mistakes=mistakes, note=note)


def forward_finding(session: Session, key: str, outcomes: Sequence[Outcome]) -> Finding:
    """Compare a formula of the forward pass with what the network computes."""
    worst = 0.0
    for reference, outcome in zip(session.references, outcomes, strict=True):
        truth = truth_of(key, reference, session)
        if key in outcome.errors or truth is None:
            return unfit(session, key, outcomes)
        try:
            value = fitted(outcome.values[key], truth, key)
        except FormulaError as error:
            return Finding(
                key,
                Verdict.WRONG,
                mistakes=(Mistake("wrong_shape", key, str(error)),),
                note=str(error),
            )
        size = max(float(np.linalg.norm(truth)), float(np.linalg.norm(value)), 1e-300)
        worst = max(worst, float(np.linalg.norm(value - truth) / size))
    if worst <= SAME:
        return Finding(key, Verdict.RIGHT, distance=worst)
    found = mended(session, key)
    if found:
        return replace(wrong(key, *found[0], ""), distance=worst)
    sentence = f"{key} is not what the declared network computes."
    mistake = Mistake("unknown", key, sentence)
    return Finding(key, Verdict.WRONG, mistakes=(mistake,), distance=worst)
