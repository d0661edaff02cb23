"""The units that are written beside numbers, and how those of one quantity are converted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

__all__ = ["CURRENCIES", "Unit", "factor", "is_money", "unit_of"]


@dataclass(frozen=True)
class Unit:
    """How a unit is written, of what quantity it is, and what it is worth in that quantity's base."""

    spellings: tuple[str, ...]
    quantity: str
    worth: float


UNITS = (
    Unit(("g", "gr", "gram", "grams"), "mass", 1e-3),
    Unit(("mg", "milligram", "milligrams"), "mass", 1e-6),
    Unit(("µg", "μg", "ug", "mcg"), "mass", 1e-9),
    Unit(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), "mass", 1.0),
    Unit(("t", "ton", "tons", "tonne", "tonnes"), "mass", 1e3),
    Unit(("lb", "lbs", "pound", "pounds"), "mass", 0.45359237),
    Unit(("oz", "ounce", "ounces"), "mass", 0.028349523125),
    Unit(("mm", "millimeters", "millimetres"), "length", 1e-3),
    Unit(("cm", "centimeters", "centimetres"), "length", 1e-2),
    Unit(("m", "meter", "metre", "metres", "meters"), "length", 1.0),
    Unit(("km", "kilometers", "kilometres"), "length", 1e3),
    Unit(("yd", "yard", "yards"), "length", 0.9144),
    Unit(("in", "inch", "inches", '"', "″"), "length", 0.0254),
    Unit(("ft", "foot", "feet", "'", "′"), "length", 0.3048),
    Unit(("mi", "mile", "miles"), "length", 1609.344),
    Unit(("ms",), "time", 1e-3),
    Unit(("s", "sec", "secs", "second", "seconds"), "time", 1.0),
    Unit(("min", "mins", "minute", "minutes"), "time", 60.0),
    Unit(("h", "hr", "hrs", "hour", "hours", "std", "Std."), "time", 3600.0),
    Unit(("d", "day", "days", "Tage"), "time", 86400.0),
    Unit(("wk", "wks", "week", "weeks"), "time", 604800.0),
    Unit(("ml", "mL"), "volume", 1e-3),
    Unit(("cl", "cL"), "volume", 1e-2),
    Unit(("l", "L", "liter", "litre", "liters", "litres"), "volume", 1.0),
    Unit(("B", "bytes"), "size", 1.0),
    Unit(("kB", "KB", "kb"), "size", 1e3),
    Unit(("MB", "mb"), "size", 1e6),
    Unit(("GB", "gb"), "size", 1e9),
    Unit(("TB", "tb"), "size", 1e12),
    Unit(("KiB",), "size", 2.0**10),
    Unit(("MiB",), "size", 2.0**20),
    Unit(("GiB",), "size", 2.0**30),
    Unit(("TiB",), "size", 2.0**40),
    Unit(("CR",), "balance", 1.0),
    Unit(("DR",), "balance", -1.0),
    Unit(("€", "EUR", "euro", "euros"), "euros", 1.0),
    Unit(("$", "US$", "USD", "dollar", "dollars"), "dollars", 1.0),
    Unit(("£", "GBP"), "pounds", 1.0),
    Unit(("¥", "JPY", "yen", "円"), "yen", 1.0),
    Unit(("₹", "INR", "Rs", "Rs.", "rupees"), "rupees", 1.0),
    Unit(("Fr.", "CHF", "SFr."), "francs", 1.0),
    Unit(("zł", "PLN"), "zloty", 1.0),
    Unit(("",), "count", 1.0),
    Unit(("k", "K", "tsd", "Tsd.", "thousand"), "count", 1e3),
    Unit(("lakh", "lakhs", "lac", "lacs"), "count", 1e5),
    Unit(("crore", "crores", "Cr"), "count", 1e7),
    Unit(("M", "mn", "mio", "Mio", "Mio.", "million", "millions"), "count", 1e6),
    Unit(("bn", "Mrd", "Mrd.", "billion", "billions", "B"), "count", 1e9),
)

CURRENCIES = (
    *("$", "€", "£", "¥", "₹", "₽", "₩", "US$", "R$", "A$", "C$", "Fr.", "Rs.", "Rs", "kr", "zł"),
    *("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SGD", "HKD", "SEK"),
    *("NOK", "DKK", "PLN", "CZK", "HUF", "BRL", "MXN", "ZAR", "KRW", "RUB", "TRY", "ILS", "THB"),
)
"""What may stand before or behind a number as its currency."""


def unit_of(spelling: str, quantity: str | None = None) -> Unit | None:
    """Return the unit that is written so; None if there is none.

    Parameters
    ----------
    spelling : str
        As it is in its row; in any case and with a point behind it, if no row has it so.
    quantity : str, optional
        The quantity that it is to be one of.
    """
    for known in (_exactly, _loosely):
        for unit in UNITS:
            if quantity in (None, unit.quantity) and known(spelling, unit):
                return unit
    return None


def is_money(spelling: str) -> bool:
    """Tell whether a unit is a currency."""
    unit = unit_of(spelling)
    return spelling in CURRENCIES or (
        unit is not None and any(one in CURRENCIES for one in unit.spellings)
    )


def _exactly(spelling: str, unit: Unit) -> bool:
    return spelling in unit.spellings


def _loosely(spelling: str, unit: Unit) -> bool:
    text = spelling.rstrip(".").lower()
    return len(text) > 1 and text in (one.rstrip(".").lower() for one in unit.spellings)


@lru_cache(maxsize=4096)
def factor(spelling: str, base: str) -> float | None:
    """Return what one of the unit `spelling` is in the unit `base`; None if they do not compare."""
    if spelling == base:
        return 1.0
    for unit in UNITS:
        if base in unit.spellings:
            other = unit_of(spelling, unit.quantity)
            if other is not None:
                return other.worth / unit.worth
    own = unit_of(base)
    if own is not None and base not in own.spellings:
        other = unit_of(spelling, own.quantity)
        return None if other is None else other.worth / own.worth
    same = spelling.rstrip(".").casefold() == base.rstrip(".").casefold()
    return 1.0 if same and len(spelling.rstrip(".")) > 1 else None
