"""Small fitted models of every kind, and model files taken apart and put together."""

import hashlib
import json
import warnings
from functools import cache

import numpy as np
from sklearn.preprocessing import scale

import chainrule as cr
from chainrule.optim import Adaptive, Constant, Cosine, CosLog, InverseScaling, OneCycle, StepDecay
from chainrule.settings import preset_settings
from helpers.trajectories import rows_of

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0, "batch_size": 40}


def labelled(kind, labels=None, rows=80, dtype=float, **settings):
    """Return a way to fit a classifier or a regressor: (estimator, X, y)."""
    X, y = rows_of(kind)
    step = max(len(X) // rows, 1)
    X, y = X[::step].astype(dtype), y[::step]
    classification = kind in ("binary", "multiclass", "multilabel")
    if labels is not None:
        y = np.asarray(labels)[y]
    settings = {**SMALL, **settings}
    if classification:
        return cr.MLPClassifier(**settings), X, y
    loss = "poisson" if kind == "counts" else "squared_error"
    return cr.MLPRegressor(loss, **settings), X, y


MAKERS = {
    "binary": lambda: labelled("binary"),
    "multiclass": lambda: labelled(
        "multiclass", hidden_layer_sizes=(5, 4), activation=["tanh", "gelu"]
    ),
    "multilabel": lambda: labelled("multilabel", class_weight="balanced"),
    "regression": lambda: labelled("diabetes"),
    "several outputs": lambda: labelled("three outputs", solver="sgd", learning_rate="adaptive"),
    "poisson": lambda: labelled("counts", solver="rmsprop"),
    "no hidden layer": lambda: labelled("binary", hidden_layer_sizes=()),
    "text labels": lambda: labelled("multiclass", ["café", "b\n\"'", "日本"]),
    "object labels": lambda: labelled("multiclass", np.array(["x", "yy", "z"], dtype=object)),
    "bool labels": lambda: labelled("binary", [False, True]),
    "float labels": lambda: labelled("binary", np.array([1.0, 3.0])),
    "float32 labels": lambda: labelled("binary", np.array([7, 8], dtype=np.float32)),
    "int8 labels": lambda: labelled("binary", np.array([-1, 1], dtype=np.int8)),
    "one class": lambda: labelled("binary", ["only", "only"]),
    "float32": lambda: labelled("multiclass", dtype=np.float32, dropout=[0.2]),
    "float32 regression": lambda: labelled("diabetes", dtype=np.float32),
    "class weights": lambda: labelled(
        "multiclass", ["float", "pairs", "schedule"], class_weight={"float": 2.0, "pairs": 1.0}
    ),
    "integer class weights": lambda: labelled("multiclass", class_weight={0: 1, 1: 2.5, 2: 3}),
    "endless patience": lambda: labelled("binary", n_iter_no_change=np.inf),
    "early stopping": lambda: labelled("binary", early_stopping=True, metric="log_loss"),
    "validation on one class": lambda: labelled("binary", metric="roc_auc"),
    "lbfgs": lambda: labelled("multiclass", solver="lbfgs", warm_start=True),
    "random state": lambda: labelled("binary", random_state=np.random.RandomState(3)),
    "callbacks": lambda: labelled("binary", callbacks=[cr.train.Callback()]),
    "NumPy settings": lambda: labelled(
        "binary", alpha=np.float32(0.1), random_state=np.int64(1), hidden_layer_sizes=np.array([3])
    ),
    **{
        f"{type(s).__name__}": (lambda s=s: labelled("binary", solver="sgd", learning_rate=s))
        for s in (
            Constant(),
            StepDecay(2, 0.3),
            Cosine(0.1),
            OneCycle(0.4, 10, 100),
            CosLog(3),
            InverseScaling(0.7),
            Adaptive(3, 0.01),
        )
    },
    **{
        f"{data}, {name}": (lambda data=data, s=s: labelled(data, **s))
        for data in ("binary", "multiclass", "diabetes", "three outputs")
        for name, s in {
            "robust": {"scaling": "robust"},
            "bins": {"scaling": "robust", "piecewise_linear": 3},
            "ntk": {
                "input_scale": True,
                "parametrization": "ntk",
                "initializer": "normal",
                "zero_output": True,
                "learning_rate": "coslog4",
                "learning_rate_factors": {"scale": 6.0, "b": 0.1},
            },
            "ensemble": {"ensemble": 2, "drop_last": True, "batch_size": 30},
            "bag": {"bagging": 2, "early_stopping": True, "best_epoch": "last"},
        }.items()
        if data == "binary" or name in ("bins", "bag")
    },
    "two outputs": lambda: labelled("binary", ["no", "yes"], binary_output="softmax"),
    "float32 asked for": lambda: labelled("binary", precision="float32", scaling="robust"),
    "standardized target": lambda: labelled("diabetes", standardize_target=True),
    "standardized targets": lambda: labelled("three outputs", standardize_target=True),
    "preset": lambda: labelled(
        "binary", **{**preset_settings("realmlp", classification=True), **SMALL}
    ),
    "preset for numbers": lambda: labelled(
        "diabetes", **{**preset_settings("realmlp", classification=False), **SMALL}
    ),
    "feature names": lambda: labelled("binary"),
    "feature names of bins": lambda: labelled("binary", piecewise_linear=3),
    "interrupted": lambda: labelled("binary"),
}


@cache
def fitted(name):
    """Return a fitted model and the rows that it was fitted on."""
    import pandas as pd

    model, X, y = MAKERS[name]()
    options = {}
    if name.startswith("feature names"):
        X = pd.DataFrame(X, columns=[f"größe {i}" for i in range(X.shape[1])])
    if name == "validation on one class":
        options["validation_data"] = (X[y == 1], y[y == 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y, **options)
    if name == "interrupted":
        model.history_.interrupted = True
    return model, X


def tiny_model():
    """Return a model of 11 parameters."""
    X = scale(np.arange(24.0).reshape(12, 2) % 7)
    model = cr.MLPClassifier((2,), max_iter=2, random_state=0, n_iter_no_change=1, tol=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, np.arange(12) % 2), X


def taken_apart(content):
    """Return a model file's document, its metadata's other entries and its tensors."""
    from safetensors.numpy import load

    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    return json.loads(metadata["chainrule"]), load(content)


def put_together(document, tensors):
    """Return a model file of a document and tensors, with a checksum that holds.

    Written from the format's description, not with the code that writes model files.
    """
    from safetensors.numpy import save

    text = document if isinstance(document, str) else json.dumps(document)
    sha = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        V = tensors[name]
        sha.update(f"\0{name}\0{V.dtype}\0{V.shape}\0".encode() + V.tobytes())
    return save(tensors, metadata={"chainrule": text, "sha256": sha.hexdigest()})
