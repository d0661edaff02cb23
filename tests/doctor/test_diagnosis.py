"""Verdicts: what is wrong, what follows from it, what is a convention, what cannot be told apart."""

import numpy as np
import pytest

from chainrule import L2, Network
from chainrule.doctor import Point, Verdict, diagnose, draw_points
from chainrule.doctor.reference import refer
from chainrule.errors import ParameterError
from helpers.slips import ETA, Slip, backward

NET = Network((3, 4, 4, 2), ("tanh", "sigmoid"), loss="binary_cross_entropy", penalty=L2(0.3))
POINTS = draw_points(NET, 3)


def computed(slips=(), network=NET, points=POINTS, keep="AZWb"):
    found = [backward(network, p.parameters, p.X, p.Y, slips) for p in points]
    return {name: [V[name] for V in found] for name in found[0] if name[1] in keep}


def verdicts(report):
    return {f.quantity: f.verdict for f in report.findings if f.given}


def test_the_first_wrong_quantity_and_what_follows_from_it():
    report = diagnose(POINTS, computed((Slip("missing_activation_derivative", "dZ2"),)))
    assert report.codes == ("missing_activation_derivative",)
    found = verdicts(report)
    for name in ("dA3", "dZ3", "dW3", "db3", "dA2"):
        assert found[name] is Verdict.RIGHT
    assert found["dZ2"] is Verdict.WRONG
    for name in ("dW2", "db2", "dA1", "dZ1", "dW1", "db1"):
        assert found[name] is Verdict.FOLLOWS
        assert report[name].follows_from == ("dZ2",)
    order = [f.quantity for f in report.findings]
    assert " ".join(order) == "dA3 dZ3 dW3 db3 dA2 dZ2 dW2 db2 dA1 dZ1 dW1 db1"


def test_a_mistake_on_top_of_another_one():
    slips = (Slip("sign", "dZ3"), Slip("off_by_one_input", "dW2", 2))
    report = diagnose(POINTS, computed(slips, keep="Wb"))
    assert report.codes == ("sign", "off_by_one_input")
    assert not report["dZ3"].given
    assert report["dW2"].verdict is Verdict.WRONG
    assert report["dW2"].follows_from == ("dZ3",)
    assert report["db1"].follows_from == ("dZ3",)


def test_five_mistakes_in_five_places():
    slips = (
        Slip("missing_mean", "dZ3", 1),
        Slip("penalty_missing", "dW3"),
        Slip("bias_mean_for_sum", "db2", -1),
        Slip("missing_transpose", "dZ1"),
        Slip("penalty_sign", "dW1"),
    )
    report = diagnose(POINTS, computed(slips, keep="Wb"))
    assert sorted(report.codes) == sorted(slip.code for slip in slips)
    assert {m.place for m in report.mistakes} == {slip.place for slip in slips}


def test_derivatives_of_each_observation_are_a_convention():
    """dZ without the 1/m, which then stands in dW and db."""
    references = [refer(p) for p in POINTS]
    given = computed(keep="Wb")
    for layer in (1, 2, 3):
        given[f"dZ{layer}"] = [r.m * r.dZ[layer] for r in references]
    report = diagnose(POINTS, given)
    assert report.ok
    assert report["dZ2"].verdict is Verdict.CONVENTION
    assert report["dW2"].verdict is Verdict.RIGHT
    assert "convention" in report.notes[-1]
    given["db2"] = [V * r.m for V, r in zip(given["db2"], references, strict=True)]
    report = diagnose(POINTS, given)
    assert report.codes == ("missing_mean",)
    assert report["dZ2"].verdict is Verdict.CONVENTION
    assert report.mistakes[0].corrected == "db2 = dZ2.sum(axis=0, keepdims=True) / m"


def test_the_declaration_decides():
    """Without the 1/m everywhere it is the gradient of the sum, and the declared cost is the mean."""
    report = diagnose(POINTS, computed((Slip("missing_mean", "dZ3", 1),)))
    assert report.codes == ("missing_mean",)
    assert "right for reduction='sum'" in report.mistakes[0].sentence
    summed = Network((3, 2), reduction="sum")
    points = draw_points(summed, 3)
    report = diagnose(points, computed((Slip("mean_for_sum", "dZ1", -1),), summed, points))
    assert report.codes == ("mean_for_sum",)


def test_everything_times_one_number():
    """The penalty too, which no single formula could have done."""
    given = {name: [-V for V in values] for name, values in computed(keep="Wb").items()}
    report = diagnose(POINTS, given)
    assert report.codes == ("sign",)
    assert "every gradient" in report.mistakes[0].sentence


def test_ties_are_reported_as_ties():
    network = Network((3, 4, 2), "tanh", "sigmoid", "half_squared_error")
    points = draw_points(network, 3)
    slips = (Slip("missing_activation_derivative", "dZ2"),)
    report = diagnose(points, computed(slips, network, points, "Wb"))
    assert report.codes == ("missing_activation_derivative",)
    assert ("loss_mismatch",) in [tuple(m.code for m in tie) for tie in report["dZ2"].ties]
    assert "the same numbers" in str(report)


@pytest.mark.parametrize("where", ["dW2", "db2"])
def test_what_nothing_explains(where):
    given = computed(keep="Wb")
    given[where] = [np.sin(5 * V) + 0.1 for V in given[where]]
    report = diagnose(POINTS, given)
    assert report.codes == ("unknown",)
    assert report[where].verdict is Verdict.WRONG
    assert report["dW1"].verdict is Verdict.RIGHT


def test_an_unknown_dZ_is_found_by_what_hangs_on_it():
    given = computed(keep="Wb")
    for name in ("dW2", "db2", "dW1", "db1"):
        given[name] = [np.sin(5 * V) + 0.1 for V in given[name]]
    report = diagnose(POINTS, given)
    assert report.codes == ("unknown",)
    assert report.mistakes[0].place == "dZ2"
    assert report["dW1"].verdict is Verdict.FOLLOWS


def test_an_unknown_dZ_that_was_given_is_what_the_rest_is_measured_by():
    """What is computed rightly from a wrong dZ2 follows; a further mistake is still found."""
    given = computed()
    r = [refer(p) for p in POINTS]
    given["dZ2"] = [np.sin(5 * V) for V in given["dZ2"]]
    for name in ("dA1", "dZ1", "dW1", "db1", "dW2", "db2"):
        given.pop(name)
    given["dW2"] = [q.A[1].T @ V + 0.3 * q.W(2) for q, V in zip(r, given["dZ2"], strict=True)]
    given["db2"] = [V.mean(axis=0) for V in given["dZ2"]]
    report = diagnose(POINTS, given)
    assert report.codes == ("unknown", "bias_mean_for_sum")
    assert report["dW2"].verdict is Verdict.FOLLOWS


def test_shapes_that_cannot_be_right():
    given = computed(keep="Wb")
    given["dW2"] = [np.ones((7, 9)) for _ in POINTS]
    report = diagnose(POINTS, given)
    assert report.codes == ("wrong_shape",)
    assert "(7, 9), and must have (4, 4)" in report.mistakes[0].sentence


def test_updates():
    gradients = computed(keep="Wb")
    new = {}
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        pairs = zip(POINTS, gradients[f"d{name}"], strict=True)
        new[f"new_{name}"] = [p.parameters[name] - 0.5 * V for p, V in pairs]
    report = diagnose(POINTS, gradients | new, learning_rate=0.5)
    assert report.ok
    assert report["new_W1"].note == "η = 0.5"
    assert diagnose(POINTS, gradients | new).ok  # η is read off
    assert not diagnose(POINTS, gradients | new, learning_rate=0.25).ok

    theta = [p.parameters["W2"] for p in POINTS]
    dW2 = gradients["dW2"]
    bad = {
        "goes up the gradient": [W + 0.5 * V for W, V in zip(theta, dW2, strict=True)],
        "is not changed": theta,
        "is updated with dW": [p.parameters["W2"] - 0.5 * np.ones((4, 4)) for p in POINTS],
        "2 times dW2, and not η = 0.5": [W - 2 * V for W, V in zip(theta, dW2, strict=True)],
    }
    bad["no multiple"] = bad.pop("is updated with dW")
    for words, values in bad.items():
        report = diagnose(POINTS, gradients | new | {"new_W2": values}, learning_rate=0.5)
        assert report.codes == ("wrong_update",)
        assert words in report.mistakes[0].sentence
    other = [p.parameters["b1"] - 0.5 * V for p, V in zip(POINTS, gradients["db2"], strict=True)]
    report = diagnose(POINTS, gradients | new | {"new_b1": other})
    assert "b1 is updated with db2" in report.mistakes[0].sentence


def test_the_learning_rate_of_weights_updated_too_early():
    report = diagnose(POINTS, computed((Slip("updated_weights", "dZ2"),), keep="Wb"))
    assert report.codes == ("updated_weights",)
    assert report.mistakes[0].details["learning_rate"] == pytest.approx(ETA)


def test_points_of_different_sizes():
    """Square layers here, other ones there: a value may be missing where the code fails."""
    other = Network((3, 5, 4, 2), ("tanh", "sigmoid"), loss=NET.loss, penalty=NET.penalty)
    points = [*POINTS, *draw_points(other, 1)]
    given = computed((Slip("missing_transpose", "dZ1"),), keep="Wb")
    given = {name: [*values, None] for name, values in given.items()}
    (fourth,) = (backward(other, p.parameters, p.X, p.Y) for p in points[3:])
    for name in ("dW3", "db3", "dW2", "db2"):
        given[name][3] = fourth[name]
    report = diagnose(points, given)
    assert report.codes == ("missing_transpose",)


def test_what_cannot_be_diagnosed():
    for points, given in (([], {"dW1": []}), (POINTS, {})):
        with pytest.raises(ParameterError, match="nothing to check"):
            diagnose(points, given)
    with pytest.raises(ParameterError, match="one value for each of 3 points"):
        diagnose(POINTS, {"dW1": [np.ones((3, 4))]})


@pytest.mark.parametrize(
    "name", ["dW_1", "W1", "grad_W1", "gradW1", "dw1", "nabla_W1", "dJdW1", "dJ_dW1", "dtheta1"]
)
def test_names_that_people_use(name):
    given = computed(keep="Wb")
    report = diagnose(POINTS, {name: given["dW1"], "delta3": computed()["dZ3"]})
    assert report["dW1"].verdict is Verdict.RIGHT
    assert report["dZ3"].verdict is Verdict.RIGHT


def test_targets_that_were_not_smoothed():
    network = Network((3, 4, 2), "tanh", loss="categorical_cross_entropy", label_smoothing=0.1)
    points = draw_points(network, 3)
    assert diagnose(points, computed((), network, points, "Wb")).ok
    plain = Network((3, 4, 2), "tanh", loss="categorical_cross_entropy")
    report = diagnose(points, computed((), plain, points, "Wb"))
    assert report.codes == ("loss_mismatch",)
    assert "label_smoothing=0.1" in report.mistakes[0].sentence


def test_gradients_of_another_network():
    network = Network((3, 4, 2), "tanh", loss="binary_cross_entropy")
    points = draw_points(network, 3)
    for other, words in (
        (Network((3, 4, 2), "relu", loss="binary_cross_entropy"), "right for hidden='relu'"),
        (
            Network((3, 4, 2), "tanh", "tanh", "squared_error"),
            "output='tanh', loss='squared_error'",
        ),
    ):
        report = diagnose(points, computed((), other, points, "Wb"))
        assert not report.ok
        assert any(words in note for note in report.notes), report


def test_a_sum_that_cancels_in_float32():
    """The five terms of db1 leave 1e-5 of themselves, of which float32 has two digits."""
    network = Network((3, 1))
    (drawn,) = draw_points(network, 1)
    error = np.array([[1.0], [-1.0], [2.0], [-2.0], [1e-5]])
    Y = network.predict(drawn.parameters, drawn.X) - error
    point = Point(network, drawn.parameters, drawn.X, Y)
    dZ = (network.predict(drawn.parameters, drawn.X) - Y).astype(np.float32) / np.float32(5)
    X = drawn.X.astype(np.float32)
    given = {"dW1": [X.T @ dZ], "db1": [dZ.sum(axis=0) + np.float32(3e-8)]}
    report = diagnose([point], given)
    assert report.ok
    assert np.abs(given["db1"][0] / refer(point).gradients["b1"] - 1).max() > 1e-3
    given["db1"] = [given["db1"][0] + np.float32(1e-3)]
    assert not diagnose([point], given).ok
