"""The gradient doctor: which parts of a gradient derived by hand are right, and what is wrong."""

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
