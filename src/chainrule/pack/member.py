"""A member of a pack: one network, trained epoch by epoch on one core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.core import engine_for, forward_output
from chainrule.errors import DivergenceError
from chainrule.nn import Network, Parameters, PeriodicEmbedding
from chainrule.nn.arrays import Array
from chainrule.nn.initializers import RandomGenerator
from chainrule.optim import AdamW, Clock, Constant
from chainrule.pack.sampling import Recipe, Sampled
from chainrule.train import Dataset
from chainrule.train.dropout import DropoutMasks, checked_dropout
from chainrule.train.epochs import BatchByBatch, Epochs, WholeEpochs, runs_whole

__all__ = ["Member", "Shape"]


@dataclass(frozen=True)
class Shape:
    """What all networks of a pack have in common.

    Parameters
    ----------
    inputs, outputs : int
    numbers : int
        The first inputs, which are numbers and embedded; the others are not.
    loss : str
    """

    inputs: int
    outputs: int
    numbers: int
    loss: str

    def network(self, sampled: Sampled, width: int) -> Network:
        """Return the network of a member."""
        embedding = None
        if self.numbers and sampled.waves > 1:
            embedding = PeriodicEmbedding(self.numbers, sampled.waves)
        sizes = (self.inputs, *(width,) * sampled.depth, self.outputs)
        return Network(sizes, hidden="relu", loss=self.loss, embedding=embedding)


class Member:
    """One network and what its training remembers.

    Parameters
    ----------
    shape : Shape
    sampled : Sampled
    recipe : Recipe
    rng : RandomState
        Draws its first weights, and the key of its dropout masks.

    Attributes
    ----------
    network : Network
    parameters : Parameters
    epoch, best_epoch : int
        The epochs that it was trained; the one of its least loss.
    best_loss : float
        On the rows of validation.
    alive : bool
        Whether it is trained on.
    """

    def __init__(
        self, shape: Shape, sampled: Sampled, recipe: Recipe, rng: RandomGenerator
    ) -> None:
        self.sampled = sampled
        self.network = network = shape.network(sampled, recipe.width)
        self.parameters = network.init(
            rng, "fan_in_uniform", np.float32, frequency_scale=sampled.frequency_scale
        )
        self.optimizer = AdamW(sampled.learning_rate, weight_decay=sampled.weight_decay)
        rates = checked_dropout(sampled.dropout, network)
        self.masks = DropoutMasks.drawn_from(rng, network, rates)
        self.engine = engine_for(network, np.float32, 1)
        self.epochs = self._epochs(recipe.batch_size)
        self.epoch = self.best_epoch = 0
        self.best_loss = np.inf
        self.alive = True

    def _epochs(self, batch_size: int) -> Epochs:
        kind = WholeEpochs if runs_whole(self.engine, self.optimizer) else BatchByBatch
        return kind(
            self.network, self.optimizer, Constant(), Clock(), self.masks, batch_size,
            None, None, None, self.engine,
        )  # fmt: skip

    def train(self, training: Dataset, order: Array, X: Array) -> Array | None:
        """Train for one epoch; return the predictions of other rows, or None if the cost exploded.

        Parameters
        ----------
        training : Dataset
        order : ndarray of int
            In which its rows are taken.
        X : ndarray of shape (m, n_0)
            The rows to predict.
        """
        self.epoch += 1
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                self.epochs.run(self.parameters, training, order)
        except DivergenceError:
            self.alive = False
            return None
        return forward_output(self.network, self.parameters, X, 1, self.engine).A

    @property
    def work(self) -> int:
        """Its multiplications for a row, about: what its epoch costs beside others'."""
        return self.parameters.vector.size

    def judged(self, loss: float, rest: int) -> None:
        """Take in its loss on the rows of validation; rest, if it has not improved for long."""
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epoch
        if self.epoch - self.best_epoch >= rest:
            self.alive = False

    def snapshot(self) -> Parameters:
        """Return a copy of its parameters as they are."""
        return self.parameters.copy()
