"""What a network is: its sizes, its activations and its cost, checked and immutable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import inf
from typing import Any, ClassVar, Self

from chainrule.checks import check_count, check_number, check_switch, is_count
from chainrule.errors import ParameterError, unknown_name
from chainrule.nn.activations import Activation, get_activation
from chainrule.nn.embeddings import PeriodicEmbedding
from chainrule.nn.layout import Layout
from chainrule.nn.losses import LOSSES, Loss, get_loss
from chainrule.nn.penalties import L2

__all__ = ["PARAMETRIZATIONS", "REDUCTIONS", "Architecture"]

REDUCTIONS = ("mean", "sum")
PARAMETRIZATIONS = ("standard", "ntk")
PLAIN_LOSS = "half_squared_error"  # of an output to which no loss belongs


@dataclass(frozen=True)
class Architecture:
    """The description of a network, without what it does: `chainrule.Network` adds that.

    The fields are the parameters of `chainrule.Network`, where each is described. They are checked
    and settled here: `hidden` becomes one name for each hidden layer, `output` and `loss` become
    names. To change one, make another by `dataclasses.replace`.
    """

    sizes: tuple[int, ...]
    hidden: str | tuple[str, ...] = "tanh"
    output: str | None = None
    loss: str | None = None
    reduction: str = "mean"
    penalty: L2 | None = None
    cost_scale: float = 1.0
    label_smoothing: float = 0.0
    input_scale: bool = False
    parametrization: str = "standard"
    members: int = 1
    shared_weights: bool = True
    embedding: PeriodicEmbedding | None = None
    networks: ClassVar[tuple[Architecture, ...]] = ()
    """Of a pack, its networks."""

    def __post_init__(self) -> None:
        settle = object.__setattr__  # the dataclass is frozen from here on
        settle(self, "sizes", checked_sizes(self.sizes))
        settle(self, "hidden", checked_hidden(self.hidden, len(self.sizes) - 2))
        output, loss = checked_pair(self.output, self.loss)
        settle(self, "output", output)
        settle(self, "loss", loss)
        if self.reduction not in REDUCTIONS:
            raise unknown_name("reduction", self.reduction, REDUCTIONS)
        if self.penalty is not None and not isinstance(self.penalty, L2):
            raise ParameterError(f"penalty must be an L2 or None, not {self.penalty!r}")
        check_number("cost_scale", self.cost_scale, 0, inf, low_open=True)
        check_number("label_smoothing", self.label_smoothing, 0, 1, high_open=True)
        settle(self, "cost_scale", float(self.cost_scale))  # a NumPy scalar would impose its dtype
        settle(self, "label_smoothing", float(self.label_smoothing))
        if self.label_smoothing and self.loss_function.classes(self.sizes[-1]) is None:
            raise ParameterError(f"label_smoothing needs a cross-entropy; the loss is {loss!r}")
        self._check_parametrization()
        self._check_embedding()

    def _check_parametrization(self) -> None:
        named = isinstance(self.parametrization, str)
        if not named or self.parametrization not in PARAMETRIZATIONS:
            raise unknown_name("parametrization", self.parametrization, PARAMETRIZATIONS)
        for name in ("input_scale", "shared_weights"):
            check_switch(name, getattr(self, name))
            object.__setattr__(self, name, bool(getattr(self, name)))
        check_count("members", self.members)
        object.__setattr__(self, "members", int(self.members))
        from_logits = self.loss_function.value_from_logits is not None
        if self.members > 1 and from_logits and self.activations[-1].pooled is None:
            raise ParameterError(
                f"an ensemble needs an output whose activations can be pooled, not {self.output!r} with "
                f"the loss {self.loss!r}: take members=1"
            )

    def _check_embedding(self) -> None:
        embedding = self.embedding
        if embedding is None:
            return
        if not isinstance(embedding, PeriodicEmbedding):
            raise ParameterError(
                f"embedding must be a PeriodicEmbedding or None, not {embedding!r}"
            )
        if embedding.columns > self.sizes[0]:
            raise ParameterError(
                f"the embedding is one of {embedding.columns} inputs, the network has {self.sizes[0]}"
            )
        if self.input_scale:
            raise ParameterError(
                "embedded inputs have learnable factors already: take input_scale=False"
            )

    @property
    def is_plain(self) -> bool:
        """Whether X and W are what is multiplied, and there is one network."""
        made = self.parametrization != "standard" or self.input_scale or self.embedding is not None
        return not made and self.members == 1

    @cached_property
    def layout(self) -> Layout:
        """The names and shapes of the parameters."""
        return Layout(
            self.sizes, self.input_scale, self.members, self.shared_weights, self.embedding
        )

    @property
    def depth(self) -> int:
        """L, the number of layers with weights."""
        return len(self.sizes) - 1

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """g_1 … g_L; the last one is the output's."""
        return tuple(get_activation(name) for name in (*self.hidden, str(self.output)))

    @cached_property
    def loss_function(self) -> Loss:
        """The loss, with its derivatives."""
        return get_loss(str(self.loss))

    def to_dict(self) -> dict[str, Any]:
        """Return the network as plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """Build a network from what `to_dict` returned; every value is checked again."""
        penalty, embedding = record.get("penalty"), record.get("embedding")
        parts = {
            "penalty": None if penalty is None else L2(**penalty),
            "embedding": None if embedding is None else PeriodicEmbedding(**embedding),
        }
        return cls(**{**record, **parts})


def checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    try:
        given = tuple(sizes)
    except TypeError:
        raise ParameterError(f"sizes must be a sequence such as (3, 4, 1), not {sizes!r}") from None
    if len(given) < 2:
        raise ParameterError(f"sizes needs at least the inputs and the outputs, got {given}")
    for layer, size in enumerate(given):
        if not is_count(size):
            raise ParameterError(f"sizes[{layer}] must be a positive whole number, not {size!r}")
    return tuple(int(size) for size in given)


def checked_hidden(hidden: str | Sequence[str], count: int) -> tuple[str, ...]:
    if isinstance(hidden, str):
        get_activation(
            hidden, hidden=True
        )  # a wrong name is wrong even where there is no hidden layer
        names = (hidden,) * count
    elif isinstance(hidden, Sequence):
        names = tuple(hidden)
    else:
        raise ParameterError(f"hidden must be a name or a sequence of names, not {hidden!r}")
    if len(names) != count:
        raise ParameterError(f"{len(names)} hidden activations for {count} hidden layers")
    return tuple(get_activation(name, hidden=True).name for name in names)


def checked_pair(output: str | None, loss: str | None) -> tuple[str, str]:
    """Settle the output activation and the loss; either may be None."""
    if output is None and loss is not None:
        output = get_loss(loss).output or "identity"
    output = get_activation(output or "identity").name
    wanted = get_loss(loss or natural_loss(output))
    if wanted.output not in (None, output):
        raise ParameterError(
            f"loss {wanted.name!r} needs output {wanted.output!r}, not {output!r}; "
            f"with {output!r} take {natural_loss(output)!r}"
        )
    return output, wanted.name


def natural_loss(output: str) -> str:
    """Return the name of the loss that belongs to an output activation."""
    own = (loss.name for loss in LOSSES.values() if loss.output == output)
    return next(own, PLAIN_LOSS)
