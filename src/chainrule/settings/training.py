"""The settings of the training."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

from chainrule.settings import choices
from chainrule.settings.kinds import (
    Choice,
    Count,
    Elsewhere,
    Number,
    Switch,
    Tested,
    check_callbacks,
)
from chainrule.settings.network import NetworkSettings
from chainrule.settings.rows import COMPUTING, TRAINING, ByTask, Option, setting
from chainrule.settings.texts import SECONDS

__all__ = ["TrainingSettings"]

BELOW_ONE = Number(0, 1, high_open=True)


@dataclass(eq=False, repr=False, kw_only=True)
class TrainingSettings(NetworkSettings):
    """What both kinds of estimators have, but for what may be given by position."""

    solver: str = setting(
        "adam",
        Choice(choices.solvers),
        "The optimizer.",
        names={"solvers": choices.solvers},
        option=Option("{solvers}.", TRAINING),
    )
    batch_size: Any = setting(
        "auto",
        Count(("auto",)),
        'Rows of a mini-batch; "auto" is min(200, m).',
        presets={"realmlp": 256},
        option=Option(
            "Rows of a mini-batch",
            TRAINING,
            value=int,
            shown={"plain": "a fiftieth of them, 16 to 200"},
        ),
    )
    learning_rate: Any = setting(
        "constant",
        Elsewhere("str or Schedule"),
        "{schedules}; with sgd alone, as in scikit-learn, {of_sgd}; or an object from "
        "`chainrule.optim`.",
        names={
            "schedules": lambda: choices.schedules(of_sgd=False),
            "of_sgd": lambda: choices.schedules(of_sgd=True),
        },
        presets={"realmlp": "coslog4"},
        option=Option("{schedules}; with sgd also {of_sgd}", TRAINING, "--schedule"),
    )
    learning_rate_init: float = setting(
        0.001,
        Number(0, low_open=True),
        'η, at the start, or at the peak of "one_cycle".',
        presets={"realmlp": ByTask(0.04, 0.07)},
        option=Option(
            "Initial or greatest learning rate", TRAINING, "--learning-rate", value=float
        ),
    )
    power_t: float = setting(0.5, Number(0), 'The exponent of "invscaling".')
    max_iter: int = setting(
        200,
        Count(),
        'Most epochs; for "lbfgs", most iterations.',
        presets={"realmlp": 256, "plain": 300, "pack": 1000},
        option=Option("Most epochs", TRAINING, "--epochs", value=int, common=True),
    )
    shuffle: bool = setting(True, Switch(), "Whether each epoch takes the rows in a new order.")
    random_state: Any = setting(
        None,
        Elsewhere("int, RandomState or None"),
        "Of the initial weights, the validation split, the shuffles and the dropout.",
        option=Option(
            "Same seed, same model.",
            TRAINING,
            "--seed",
            value=int,
            default=0,
            common=True,
            least=0,
            most=2**32 - 1,
        ),
    )
    tol: float = setting(
        1e-4,
        Number(0),
        'What counts as an improvement; for "lbfgs", the gradient\'s largest entry at the end.',
    )
    verbose: bool = setting(False, Switch(or_whole=True), "Whether to print a line an epoch.")
    warm_start: bool = setting(
        False, Switch(), "Whether `fit` goes on from the last one's weights."
    )
    momentum: float = setting(
        0.9,
        Number(0, 1),
        "Of {users}.",
        names={"users": lambda: choices.solvers_with("momentum")},
        option=Option("Of {users}.", TRAINING, value=float),
    )
    nesterovs_momentum: bool = setting(True, Switch(), "Whether that momentum is Nesterov's.")
    early_stopping: bool = setting(
        False,
        Switch(),
        "Whether to set validation rows aside, stop when their score stops improving, and keep the "
        "best epoch's weights.",
        presets={"realmlp": True, "plain": True, "pack": True},
    )
    validation_fraction: float = setting(
        0.1,
        BELOW_ONE,
        "The part of the rows that this sets aside.",
        presets={"realmlp": 0.2, "plain": 0.15, "pack": 0.2},
    )
    beta_1: float = setting(
        0.9, BELOW_ONE, "Of {users}.", names={"users": lambda: choices.solvers_with("beta_1")}
    )
    beta_2: float = setting(
        0.999,
        BELOW_ONE,
        "Of {users}.",
        names={"users": lambda: choices.solvers_with("beta_2")},
        presets={"realmlp": 0.95},
        option=Option("β₂ of {users}", TRAINING, value=float),
    )
    epsilon: float = setting(
        1e-8,
        Number(0, low_open=True),
        "Of {users}.",
        names={"users": lambda: choices.solvers_with("epsilon")},
    )
    n_iter_no_change: Any = setting(
        10,
        Count((inf, "auto")),
        'The epochs without improvement after which training stops; "auto": twice the epochs up to the '
        "last improvement of the score or the cost.",
        presets={"realmlp": "auto", "plain": 20},
        option=Option(
            "Epochs without improvement before training stops",
            TRAINING,
            "--patience",
            value=int,
            shown={"realmlp": "twice those up to the last improvement"},
        ),
    )
    max_fun: int = setting(15_000, Count(), 'Most cost evaluations of "lbfgs".')
    weight_decay: float = setting(
        0.01,
        Number(0),
        "Of {users}.",
        names={"users": lambda: choices.solvers_with("weight_decay")},
        option=Option("Of {users}.", TRAINING, value=float),
    )
    matrix_rate: float = setting(
        20.0,
        Number(0),
        "What multiplies the learning rate for the weights of hidden layers, of {users}.",
        names={"users": lambda: choices.solvers_with("matrix_rate")},
        option=Option(
            "What multiplies the learning rate for the weights of hidden layers, of {users}.",
            TRAINING,
            value=float,
        ),
    )
    matrix_momentum: float = setting(
        0.95,
        BELOW_ONE,
        "Their momentum, of {users}.",
        names={"users": lambda: choices.solvers_with("matrix_momentum")},
    )
    decay: float = setting(
        0.9, BELOW_ONE, "ρ of {users}.", names={"users": lambda: choices.solvers_with("decay")}
    )
    clip_norm: float | None = setting(
        None,
        Number(0, low_open=True, or_none=True),
        "The greatest norm of the gradient.",
        option=Option("The gradient's greatest norm.", TRAINING, value=float),
    )
    metric: str | None = setting(
        None,
        Elsewhere("str or None"),
        "The score of the validation rows: of classes {of_classes}, accuracy by default; of numbers "
        "{of_numbers}, r2 by default; or cost.",
        names={
            "of_classes": lambda: choices.metrics(True),
            "of_numbers": lambda: choices.metrics(False),
        },
        presets={"realmlp": ByTask("accuracy", "rmse"), "plain": "cost", "pack": "cost"},
        option=Option(
            "Keep the best epoch by this score of the validation rows: cost; of classes {of_classes}; "
            "of numbers {of_numbers}",
            TRAINING,
        ),
    )
    callbacks: Any = setting(
        None,
        Tested("sequence of Callback, or None", check_callbacks),
        "Hooks into the training; see `chainrule.train.Callback`.",
    )
    time_limit: float | None = setting(
        None,
        Number(0, low_open=True, or_none=True),
        "Seconds after which a training ends, with the best so far.",
        option=Option(
            "Seconds after which training ends, with the best so far: 60, 60s, 5min or 2h.",
            TRAINING,
            codec=SECONDS,
            common=True,
        ),
    )
    n_threads: int | None = setting(
        None,
        Count((None,)),
        "Threads to fit and predict on; the result is the same for any number. By default an equal "
        "share of the cores that this process may use, among all that compute in it at the moment.",
        option=Option(
            "Threads to compute on; all cores that may be used by default. The result is the same.",
            COMPUTING,
            "--threads",
            value=int,
            common=True,
        ),
    )
    drop_last: bool = setting(
        False,
        Switch(),
        "Whether an epoch leaves out the rows that make no whole batch.",
        presets={"realmlp": True},
        option=Option(
            "Leave out, in each epoch, the rows that make no whole batch", TRAINING, value=bool
        ),
    )
    best_epoch: str = setting(
        "first",
        Choice(lambda: ["first", "last"]),
        "Which of several equally good epochs `early_stopping` keeps.",
        presets={"realmlp": "last"},
    )
