"""Whole numbers that are codes and no quantities, as the name of their column says."""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["are_codes", "names_a_code"]

_CODES = frozenset(
    (
        *("code", "codes", "cod", "codigo", "codice", "kod", "kode", "id", "ids", "ident"),
        *("identifier", "key", "zip", "zipcode", "plz", "postcode", "postleitzahl", "postal"),
        *("sic", "naics", "nace", "isic", "icd", "sku", "fips", "mcc", "iata", "gtin"),
        *("kennziffer", "kennzahl"),
    )
)
_THINGS = frozenset(
    (
        *("type", "typ", "tipo", "kind", "category", "kategorie", "categoria", "categorie"),
        *("sector", "sektor", "industry", "branche", "occupation", "profession", "beruf", "dept"),
        *("department", "departement", "abteilung", "division", "store", "shop", "branch"),
        *("filiale", "outlet", "warehouse", "depot", "plant", "werk", "station", "region"),
        *("district", "county", "state", "province", "country", "canton", "kanton", "zone"),
        *("route", "channel", "kanal", "vendor", "supplier", "brand", "marke", "carrier"),
        *("device", "sensor", "node", "center", "centre", "kostenstelle", "product", "produkt"),
        *("item", "article", "artikel", "ward", "cluster", "machine", "terminal", "merchant"),
        *("customer", "kunde", "client", "cliente", "hospital", "site"),
    )
)
_NUMBERED = frozenset((*("no", "nr", "num", "nummer", "number", "numero"),))
_COMPOUND = re.compile(
    r"\w(?:code|kode|nummer|nr|leitzahl|schlussel|kategorie|kennziffer|typ|stelle)$"
)
_QUANTITIES = frozenset(
    (
        *("count", "total", "number", "length", "sum", "mean", "avg", "share", "rate", "year"),
        *("age"),
    )
)
_COUNTS = frozenset((*("no", "num", "nr", "n", "nb", "number", "anzahl", "total", "avg", "mean"),))
# Sales per store, the distance to a school.
_RELATIONS = frozenset(
    (*("per", "to", "of", "from", "by", "je", "pro", "par", "in", "at", "for", "since"),)
)
_MOST_CODES = 100
_ROWS_OF_A_CODE = 5


def names_a_code(name: str) -> bool:
    """Tell whether the name of a column is that of a code.

    The last word of a name says what it holds, or the first one in languages that put it there: a
    store_id and a codigo_postal are codes, the age of a customer is none.

    Examples
    --------
    >>> [names_a_code(name) for name in ("StoreID", "Código postal", "Filialnummer", "shop_no")]
    [True, True, True, True]
    >>> [names_a_code(name) for name in ("customer_age", "no_of_stores", "sales per store", "paid")]
    [False, False, False, False]
    """
    words = _words(name)
    counted = re.search(r"\d\d$", name)  # how many of the department 1033 there are
    if not words or counted or words[0] in _COUNTS or _RELATIONS.intersection(words):
        return False
    first, last = words[0], words[-1]
    if last in _CODES or last in _THINGS or _COMPOUND.search(last):
        return True
    if last in _NUMBERED and words[-2:-1] and words[-2] in _THINGS:
        return True
    if last.endswith("id") and last[:-2] in _THINGS:
        return True
    return first in _CODES | {"tipo", "type"} and last not in _QUANTITIES


def are_codes(name: str, numbers: pa.ChunkedArray) -> bool:
    """Tell whether a few whole numbers that repeat are codes, as their column's name says.

    Parameters
    ----------
    name : str
    numbers : pyarrow.ChunkedArray
        The numbers, null where there is none.
    """
    if not names_a_code(name):
        return False
    known = numbers.drop_null()
    different = pc.unique(known.slice(0, 50_000))
    if not 3 <= len(different) <= _MOST_CODES:
        return False
    different = pc.unique(known)
    ends = pc.min_max(different)
    whole = pc.all(pc.equal(pc.floor(different), different)).as_py()
    few = 3 <= len(different) <= _MOST_CODES and len(known) >= _ROWS_OF_A_CODE * len(different)
    return bool(whole and few and ends["min"].as_py() >= 0)


def _words(name: str) -> list[str]:
    """Return the words of a name in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    parts = re.sub(r"([a-z])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3 \2\4", plain)
    return re.findall(r"[^\W\d_]+", parts.casefold())
