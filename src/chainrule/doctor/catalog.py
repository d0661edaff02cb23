"""The catalog: every mistake that the doctor knows by name, in plain words, with an example.

A `Kind` is an entry of the catalog, a `Mistake` (see `chainrule.doctor.findings`) is a kind at a place.
The examples are in NumPy notation, in the rows layout, for a network of two layers and a mean cost.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.errors import unknown_name

__all__ = ["CATALOG", "Kind", "get_kind"]


@dataclass(frozen=True)
class Kind:
    """One kind of mistake.

    Parameters
    ----------
    code : str
        Its name, as reports give it.
    meaning : str
        One sentence in plain words.
    wrong, right : str
        An example: a formula with the mistake, and the same formula without it.
    """

    code: str
    meaning: str
    wrong: str
    right: str


CATALOG: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "missing_mean",
            "The 1/m of the mean over the observations is missing.",
            "dW2 = A1.T @ (A2 - Y)",
            "dW2 = A1.T @ (A2 - Y) / m",
        ),
        Kind(
            "double_mean",
            "The 1/m of the mean is there twice; it belongs into the pass back once.",
            "dZ2 = (A2 - Y) / m;  dW2 = A1.T @ dZ2 / m",
            "dZ2 = (A2 - Y) / m;  dW2 = A1.T @ dZ2",
        ),
        Kind(
            "mean_for_sum",
            "A 1/m is there, and the declared cost is a sum over the observations.",
            "dZ2 = (A2 - Y) / m  (with reduction='sum')",
            "dZ2 = A2 - Y",
        ),
        Kind(
            "sign",
            "The sign is the opposite one.",
            "dZ2 = (Y - A2) / m",
            "dZ2 = (A2 - Y) / m",
        ),
        Kind(
            "factor",
            "A constant factor is too many, or is missing.",
            "dZ2 = 2 * (A2 - Y) / m",
            "dZ2 = (A2 - Y) / m",
        ),
        Kind(
            "missing_transpose",
            "A transpose is missing, or is one too many; square layers hide it.",
            "dA1 = dZ2 @ W2",
            "dA1 = dZ2 @ W2.T",
        ),
        Kind(
            "elementwise_product",
            "An element-wise product stands where a matrix product belongs.",
            "dW2 = A1 * dZ2",
            "dW2 = A1.T @ dZ2",
        ),
        Kind(
            "missing_activation_derivative",
            "The derivative of the activation is missing.",
            "dZ1 = dZ2 @ W2.T",
            "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)",
        ),
        Kind(
            "activation_derivative_argument",
            "The derivative of the activation is taken at the wrong argument: g'(Z) is right; written "
            "in terms of A = g(Z), it takes A, and not Z.",
            "dZ1 = (dZ2 @ W2.T) * (1 - Z1**2)",
            "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)",
        ),
        Kind(
            "wrong_layer_derivative",
            "The derivative of the activation is that of another layer.",
            "dZ1 = (dZ2 @ W2.T) * (1 - A2**2)",
            "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)",
        ),
        Kind(
            "softmax_diagonal",
            "Only the diagonal of softmax's Jacobian is used; every output depends on every "
            "pre-activation.",
            "dZ2 = dA2 * A2 * (1 - A2)",
            "dZ2 = A2 * (dA2 - (dA2 * A2).sum(axis=1, keepdims=True))",
        ),
        Kind(
            "updated_weights",
            "The gradient is passed back through weights that have already been updated.",
            "W2 = W2 - eta * dW2;  dA1 = dZ2 @ W2.T",
            "dA1 = dZ2 @ W2.T;  W2 = W2 - eta * dW2",
        ),
        Kind(
            "wrong_weights",
            "The gradient is passed back through the weights of another layer, or through none.",
            "dA1 = dZ2 @ W1.T",
            "dA1 = dZ2 @ W2.T",
        ),
        Kind(
            "off_by_one_input",
            "The input of the layer is that of another layer: dW_l takes A_(l-1).",
            "dW2 = A2.T @ dZ2",
            "dW2 = A1.T @ dZ2",
        ),
        Kind(
            "wrong_layer_gradient",
            "The gradient is that of another layer: dW_l, db_l and dA_(l-1) take dZ_l.",
            "dW1 = X.T @ dZ2",
            "dW1 = X.T @ dZ1",
        ),
        Kind(
            "part_of_batch",
            "Observations are left out of the sum.",
            "dW2 = A1[-1:].T @ dZ2[-1:]  (or an = in a loop where += belongs)",
            "dW2 = A1.T @ dZ2",
        ),
        Kind(
            "bias_not_summed",
            "The gradient of the bias is not summed over the observations.",
            "db2 = dZ2",
            "db2 = dZ2.sum(axis=0)",
        ),
        Kind(
            "bias_wrong_axis",
            "The gradient of the bias is summed over the wrong axis, or over both.",
            "db2 = dZ2.sum(axis=1)",
            "db2 = dZ2.sum(axis=0)",
        ),
        Kind(
            "bias_mean_for_sum",
            "The gradient of the bias is averaged over the observations where it is to be summed: the "
            "1/m of a mean is already in dZ.",
            "db2 = dZ2.mean(axis=0)",
            "db2 = dZ2.sum(axis=0)",
        ),
        Kind(
            "penalty_missing",
            "The derivative of the penalty is missing.",
            "dW2 = A1.T @ dZ2",
            "dW2 = A1.T @ dZ2 + lam * W2",
        ),
        Kind(
            "penalty_factor",
            "The derivative of the penalty has a wrong factor.",
            "dW2 = A1.T @ dZ2 + 2 * lam * W2",
            "dW2 = A1.T @ dZ2 + lam * W2",
        ),
        Kind(
            "penalty_sign",
            "The derivative of the penalty has the opposite sign.",
            "dW2 = A1.T @ dZ2 - lam * W2",
            "dW2 = A1.T @ dZ2 + lam * W2",
        ),
        Kind(
            "penalty_on_biases",
            "The biases are penalized, and the declared penalty is on the weights alone.",
            "db2 = dZ2.sum(axis=0) + lam * b2",
            "db2 = dZ2.sum(axis=0)",
        ),
        Kind(
            "penalty_wrong_layer",
            "The derivative of the penalty has the parameters of another layer.",
            "dW2 = A1.T @ dZ2 + lam * W1",
            "dW2 = A1.T @ dZ2 + lam * W2",
        ),
        Kind(
            "loss_mismatch",
            "The derivative is that of another loss than the declared one.",
            "dA2 = A2 - Y  (the declared loss is the cross-entropy)",
            "dA2 = (A2 - Y) / (A2 * (1 - A2))",
        ),
        Kind(
            "wrong_local_derivative",
            "One factor of the chain is not the derivative that belongs there.",
            "dZ1 = (dZ2 @ W2.T) * A1  (the activation in place of its derivative)",
            "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)",
        ),
        Kind(
            "wrong_update",
            "The gradients are right, and the update does not follow them: W <- W - eta * dW.",
            "W2 = W2 + eta * dW2",
            "W2 = W2 - eta * dW2",
        ),
        Kind(
            "accumulated",
            "The function does not start from zero: called twice, it gives another answer.",
            "grads['W2'] += A1.T @ dZ2  (and grads is never set to zero)",
            "grads['W2'] = A1.T @ dZ2",
        ),
        Kind(
            "wrong_shape",
            "The array does not have the shape of what it is the derivative of.",
            "db2 of shape (m, 1)",
            "db2 of shape (1, n_2)",
        ),
        Kind(
            "unknown",
            "It is wrong, and no mistake that the doctor knows gives these numbers.",
            "dW2 = (A1.T @ dZ2) ** 3",
            "dW2 = A1.T @ dZ2",
        ),
        Kind(
            "symbol_clash",
            "One symbol stands for two things.",
            "b = x + b  (the sum node is called like the bias)",
            "z = x + b",
        ),
        Kind(
            "degenerate_cost",
            "The cost as it is written does not depend on the prediction, or on the target.",
            "J = 1/2 * sum((Yhat - Yhat)**2)",
            "J = 1/2 * sum((Yhat - Y)**2)",
        ),
        Kind(
            "wrong_shape_note",
            "The shape that is noted beside a formula is not the shape of what it gives.",
            "dW1, noted as 1 x n_0",
            "dW1, noted as n_0 x n_1",
        ),
    )
}


def get_kind(code: str) -> Kind:
    """Return the catalog's entry for `code`, or raise a ParameterError that names the nearest one."""
    try:
        return CATALOG[code]
    except (KeyError, TypeError):
        raise unknown_name("mistake", code, CATALOG) from None
