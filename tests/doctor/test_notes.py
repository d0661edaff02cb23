"""What the five lecture notes derive, as code: their slips are found, and nothing else is."""

import numpy as np

import chainrule as cr
from chainrule.doctor import Verdict


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_back_propagation_binary_classification():
    """Columns; the cost has 1/n, and the formulas have lost it, and the sums of the biases."""
    net = cr.Network((3, 4, 1), "tanh", loss="binary_cross_entropy")

    def note(W2, A1, A2, X, Y):
        dz2 = A2 - Y
        dz1 = (W2.T @ dz2) * (1 - A1**2)
        return {"dW2": dz2 @ A1.T, "db2": dz2, "dW1": dz1 @ X.T, "db1": dz1}

    report = cr.check_gradients(net, note, layout="columns")
    assert report.codes == ("missing_mean", "bias_not_summed", "bias_not_summed")
    assert [m.place for m in report.mistakes] == ["dZ2", "db2", "db1"]


def test_singh():
    """dZ of each observation; the 1/m stands in dW and dB: a convention, and no mistake."""
    net = cr.Network((3, 4, 4, 1), ("tanh", "softplus"), loss="binary_cross_entropy")

    def note(W2, W3, A1, A2, A3, Z2, X, Y, m):
        dZ3 = A3 - Y
        dZ2 = (dZ3 @ W3.T) * sigmoid(Z2)
        dZ1 = (dZ2 @ W2.T) * (1 - A1**2)
        found = {"dZ3": dZ3, "dZ2": dZ2, "dZ1": dZ1}
        for name, dZ, A in (("3", dZ3, A2), ("2", dZ2, A1), ("1", dZ1, X)):
            found[f"dW{name}"] = A.T @ dZ / m
            found[f"dB{name}"] = dZ.sum(axis=0, keepdims=True) / m
        return found

    report = cr.check_gradients(net, note)
    assert report.ok
    assert report["dZ1"].verdict is Verdict.CONVENTION


def test_mehmet():
    net = cr.Network((3, 4, 2), "sigmoid", "sigmoid", "half_squared_error", "sum")

    def note(W2, A1, A2, X, Y):
        delta2 = (A2 - Y) * A2 * (1 - A2)
        delta1 = (delta2 @ W2.T) * A1 * (1 - A1)
        return {
            "delta2": delta2,
            "delta1": delta1,
            "dW2": A1.T @ delta2,
            "db2": delta2.sum(axis=0),
            "dW1": X.T @ delta1,
            "db1": delta1.sum(axis=0),
        }

    assert cr.check_gradients(net, note).ok


def forward_and_back(start, output="sigmoid"):
    """Check the note's batch of δ, from (A − Y) or what stands for it."""
    net = cr.Network((3, 4, 3), "sigmoid", output, "half_squared_error", "sum")

    def note(W2, A1, A2, X, Y):
        dA2 = start(A2, Y)
        dZ2 = dA2 * A2 * (1 - A2)
        dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)
        return {
            "dA2": dA2,
            "dZ2": dZ2,
            "dW2": A1.T @ dZ2,
            "db2": dZ2.sum(axis=0),
            "dW1": X.T @ dZ1,
            "db1": dZ1.sum(axis=0),
        }

    return cr.check_gradients(net, note)


def test_forward_and_back_propagation_derivation():
    assert forward_and_back(lambda a, y: a - y).ok
    report = forward_and_back(lambda a, y: a - y, "softmax")
    assert report.codes == ("softmax_diagonal",)
    assert report.mistakes[0].place == "dZ2"
    assert forward_and_back(lambda a, y: y - a).codes == ("sign",)
    report = forward_and_back(lambda a, y: (y - a) / 2)
    assert report.codes == ("factor",)
    assert report.mistakes[0].details["factor"] == -0.5
    report = forward_and_back(lambda a, y: y + a)
    assert report.codes == ("wrong_local_derivative",)
    assert "A2 + Y stands where A2 − Y belongs" in report.mistakes[0].sentence


def test_the_derivative_of_z_by_w():
    """(1 − σ(z))σ(z) for a_i, as that note has it once."""
    net = cr.Network((3, 4, 4), "sigmoid", "sigmoid", "half_squared_error", "sum")

    def note(A1, A2, Y):
        dZ2 = (A2 - Y) * A2 * (1 - A2)
        return {"dW2": (A2 * (1 - A2)).T @ dZ2, "db2": dZ2.sum(axis=0)}

    assert cr.check_gradients(net, note).codes == ("wrong_local_derivative",)


def col_865(**changes):
    """Check the general form: ½ before the loss, λ‖θ‖² over all parameters."""
    lam = 0.1
    net = cr.Network(
        (3, 4, 4, 1),
        ("tanh", "sigmoid"),
        loss="binary_cross_entropy",
        reduction="sum",
        cost_scale=0.5,
        penalty=cr.L2(lam, "full", biases=True),
    )
    k = changes.get("penalty", 2 * lam)

    def note(params, A1, A2, A3, X, Y):
        W2, W3 = params["W2"], params["W3"]
        dZ3 = 0.5 * (A3 - Y)
        dZ2 = (dZ3 @ W3.T) * A2 * (1 - A2)
        dZ1 = (dZ2 @ (W2 if changes.get("turned") else W2.T)) * (1 - A1**2)
        source = A2 * (1 - A2) if changes.get("slope") else A1
        return {
            "dW3": A2.T @ dZ3 + k * W3,
            "db3": dZ3.sum(axis=0) + k * params["b3"],
            "dW2": source.T @ dZ2 + k * W2,
            "db2": dZ2.sum(axis=0) + k * params["b2"],
            "dW1": X.T @ dZ1 + k * params["W1"],
            "db1": dZ1.sum(axis=0) + k * params["b1"],
        }

    return cr.check_gradients(net, note)


def test_col_865():
    assert col_865().ok
    assert col_865(penalty=0).codes == ("penalty_missing",) * 6
    assert col_865(slope=True).codes == ("wrong_local_derivative",)
    assert col_865(turned=True).codes == ("missing_transpose",)
    assert set(col_865(penalty=0, turned=True).codes) == {"penalty_missing", "missing_transpose"}


def test_mazur():
    """His published cost comes from hidden gradients that saw the weights after their update."""
    net = cr.Network((2, 2, 2), "sigmoid", "sigmoid", "half_squared_error", "sum")

    def step(params, A1, A2, X, Y):
        W1, W2 = params["W1"], params["W2"]
        dZ2 = (A2 - Y) * A2 * (1 - A2)
        dW2 = A1.T @ dZ2
        W2 = W2 - 0.5 * dW2
        dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)
        dW1 = X.T @ dZ1
        return {"dW2": dW2, "new_W2": W2, "dW1": dW1, "new_W1": W1 - 0.5 * dW1}

    report = cr.check_gradients(net, step, learning_rate=0.5)
    assert report.codes == ("updated_weights",)
    assert report["new_W2"].verdict is Verdict.RIGHT
    assert report["new_W1"].verdict is Verdict.FOLLOWS
    assert round(report.mistakes[0].details["learning_rate"], 9) == 0.5
