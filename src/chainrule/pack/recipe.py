"""What a pack is to be: its networks' common traits and the course of its training."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EFFORTS", "Effort", "Recipe", "usual_batch"]

LARGE_TABLE = 30_000
FEWEST, USUAL, LARGE = 32, 256, 512  # rows of a batch
UPDATES = 32  # of an epoch, at least, where there are few rows


@dataclass(frozen=True)
class Effort:
    """How much is put into a pack: what a word stands for.

    Parameters
    ----------
    members : int
        Networks that are trained.
    rest : int
        Epochs after its last improvement at which a member rests; after the first ones the worse half
        of them does too.
    patience : int
        Epochs without a better ensemble after which all is over.
    updates : int
        The updates that a member has before it rests, at least, and twice as many before all is over.
        The epochs of a small table have few.
    """

    members: int
    rest: int
    patience: int
    updates: int = 0

    def resting(self, per_epoch: int) -> int:
        """Return the epochs after which a member rests, where an epoch has so many updates."""
        return max(self.rest, -(-self.updates // per_epoch))

    def waiting(self, per_epoch: int) -> int:
        """Return the epochs without a better ensemble after which all is over, likewise."""
        return max(self.patience, -(-2 * self.updates // per_epoch))


EFFORTS = {
    "low": Effort(members=12, rest=8, patience=12, updates=250),
    "medium": Effort(members=32, rest=16, patience=32, updates=500),
    "high": Effort(members=64, rest=24, patience=48, updates=1000),
}


@dataclass(frozen=True)
class Recipe:
    """What the networks of a pack have in common, and how long they are trained.

    Parameters
    ----------
    inputs, outputs : int
    numbers : int
        The first inputs, which are numbers and embedded; the others are not.
    loss : str
    hidden : tuple of int
        Units of the hidden layers; a member has the first one of them, or two, or more.
    activations : tuple of str
        Of the hidden layers.
    effort : Effort
    batch_size : int
    epochs : int
        At most.
    seconds : float or None
        After which the best ensemble so far is kept.
    most_chosen : int
        Members of the ensemble, at most.
    """

    inputs: int
    outputs: int
    numbers: int
    loss: str
    hidden: tuple[int, ...] = (128, 128, 128)
    activations: tuple[str, ...] = ("relu", "relu", "relu")
    effort: Effort = EFFORTS["medium"]
    batch_size: int = 256
    epochs: int = 1000
    seconds: float | None = None
    most_chosen: int = 32


def usual_batch(rows: int) -> int:
    """Return the rows of a mini-batch: 512 of a large table, else 256, and fewer of a small one.

    Epochs are what resting and waiting count in: one of a small table must have some updates too.
    """
    if rows > LARGE_TABLE:
        return LARGE
    return min(max(FEWEST, min(USUAL, rows // UPDATES)), rows)
