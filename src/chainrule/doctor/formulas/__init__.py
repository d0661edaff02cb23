"""Formulas in NumPy notation and in LaTeX: read, computed, compared, corrected."""

from typing import TYPE_CHECKING

from chainrule.late import late_names

if TYPE_CHECKING:
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

# Imported when they are first asked for: whoever checks a document needs no diagnosis of arrays.
__getattr__, __dir__ = late_names(
    __name__,
    {
        "chainrule.doctor.formulas.check": ("check_formulas",),
        "chainrule.doctor.formulas.document": ("read_document",),
        "chainrule.doctor.formulas.documents": (
            "DocumentReport",
            "check_document",
            "check_text",
        ),
        "chainrule.doctor.formulas.equations": ("read_latex",),
        "chainrule.doctor.formulas.evaluate": (
            "Meaning",
            "evaluate",
        ),
        "chainrule.doctor.formulas.numpy_reader": ("read_numpy",),
        "chainrule.doctor.formulas.write": (
            "Notation",
            "to_text",
        ),
    },
)
