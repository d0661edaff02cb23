r"""What is only another way to print a formula, put plainly before it is read.

Cases with two rows become a product with an indicator, an explanation below a brace is dropped, a
bracket in a larger size is a bracket.
"""

from __future__ import annotations

import re

from chainrule.doctor.formulas.macros import group_at

__all__ = ["plain"]

CASES = re.compile(
    r"\\begin\s*\{(?P<kind>d?cases)\}(?P<rows>(?:(?!\\begin).){0,4000}?)\\end\s*\{(?P=kind)\}"
    r"|(?:\\left\s*+)?\\(?:\{|lbrace(?![A-Za-z]))\s*+\\begin\s*+\{array\}\s*+(?:\{[^{}]{0,200}+\})?+"
    r"(?P<array>(?:(?!\\begin).){0,4000}?)\\end\s*+\{array\}"
    r"(?:\s*\\right\s*\.)?",
    re.DOTALL,
)
LARGER = re.compile(
    r"\\(?:tiny|small|normalsize|large|Large|LARGE|huge|Huge)(?![A-Za-z])"
    r"(?:\s*\{\s*(?P<bracket>[()\[\]|])\s*\})?"
)
BLANK = re.compile(r"\\(?:text|mbox|mathrm)\s*\{\s*\}")
BRACE = re.compile(r"\\(?P<kind>under|over)brace(?![A-Za-z])\s*(?=\{)")
MARGIN = re.compile(r"\s*[_^]\s*(?=\{)")
MOST_BRACES, DEEPEST_BRACES = 200, 4
WORDS = re.compile(
    r"\\(?:text(?:rm|it)?|mathrm|mbox|operatorname|mathit)\s*\{[^{}]*\}|\\q?quad(?![A-Za-z])|\\[,;:! ]"
    r"|\b(?:if|otherwise|else|for|when)\b|[.,;]\s*$|^\s*,"
)
CONDITION = re.compile(r"[<>=]|\\(?:geq?|leq?|neq?)(?![A-Za-z])")
UNEQUAL = re.compile(r"\\(?:neq?)(?![A-Za-z])")


def plain(text: str) -> str:
    r"""Return a block with plain spellings, of as many lines.

    >>> plain(r"g'(z) = \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}")
    "g'(z) = \\mathbb{1}(z > 0) "
    """
    text = LARGER.sub(lambda found: f" {found['bracket'] or ''} ", text)
    text = BLANK.sub(lambda found: " " * len(found[0]), text)
    text = without_braces(text, DEEPEST_BRACES)
    return CASES.sub(by_indicator, text)


def without_braces(text: str, deepest: int) -> str:
    """Return a text without braces below or above a part, so deep, and without their notes."""
    parts: list[str] = []
    place = count = 0
    while (found := BRACE.search(text, place)) and count < MOST_BRACES:
        count += 1
        parts.append(text[place : found.start()])
        place = found.end()
        group = group_at(text, place)
        if group is None:
            continue
        parts.append(f"{{{without_braces(group, deepest - 1) if deepest else group}}}")
        place += len(group) + 2
        margin = MARGIN.match(text, place)
        note = group_at(text, margin.end()) if margin else None
        if margin and note is not None:
            place = margin.end() + len(note) + 2
            parts.append("\n" * note.count("\n"))
    return "".join([*parts, text[place:]])


def by_indicator(found: re.Match[str]) -> str:
    """Write two cases as a product with an indicator; leave others as a command that nobody knows."""
    lines = "\n" * found[0].count("\n")
    body = found["rows"] if found["rows"] is not None else found["array"]
    rows = [row for row in re.split(r"\\\\(?:\s*\[[^\]]*\])?", body) if row.strip()]
    pairs = [row_of(row) for row in rows]
    if len(pairs) != 2 or not all(value for value, _ in pairs):
        return rf"\cases {lines}"
    (one, condition), (other, second) = pairs
    if not condition:
        one, condition, other, second = other, second, one, condition
    if not condition:
        return rf"\cases {lines}"
    if UNEQUAL.search(condition):
        condition, one, other = UNEQUAL.sub("=", condition), other, one
    indicator = rf"\mathbb{{1}}({condition})"
    if (one, other) == ("1", "0"):
        return f"{indicator} {lines}"
    terms = ((one, indicator), (other, f"(1 - {indicator})"))
    parts = [part if value == "1" else f"({value}) {part}" for value, part in terms if value != "0"]
    return f"({' + '.join(parts) or 0}) {lines}"


def row_of(row: str) -> tuple[str, str]:
    """Return the value and the condition of one case; an empty one for "otherwise"."""
    value, mark, condition = row.partition("&")
    if not mark:
        parts = re.split(r"\\(?:text|mbox|mathrm)\s*\{[^{}]*\}|\\q?quad|,", row, maxsplit=1)
        value, condition = parts[0], "".join(parts[1:])
    condition = " ".join(WORDS.sub(" ", condition.replace("&", " ")).split())
    value = value.strip().rstrip(",;").strip()
    return value, condition if CONDITION.search(condition) else ""
