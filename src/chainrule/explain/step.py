"""One step of a derivation: a name, formulas, shapes, what it is made of, and its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from chainrule.nn.arrays import Array
from chainrule.notation.formula import Equation, Formula
from chainrule.notation.latex import latex
from chainrule.notation.plain import plain

__all__ = ["Step", "Unfused"]


@dataclass(frozen=True)
class Unfused:
    """The product that a fused form replaces.

    Parameters
    ----------
    general, concrete : Formula
        The product, in symbols and with this network's functions.
    value : callable, optional
        Returns the product's numbers: NaN where a saturated unit makes it 0/0.
    """

    general: Formula
    concrete: Formula
    compute: Callable[[], Array] | None = None

    @property
    def value(self) -> Array | None:
        """The product's numbers; None without data."""
        return None if self.compute is None else self.compute()


@dataclass(frozen=True)
class Step:
    """One step.

    Parameters
    ----------
    name : str
        By which it is found: ``"dZ2"``.
    part : {"given", "forward", "cost", "backward", "extra"}
    symbol : Formula
        What stands on the left of its formulas.
    general : Formula, optional
        The formula in symbols, for any network; None for what is given.
    concrete : Formula, optional
        The formula with this network's functions put in; None where that is the general one.
    chain : Formula, optional
        The product of partial derivatives that it is.
    dims : tuple of str
        The dimensions in letters, ("m", "n2"); empty for a number.
    shape : tuple of int or None
        The dimensions as numbers; None where m is not known.
    factors : tuple of str
        The names of the steps that it is computed from.
    says : str
        A sentence for the reader.
    lines : tuple of Formula
        How a factor comes about, worked out.
    unfused : Unfused, optional
        The product that the formula replaces.
    of : str
        The library's own step behind it, where a note calls it otherwise.
    kind : {"batch", "weight", "bias", "number", "loss", "jacobian"}
        How its value is laid out.
    derivative : {"", "delta", "gradient"}
        Whether, and how, a convention may scale it.
    relation : str
        What it is of the library's own step, in a note's convention: "m · dZ2".
    make : callable, optional
        Returns the value from the values of the library's own steps, for what they do not hold.
    """

    name: str
    part: str
    symbol: Formula
    general: Formula | None = None
    concrete: Formula | None = None
    chain: Formula | None = None
    dims: tuple[str, ...] = ()
    shape: tuple[int | None, ...] = ()
    factors: tuple[str, ...] = ()
    says: str = ""
    lines: tuple[Formula, ...] = ()
    unfused: Unfused | None = None
    of: str = ""
    kind: str = "number"
    derivative: str = ""
    relation: str = ""
    make: Callable[[Any], Array] | None = None
    compute: Callable[[], Array] | None = field(default=None, repr=False, compare=False)

    @property
    def value(self) -> Any:
        """The numbers, computed when they are first asked for; None without data."""
        if self.compute is None:
            return None
        if "_value" not in self.__dict__:
            object.__setattr__(self, "_value", self.compute())  # the dataclass is frozen
        return self.__dict__["_value"]

    @property
    def equation(self) -> Equation | None:
        """The whole equation, from the chain of derivatives to the concrete formula."""
        forms = tuple(
            form for form in (self.chain, self.general, self.concrete) if form is not None
        )
        return Equation(self.symbol, forms) if forms else None

    @property
    def formula(self) -> str:
        """The formula in symbols, as text: ``dZ2 = dA2 ⊙ g2'(Z2)``."""
        return plain(Equation(self.symbol, (self.general,))) if self.general else ""

    @property
    def concrete_formula(self) -> str:
        """The formula with this network's functions put in, as text."""
        form = self.concrete or self.general
        return plain(Equation(self.symbol, (form,))) if form else ""

    @property
    def latex(self) -> str:
        """The whole equation as LaTeX."""
        return latex(self.equation) if self.equation else latex(self.symbol)

    def bound(self, compute: Callable[[], Array], **changes: Any) -> Step:
        """Return the step with a value."""
        return replace(self, compute=compute, **changes)
