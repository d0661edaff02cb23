"""The letter of a name as a document writes it."""

from __future__ import annotations

from functools import lru_cache

from chainrule.doctor.formulas.latex_grammar import parse
from chainrule.doctor.formulas.latex_names import letter_of, single
from chainrule.errors import FormulaError

__all__ = ["letter_in"]


@lru_cache(maxsize=4096)
def letter_in(text: str) -> str:
    r"""Return the letter of a name as it is written: p of ``\hat{\mathbf{p}}_k``; empty if unclear."""
    try:
        item = single(parse(text)[0]) if text else None
    except FormulaError:
        return ""
    found = None if item is None else letter_of(item)
    return "" if found is None else found[0]
