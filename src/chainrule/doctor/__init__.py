"""The gradient doctor: which parts of a gradient derived by hand are right, which mistake is in which."""

from chainrule.doctor.catalog import CATALOG, Kind, get_kind
from chainrule.doctor.diagnosis import diagnose
from chainrule.doctor.findings import Evidence, Finding, Mistake, Report, Verdict
from chainrule.doctor.gradients import check_gradients
from chainrule.doctor.points import Point, draw_points

__all__ = [
    "CATALOG",
    "Evidence",
    "Finding",
    "Kind",
    "Mistake",
    "Point",
    "Report",
    "Verdict",
    "check_gradients",
    "diagnose",
    "draw_points",
    "get_kind",
]
