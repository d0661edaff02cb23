"""Numbers that are dressed up, as ="12", 1.200,- and 3 × 10⁴ are: rows of what becomes of them."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["plainly_spelled"]

_FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_SCALES = {
    3: "k|K|tsd|Tsd|TEUR|thousand",
    6: "M|mn|mio|Mio|MM|million|millions|millones|milhões|mln",
    9: "B|bn|mrd|Mrd|billion|billions|mld",
}
_MONEY = r"[€$£¥₹]|EUR|USD|GBP|CHF|[Ee]uros?|[Dd]ollars?"
_ASCII = (
    (r'^="?([^"]*)"?$', r"\1"),  # ="12" of a spreadsheet
    (r'^"([^"]*)"$', r"\1"),
    (r"^'(.*\d.*?)'?$", r"\1"),  # '12
    (r"^\[([^\[\]]+)\]$", r"\1"),
    (r"^(.*\d)([.,])\s?(?:-{1,2}|[–—=])$", r"\1\20"),  # 1.200,- and 12.–
    (r"(\d)\s*[×x*·⋅]\s*10\s?(?:\^|\*\*)\s?\(?([+-]?\d{1,3})\)?", r"\1e\2"),
    (r"^(-?[\d.,]*\d)(?i:st|nd|rd|th)$", r"\1"),
    *(
        (rf"^(.*\d)\s?(?:{words})\.?\s?({_MONEY})$", rf"\1e{zeros} \2")
        for zeros, words in _SCALES.items()
    ),
)
# Digits of Arabic, Persian, Devanagari, Bengali and Thai, raised ones and fractions, signs nobody sees.
_ODD = "[\\p{No}٠-٩۰-۹०-९০-৯๐-๙\u066b\u066c\u00ad\u200b-\u200f\u2060\ufeff]"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_POWER = re.compile(rf"(10)([{_RAISED}]+)")
_FRACTION = re.compile(rf"(\d{{0,9}})\s?([{_FRACTIONS}])")
_RAISED_TO = str.maketrans(_RAISED, "0123456789+-")
# The decimal mark of Arabic, and the one between its thousands.
_MARKS = {0x66B: ".", 0x66C: ","}


def plainly_spelled(words: pa.Array) -> pa.Array:
    """Return texts with plain digits, without quotation marks around them and signs nobody sees.

    Examples
    --------
    >>> words = pa.array(['="12"', "1.200,-", "3 × 10⁴", "٣٫٥", "5½", "21st", "2 Mio. €", "red"])
    >>> plainly_spelled(words).to_pylist()
    ['12', '1.200,0', '3e4', '3.5', '5.5', '21', '2e6 €', 'red']
    """
    if not pc.all(pc.string_is_ascii(words)).as_py():
        odd = np.flatnonzero(np.asarray(pc.match_substring_regex(words, _ODD), dtype=bool))
        if odd.size:
            texts = words.to_numpy(zero_copy_only=False).copy()
            texts[odd] = [_plain(text) for text in texts[odd]]
            words = pa.array(texts, words.type)
    for pattern, plain in _ASCII:
        words = pc.replace_substring_regex(words, pattern, plain)
    return words


def _plain(text: str) -> str:
    text = _POWER.sub(
        lambda found: f"10^{found[2].translate(_RAISED_TO)}", _INVISIBLE.sub("", text)
    )
    text = _FRACTION.sub(_decimal, text)
    return "".join(
        sign if sign.isascii() else _MARKS.get(ord(sign)) or _digit(sign) for sign in text
    )


def _decimal(found: re.Match[str]) -> str:
    return f"{int(found[1] or 0) + unicodedata.numeric(found[2]):.10g}"


def _digit(sign: str) -> str:
    """Return the plain digit for one of another script, any other sign as it is."""
    return str(unicodedata.decimal(sign)) if unicodedata.category(sign) == "Nd" else sign
