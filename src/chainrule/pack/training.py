"""The training of a pack: an epoch of all members, a choice among them, and again.

The members say nothing to one another during an epoch: each is trained on one core, and whoever is done
takes the next. So the result is the same for any number of threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from chainrule.core import usable_cores
from chainrule.errors import DivergenceError
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array
from chainrule.pack.choice import Judge, choose
from chainrule.pack.member import Member
from chainrule.pack.recipe import Recipe
from chainrule.pack.sampling import Sampled, most_waves, sample_members
from chainrule.train import Dataset

__all__ = ["Chosen", "PackTrainer"]

# A better ensemble is waited for only while it gains this part more than is gained over a constant.
GAIN = 1e-3


@dataclass(frozen=True)
class Chosen:
    """A snapshot of a member, as the ensemble has it.

    Attributes
    ----------
    member, epoch : int
        Its number, and the epoch after which it was taken.
    sampled : Sampled
    network : Network
    parameters : Parameters
    trace : ndarray
        Of its prediction for the rows of validation.
    """

    member: int
    epoch: int
    sampled: Sampled
    network: Network
    parameters: Parameters
    trace: Array = field(repr=False)


class PackTrainer:
    """Trains a pack, epoch by epoch.

    Parameters
    ----------
    recipe : Recipe
    training, validation : Dataset
        In the precision that is to be trained in.
    rng : RandomState
        Draws the members and the order of the rows.
    n_threads : int, optional

    Attributes
    ----------
    members : list of Member
    ensemble : tuple of Chosen
        The best one so far.
    loss : float
        Of the ensemble, on the rows of validation.
    epoch, best_epoch : int
        Epochs so far; the one of the ensemble.
    gained_epoch : int
        The last one in which the ensemble gained more than next to nothing: a thousandth of its gain
        over the mean of the targets.
    rest, patience : int
        The epochs after which a member rests, and after which all is over. After the first `rest`
        epochs the worse half of the members rests too, but for those of the ensemble.
    """

    def __init__(
        self,
        recipe: Recipe,
        training: Dataset,
        validation: Dataset,
        rng: np.random.RandomState,
        n_threads: int | None = None,
    ) -> None:
        self.recipe, self.rng = recipe, rng
        self.training, self.validation = training, validation
        self.n_threads = n_threads or usable_cores()
        drawn = sample_members(recipe.effort.members, rng, most_waves=most_waves(recipe.numbers))
        self.members = [
            Member(recipe, one, np.random.RandomState(rng.randint(2**31)), training.X.dtype)
            for one in drawn
        ]
        self.judge = Judge.of(recipe.loss, validation.Y, validation.weight)
        self.order = np.arange(len(training))
        per_epoch = -(-len(training) // recipe.batch_size)
        self.rest = recipe.effort.resting(per_epoch)
        self.patience = recipe.effort.waiting(per_epoch)
        self.ensemble: tuple[Chosen, ...] = ()
        self.loss = np.inf
        self.epoch = self.best_epoch = self.gained_epoch = 0
        self.gained = self.judge.loss_of_mean(validation.Y, validation.weight)
        self.constant = self.gained

    @property
    def alive(self) -> list[int]:
        """The members that are trained on."""
        return [number for number, member in enumerate(self.members) if member.alive]

    def run(self, after_epoch: Callable[[], str | None] = lambda: None) -> str:
        """Train until no better ensemble is to be had; return why it ended.

        Parameters
        ----------
        after_epoch : callable
            Called after each epoch; ends the training with the reason that it returns, if any.

        Raises
        ------
        DivergenceError
            If all members diverged before there was an ensemble.
        """
        self.begun = time.perf_counter()
        with ThreadPoolExecutor(self.n_threads) as pool:
            while True:
                reason = self._ended()
                if reason is not None:
                    return reason
                try:
                    self._run_epoch(pool)
                except KeyboardInterrupt:
                    pool.shutdown(cancel_futures=True)
                    raise
                if not self.ensemble and not self.alive:
                    raise DivergenceError("all members of the pack diverged")
                reason = after_epoch()
                if reason is not None:
                    return reason

    def _ended(self) -> str | None:
        """Return why there is no further epoch; None if there is one."""
        waited = self.epoch - self.gained_epoch
        if self.epoch >= self.recipe.epochs:
            return f"all {self.epoch} epochs done"
        if self.recipe.seconds is not None and self.epoch and self._late():
            return f"the time was up, {self.recipe.seconds:g} seconds"
        if not self.alive:
            return "no member improved any more"
        if waited >= self.patience:
            return f"no ensemble was much better in {waited} epochs"
        return None

    def _late(self) -> bool:
        return time.perf_counter() - self.begun >= (self.recipe.seconds or np.inf)

    def _run_epoch(self, pool: ThreadPoolExecutor) -> None:
        self.order = self.rng.permutation(self.order)
        self.epoch += 1
        largest_first = sorted(self.alive, key=lambda number: -self.members[number].work)
        found = dict(pool.map(self._train, largest_first))
        traces = {number: trace for number, trace in sorted(found.items()) if trace is not None}
        self._choose(traces)
        if self.epoch == self.rest:
            self._halve()

    def _halve(self) -> None:
        """Let the worse half of the members rest: hardly one of them enters the ensemble later."""
        losses = np.array([member.best_loss for member in self.members])
        better = np.argsort(losses, kind="stable")[: -(-len(losses) // 2)]
        kept = {*better.tolist(), *(one.member for one in self.ensemble)}
        for number in self.alive:
            if number not in kept:
                self.members[number].alive = False

    def _train(self, number: int) -> tuple[int, Array | None]:
        """Train a member for an epoch; return the trace of its prediction, unless it diverged."""
        member = self.members[number]
        if self.recipe.seconds is not None and self.ensemble and self._late():
            return number, None
        member.train(self.training, self.order)
        if not member.alive:
            return number, None
        trace = self.judge.trace(member.predict(self.validation.X))
        member.take_in(float(self.judge.losses(trace[np.newaxis])[0]), self.rest)
        return number, trace

    def _choose(self, traces: dict[int, Array]) -> None:
        """Choose among the members as they are now and the snapshots of the ensemble."""
        numbers = list(traces)
        candidates = [*traces.values(), *(one.trace for one in self.ensemble)]
        if not candidates:
            return
        choice = choose(self.judge, candidates, self.recipe.most_chosen)
        if choice.loss < self.loss:
            self.loss, self.best_epoch = choice.loss, self.epoch
            if self.gained - choice.loss > GAIN * max(self.constant - self.gained, 0.0):
                self.gained, self.gained_epoch = choice.loss, self.epoch
            self.ensemble = tuple(
                self._snapshot(numbers[place], traces[numbers[place]])
                if place < len(numbers)
                else self.ensemble[place - len(numbers)]
                for place in choice.members
            )

    def _snapshot(self, number: int, trace: Array) -> Chosen:
        member = self.members[number]
        parameters = member.parameters.copy()
        return Chosen(number, member.epoch, member.sampled, member.network, parameters, trace)
