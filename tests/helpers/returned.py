"""Mistakes in what a function returns: updates, sums that are never reset, arrays of a wrong shape."""

from __future__ import annotations

import time

import numpy as np

from chainrule.doctor import check_gradients, draw_points
from helpers.judging import Judgment, named
from helpers.slips import ETA, Slip, backward

UPDATES = ("up", "none", "rate", "m", "other")


def returned_slips(network):
    """Yield every such mistake that a network has room for."""
    sizes = network.sizes
    for layer in range(network.depth, 0, -1):
        for letter in "Wb":
            for how in UPDATES:
                if how != "other" or has_double(sizes, letter, layer):
                    yield Slip("wrong_update", f"new_{letter}{layer}", how)
        yield Slip("wrong_shape", f"dW{layer}", "row")
        yield Slip("wrong_shape", f"db{layer}", "unit")
    yield Slip("accumulated", f"dW{network.depth}", "W")


def has_double(sizes, letter, layer):
    return double(sizes, letter, layer) is not None


def double(sizes, letter, layer):
    """Return another layer whose parameter has the same shape."""
    for k in range(1, len(sizes)):
        same = sizes[k] == sizes[layer] and (letter == "b" or sizes[k - 1] == sizes[layer - 1])
        if k != layer and same:
            return k
    return None


def returning(network, slip):
    """Return a user's function with the mistake in it."""
    kept = {}

    def gradients(params, X, Y):
        found = backward(network, params, X, Y)
        out = {name: V for name, V in found.items() if name[1] in "Wb"}
        if slip.code == "wrong_update":
            out |= updates(network, params, out, slip, len(X))
        elif slip.code == "wrong_shape":
            out[slip.place] = misshapen(out[slip.place])
        else:
            for name in [name for name in out if name[1] == "W"]:
                shape = np.shape(out[name])
                kept[name] = kept.get(name, np.zeros(shape)) + out[name]
                out[name] = kept[name]
        return out

    return gradients


def updates(network, params, gradients, slip, m):
    """Return the parameters after a step of gradient descent, one of them wrongly."""
    new = {f"new_{name}": V - ETA * gradients[f"d{name}"] for name, V in params.items()}
    name = slip.place.removeprefix("new_")
    step = gradients[f"d{name}"]
    steps = {"right": step, "up": -step, "none": 0 * step, "rate": 3 * step, "m": step / m}
    if slip.how == "other":
        k = double(network.sizes, name[0], int(name[1:]))
        steps["other"] = gradients[f"d{name[0]}{k}"]
    new[slip.place] = params[name] - ETA * steps[slip.how]
    return new


def misshapen(array):
    """Return an array with one more row of weights, or one more unit."""
    return np.concatenate([array, array[:1]], axis=0) if len(array) > 1 else np.append(array, 1.0)


def moves(network, slip):
    """Say whether the mistake changes anything: where the gradient is zero, no update does."""
    point, right = draw_points(network, 1)[0], Slip("wrong_update", slip.place, "right")
    data = (dict(point.parameters.items()), point.X, point.Y)
    wrong, true = (returning(network, s)(*data)[slip.place] for s in (slip, right))
    return np.shape(wrong) != np.shape(true) or np.abs(wrong - true).max() > 1e-9


def judge_returned(network, slip):
    """Let the doctor look at code with such a mistake in it."""
    began = time.process_time()
    report = check_gradients(network, returning(network, slip), learning_rate=ETA)
    seconds = time.process_time() - began
    if report.ok:
        return Judgment("missed" if moves(network, slip) else "equivalent", seconds)
    return Judgment(named(report, (slip,)), seconds, report.codes)
