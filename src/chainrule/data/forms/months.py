"""The names of the months: rows of how each is written in several languages."""

from __future__ import annotations

__all__ = ["MONTHS", "NAME"]

_NAMES = (
    "january jan januar jänner jän janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar février févr fév fevrier febrero febbraio fevereiro fev februari",
    "march mar märz mär maerz mrz mars marzo março marco maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juil juillet julio luglio lug julho",
    "august aug août aou aout agosto ago augustus",
    "september sep sept septembre septiembre set settembre setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro",
)

MONTHS = {name: number for number, row in enumerate(_NAMES, 1) for name in row.split()}
"""The number of the month by each of its names, in lower case."""

NAME = r"[A-Za-zäéûçÄÉ]{3,10}"
"""The pattern of a month's name."""
