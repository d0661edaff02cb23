"""The training of a pack: an epoch of all members, a choice among them, and again.

The members say nothing to one another during an epoch: each is trained on one core, and whoever is done
takes the next. So the result is the same for any number of threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from chainrule.core import usable_cores
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array
from chainrule.nn.initializers import RandomGenerator, random_generator
from chainrule.pack.choice import Judge, choose
from chainrule.pack.member import Member, Shape
from chainrule.pack.sampling import Recipe, Sampled, sample_members
from chainrule.train import Dataset

__all__ = ["PackEpoch", "PackOutcome", "PackTrainer"]


@dataclass(frozen=True)
class Chosen:
    """A snapshot of a member, as the ensemble has it."""

    member: int
    epoch: int
    sampled: Sampled
    network: Network
    parameters: Parameters
    trace: Array = field(repr=False)


@dataclass(frozen=True)
class PackEpoch:
    """What an epoch came to.

    Attributes
    ----------
    alive : int
        Members that were trained in it.
    loss : float
        Of the best ensemble so far, on the rows of validation.
    chosen : int
        Its members.
    """

    alive: int
    loss: float
    chosen: int


@dataclass(frozen=True)
class PackOutcome:
    """What came of a pack.

    Attributes
    ----------
    ensemble : tuple of Chosen
    loss : float
        Of the ensemble, on the rows of validation.
    history : tuple of PackEpoch
    stopped : str
        Why it ended.
    """

    ensemble: tuple[Chosen, ...]
    loss: float
    history: tuple[PackEpoch, ...]
    stopped: str


class PackTrainer:
    """Trains a pack.

    Parameters
    ----------
    recipe : Recipe
    shape : Shape
    seed : int, RandomState or None
    n_threads : int, optional
    """

    def __init__(
        self,
        recipe: Recipe,
        shape: Shape,
        seed: int | RandomGenerator | None = None,
        n_threads: int | None = None,
    ) -> None:
        self.recipe, self.shape = recipe, shape
        self.rng = random_generator(seed)
        self.n_threads = n_threads or usable_cores()
        self.members = [
            Member(shape, sampled, recipe, np.random.RandomState(self.rng.randint(2**31)))
            for sampled in sample_members(recipe, self.rng)
        ]
        self.ensemble: tuple[Chosen, ...] = ()
        self.loss = np.inf
        self.history: list[PackEpoch] = []

    def run(self, training: Dataset, validation: Dataset) -> PackOutcome:
        """Train until no better ensemble is to be had.

        Parameters
        ----------
        training, validation : Dataset
            In float32.
        """
        judge = Judge.of(self.shape.loss, validation.Y, validation.weight)
        order = np.arange(len(training))
        waited = 0
        stopped = f"all {self.recipe.epochs} epochs done"
        with ThreadPoolExecutor(self.n_threads) as pool:
            for _ in range(self.recipe.epochs):
                order = self.rng.permutation(order)
                alive = [number for number, member in enumerate(self.members) if member.alive]
                if not alive:
                    stopped = "all members rest"
                    break
                traces = self._train(pool, judge, alive, training, order, validation.X)
                improved = self._choose(judge, traces)
                waited = 0 if improved else waited + 1
                self.history.append(PackEpoch(len(alive), self.loss, len(self.ensemble)))
                if waited >= self.recipe.patience:
                    stopped = f"no better ensemble in {waited} epochs"
                    break
        return PackOutcome(self.ensemble, self.loss, tuple(self.history), stopped)

    def _train(
        self,
        pool: ThreadPoolExecutor,
        judge: Judge,
        alive: list[int],
        training: Dataset,
        order: Array,
        X: Array,
    ) -> dict[int, Array]:
        """Train each member for an epoch, the largest first; return the traces of their predictions."""

        def epoch(number: int) -> tuple[int, Array | None, float]:
            member = self.members[number]
            A = member.train(training, order, X)
            if A is None:
                return number, None, np.inf
            trace = judge.trace(A)
            return number, trace, float(judge.losses(trace[np.newaxis])[0])

        largest_first = sorted(alive, key=lambda number: -self.members[number].work)
        traces: dict[int, Array] = {}
        for number, trace, loss in pool.map(epoch, largest_first):
            if trace is not None:
                traces[number] = trace
            self.members[number].judged(loss, self.recipe.rest)
        return dict(sorted(traces.items()))

    def _choose(self, judge: Judge, traces: dict[int, Array]) -> bool:
        """Choose among the members as they are and the ensemble's snapshots; say if it is better."""
        numbers = list(traces)
        candidates = [*traces.values(), *(one.trace for one in self.ensemble)]
        if not candidates:
            return False
        choice = choose(judge, candidates, self.recipe.most_chosen)
        if not choice.loss < self.loss:
            return False
        self.loss = choice.loss
        self.ensemble = tuple(
            self._snapshot(numbers[place], traces[numbers[place]])
            if place < len(numbers)
            else self.ensemble[place - len(numbers)]
            for place in choice.members
        )
        return True

    def _snapshot(self, number: int, trace: Array) -> Chosen:
        member = self.members[number]
        return Chosen(
            number, member.epoch, member.sampled, member.network, member.snapshot(), trace
        )
