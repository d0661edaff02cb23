"""Small trainings, and callbacks that watch them."""

import numpy as np

from chainrule.nn import Network
from chainrule.optim import SGD
from chainrule.train import Callback, Dataset, Trainer

NET = Network((4, 6, 1), hidden="tanh", loss="binary_cross_entropy")


def dataset(m=40, seed=0, weight=None, network=NET):
    """Draw rows that a linear boundary explains, but for noise."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(m, network.sizes[0]))
    score = X[:, 0] - X[:, 1] + 0.3 * rng.normal(size=m)
    outputs = network.sizes[-1]
    match network.loss:
        case "binary_cross_entropy":
            Y = (score[:, None] + np.arange(outputs) * X[:, 2:3] > 0).astype(float)
        case "categorical_cross_entropy":
            Y = np.eye(outputs)[np.digitize(score, np.linspace(-1, 1, outputs - 1))]
        case "poisson":
            Y = rng.poisson(np.exp(score[:, None].repeat(outputs, 1) / 2)).astype(float)
        case _:
            Y = score[:, None] * np.linspace(1, 2, outputs)
    return Dataset(X, Y, weight)


def trainer(network=NET, optimizer=None, **options):
    """Return a trainer with small batches and a fixed seed."""
    options = {"batch_size": 16, "epochs": 5, "seed": 0} | options
    return Trainer(network, optimizer or SGD(0.1, momentum=0.5), **options)


class Recorder(Callback):
    """Writes down every call, and copies of what it was given."""

    def __init__(self, name="", log=None):
        self.name = name
        self.log = [] if log is None else log
        self.calls = []

    def note(self, hook, *values):
        self.log.append(f"{self.name}{hook}")
        self.calls.append((hook, *values))

    def on_train_begin(self, run):
        self.note("begin", len(run.history))

    def on_batch_end(self, run, cost, gradients):
        self.note(
            "batch", cost, gradients.copy(), run.parameters.copy(), run.optimizer.learning_rate
        )

    def on_epoch_end(self, run):
        self.note("epoch", len(run.history), run.clock.epoch, run.parameters.copy())

    def on_train_end(self, run):
        self.note("end", run.stop_reason, run.parameters.copy())

    def of(self, hook):
        return [call[1:] for call in self.calls if call[0] == hook]


class At(Callback):
    """Does something once, at the end of an epoch or of a batch."""

    def __init__(self, action, epoch=None, batch=None):
        self.action, self.epoch, self.batch = action, epoch, batch
        self.batches = 0

    def on_epoch_end(self, run):
        if run.clock.epoch == self.epoch:
            self.action(run)

    def on_batch_end(self, run, cost, gradients):
        self.batches += 1
        if self.batches == self.batch:
            self.action(run)


def interrupt(run):
    """Do what Ctrl-C does."""
    raise KeyboardInterrupt


def columns(history):
    """Return the lengths of the history's columns."""
    return {
        name: len(value) for name, value in history.to_dict().items() if isinstance(value, list)
    }
