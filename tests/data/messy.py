"""Small messy columns, two or more for each way in which people write: rows of a test."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ROWS = 60
_RANDOM = random.Random(13)
AMOUNTS = [round(_RANDOM.uniform(1, 99_999), 2) for _ in range(ROWS)]
SMALL = [round(_RANDOM.uniform(0, 100), 1) for _ in range(ROWS)]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "while",
    "it",
    "rains",
]


@dataclass(frozen=True)
class Column:
    """One messy column, and what a careful person makes of it.

    Attributes
    ----------
    name : str
    cells : list
    kind : str
        "numeric", "categorical", "date", "boolean" or "left out".
    says : str
        What its line says, "" if nothing is to be said.
    missing : int
        How many cells have no value.
    first : object
        The value of the first cell, None if it does not matter.
    """

    name: str
    cells: list[Any]
    kind: str
    says: str = ""
    missing: int = 0
    first: Any = None


def each(write: Callable[[float], str], values: list[float] = AMOUNTS) -> list[Any]:
    """Return the values as a function writes them."""
    return [write(value) for value in values]


def some(cells: list[Any], word: Any, every: int) -> list[Any]:
    """Return cells with a word in place of one in so many, though not of the first."""
    return [word if place % every == 1 else cell for place, cell in enumerate(cells)]


def german(value: float) -> str:
    """Return a number with a decimal comma and points between thousands."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def days(write: Callable[[int, int, int], str]) -> list[str]:
    """Return dates as a function of year, month and day writes them, not in order."""
    return [write(2020 + i % 4, 1 + i * 5 % 12, 1 + i * 11 % 28) for i in range(ROWS)]


NUMBERS = [
    Column("dollars", each("${:,.2f}".format), "numeric", "numbers in $", first=AMOUNTS[0]),
    Column("negative dollars", ["-$5.00", "($7.50)"] * 30, "numeric", "numbers in $", first=-5.0),
    Column("euros behind", each(lambda x: german(x) + " €"), "numeric", "in €", first=AMOUNTS[0]),
    Column("code of a currency", each("CHF {:.2f}".format), "numeric", "in CHF", first=AMOUNTS[0]),
    Column("percent", each("{:.1f}%".format, SMALL), "numeric", "numbers in %", first=SMALL[0]),
    Column("percent apart", each("{:.1f} %".format, SMALL), "numeric", "in %", first=SMALL[0]),
    Column("kilograms", each("{:.1f} kg".format, SMALL), "numeric", "in kg", first=SMALL[0]),
    Column("units of two kinds", some(["80 kg", "70 kg", "65 kg"] * 20, "154 lb", 6), "numeric",
           "'lb' (10) converted to kg", first=80.0),
    Column("some without a unit", some(["80 kg", "70 kg", "65 kg"] * 20, "75", 10), "numeric",
           "6 without a unit are taken as kg", first=80.0),
    Column("thousands and millions", ["900", "1.2k", "3M"] * 20, "numeric", "1200", first=900.0),
    Column("american", each("{:,.2f}".format), "numeric",
           "with commas between the thousands", first=AMOUNTS[0]),
    Column("german", each(german), "numeric",
           "a decimal comma and points between the thousands", first=AMOUNTS[0]),
    Column("french", each(lambda x: f"{x:,.2f}".translate(str.maketrans(",.", "\u202f,"))),
           "numeric", "a decimal comma and blanks between the thousands", first=AMOUNTS[0]),
    Column("blanks that do not break", ["1\xa0234", "25\xa0678"] * 30, "numeric",
           "with blanks between the thousands", first=1234.0),
    Column("swiss", each(lambda x: f"{x:,.2f}".replace(",", "'")), "numeric",
           "with apostrophes between the thousands", first=AMOUNTS[0]),
    Column("decimal commas", each(lambda x: f"{x:.1f}".replace(".", ","), SMALL), "numeric",
           "numbers with a decimal comma: ", first=SMALL[0]),
    Column("parentheses", ["(1,234.00)", "5.00", "17.25"] * 20, "numeric",
           "parentheses for a minus: '(1,234.00)' is -1234", first=-1234.0),
    Column("a minus behind", ["12.5-", "3.5", "8"] * 20, "numeric",
           "with a minus behind them: '12.5-' is -12.5", first=-12.5),
    Column("the minus of Unicode", ["\u22125.5", "3.5", "8"] * 20, "numeric", "", first=-5.5),
    Column("exponents", ["1.5e3", "2E-2", "7"] * 20, "numeric", "", first=1500.0),
    Column("a plus in front", ["+5", "-3", "+8"] * 20, "numeric", "", first=5.0),
    Column("about", some(["15", "20", "25", "18", "31", "40"] * 10, "~15", 6), "numeric",
           "'~' (10) beside a number is left out", first=15.0),
    Column("many marks", ["about 20", "3", "5+", "12 hrs", "4 or so", "17", "9", "ca. 8", "6", "11"] * 6,
           "numeric", "'+' (6), 'about' (6), 'ca.' (6)", first=20.0),
    Column("limits", ["<0.01", "0.5", "0.7", "0.9", ">10", "3"] * 10, "numeric",
           "'<' (10), '>' (10) beside a number are left out", first=0.01),
    Column("limits alone", ["<5", ">5"] * 30, "categorical", first="<5"),
    Column("three and more", ["0", "1", "2", "3+"] * 15, "numeric", "'+' (15)", first=0.0),
    Column("footnotes", ["12[1]", "15", "17*", "21", "14", "11"] * 10, "numeric", "'*' (10), '[1]' (10)",
           first=12.0),
    Column("both marks", ["12,5", "1.234,5", "7.25", "1,300.5"] * 15, "numeric",
           "commas and points before the decimals: ", first=12.5),
    Column("a formula of a spreadsheet", each('="{}"'.format, SMALL), "numeric", "numbers: ",
           first=SMALL[0]),
    Column("quoted twice", each('"{}"'.format, SMALL), "numeric", "numbers: ", first=SMALL[0]),
    Column("an apostrophe in front", each("'{}".format, SMALL), "numeric", "numbers: ", first=SMALL[0]),
    Column("nothing behind the comma", ["€ 1.276,-", "€ 80,-"] * 30, "numeric", "is 1276", first=1276.0),
    Column("powers of ten", ["1.5×10^3", "2 × 10⁻²", "7"] * 20, "numeric", "is 1500", first=1500.0),
    Column("halves", ["5½", "7", "¾"] * 20, "numeric", "is 5.5", first=5.5),
    Column("Arabic digits", ["١٢٫٥", "٧", "٣٠"] * 20, "numeric", "is 12.5", first=12.5),
    Column("signs that nobody sees", ["\u200b12", "7\ufeff", "30"] * 20, "numeric", "is 12", first=12.0),
    Column("ranks", ["21st", "2nd", "3rd"] * 20, "numeric", "'21st' is 21", first=21.0),
    Column("errors", ["8.1 ± 0.2", "7.5 ± 0.1", "9 ± 1"] * 20, "numeric", "'± …' (60)", first=8.1),
    Column("with shares", ["12 (34 %)", "7 (20 %)", "9 (25 %)"] * 20, "numeric", "'(… %)' (60)",
           first=12.0),
    Column("millions of euros", ["2 Mio. €", "850 Tsd. €", "3 Mio. €"] * 20, "numeric", "in €",
           first=2e6),
    Column("one currency", ["€5", "7 EUR", "9 euros"] * 20, "numeric", "converted to €", first=5.0),
    Column("two currencies", ["$5", "7 €", "9 £"] * 20, "categorical"),
    Column("a unit in any case", ["5 KG", "7kg", "9 Kg."] * 20, "numeric", "in KG", first=5.0),
    Column("feet and inches", ["5'9\"", "6'1\"", "5'11\""] * 20, "numeric", "is 69", first=69.0),
    Column("hours and minutes", ["1h 20m", "45m", "2h 5m"] * 20, "numeric", "in min: '1h 20m' is 80",
           first=80.0),
    Column("ISO durations", ["PT1H20M", "PT45M", "PT2H"] * 20, "numeric", "in min", first=80.0),
    Column("clocks beyond a day", ["30:20:48", "2:05:00", "11:00:10"] * 20, "numeric",
           "in s: '30:20:48' is 109248", first=109248.0),
    Column("a unit that nobody knows", each("{:.1f} foo".format, SMALL), "numeric", "in foo",
           first=SMALL[0]),
]  # fmt: skip

MISSING = [
    Column("dashes", some(each(str, SMALL), "-", 4), "numeric", "missing where it says '-' (15)", 15),
    Column("double dashes", some(each(str, SMALL), "--", 4), "numeric", "'--' (15)", 15),
    Column("points", some(each(str, SMALL), ".", 4), "numeric", "'.' (15)", 15),
    Column("errors of a spreadsheet", some(each(str, SMALL), "#DIV/0!", 20), "numeric",
           "'#DIV/0!' (3)", 3),
    Column("not available", some(each(str, SMALL), "#N/A", 20), "numeric", "'#N/A' (3)", 3),
    Column("words that are always missing", some(each(str, SMALL), "NULL", 4), "numeric", "", 15),
    Column("a word among numbers", some(each(str, SMALL), "sold out", 30), "numeric",
           "'sold out' (2)", 2),
    Column("a frequent word among numbers", some(each(str, SMALL), "closed", 4), "numeric",
           "'closed' (15)", 15),
    Column("not done among dates", some(days("{}-{:02}-{:02}".format), "n.d.", 30), "date",
           "dates, missing where it says 'n.d.' (2)", 2),
    Column("unknown truth", some(["yes", "no", "yes"] * 20, "unknown", 30), "boolean",
           "'unknown' (2)", 2, True),
    Column("a dash among categories", some(["red", "blue", "tan"] * 20, "-", 4), "categorical",
           "missing where it says '-' (15)", 15),
    Column("plus and minus", ["+", "-"] * 30, "categorical"),
    Column("a code", some(SMALL, -999.0, 20), "numeric", "-999 (in 3 rows), apart", 3),
    Column("a code of nines", some([5, 7, 9] * 20, 99999, 20), "numeric", "99999 (in 3 rows)", 3),
    Column("answers", [1, 2, 3, 4, 5, 99] * 10, "numeric", "99 (in 10 rows), apart", 10),
    Column("only one is negative", [-1, -1, *range(10)] * 5, "numeric", "-1 (in 10 rows), apart", 10),
    Column("signs", [-1, 0, 1] * 20, "numeric", "a few whole numbers"),
    Column("to 99", [*range(40, 100)], "numeric"),
    Column("rarely a code", some(SMALL, 999.0, 40), "numeric", "may stand for a missing value"),
    Column("infinities", some(SMALL, float("inf"), 20), "numeric", "3 infinite values are missing", 3),
    Column("nothing", [None] * ROWS, "left out", "it has no value at all", ROWS),
    Column("nothing but dashes", ["-"] * ROWS, "left out", "no value but '-' (60)", ROWS),
]  # fmt: skip

DATES = [
    Column("points, day first", days(lambda y, m, d: f"{d:02}.{m:02}.{y}"), "date", "day first"),
    Column("slashes, day first", days(lambda y, m, d: f"{d}/{m}/{y}"), "date", "day first"),
    Column("slashes, month first", days(lambda y, m, d: f"{m}/{d}/{y}"), "date", "month first"),
    Column("two digits of the year", days(lambda y, m, d: f"{d}.{m}.{y % 100}"), "date", "day first"),
    Column("compact text", days("{}{:02}{:02}".format), "date", "YYYYMMDD"),
    Column("compact numbers", [int(t) for t in days("{}{:02}{:02}".format)], "date", "are dates"),
    Column("names of months", days(lambda y, m, d: f"{d} {MONTHS[m - 1]} {y}"),
           "date", "by name"),
    Column("names in German", ["3. März 2024", "5. Mai 2023", "7. Oktober 2022"] * 20, "date",
           "by name"),
    Column("times", days("{}-{:02}-{:02} 10:30".format), "date"),
    Column("halves of a day", days(lambda y, m, d: f"{m}/{d}/{y} 2:30 PM"), "date", "month first"),
    Column("zones", days("{}-{:02}-{:02}T10:30:00+02:00".format), "date",
           "are brought to UTC: '2020-01-01T10:30:00+02:00' is 2020-01-01 08:30:00"),
    Column("zones of words", days("{}-{:02}-{:02} 10:30 CET".format), "date", "brought to UTC"),
    Column("created", [1_600_000_000 + 86_400 * i for i in range(ROWS)], "date", "seconds since 1970"),
    Column("milliseconds", [1_600_000_000_000 + 86_400_000 * i for i in range(ROWS)], "date",
           "milliseconds since 1970"),
    Column("quarters", ["2024Q1", "2023Q4", "2022Q2"] * 20, "date", "quarter"),
    Column("quarters in front", ["Q1 2024", "Q4 2023", "Q2 2022"] * 20, "date", "quarter"),
    Column("months", ["2024-03", "2023-11", "2022-07"] * 20, "date", "month"),
    Column("months in front", ["03/2024", "11/2023", "07/2022"] * 20, "date", "month"),
    Column("of a month", days(lambda y, m, d: f"{d}th of March, {y}"), "date", "by name"),
    Column("clocks with points",
           days(lambda y, m, d: f"{d}-{MONTHS[m - 1]}-{y % 100} 05.58.14.000000 PM"), "date", "by name"),
    Column("days of a year", ["2024-001", "2023-365", "2022-170"] * 20, "date", "day of the year"),
    Column("JSON of .NET", ["/Date(1565978294000)/", "/Date(1500000000000)/"] * 30, "date",
           "since 1970"),
    Column("when", [str(1_600_000_000 + 86_400 * i) for i in range(ROWS)], "date", "seconds since 1970"),
    Column("hours", ["5pm", "11 AM", "12am"] * 20, "date", "times of day"),
    Column("French hours", ["17h58", "9h05", "23h00"] * 20, "date", "times of day"),
    Column("no end", some(days("{}-{:02}-{:02}".format), "9999-12-31", 20), "date",
           "9999-12-31 (in 3 rows), apart from the others", 3),
    Column("born", some(days("{}-{:02}-{:02}".format), "1900-01-01", 20), "date",
           "1900-01-01 (in 3 rows), apart from the others", 3),
    Column("clocks", ["10:30", "9:15", "23:59"] * 20, "date", "times of day"),
    Column("day or month", [f"0{1 + i % 9}/0{1 + i * 2 % 9}/2024" for i in range(ROWS)], "date",
           "nothing tells whether day or month is first"),
]  # fmt: skip

OTHERS = [
    Column("zip", ["00501", "01010", "94110"] * 20, "categorical", "are codes"),
    Column("article", [f"{i % 7:04}" for i in range(ROWS)], "categorical", "are codes"),
    Column("identifier", [f"u{i:03}" for i in range(ROWS)], "left out", "no value comes twice"),
    Column("hash", [f"{i * 7919:08x}-x" for i in range(ROWS)], "left out", "no value comes twice"),
    Column("review", [" ".join(_RANDOM.choices(WORDS, k=9)) for _ in range(ROWS)], "left out",
           "free text, 9 words on average"),
    Column("comment", [" ".join(_RANDOM.choices(WORDS, k=6)) + str(i) for i in range(ROWS)], "left out",
           "free text, 6 words"),
    Column("currencies", [f"{'$' if i % 2 else '€'}{x}" for i, x in enumerate(AMOUNTS)], "left out",
           "units that do not compare"),
    Column("cases", some(["red", "blue", "red"] * 20, "RED", 6), "categorical", "'RED' as 'red'"),
    Column("blanks", some(["New York", "Rome", "Bern"] * 20, "New  York", 6), "categorical",
           "'New  York' as 'New York'"),
    Column("letters", ["a", "A", "b"] * 20, "categorical", "are told apart: 'a' and 'A'"),
    Column("Unnamed: 0", list(range(ROWS)), "left out", "counts the rows"),
    Column("", list(range(1, ROWS + 1)), "left out", "counts the rows"),
    Column("cost_center_code", [1010, 2040, 2210, 9900] * 15, "categorical", "are codes", first=1010),
    Column("Kundennr", [f"{3000 + 7 * (i % 5)}" for i in range(ROWS)], "categorical", "are codes"),
    Column("id of a store", ["11", "12", "n/a", "15"] * 15, "numeric", "'n/a' (15)", 15),
    Column("store id", ["11", "12", "n/a", "15"] * 15, "categorical", "are codes", 15),
    Column("customer age", [31, 42, 25] * 20, "numeric", "a few whole numbers, 25 to 42"),
    Column("stars", [1, 2, 3, 4, 5, 3] * 10, "numeric", "a few whole numbers, 1 to 5"),
    Column("ja", ["ja", "nein", "Ja"] * 20, "boolean", "'ja' is true", first=True),
    Column("oui", ["oui", "non", "oui"] * 20, "boolean", "'oui' is true", first=True),
    Column("y", ["y", "n", "Y"] * 20, "boolean", first=True),
    Column("plain", SMALL, "numeric", first=SMALL[0]),
    Column("plain text", ["red", "blue", "tan"] * 20, "categorical", first="red"),
    Column("plain dates", days("{}-{:02}-{:02}".format), "date"),
]  # fmt: skip

COLUMNS = [*NUMBERS, *MISSING, *DATES, *OTHERS]
