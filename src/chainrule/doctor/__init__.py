"""The gradient doctor: says of a gradient derived by hand which parts are right, and names the mistakes."""

from chainrule.doctor.catalog import CATALOG, Kind, get_kind
from chainrule.doctor.diagnosis import diagnose
from chainrule.doctor.findings import Evidence, Finding, Mistake, Report, Verdict
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
    "diagnose",
    "draw_points",
    "get_kind",
]
