r"""A document's own commands, ``\newcommand``, ``\def`` and the like, put in their places."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from chainrule.errors import FormulaError

__all__ = ["Macros"]

MOST_MACROS = 500
MOST_PASSES = 10
MOST_CHARACTERS = 200_000
MOST_BODY = 4000
DEFINITION = re.compile(
    r"""
      \\(?:re|provide)?newcommand\*?\s*+\{?\s*+\\(?P<command>[A-Za-z]++)\s*+\}?\s*+
        (?:\[(?P<count>\d)\]\s*+)?(?P<optional>\[[^\]\n]{0,200}+\]\s*+)?(?=\{)
    | \\(?:def|gdef)\s*+\\(?P<defined>[A-Za-z]++)\s*+(?P<marks>(?:\#\d)*+)\s*+(?=\{)
    | \\DeclareMathOperator\*?\s*+\{?\s*+\\(?P<operator>[A-Za-z]++)\s*+\}?\s*+(?=\{)
    """,
    re.VERBOSE,
)
PLACE = re.compile(r"#(\d)")
TOKEN = re.compile(r"\s*(\\[A-Za-z]+|\\.|[^\s{}\\])")
SPACE = re.compile(r"\s*")


@dataclass
class Macros:
    r"""The commands that a document defines.

    >>> macros = Macros.of(
    ...     r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \def\W{\mathbf{W}}"
    ... )
    >>> macros.expanded(r"\pd{J}{\W_2}")
    '\\frac{\\partial J}{\\partial \\mathbf{W}_2}'
    """

    bodies: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Macros:
        """Collect the definitions of a text; one that takes an optional argument is left out."""
        macros = cls()
        for found in islice(DEFINITION.finditer(text), MOST_MACROS):
            body = group_at(text, found.end())
            name = found["command"] or found["defined"] or found["operator"]
            if body is None or found["optional"]:
                continue
            inside = " ".join(body.split())
            if found["operator"]:
                inside = rf"\operatorname{{{inside}}}"
            count = int(found["count"] or 0) if found["command"] else len(found["marks"] or "") // 2
            macros.bodies[name] = count, inside
        return macros

    def expanded(self, text: str) -> str:
        """Put every command of the document's own in its place.

        Raises
        ------
        FormulaError
            If they grow without end.
        """
        if not self.bodies:
            return text
        names = "|".join(sorted(self.bodies, key=len, reverse=True))
        call = re.compile(rf"\\({names})(?![A-Za-z])")
        for _ in range(MOST_PASSES):
            if not call.search(text):
                return text
            text = self.once(text, call)
        raise FormulaError("commands of the document's own that are defined by themselves")

    def once(self, text: str, call: re.Pattern[str]) -> str:
        """Replace every call once."""
        parts: list[str] = []
        place = length = 0
        while found := call.search(text, place):
            count, body = self.bodies[found[1]]
            arguments, after = arguments_at(text, found.end(), count)
            if DEFINED_BEFORE.search(text, max(0, found.start() - 20), found.start()):
                new = found[0]  # it is being defined here
                after = found.end()
            else:
                new = PLACE.sub(lambda mark, given=arguments: filled(mark, given), body)  # type: ignore[misc]
            parts += [text[place : found.start()], new]
            length += len(new) + found.start() - place
            if length > MOST_CHARACTERS:
                raise FormulaError("commands of the document's own that grow without end")
            place = after
        return "".join([*parts, text[place:]])


DEFINED_BEFORE = re.compile(r"\\(?:(?:re|provide)?newcommand\*?|g?def)\s*\{?\s*\Z")


def filled(mark: re.Match[str], arguments: list[str]) -> str:
    """Return the argument that #1 stands for."""
    number = int(mark[1])
    return arguments[number - 1] if 1 <= number <= len(arguments) else ""


def arguments_at(text: str, place: int, count: int) -> tuple[list[str], int]:
    """Return the arguments of a command, and the place behind them: groups, or single tokens."""
    found: list[str] = []
    for _ in range(count):
        start = SPACE.match(text, place).end()  # type: ignore[union-attr]
        group = group_at(text, start)
        if group is not None:
            found.append(group)
            place = start + len(group) + 2
        elif token := TOKEN.match(text, place):
            found.append(token[1])
            place = token.end()
    return found, place


def group_at(text: str, place: int, most: int = MOST_BODY) -> str | None:
    """Return what stands in the braces that open at a place; None if none do, or they do not close."""
    if text[place : place + 1] != "{":
        return None
    depth = 0
    for stop in range(place, min(len(text), place + most)):
        character = text[stop]
        if text[stop - 1] == "\\" and stop > place:
            continue
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[place + 1 : stop]
    return None
