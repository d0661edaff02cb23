"""The steps that a pattern takes: Python's own matcher does not count them, this slow one does.

It tries what `re` tries, in its order, so that a pattern whose work grows with the square of a text
shows at a text of some hundred characters, without a clock.
"""

from __future__ import annotations

import re
from re import _constants as code
from re import _parser


class Matcher:
    """A pattern whose steps are counted."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.flags = pattern.flags
        self.nodes = list(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
        self.steps = 0

    def count(self, text: str) -> int:
        """Return the steps of finding every match in a text."""
        self.steps = place = 0
        while place <= len(text):
            end = next(self.ends(self.nodes, text, place, {}), None)
            place = place + 1 if end is None or end == place else end
        return self.steps

    def ends(self, nodes, text, place, groups):
        """Yield where the nodes, one after the other, may end."""
        if not nodes:
            yield place
            return
        for end in self.of_one(nodes[0], text, place, groups):
            yield from self.ends(nodes[1:], text, end, groups)

    def of_one(self, node, text, place, groups):
        self.steps += 1
        kind, what = node
        if kind in (code.LITERAL, code.NOT_LITERAL, code.ANY, code.IN):
            if place < len(text) and self.fits(node, text[place]):
                yield place + 1
        elif kind is code.BRANCH:
            for branch in what[1]:
                yield from self.ends(list(branch), text, place, groups)
        elif kind is code.SUBPATTERN:
            for end in self.ends(list(what[3]), text, place, groups):
                groups[what[0]] = text[place:end]
                yield end
        elif kind is code.ATOMIC_GROUP:
            yield from self.first(self.ends(list(what), text, place, groups))
        elif kind is code.MAX_REPEAT:
            yield from self.greedy(what, text, place, groups, 0)
        elif kind is code.POSSESSIVE_REPEAT:
            yield from self.first(self.greedy(what, text, place, groups, 0))
        elif kind is code.MIN_REPEAT:
            yield from self.lazy(what, text, place, groups)
        elif kind in (code.ASSERT, code.ASSERT_NOT):
            direction, inside = what
            found = any(
                next(self.ends(list(inside), text, start, groups), -1)
                >= (place if direction < 0 else 0)
                for start in ([place] if direction > 0 else [place - 1] if place else [])
            )
            if found == (kind is code.ASSERT):
                yield place
        elif kind is code.AT:
            if self.is_at(what, text, place):
                yield place
        elif kind is code.GROUPREF:
            if text.startswith(groups.get(what, "\0"), place):
                yield place + len(groups[what])
        else:
            raise NotImplementedError(kind)

    def first(self, ends):
        end = next(ends, None)
        if end is not None:
            yield end

    def greedy(self, what, text, place, groups, count):
        least, most, inside = what
        if count < most:
            for end in self.ends(list(inside), text, place, groups):
                if end > place or count < least:
                    yield from self.greedy(what, text, end, groups, count + 1)
        if count >= least:
            yield place

    def lazy(self, what, text, place, groups):
        least, most, inside = what
        waiting, count = [place], 0
        while waiting and count <= most:
            if count >= least:
                yield from waiting
            waiting = [
                e for p in waiting for e in self.first(self.ends(list(inside), text, p, groups))
            ]
            count += 1

    def is_at(self, what, text, place):
        if what in (code.AT_BEGINNING, code.AT_BEGINNING_STRING):
            line = self.flags & re.MULTILINE and what is code.AT_BEGINNING
            return place == 0 or bool(line and text[place - 1] == "\n")
        if what in (code.AT_END, code.AT_END_STRING):
            line = self.flags & re.MULTILINE and what is code.AT_END
            return place == len(text) or bool(line and text[place] == "\n")
        sides = [
            bool(re.match(r"\w", side))
            for side in (text[place - 1 : place], text[place : place + 1])
        ]
        return (sides[0] != sides[1]) == (what is code.AT_BOUNDARY)

    def fits(self, node, character):
        kind, what = node
        if kind is code.LITERAL:
            return ord(character) == what
        if kind is code.NOT_LITERAL:
            return ord(character) != what
        if kind is code.ANY:
            return character != "\n" or bool(self.flags & re.DOTALL)
        if kind is code.RANGE:
            return what[0] <= ord(character) <= what[1]
        if kind is code.CATEGORY:
            letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[str(what).rpartition("_")[2]]
            return bool(re.match(f"\\{letter}", character)) != ("_NOT_" in str(what))
        negated = what[0][0] is code.NEGATE
        return any(self.fits(part, character) for part in what[negated:]) != negated


def sample(nodes, variant=0):
    """Return a text that a pattern begins with; a variant takes other branches."""
    parts = []
    for kind, what in nodes:
        if kind is code.LITERAL:
            parts.append(chr(what))
        elif kind is code.BRANCH:
            parts.append(sample(what[1][variant % len(what[1])], variant))
        elif kind is code.SUBPATTERN:
            parts.append(sample(what[3], variant))
        elif kind is code.ATOMIC_GROUP:
            parts.append(sample(what, variant))
        elif kind in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            parts.append(sample(what[2], variant) * max(what[0], 1))
        elif kind is code.IN:
            parts.append(of_set(what, variant))
        elif kind in (code.ANY, code.NOT_LITERAL):
            parts.append("a")
    return "".join(parts)


def of_set(what, variant):
    if what[0][0] is code.NEGATE:
        return "a"
    kind, value = what[variant % len(what)]
    if kind is code.CATEGORY:
        return {"DIGIT": "1", "SPACE": " ", "WORD": "a"}.get(str(value).rpartition("_")[2], "a")
    return chr(value[0] if kind is code.RANGE else value)


def attacks(nodes, variants, times):
    """Yield texts that make a pattern try much: a beginning of it, and one thing many times."""
    for variant in range(variants):
        whole = sample(nodes, variant)
        for stop in range(1, len(whole) + 1):
            start = whole[:stop]
            yield start * times + "\0"
            for pump in dict.fromkeys((whole[stop - 1], " ", "a", "{", "a ")):
                yield start + pump * times + "\0"
