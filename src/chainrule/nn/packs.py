"""A pack: networks of different depths and embeddings, whose mean prediction is the prediction.

They have inputs, outputs and loss in common, and nothing else: each is trained by itself. What an
ensemble of equal networks is to `Network`, an ensemble of unequal ones is to `Pack`; whatever predicts,
judges or keeps a network takes either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from chainrule.errors import ParameterError
from chainrule.nn.arrays import Array
from chainrule.nn.layout import Layout
from chainrule.nn.network import Network
from chainrule.nn.parameters import Parameters

__all__ = ["Pack", "network_from_dict", "packed"]


@dataclass(frozen=True)
class PackLayout(Layout):
    """The parameters of a pack: 0.W1, 0.b1 and so on, then 1.W1 and those that follow."""

    parts: tuple[Layout, ...] = ()  # type: ignore[misc]

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the name and the shape of each parameter."""
        for number, part in enumerate(self.parts):
            for name, shape in part.shapes():
                yield f"{number}.{name}", shape


@dataclass(frozen=True)
class Pack(Network):
    """Several networks, of which `Pack.of` makes one.

    Parameters
    ----------
    networks : tuple of Network
        Each without members of its own. The other fields are those that they have in common.

    Examples
    --------
    >>> pack = Pack.of([Network((2, 3, 1)), Network((2, 4, 4, 1))])
    >>> pack.members, pack.sizes, pack.layout.count
    (2, (2, 1), 50)
    """

    networks: tuple[Network, ...] = ()  # type: ignore[misc]

    @classmethod
    def of(cls, networks: Sequence[Network]) -> Self:
        """Return the pack of networks.

        Raises
        ------
        ParameterError
            If there is none, one is an ensemble, or they differ in inputs, outputs or loss.
        """
        if not networks:
            raise ParameterError("a pack needs at least one network")
        kinds = {(n.sizes[0], n.sizes[-1], n.output, n.loss, n.members) for n in networks}
        if len(kinds) > 1 or networks[0].members > 1:
            raise ParameterError(
                "the networks of a pack have inputs, outputs and loss in common, and no members of "
                f"their own; these are {', '.join(map(str, sorted(kinds, key=str)[:3]))}"
            )
        first = networks[0]
        return cls(
            (first.sizes[0], first.sizes[-1]),
            output=first.output,
            loss=first.loss,
            members=len(networks),
            shared_weights=False,
            networks=tuple(networks),
        )

    @cached_property
    def layout(self) -> Layout:
        """The names and shapes of the parameters."""
        return PackLayout(self.sizes, parts=tuple(own.layout for own in self.networks))

    def member(self, parameters: Parameters, index: int) -> tuple[Network, Parameters]:
        """Return one network of the pack, with its parameters.

        Raises
        ------
        ParameterError
            If there is no such member.
        """
        if not 0 <= index < len(self.networks):
            raise ParameterError(
                f"there is no member {index}: the members of this pack are 0 to {self.members - 1}"
            )
        return self.networks[index].member(parameters.parts()[index], 0)

    def forward(self, parameters: Parameters, X: ArrayLike) -> list[Array]:
        """Raise a ParameterError: the layers are those of each network by itself."""
        raise self._of_each()

    def cost_and_gradients(
        self,
        parameters: Parameters,
        X: ArrayLike,
        Y: ArrayLike,
        observation_weight: ArrayLike | None = None,
    ) -> tuple[Any, Parameters]:
        """Raise a ParameterError: the gradients are those of each network by itself."""
        raise self._of_each()

    def _of_each(self) -> ParameterError:
        return ParameterError(
            f"the layers of a pack are those of its {self.members} networks: ask one of them, "
            "pack.member(parameters, 0)"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the pack as plain values, ready for JSON."""
        return {"networks": [own.to_dict() for own in self.networks]}


def packed(members: Sequence[tuple[Network, Parameters]]) -> tuple[Network, Parameters]:
    """Return one network, a pack unless there is one member alone, and its parameters, copied."""
    networks = [network for network, _ in members]
    vector = np.concatenate([parameters.vector for _, parameters in members])
    network = networks[0] if len(networks) == 1 else Pack.of(networks)
    return network, Parameters(network.layout, vector)


def network_from_dict(record: dict[str, Any]) -> Network:
    """Return the network or the pack that `to_dict` described; every value is checked again."""
    if "networks" not in record:
        return Network.from_dict(record)
    (networks,) = record.values()
    return Pack.of([Network.from_dict(own) for own in networks])
