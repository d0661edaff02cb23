"""The steps of a derivation with their values: what a trace is, without the ways to show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chainrule.errors import unknown_name
from chainrule.explain.convention import Convention
from chainrule.explain.step import Step
from chainrule.explain.values import Values

__all__ = ["Steps"]


class Steps(Mapping[str, Step]):
    """What a `Trace` is, without its ways to show itself, for those that it is shown by.

    Its attributes are those of `chainrule.explain.trace.Trace`.
    """

    def __init__(self, convention: Convention, values: Values, steps: list[Step]) -> None:
        self.convention, self.numbers = convention, values
        self.network, self.parameters = values.network, values.parameters
        self.cost = values.J
        self.gradients = values.back.gradients
        self.steps = tuple(steps)
        self._by_name = {step.name: step for step in self.steps}

    def __getitem__(self, name: str) -> Step:
        try:
            return self._by_name[name]
        except KeyError:
            raise unknown_name("step", name, self._by_name) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)
