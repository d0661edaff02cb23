"""The gradient doctor: which parts of a gradient derived by hand are right, and what is wrong."""

from typing import TYPE_CHECKING

from chainrule.late import late_names

if TYPE_CHECKING:
    from chainrule.doctor.catalog import CATALOG, Kind, get_kind
    from chainrule.doctor.diagnosis import diagnose
    from chainrule.doctor.findings import Evidence, Finding, Mistake, Verdict
    from chainrule.doctor.formulas import check_document, check_formulas, check_text
    from chainrule.doctor.gradients import check_gradients
    from chainrule.doctor.points import Point, draw_points
    from chainrule.doctor.report import Report
    from chainrule.doctor.scalar import GradientReport, check_gradient

__all__ = [
    "CATALOG",
    "Evidence",
    "Finding",
    "GradientReport",
    "Kind",
    "Mistake",
    "Point",
    "Report",
    "Verdict",
    "check_document",
    "check_formulas",
    "check_gradient",
    "check_gradients",
    "check_text",
    "diagnose",
    "draw_points",
    "get_kind",
]

# Imported when they are first asked for: whoever checks a document needs no diagnosis of arrays.
__getattr__, __dir__ = late_names(
    __name__,
    {
        "chainrule.doctor.catalog": (
            "CATALOG",
            "Kind",
            "get_kind",
        ),
        "chainrule.doctor.diagnosis": ("diagnose",),
        "chainrule.doctor.findings": (
            "Evidence",
            "Finding",
            "Mistake",
            "Verdict",
        ),
        "chainrule.doctor.gradients": ("check_gradients",),
        "chainrule.doctor.points": (
            "Point",
            "draw_points",
        ),
        "chainrule.doctor.report": ("Report",),
        "chainrule.doctor.scalar": (
            "GradientReport",
            "check_gradient",
        ),
        "chainrule.doctor.formulas.check": ("check_formulas",),
        "chainrule.doctor.formulas.documents": (
            "check_document",
            "check_text",
        ),
    },
)
