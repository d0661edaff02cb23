"""The units that are written beside numbers, and how those of one quantity are converted."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CURRENCIES", "Unit", "factor", "unit_of"]


@dataclass(frozen=True)
class Unit:
    """How a unit is written, of what quantity it is, and what it is worth in that quantity's base."""

    spellings: tuple[str, ...]
    quantity: str
    worth: float


UNITS = (
    Unit(("g", "gr", "gram", "grams"), "mass", 1e-3),
    Unit(("mg",), "mass", 1e-6),
    Unit(("kg", "kgs", "Kg", "KG", "kilo", "kilos"), "mass", 1.0),
    Unit(("t", "ton", "tons", "tonnes"), "mass", 1e3),
    Unit(("lb", "lbs", "Lb", "Lbs", "LB", "LBS", "pound", "pounds"), "mass", 0.45359237),
    Unit(("oz", "ounces"), "mass", 0.028349523125),
    Unit(("mm",), "length", 1e-3),
    Unit(("cm", "CM"), "length", 1e-2),
    Unit(("m", "metres", "meters"), "length", 1.0),
    Unit(("km", "Km", "KM"), "length", 1e3),
    Unit(("in", "inch", "inches", '"', "″"), "length", 0.0254),
    Unit(("ft", "feet", "'"), "length", 0.3048),
    Unit(("mi", "mile", "miles"), "length", 1609.344),
    Unit(("ms",), "time", 1e-3),
    Unit(("s", "sec", "secs", "second", "seconds"), "time", 1.0),
    Unit(("min", "mins", "minute", "minutes"), "time", 60.0),
    Unit(("h", "hr", "hrs", "hour", "hours"), "time", 3600.0),
    Unit(("d", "day", "days"), "time", 86400.0),
    Unit(("ml", "mL"), "volume", 1e-3),
    Unit(("l", "L", "liters", "litres"), "volume", 1.0),
    Unit(("B", "bytes"), "size", 1.0),
    Unit(("kB", "KB", "kb"), "size", 1e3),
    Unit(("MB", "mb"), "size", 1e6),
    Unit(("GB", "gb"), "size", 1e9),
    Unit(("TB", "tb"), "size", 1e12),
    Unit(("",), "count", 1.0),
    Unit(("k", "K", "tsd", "Tsd."), "count", 1e3),
    Unit(("M", "mn", "mio", "Mio", "Mio.", "million", "millions"), "count", 1e6),
    Unit(("bn", "Mrd", "Mrd.", "billion", "billions", "B"), "count", 1e9),
)

CURRENCIES = (
    *("$", "€", "£", "¥", "₹", "₽", "₩", "US$", "R$", "A$", "C$", "Fr.", "Rs.", "Rs", "kr", "zł"),
    *("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SGD", "HKD", "SEK"),
    *("NOK", "DKK", "PLN", "CZK", "HUF", "BRL", "MXN", "ZAR", "KRW", "RUB", "TRY", "ILS", "THB"),
)
"""What may stand before or behind a number as its currency."""


def unit_of(spelling: str, quantity: str) -> Unit | None:
    """Return the unit of a quantity that is written so; None if there is none."""
    for unit in UNITS:
        if unit.quantity == quantity and spelling in unit.spellings:
            return unit
    return None


def factor(spelling: str, base: str) -> float | None:
    """Return what one of the unit `spelling` is in the unit `base`; None if they do not compare."""
    if spelling == base:
        return 1.0
    for unit in UNITS:
        if base in unit.spellings:
            other = unit_of(spelling, unit.quantity)
            if other is not None:
                return other.worth / unit.worth
    return None
