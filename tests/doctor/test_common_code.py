"""Gradients as people write them, with the mistakes that people make in them, by changing their text."""

import numpy as np
import pytest

import chainrule as cr


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


ROWS = """
def f(params, X, Y, lam):
    W1, b1, W2, b2, W3, b3 = params.values()
    m = len(X)
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2 + b2
    A2 = np.tanh(Z2)
    Z3 = A2 @ W3 + b3
    A3 = sigmoid(Z3)
    dZ3 = (A3 - Y) / m
    dW3 = A2.T @ dZ3 + lam * W3
    db3 = dZ3.sum(axis=0, keepdims=True)
    dA2 = dZ3 @ W3.T
    dZ2 = dA2 * (1 - A2**2)
    dW2 = A1.T @ dZ2 + lam * W2
    db2 = dZ2.sum(axis=0, keepdims=True)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (1 - A1**2)
    dW1 = X.T @ dZ1 + lam * W1
    db1 = dZ1.sum(axis=0, keepdims=True)
    return [dW1, db1, dW2, db2, dW3, db3]
"""
RELU = """
def f(params, X, Y):
    W1, b1, W2, b2, W3, b3 = params.values()
    N = len(X)
    Z1 = X @ W1 + b1
    A1 = np.maximum(0, Z1)
    Z2 = A1 @ W2 + b2
    A2 = np.maximum(0, Z2)
    s = A2 @ W3 + b3
    s = s - s.max(axis=1, keepdims=True)
    P = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    dZ3 = P - Y
    dZ3 /= N
    dW3, db3 = A2.T @ dZ3, dZ3.sum(axis=0)
    dZ2 = dZ3 @ W3.T
    dZ2[Z2 <= 0] = 0
    dW2, db2 = A1.T @ dZ2, dZ2.sum(axis=0)
    dZ1 = dZ2 @ W2.T
    dZ1[Z1 <= 0] = 0
    dW1, db1 = X.T @ dZ1, dZ1.sum(axis=0)
    return dict(dW1=dW1, db1=db1, dW2=dW2, db2=db2, dW3=dW3, db3=db3)
"""
LOOP = """
def f(W1, b1, W2, b2, X, Y):
    dW1, db1, dW2, db2 = (np.zeros_like(V) for V in (W1, b1, W2, b2))
    m = len(X)
    for i in range(m):
        x, y = X[i:i + 1], Y[i:i + 1]
        z1 = x @ W1 + b1
        a1 = np.maximum(z1, 0)
        d2 = 2 * (a1 @ W2 + b2 - y)
        d1 = (d2 @ W2.T) * (z1 > 0)
        dW2 += a1.T @ d2
        db2 += d2
        dW1 += x.T @ d1
        db1 += d1
    return [dW1 / m, db1 / m, dW2 / m, db2 / m]
"""
NETWORKS = {
    ROWS: cr.Network((3, 4, 4, 1), "tanh", loss="binary_cross_entropy", penalty=cr.L2(0.1)),
    RELU: cr.Network((4, 5, 5, 3), "relu", loss="categorical_cross_entropy"),
    LOOP: cr.Network((3, 4, 2), "relu", loss="squared_error"),
}


def report_on(code, *changes):
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    names = {"np": np, "sigmoid": sigmoid}
    exec(code, names)
    network = next(net for base, net in NETWORKS.items() if base[:60] == code[:60])
    return cr.check_gradients(network, names["f"])


def found(report):
    return [(mistake.code, mistake.place) for mistake in report.mistakes]


def test_they_are_right_as_they_stand():
    for code in NETWORKS:
        assert report_on(code).ok


LOCAL, LAYER, PART = "wrong_local_derivative", "wrong_layer_gradient", "part_of_batch"


@pytest.mark.parametrize(
    ("code", "old", "new", "mistakes"),
    [
        (ROWS, "dZ2 = dA2 * (1 - A2**2)", "dZ2 = 1 - A2**2", [(LOCAL, "dZ2")]),
        (ROWS, "dA1 = dZ2 @ W2.T", "dA1 = dZ3 @ W3.T", [(LAYER, "dZ1")]),
        (ROWS, "dA1 = dZ2 @ W2.T", "dA1 = dZ2 @ dW2.T", [("wrong_weights", "dZ1")]),
        (ROWS, "dA2 = dZ3 @ W3.T", "dA2 = dZ3 @ dW3.T", [("wrong_weights", "dZ2")]),
        (ROWS, "db1, dW2, db2,", "db2, dW2, db1,", [(LAYER, "db2"), (LAYER, "db1")]),
        (ROWS, "dW3 = A2.T @ dZ3", "dW3 = A2.T[:, -1:] @ dZ3[-1:]", [(PART, "dW3")]),
        (ROWS, "dW1 = X.T @ dZ1", "dW1 = X[: m // 2].T @ dZ1[: m // 2]", [(PART, "dW1")]),
        (ROWS, "db2 = dZ2.sum(", "db2 = dZ2[1:].sum(", [(PART, "db2")]),
        (
            ROWS,
            "db3 = dZ3.sum(axis=0, keepdims=True)",
            "db3 = dZ3[-1:]",
            [("bias_not_summed", "db3")],
        ),
        (
            ROWS,
            "m = len(X)",
            "X, Y = X[: len(X) // 2], Y[: len(X) // 2]; m = len(X)",
            [(PART, "dZ3")],
        ),
        (ROWS, "m = len(X)", "m = len(X); X, Y = X[: m // 2], Y[: m // 2]", [(PART, "dZ3")]),
        (ROWS, "m = len(X)", "X, Y = X[-1:], Y[-1:]; m = 1", [(PART, "dZ3")]),
        (ROWS, "(A3 - Y) / m", "A3 / m", [(LOCAL, "dZ3")]),
        (ROWS, "(A3 - Y) / m", "(Z3 - Y) / m", [(LOCAL, "dZ3")]),
        (ROWS, "A3 = sigmoid(Z3)", "A3 = np.tanh(Z3)", [(LOCAL, "dZ3")]),
        (ROWS, "(A3 - Y) / m", "(A3 - Y).mean() * np.ones_like(Y) / m", [(LOCAL, "dZ3")]),
        (
            ROWS,
            "(A3 - Y) / m",
            "-(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / m",
            [(LOCAL, "dZ3")],
        ),
        (
            ROWS,
            "(A3 - Y) / m",
            "-(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) * A3 * (1 - A3) / m",
            [(LOCAL, "dZ3")],
        ),
        (ROWS, "A1.T @ dZ2", "np.outer(A1.mean(0), dZ2.sum(0))", [(LOCAL, "dW2")]),
        (ROWS, "A1.T @ dZ2", "np.outer(A1.sum(0), dZ2.sum(0))", [(LOCAL, "dW2")]),
        (RELU, "dZ2[Z2 <= 0] = 0", "dZ2[dZ2 <= 0] = 0", [(LOCAL, "dZ2")]),
        (RELU, "dZ2[Z2 <= 0] = 0", "dZ2[Z2 > 0] = 0", [(LOCAL, "dZ2")]),
        (RELU, "dZ1[Z1 <= 0] = 0", "dZ1 *= np.where(Z1 > 0, 1, 0.01)", [(LOCAL, "dZ1")]),
        (
            RELU,
            "(s).sum(axis=1, keepdims=True)",
            "(s).sum(axis=0, keepdims=True)",
            [(LOCAL, "dZ3")],
        ),
        (RELU, "(s).sum(axis=1, keepdims=True)", "(s).sum()", [(LOCAL, "dZ3")]),
        (RELU, "s.max(axis=1, keepdims=True)", "s.max(axis=0, keepdims=True)", [(LOCAL, "dZ3")]),
        (
            RELU,
            "dict(dW1=dW1, db1=db1, dW2=dW2, db2=db2, dW3=dW3, db3=db3)",
            "dict(dW2=dW1, db2=db1, dW3=dW2, db3=db2)",
            [(LAYER, place) for place in ("dW3", "db3", "dW2", "db2")],
        ),
        (LOOP, "dW2 += a1.T @ d2", "dW2 = a1.T @ d2", [(PART, "dW2")]),
        (LOOP, "db2 += d2", "db2 = d2", [("bias_not_summed", "db2")]),
        (LOOP, "dW2 += a1.T @ d2", "dW2 -= a1.T @ d2", [("sign", "dW2")]),
        (LOOP, "range(m)", "range(m - 1)", [(PART, "dZ2")]),
        (LOOP, "range(m)", "range(1, m)", [(PART, "dZ2")]),
        (LOOP, "range(m)", "range(0, m, 2)", [(PART, "dZ2")]),
        (LOOP, "d2 = 2 * (a1", "d2 = (a1", [("factor", "dZ2")]),
    ],
)
def test_what_people_get_wrong(code, old, new, mistakes):
    report = report_on(code, (old, new))
    assert found(report) == mistakes, report
    assert all(mistake.corrected for mistake in report.mistakes)


@pytest.mark.parametrize(
    ("code", "old", "new", "note"),
    [
        (ROWS, "m = len(X)", "m = len(X); X = X[::-1]", "if X and Y are in different orders"),
        (ROWS, "m = len(X)", "m = len(X); Y = np.roll(Y, 1, 0)", "the Y of the last observation"),
        (ROWS, "m = len(X)", "m = len(X) - 1", "m/(m − 1) times the right one"),
        (ROWS, "m = len(X)", "m = len(X); b2 = 0 * b2", "for a forward pass without b2"),
        (ROWS, "m = len(X)", "m = len(X); X = (X - X.mean(0)) / X.std(0)", "are standardized"),
        (ROWS, "m = len(X)", "m = len(X); W1 = np.ones_like(W1)", "does not depend on W1:"),
        (
            RELU,
            "return",
            "dW1, db1, dW2, db2, dW3, db3 = ("
            "V / np.linalg.norm(dW1) for V in (dW1, db1, dW2, db2, dW3, db3)); return",
            "clipped, or normalized?",
        ),
        (RELU, "A2 = np.maximum(0, Z2)\n", "A2 = np.tanh(Z2)\n", "hidden=('relu', 'tanh')"),
    ],
)
def test_what_has_no_name_is_told_otherwise(code, old, new, note):
    changes = [(old, new)]
    if "tanh(Z2)" in new:
        changes.append(("dZ2[Z2 <= 0] = 0", "dZ2 *= 1 - A2**2"))
    report = report_on(code, *changes)
    assert "unknown" in report.codes
    assert any(note in text for text in report.notes), report.notes


def test_nothing_is_said_of_what_the_gradients_do_depend_on():
    report = report_on(RELU, ("dZ3 = P - Y", "dZ3 = np.cbrt(P - Y)"))
    assert "unknown" in report.codes
    assert not any("does not depend" in note for note in report.notes)
