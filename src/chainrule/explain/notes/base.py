"""What the notes share: a convention with a title, what it asks of a network, and slips as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from chainrule.errors import ParameterError
from chainrule.explain.convention import Convention
from chainrule.explain.derivation import derivation
from chainrule.explain.document import Block, Formulas, Grid, Heading, Part, Text
from chainrule.explain.step import Step
from chainrule.explain.steps import Steps
from chainrule.nn import Network
from chainrule.notation.formula import Equation, Formula, Symbol

__all__ = ["Note", "NoteConvention", "Slip"]


@dataclass(frozen=True)
class Slip:
    """A slip of the pen: what stands in the note, what it must be, and why.

    Parameters
    ----------
    where : str
        The place in the note.
    written, right : str or Formula
        A formula, or words.
    why : str
    """

    where: str
    written: Part
    right: Part
    why: str


@dataclass(frozen=True)
class Note:
    """One set of lecture notes.

    Parameters
    ----------
    key : str
        The name that users type.
    title : str
        The author and the title, as they are cited.
    about : str
        What it derives, and in which convention, in a few sentences.
    differs : str
        In what its dZ differs from the derivative of the reported cost.
    convention : type
        The subclass of `NoteConvention` that writes in it.
    sizes : tuple of int
        The network of its own example.
    network : mapping
        The other parameters of that network.
    needs : mapping
        What a network must have so that the note is about it: a name, and the values it may have.
    slips : tuple of Slip
    """

    key: str
    title: str
    about: str
    differs: str
    convention: type[NoteConvention]
    sizes: tuple[int, ...]
    network: Mapping[str, Any]
    needs: Mapping[str, tuple[Any, ...]]
    slips: tuple[Slip, ...] = field(repr=False)

    def convention_of(self, network: Network) -> NoteConvention:
        """Return the note's convention for a network.

        Raises
        ------
        ParameterError
            If the note is not about such a network; the message says what it must be.
        """
        for name, allowed in {"label_smoothing": (0.0,), **self.needs}.items():
            value = getattr(network, name)
            if value not in allowed:
                wanted = " or ".join(f"{name}={other!r}" for other in allowed)
                raise ParameterError(
                    f"the note {self.key!r} is about networks with {wanted}, not {name}={value!r}"
                )
        return self.convention(network)

    def example_network(self) -> Network:
        """Return the network of the note's own example."""
        return Network(self.sizes, **self.network)


class NoteConvention(Convention):
    """A convention of a note; see `Convention`."""

    note: ClassVar[Note]
    update_rules: ClassVar[tuple[Equation, ...]] = ()

    @property
    def key(self) -> str:
        """The note's name."""
        return self.note.key

    def steps(self) -> list[Step]:
        """Return the note's own steps."""
        return [self.related(step) for step in derivation(self)]

    def related(self, step: Step) -> Step:
        """Say what a step is of the library's own."""
        if not step.derivative or not step.of:
            return step
        turned = {
            "batch": self.layout.columns,
            "weight": self.layout.transposed_weights,
            "bias": self.layout.columns,
        }[step.kind]
        mean = self.network.reduction == "mean"
        lost = self.mean_in == "nowhere" or (
            self.mean_in == "parameters" and step.derivative == "delta"
        )
        times = "m times " if lost and mean else ""
        if not times and not turned:
            return step
        relation = f"{times}the library's {step.of}{', transposed' if turned else ''}"
        return replace(step, relation=relation)

    def introduction(self) -> list[Block]:
        """Return what stands at the head of a page."""
        words = [f"As in {self.note.title}. {self.note.about}", self.note.differs]
        if self.network.penalty is not None and "penalty" not in self.note.network:
            words.append(
                "The penalty is not the note's; its derivative is added as the library has it."
            )
        return [Text((text,)) for text in words]

    def closing(self, trace: Steps | None) -> list[Block]:
        """Return what stands at the end of a page: updates, comparison, slips."""
        blocks: list[Block] = []
        if self.update_rules:
            blocks += [Heading("The update"), Formulas(self.update_rules)]
        if trace is not None:
            blocks += self.comparison(trace)
        if self.note.slips:
            blocks += [Heading("Slips of the note"), slip_table(self.note.slips)]
        return blocks

    def comparison(self, trace: Steps) -> list[Block]:
        """Compare every derivative with that of the one cost J."""
        rows: list[tuple[Part | float, ...]] = []
        for step in trace.steps:
            if not step.derivative or step.part != "backward":
                continue
            own = trace.numbers(step.of)
            factor = self.factor(step.derivative, trace.numbers.c)
            rows.append((step.symbol, step.of, float(np.linalg.norm(step.value)),
                         float(np.linalg.norm(own)), factor))  # fmt: skip
        header: tuple[Part, ...] = ("here", "library", "its norm", "norm of ∂J", "factor")
        return [
            Heading("Beside the derivatives of the cost"),
            Text((self.note.differs,)),
            Grid(header, tuple(rows)),
        ]


def slip_table(slips: tuple[Slip, ...]) -> Grid:
    """Return the slips as a table."""
    rows = tuple((slip.where, slip.written, slip.right, slip.why) for slip in slips)
    return Grid(("where", "written", "must be", "why"), rows)


def minus_gradient(of: Formula, rate: Formula, gradient: Formula) -> Equation:
    """Return V ← V − η ∂J/∂V."""
    return Equation(of, (of - rate * gradient,), "←")


def letter(base: str, layer: int, sup: str = "") -> Symbol:
    """Return a letter of a layer."""
    return Symbol(base, str(layer), sup)
