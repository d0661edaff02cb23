"""Every metric against scikit-learn's function of the same name."""

import numpy as np
import pytest
from sklearn import metrics as sk

from chainrule.errors import ParameterError
from chainrule.nn import Network, Output
from chainrule.train import METRICS, get_metric, labels_of
from chainrule.train.ranking import area_under_roc

M = 60
BINARY = Network((3, 1), loss="binary_cross_entropy")
CLASSES = Network((3, 4), loss="categorical_cross_entropy")
LABELS = Network((3, 3), loss="binary_cross_entropy")
ONE = Network((3, 1))
MANY = Network((3, 2))


def outputs_and_targets(network, seed=0):
    rng = np.random.RandomState(seed)
    n = network.sizes[-1]
    if network.loss == "categorical_cross_entropy":
        Y = np.eye(n)[rng.randint(n, size=M)]
        return normalized(rng.dirichlet(np.ones(n), M) + 0.7 * Y * rng.randint(2, size=(M, 1))), Y
    if network.loss == "binary_cross_entropy":
        Y = rng.randint(2, size=(M, n)).astype(float)
        return np.clip(rng.uniform(size=(M, n)) * 0.7 + 0.3 * Y, 0.01, 0.99), Y
    return rng.normal(size=(M, n)), rng.normal(size=(M, n))


def figure(metric, network, A, Y, w=None):
    """Return a metric of probabilities, or numbers, A: with the logits that belong to them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        match network.output:
            case "sigmoid":
                Z = np.log(A) - np.log1p(-A)
            case "softmax":
                Z = np.log(A)
            case _:
                Z = A
    return metric(network, Output(Z, A), Y, w)


def weights(kind):
    if kind is None:
        return None
    w = np.random.RandomState(9).uniform(0.1, 3, M)
    w[::7] = 0
    return w


def normalized(A):
    return A / A.sum(axis=1, keepdims=True)


def reference(name, network, A, Y, w):
    """Return scikit-learn's figure."""
    options = {"sample_weight": w}
    match name, network:
        case ("r2", _):
            return sk.r2_score(Y, A, **options)
        case ("rmse", _):
            return np.sqrt(sk.mean_squared_error(Y, A, **options))
        case ("mae", _):
            return sk.mean_absolute_error(Y, A, **options)
    columns = list(zip(Y.T, A.T, strict=True))
    truth = Y[:, 0] if network is BINARY else Y.argmax(1) if network is CLASSES else Y
    said = A[:, 0] > 0.5 if network is BINARY else A.argmax(1) if network is CLASSES else A > 0.5
    match name, network:
        case ("accuracy", _):
            return sk.accuracy_score(truth, said, **options)
        case ("f1", _):
            average = "binary" if network is BINARY else "macro"
            return sk.f1_score(truth, said, average=average, **options)
        case ("roc_auc", _):
            return np.mean([sk.roc_auc_score(y, a, **options) for y, a in columns])
        case ("average_precision", n) if n is BINARY:
            rare = min((0, 1), key=lambda c: (np.average(truth == c, weights=w), -c))
            shares = A[:, 0] if rare else 1 - A[:, 0]
            return sk.average_precision_score(truth == rare, shares, **options)
        case ("average_precision", _):
            return sk.average_precision_score(Y, A, average="macro", **options)
        case ("balanced_accuracy", n) if n is LABELS:
            each = [sk.balanced_accuracy_score(y, a > 0.5, **options) for y, a in columns]
            return np.mean(each)
        case ("balanced_accuracy", _):
            return sk.balanced_accuracy_score(truth, said, **options)
        case (_, n) if n is CLASSES:  # sk.log_loss would normalize the rows; see below
            return np.average(-np.log(A[np.arange(M), truth]), weights=w)
        case _:
            return np.sum([sk.log_loss(y, a, labels=[0, 1], **options) for y, a in columns])


@pytest.mark.parametrize("weighted", [None, "weighted"])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("network", "name"),
    [
        *(
            (n, k)
            for n in (BINARY, CLASSES, LABELS)
            for k, m in METRICS.items()
            if m.classification
        ),
        *((n, k) for n in (ONE, MANY) for k, m in METRICS.items() if not m.classification),
    ],
    ids=str,
)
def test_scikit_learn_agrees(network, name, weighted, seed):
    A, Y = outputs_and_targets(network, seed)
    w = weights(weighted)
    ours = figure(METRICS[name], network, A, Y, w)
    assert isinstance(ours, float)
    assert ours == pytest.approx(reference(name, network, A, Y, w), rel=1e-12)


def test_scikit_learns_log_loss_of_several_classes():
    A, Y = outputs_and_targets(CLASSES)
    A = normalized(A)
    for w in (None, weights("weighted")):
        assert figure(METRICS["log_loss"], CLASSES, A, Y, w) == pytest.approx(
            sk.log_loss(Y.argmax(1), A, sample_weight=w, labels=range(4)), rel=1e-12
        )
        if w is None:
            assert figure(METRICS["roc_auc"], CLASSES, A, Y) == pytest.approx(
                sk.roc_auc_score(Y.argmax(1), A, multi_class="ovr"), rel=1e-12
            )


@pytest.mark.parametrize("network", [BINARY, CLASSES, LABELS])
def test_rows_of_one_class_alone(network):
    A, Y = outputs_and_targets(network)
    Y[...] = 0
    Y[:, 0] = 1
    figures = {k: figure(m, network, A, Y) for k, m in METRICS.items() if m.classification}
    assert np.isnan(figures.pop("roc_auc"))  # there is no curve
    assert np.isnan(figures.pop("average_precision"))  # nor anything to be found
    assert all(np.isfinite(figure) for figure in figures.values())


@pytest.mark.parametrize("network", [BINARY, CLASSES, LABELS])
def test_what_weighs_nothing_is_not_there(network):
    A, Y = outputs_and_targets(network)
    w = np.ones(M)
    w[20:] = 0
    for name, metric in METRICS.items():
        if metric.classification:
            whole, part = figure(metric, network, A, Y, w), figure(metric, network, A[:20], Y[:20])
            assert whole == pytest.approx(part, rel=1e-12), name


def test_certain_and_wrong_costs_much_and_not_infinity():
    """It costs |z|, though the probability has rounded to 1: in float32 it does so from z = 17."""
    for network, z, y, wanted in (
        (BINARY, [[20.0], [-1.0]], [[0.0], [0.0]], (20 + np.log1p(np.exp(-1))) / 2),
        (CLASSES, [[50.0, 0, 0, 0]], [[0.0, 1, 0, 0]], 50),
    ):
        Z = np.array(z, np.float32)
        output = Output(Z, network.activations[-1].value(Z))
        got = METRICS["log_loss"](network, output, np.array(y, np.float32))
        assert got == pytest.approx(wanted, rel=1e-6)


def test_certain_outputs_are_still_ranked():
    Z = np.array([[20.0], [30.0], [40.0], [50.0]], np.float32)
    output = Output(Z, BINARY.activations[-1].value(Z))
    assert (output.A[1:] == 1).all()
    assert METRICS["roc_auc"](BINARY, output, np.array([[0.0], [0], [1], [1]])) == 1


def test_numbers_that_are_constant_or_few():
    Y = np.ones((5, 1))
    assert figure(METRICS["r2"], ONE, Y, Y) == 1
    assert figure(METRICS["r2"], ONE, Y + 1, Y) == 0
    assert np.isnan(figure(METRICS["r2"], ONE, Y[:1], Y[:1]))
    assert figure(METRICS["rmse"], ONE, Y + 2, Y) == 2


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_outputs_that_are_not_finite_score_nan(bad):
    for network, classification in ((BINARY, True), (ONE, False)):
        A, Y = outputs_and_targets(network)
        A[3] = bad
        for metric in METRICS.values():
            if metric.classification == classification:
                assert np.isnan(figure(metric, network, A, Y))


@pytest.mark.parametrize(("network", "shape"), [(BINARY, (M,)), (CLASSES, (M,)), (LABELS, (M, 3))])
def test_labels(network, shape):
    A, _ = outputs_and_targets(network)
    assert labels_of(network, A).shape == shape


def test_which_way_is_up():
    worse = {name for name, metric in METRICS.items() if not metric.greater_is_better}
    assert worse == {"log_loss", "rmse", "mae"}


@pytest.mark.parametrize("two_outputs", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_precision_of_two_classes_is_that_of_the_rarer_one(share, two_outputs):
    network = Network((3, 2), loss="categorical_cross_entropy") if two_outputs else BINARY
    rng = np.random.RandomState(3)
    y = (np.arange(M) < share * M).astype(float)[:, np.newaxis]
    p = np.clip(0.6 * rng.uniform(size=(M, 1)) + 0.3 * y, 0.01, 0.99)
    Y, A = (np.hstack([1 - v, v]) if two_outputs else v for v in (y, p))
    wanted = (
        sk.average_precision_score(y, p)
        if share <= 0.5
        else sk.average_precision_score(1 - y, 1 - p)
    )
    assert figure(METRICS["average_precision"], network, A, Y) == pytest.approx(wanted, rel=1e-12)


def test_names():
    assert get_metric("f1", classification=True) is METRICS["f1"]
    with pytest.raises(ParameterError, match="did you mean 'accuracy'"):
        get_metric("acuracy", classification=True)
    with pytest.raises(ParameterError, match="'r2' is not one for classification: take accuracy"):
        get_metric("r2", classification=True)
    with pytest.raises(ParameterError, match="'f1' is not one for regression: take r2, rmse, mae"):
        get_metric("f1", classification=False)
    with pytest.raises(ParameterError, match="metric must be a name"):
        get_metric(["f1"], classification=True)


@pytest.mark.parametrize("digits", [None, 0, 1])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_area_and_r2_are_scikit_learns_to_the_bit(weighted, dtype, digits):
    """Early stopping compares them: a tie there must be one here, with equal scores too."""
    rng = np.random.RandomState(1)
    for m in (2, 3, 10, 57, 200):
        score = rng.normal(size=m).astype(dtype)
        score = score if digits is None else np.round(score, digits)
        truth = np.append([0, 1], rng.randint(2, size=m - 2)).astype(dtype)
        w = rng.uniform(size=m) * np.append([1, 1], rng.uniform(size=m - 2) > 0.2)
        w = w if weighted else None
        want = sk.roc_auc_score(truth, score, sample_weight=w)
        assert area_under_roc(truth, score, w) == want
        Y = np.stack([truth, np.ones(m, dtype)], axis=1)
        A = np.stack([score, score], axis=1)
        assert METRICS["r2"].function(MANY, A, A, Y, w) == sk.r2_score(Y, A, sample_weight=w)
