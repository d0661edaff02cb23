"""Training: the loop, its history, when to stop, and the hooks into it."""

from chainrule.train.callbacks import Callback, TrainingRun
from chainrule.train.dataset import Dataset
from chainrule.train.full_batch import train_lbfgs
from chainrule.train.history import History
from chainrule.train.loop import Trainer
from chainrule.train.metrics import METRICS, Metric, get_metric, labels_of
from chainrule.train.stopping import Plateau
from chainrule.train.validation import cost_and_score

__all__ = [
    "METRICS",
    "Callback",
    "Dataset",
    "History",
    "Metric",
    "Plateau",
    "Trainer",
    "TrainingRun",
    "cost_and_score",
    "get_metric",
    "labels_of",
    "train_lbfgs",
]
