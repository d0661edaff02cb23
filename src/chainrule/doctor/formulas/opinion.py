"""A second opinion: which mistake gives what a formula gives, however it is written.

The smallest change in a formula names most slips. Some it calls by another name than people do: the
derivative of another layer's activation is a wrong factor, and a sum over the wrong axis a transpose.
The diagnosis of arrays knows these by what they give.
"""

from __future__ import annotations

from chainrule.doctor.findings import Finding, Verdict
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.ground import Ground
from chainrule.doctor.formulas.indexed import is_indexed
from chainrule.doctor.formulas.program import key_of_target
from chainrule.doctor.formulas.session import GRADIENT, Session
from chainrule.doctor.formulas.settings import LEARNING_RATE
from chainrule.doctor.formulas.tree import Assignment, Name
from chainrule.doctor.formulas.write import Notation
from chainrule.errors import FormulaError

__all__ = ["LOOSE", "preferred", "second_opinion"]

UNNAMED = {"unknown", "wrong_shape"}
# What a small change is called that may have a closer name.
LOOSE = {"wrong_local_derivative", "missing_transpose"}


def second_opinion(
    settled: Assignment, convention: Convention, ground: Ground, notation: Notation
) -> Finding | None:
    """Diagnose the formula of one gradient by what it gives.

    Parameters
    ----------
    settled : Assignment
        In one numbering.
    convention : Convention
    ground : Ground
    notation : Notation
        How the document spells its names.

    Returns
    -------
    Finding or None
        None if no mistake is named, or the formula is not one of whole arrays.
    """
    target = settled.target
    alone = convention.one or convention.turned or not isinstance(target, Name)
    if alone or is_indexed(target, settled.expression) or not isinstance(target, Name):
        return None
    # Only a wrong formula needs the diagnosis of arrays, which takes a tenth of a second to import.
    from chainrule.doctor.formulas.check import report_on

    network = convention.network()
    known = {"L": network.depth, "K": network.depth - 1}
    if target.layer is not None and target.layer.letter not in ("", *known):
        return None
    own = [a for a in ground.own if a is not settled]
    references = ground.at(convention, "batch")
    session = Session(
        network,
        [*own, settled],
        references,
        convention.layout,
        LEARNING_RATE,
        notation.latex,
        spelling=notation,
    )
    try:
        key = key_of_target(settled, known, network.depth)
        report = report_on(session)
    except FormulaError:
        return None
    if not GRADIENT.fullmatch(key):
        return None
    found = next((finding for finding in report.findings if finding.quantity == key), None)
    if found is None or found.verdict is not Verdict.WRONG or UNNAMED & set(found.codes):
        return None
    return found


def preferred(codes: tuple[str, ...], opinion: Finding) -> bool:
    """Say whether the opinion's name is the closer one, the codes being those of the smallest change."""
    return (
        set(codes) <= LOOSE
        and set(codes) != set(opinion.codes)
        and len(opinion.codes) <= len(codes)
    )
