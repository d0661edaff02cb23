"""A member of a pack: one network, trained epoch by epoch on one core."""

from __future__ import annotations

import numpy as np

from chainrule.core import engine_for, forward_output
from chainrule.errors import DivergenceError
from chainrule.nn import Network, PeriodicEmbedding
from chainrule.nn.arrays import Array
from chainrule.optim import AdamW, Clock, Constant
from chainrule.pack.recipe import Recipe
from chainrule.pack.sampling import Sampled
from chainrule.train import Dataset
from chainrule.train.dropout import DropoutMasks, checked_dropout
from chainrule.train.epochs import BatchByBatch, Epochs, WholeEpochs, runs_whole

__all__ = ["Member"]


class Member:
    """One network and what its training remembers.

    Parameters
    ----------
    recipe : Recipe
    sampled : Sampled
    rng : RandomState
        Draws its first weights, and the key of its dropout masks.
    dtype : dtype
        Of its parameters.

    Attributes
    ----------
    network : Network
    parameters : Parameters
    epoch, best_epoch : int
        The epochs that it was trained; the one of its least loss.
    cost : float
        Of its last epoch, on the training rows as they went by.
    loss, best_loss : float
        On the rows of validation: the last one, and the least.
    alive : bool
        Whether it is trained on.
    """

    def __init__(
        self, recipe: Recipe, sampled: Sampled, rng: np.random.RandomState, dtype: np.dtype
    ) -> None:
        self.sampled = sampled
        self.network = network = network_of(recipe, sampled)
        scale = sampled.frequency_scale
        self.parameters = network.init(rng, "fan_in_uniform", dtype, frequency_scale=scale)
        self.optimizer = AdamW(sampled.learning_rate, weight_decay=sampled.weight_decay)
        rates = checked_dropout(sampled.dropout, network)
        self.masks = DropoutMasks.drawn_from(rng, network, rates)
        self.engine = engine_for(network, dtype, 1)
        self.epochs = self._epochs(recipe.batch_size)
        self.epoch = self.best_epoch = 0
        self.cost = self.loss = self.best_loss = np.inf
        self.alive = True

    def _epochs(self, batch_size: int) -> Epochs:
        kind = WholeEpochs if runs_whole(self.engine, self.optimizer) else BatchByBatch
        return kind(
            self.network, self.optimizer, Constant(), Clock(), self.masks, batch_size,
            None, None, None, self.engine,
        )  # fmt: skip

    @property
    def work(self) -> int:
        """How many parameters it has: about what an epoch of it costs beside others'."""
        return int(self.parameters.vector.size)

    def train(self, training: Dataset, order: Array) -> None:
        """Train for one epoch.

        Parameters
        ----------
        training : Dataset
        order : ndarray of int
            In which its rows are taken.
        """
        self.epoch += 1
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                self.cost = self.epochs.run(self.parameters, training, order)
        except DivergenceError:
            self.alive = False

    def predict(self, X: Array) -> Array:
        """Return A_L of other rows, of shape (m, n_L)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return forward_output(self.network, self.parameters, X, 1, self.engine).A

    def take_in(self, loss: float, rest: int) -> None:
        """Take in its loss on the rows of validation; rest, if it has not improved for long."""
        self.loss = loss
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epoch
        if self.epoch - self.best_epoch >= rest:
            self.alive = False


def network_of(recipe: Recipe, sampled: Sampled) -> Network:
    """Return the network of a member."""
    embedding = None
    if recipe.numbers and sampled.waves > 1:
        embedding = PeriodicEmbedding(recipe.numbers, sampled.waves)
    sizes = (recipe.inputs, *recipe.hidden[: sampled.depth], recipe.outputs)
    activations = recipe.activations[: sampled.depth]
    return Network(sizes, hidden=activations, loss=recipe.loss, embedding=embedding)
