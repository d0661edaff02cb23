"""The ways to write a date: rows of patterns, and the moments that texts stand for by one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data.forms.months import MONTHS, NAME
from chainrule.errors import ParameterError

__all__ = ["FIRST_YEAR", "PATTERNS", "Pattern", "moments_of", "pattern_of_format"]

_CLOCK = (
    r"(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?: ?(?P<p>[AaPp]\.?[Mm]\.?))?"
)
_ZONE = r" ?(?P<z>Z|[+-]\d\d:?\d\d|[+-]\d\d|\(?[A-Z]{3,4}\)?)?"
_LATER = rf"(?:(?:[T:,]| *,? +| at )(?:{_CLOCK.replace(':(', '[:.](')}){_ZONE})?$"
_DAY_NAME = r"^(?:\pL{2,10}\.?,? )?"
_Y = r"(?P<Y>\d{4})"
_YY = r"(?P<Y>\d{4}|\d\d)"
_NUMBER = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|\.|º)?"

FIRST_YEAR = 1969
"""The first of the hundred years that two digits are one of, where nothing else is known."""

# Hours that the usual abbreviations of zones are ahead of UTC.
_ZONES = {
    **dict.fromkeys(("Z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("CET", "MEZ", "BST", "WEST"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET"), 2),
    **{"MSK": 3, "IST": 5.5, "JST": 9, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5},
    **{"MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}


@dataclass(frozen=True)
class Pattern:
    """One way to write a date: its name, how it is called, and its groups.

    The groups are Y year, m month, b its name, d day, q quarter, w week, a day of the week, j day of
    the year, H hour, M minute, S second, f its fraction, p AM or PM, z zone, t milliseconds since 1970.
    """

    name: str
    called: str
    regex: str


PATTERNS = {
    row.name: row
    for row in (
        Pattern(
            "ymd",
            "year, month, day",
            rf"^{_Y}[-/. ](?P<m>\d{{1,2}})[-/. ](?P<d>\d{{1,2}})\.?{_LATER}",
        ),
        Pattern(
            "dmy",
            "day first",
            rf"{_DAY_NAME}(?P<d>\d{{1,2}})[-/. ] ?(?P<m>\d{{1,2}})[-/. ] ?{_YY}{_LATER}",
        ),
        Pattern(
            "mdy",
            "month first",
            rf"{_DAY_NAME}(?P<m>\d{{1,2}})[-/. ](?P<d>\d{{1,2}})[-/. ]{_YY}{_LATER}",
        ),
        Pattern(
            "compact",
            "YYYYMMDD",
            r"^(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"
            r"(?:[T _]?(?P<H>\d\d):?(?P<M>\d\d)(?::?(?P<S>\d\d))?Z?)?$",
        ),
        Pattern(
            "dby",
            "the month by name",
            rf"{_DAY_NAME}{_NUMBER}(?:[ /,-]+| de | of )(?P<b>{NAME})\.?(?:[ /,'-]+| de )?{_YY}{_LATER}",
        ),
        Pattern(
            "bdy",
            "the month by name",
            rf"{_DAY_NAME}(?P<b>{NAME})\.?[ -]?{_NUMBER}[ ,-]+{_Y}{_LATER}",
        ),
        Pattern(
            "ybd",
            "the month by name",
            rf"^{_Y}[ /.-](?P<b>{NAME})\.?[ /.-](?P<d>\d{{1,2}}){_LATER}",
        ),
        Pattern(
            "ctime",
            "the month by name",
            rf"^[A-Za-z]{{3}} (?P<b>{NAME}) +(?P<d>\d{{1,2}}) {_CLOCK}{_ZONE} {_Y}$",
        ),
        Pattern("by", "month and year", rf"^(?P<b>{NAME})\.?[ /,'-]*{_YY}$"),
        Pattern("yb", "month and year", rf"^{_Y}[ /,-]*(?P<b>{NAME})\.?$"),
        Pattern("ym", "year and month", rf"^{_Y}[-/](?P<m>\d\d?)$"),
        Pattern("ymM", "year and month", r"^(?P<Y>\d{4}) ?M(?P<m>\d\d?)$"),
        Pattern("my", "month and year", rf"^(?P<m>\d\d?)[-/]{_Y}$"),
        Pattern("yq", "year and quarter", rf"^{_Y}[ -/]?[QqTK](?P<q>[1-4])$"),
        Pattern(
            "qy", "quarter and year", rf"^(?:[QqTK](?P<q>[1-4])|(?P<r>[1-4])[Qq.])[ -/]*{_YY}$"
        ),
        Pattern("yw", "year and week", rf"^{_Y}-?W(?P<w>\d\d?)(?:-?(?P<a>[1-7]))?$"),
        Pattern("kanji", "year, month, day", r"^(?P<Y>\d{4})年 ?(?P<m>\d\d?)月 ?(?P<d>\d\d?)日$"),
        Pattern("yj", "year and day of the year", rf"^{_Y}-(?P<j>[0-3]\d\d)$"),
        Pattern(
            "json", "milliseconds since 1970", r"^\\?/Date\((?P<t>-?\d{1,14})(?:[+-]\d{4})?\)\\?/$"
        ),
        Pattern("clock", "times of day", rf"^{_CLOCK}$"),
        Pattern("hour", "times of day", r"^(?P<H>\d{1,2}) ?(?P<p>[AaPp]\.?[Mm]\.?)$"),
        Pattern("hclock", "times of day", r"^(?P<H>\d{1,2}) ?[hH] ?(?P<M>\d\d)$"),
    )
}
"""All patterns by name; of two that fit as well, the first one is taken."""

_DIRECTIVES = {
    "Y": _Y,
    "y": r"(?P<Y>\d\d)",
    "m": r"(?P<m>\d\d?)",
    "d": r"(?P<d>\d\d?)",
    "e": r" ?(?P<d>\d\d?)",
    "b": rf"(?P<b>{NAME})\.?",
    "B": rf"(?P<b>{NAME})",
    "h": rf"(?P<b>{NAME})",
    "a": r"\pL+\.?",
    "A": r"\pL+",
    "H": r"(?P<H>\d\d?)",
    "I": r"(?P<H>\d\d?)",
    "M": r"(?P<M>\d\d?)",
    "S": r"(?P<S>\d\d?)",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "z": r"(?P<z>Z|[+-]\d\d:?\d\d)",
    "Z": r"(?P<z>[A-Z]{3,4})",
    "F": rf"{_Y}-(?P<m>\d\d)-(?P<d>\d\d)",
    "T": r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)",
    "R": r"(?P<H>\d\d):(?P<M>\d\d)",
    "%": "%",
}
_NEVER = np.datetime64("NaT", "us")
_SPECIAL = set("\\.+*?()|[]{}^$")


def pattern_of_format(text: str) -> Pattern:
    """Return the pattern of a format of `strftime`; a `ParameterError` if it is none."""
    regex, letters = "^", iter(text)
    for letter in letters:
        if letter == "%":
            directive = next(letters, "")
            directive = next(letters, "") if directive == "-" else directive
            if directive not in _DIRECTIVES:
                known = " ".join(f"%{name}" for name in _DIRECTIVES)
                raise ParameterError(
                    f"the date format {text!r} has %{directive}, which is not known: known are {known}"
                )
            regex += _DIRECTIVES[directive]
        else:
            regex += f"\\{letter}" if letter in _SPECIAL else letter
    if "(?P<Y>" not in regex and "(?P<H>" not in regex:
        raise ParameterError(
            f"the date format {text!r} has no year and no hour: write one such as %d.%m.%Y"
        )
    if any(regex.count(f"(?P<{group}>") > 1 for group in "YmbdHMSfpz"):
        raise ParameterError(f"the date format {text!r} has a part twice: leave one of them out")
    return Pattern("format", text, regex + "$")


def moments_of(
    words: pa.Array, pattern: Pattern, first_year: int = FIRST_YEAR
) -> NDArray[np.datetime64]:
    """Return the moments (UTC) that texts stand for, NaT where they do not have the pattern.

    Parameters
    ----------
    words : pyarrow.Array
    pattern : Pattern
    first_year : int
        The first of the hundred years that two digits are one of.
    """
    found = pc.extract_regex(words, pattern.regex)
    there = {found.type.field(place).name for place in range(found.type.num_fields)}
    known = np.asarray(pc.is_valid(found), dtype=bool)
    part = _Parts(found, there, known)
    year = part.number("Y", 1970)
    if "Y" in there:
        year = np.where(year < 100, first_year + (year - first_year) % 100, year)
    known &= (year >= 1) & (year <= 9999)
    if "w" in there:
        days, fits = _weeks(year, part.number("w", 1), part.number("a", 1))
    else:
        days, fits = _days(year, part.month(), part.number("d", 1))
    if "j" in there:
        later = days + (part.number("j", 1) - 1).astype("timedelta64[D]")
        fits &= later.astype("datetime64[Y]") == days.astype("datetime64[Y]")
        days = later
    if "t" in there:
        milli = part.number("t", 0)
        known &= np.abs(milli) < 2.5e14  # the years up to 9999
        return np.where(known, milli.astype("datetime64[ms]").astype("datetime64[us]"), _NEVER)
    clock, right = _clock(part)
    moments = days.astype("datetime64[us]") + clock.astype("timedelta64[us]")
    return np.where(known & fits & right, moments, _NEVER)


@dataclass(frozen=True)
class _Parts:
    found: pa.Array
    there: set[str]
    known: NDArray[np.bool_]

    def texts(self, name: str) -> pa.Array:
        """Return the texts of a group, "" where it is not there."""
        return pc.fill_null(pc.struct_field(self.found, name), "")

    def number(self, name: str, default: int) -> NDArray[np.int64]:
        """Return the numbers of a group, `default` where it is not there."""
        if name not in self.there:
            return np.full(len(self.found), default, dtype=np.int64)
        texts = self.texts(name)
        texts = pc.if_else(pc.equal(texts, ""), str(default), texts)
        return np.asarray(pc.cast(texts, pa.int64()), dtype=np.int64)

    def month(self) -> NDArray[np.int64]:
        """Return the months from 1, 0 where a name is of none."""
        if "b" in self.there:
            return self.looked_up(
                "b", {name: float(month) for name, month in MONTHS.items()}
            ).astype(np.int64)
        if "q" in self.there:
            quarter = self.number("q", 1)
            if "r" in self.there:
                quarter = np.where(np.asarray(self.texts("r")) != "", self.number("r", 1), quarter)
            return 3 * quarter - 2
        return self.number("m", 1)

    def looked_up(self, name: str, table: dict[str, float]) -> NDArray[np.float64]:
        """Return what a table says of each text of a group in lower case, 0 for what it lacks."""
        encoded = pc.dictionary_encode(pc.utf8_lower(self.texts(name)))
        values = [table.get(text, 0.0) for text in encoded.dictionary.to_pylist()]
        return np.array(values, dtype=float)[np.asarray(encoded.indices)] if values else np.zeros(0)


def _days(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    fits = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    first = ((year - 1970) * 12 + np.where(fits, month, 1) - 1).astype("datetime64[M]")
    days = first.astype("datetime64[D]") + np.where(fits, day - 1, 0).astype("timedelta64[D]")
    return days, fits & (days.astype("datetime64[M]") == first)


def _weeks(
    year: NDArray[np.int64], week: NDArray[np.int64], weekday: NDArray[np.int64]
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Return the days of ISO weeks: the first one of a year has its 4 January."""
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + np.timedelta64(3, "D")
    since_monday = (fourth.astype(np.int64) + 3) % 7
    days = fourth.astype(np.int64) - since_monday + 7 * (week - 1) + weekday - 1
    return days.astype("datetime64[D]"), (week >= 1) & (week <= 53)


def _clock(part: _Parts) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the microseconds since midnight in UTC, and whether the clock can show them."""
    hour, minute = part.number("H", 0), part.number("M", 0)
    second = part.number("S", 0)
    fits = (hour < 24) & (minute < 60) & (second < 60)
    micro = np.zeros(len(hour), dtype=np.int64)
    if "f" in part.there:
        digits = pc.utf8_slice_codeunits(pc.utf8_rpad(part.texts("f"), 6, "0"), 0, 6)
        micro = np.asarray(pc.cast(digits, pa.int64()), dtype=np.int64)
    if "p" in part.there:
        half = np.asarray(pc.utf8_lower(pc.utf8_slice_codeunits(part.texts("p"), 0, 1)))
        with_half = half != ""
        fits &= ~with_half | ((hour >= 1) & (hour <= 12))
        hour = np.where(with_half, hour % 12 + 12 * (half == "p"), hour)
    total = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    if "z" in part.there:
        ahead, right = _zones(part.texts("z"))
        total, fits = total - ahead, fits & right
    return total, fits


def _zones(texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the microseconds that zones are ahead of UTC, and which zones are known."""
    encoded = pc.dictionary_encode(texts)
    values = [_ahead(text.strip("() ")) for text in encoded.dictionary.to_pylist()]
    index = np.asarray(encoded.indices)
    ahead = np.array([0 if value is None else value for value in values], dtype=np.int64)
    known = np.array([value is not None for value in values], dtype=bool)
    return (ahead[index], known[index]) if values else (np.zeros(0, np.int64), np.zeros(0, bool))


def _ahead(zone: str) -> int | None:
    if zone == "":
        return 0
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        return (-minutes if zone[0] == "-" else minutes) * 60_000_000
    return None if zone not in _ZONES else int(_ZONES[zone] * 3_600_000_000)
