"""Formulas in NumPy notation and in LaTeX: read, computed, compared, corrected."""

from chainrule.doctor.formulas.check import check_formulas
from chainrule.doctor.formulas.document import read_document
from chainrule.doctor.formulas.documents import DocumentReport, check_document, check_text
from chainrule.doctor.formulas.equations import read_latex
from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.numpy_reader import read_numpy
from chainrule.doctor.formulas.write import Notation, to_text

__all__ = [
    "DocumentReport",
    "Meaning",
    "Notation",
    "check_document",
    "check_formulas",
    "check_text",
    "evaluate",
    "read_document",
    "read_latex",
    "read_numpy",
    "to_text",
]
