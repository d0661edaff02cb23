"""The five notes: their own formulas, evaluated as they are written, give the numbers beside them."""

from dataclasses import replace

import numpy as np
import pytest

from chainrule import Network
from chainrule.errors import ParameterError
from chainrule.explain import explain
from chainrule.explain.derivation import derivation_of
from chainrule.explain.notes import NOTES, get_note
from chainrule.nn import L2
from chainrule.notation import formula as al
from chainrule.notation.plain import plain
from helpers.cases import random_parameters, random_targets
from helpers.formulas import evaluate, surroundings
from helpers.gradients import check_gradients, relative_error

TOLERANCE = 1e-11
SIZES = {1: (3, 2), 2: (3, 4, 2), 3: (3, 4, 4, 1), 4: (4, 3, 5, 2, 3)}
KINDS = {
    "binary-classification": [{}, {"reduction": "sum"}, {"hidden": "gelu"}],
    "singh": [
        {"penalty": L2(0.2)},
        {"hidden": "relu"},
        {"loss": "categorical_cross_entropy", "output": "softmax"},
    ],
    "mehmet": [{}, {"hidden": "tanh"}],
    "forward-and-back": [{}, {"output": "softmax"}, {"hidden": "softmax", "output": "softmax"}],
    "col-865": [{}, {"penalty": None}, {"hidden": "softmax"}, {"penalty": L2(0.3, "half")}],
}
CASES = [
    (key, depth, number)
    for key, kinds in KINDS.items()
    for depth in SIZES
    for number in range(len(kinds))
]


def traced(key, depth, number, m=5):
    note = NOTES[key]
    settings = {**note.network, **KINDS[key][number]}
    if isinstance(settings.get("hidden"), tuple):
        settings["hidden"] = settings["hidden"][0]
    network = Network(SIZES[depth], **settings)
    parameters = random_parameters(network.sizes, 3, scale=0.9)
    X = np.random.RandomState(4).normal(size=(m, network.sizes[0]))
    Y = random_targets(network.loss, m, network.sizes[-1], 5)
    check_gradients(network, parameters, X, Y)
    return explain(network, parameters, X, Y, note=key)


def known_of(trace):
    convention, values = trace.convention, trace.numbers
    known = surroundings(trace.steps, trace.network, values.m, convention.layout.columns)
    known |= {"n": values.m, "c": values.c}
    columns = convention.layout.columns
    for layer, g in enumerate(trace.network.activations, start=1):
        known[plain(convention.g(layer))] = lambda z, g=g: g.value(z.T).T if columns else g.value(z)
    L, loss = trace.network.depth, trace.network.loss_function
    slope = loss.derivative(values.record.A[L], values.Y)
    known[plain(al.Partial(convention.loss, convention.A(L)))] = convention.layout.shown(
        "batch", slope
    )
    penalty = trace.network.penalty
    for layer in range(1, L + 1):
        for letter in "Wb":
            V = convention.of(letter, layer)
            if penalty is not None:
                factor = {"full": 2, "half": 1}[penalty.scale] * penalty.strength
                covered = penalty.biases or letter == "W"
                known[f"∂R/∂{plain(V)}"] = factor * covered * known[plain(V)]
    return known


@pytest.mark.parametrize(("key", "depth", "number"), CASES)
def test_every_formula_gives_the_number_beside_it(key, depth, number):
    trace = traced(key, depth, number)
    assert len(trace) == len(trace.steps)  # every step has a name of its own
    known = known_of(trace)
    compared = 0
    for step in trace.steps:
        assert np.shape(step.value) == step.shape, step.name
        if step.part == "Element by element" or step.kind == "jacobian" or "Jacobian" in step.says:
            continue
        for form in (step.general, step.concrete):
            if form is None:
                continue
            got, want = np.asarray(evaluate(form, known)), np.asarray(step.value)
            got = got.reshape(()) if want.ndim == 0 else np.broadcast_to(got, want.shape)
            assert relative_error(got, want) < TOLERANCE, step.concrete_formula
            compared += 1
    assert compared >= 7 * depth


@pytest.mark.parametrize(("key", "depth", "number"), CASES)
def test_every_derivative_is_the_library_s_in_the_note_s_layout(key, depth, number):
    trace = traced(key, depth, number)
    m = trace.numbers.m
    lost = {"binary-classification": ("delta", "gradient"), "singh": ("delta",)}.get(key, ())
    seen = set()
    for step in trace.steps:
        if not step.derivative:
            continue
        want = trace.numbers(step.of)
        if step.derivative in lost and trace.network.reduction == "mean":
            want = m * want
            assert "m times" in step.relation or step.part != "backward"
        turned = trace.convention.layout.columns and (
            step.kind != "weight" or key == "binary-classification"
        )
        want = want.T if turned else want
        np.testing.assert_allclose(step.value, want, rtol=1e-14)
        seen.add(step.of)
    L = trace.network.depth
    assert {f"d{letter}{at}" for letter in "ZWb" for at in range(1, L + 1)} <= seen


# ------------------------------------------------------------------------- element by element (N4)


def by_index(form, arrays, index):
    """Evaluate a formula with indices, for one value of each."""

    def ev(part):
        return by_index(part, arrays, index)

    match form:
        case al.Number(value):
            return value
        case al.Symbol(base, sub, sup):
            return arrays[base + sup][tuple(index[letter] for letter in sub)]
        case al.Add(terms):
            return sum(sign * ev(term) for sign, term in terms)
        case al.Product(factors):
            return np.prod([ev(factor) for factor in factors])
        case al.Fraction(over, under):
            return ev(over) / ev(under)
        case al.Apply(function, (argument,)):
            return arrays[plain(function)](ev(argument))
        case al.SumOver(body, "index", letter):
            symbol = next(s for s in al.symbols_in(body) if letter in s.sub)
            size = arrays[symbol.base + symbol.sup].shape[symbol.sub.index(letter)]
            return sum(by_index(body, arrays, {**index, letter: at}) for at in range(size))
    raise TypeError(plain(form))


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("depth", SIZES)
def test_element_by_element(depth, number):
    trace = traced("forward-and-back", depth, number, m=1)
    arrays = {"exp": np.exp, "y": trace.numbers.Y[0]}
    for layer, g in enumerate(trace.network.activations, start=1):
        name = plain(trace.convention.g(layer))
        arrays[name] = g.value
        arrays[name.replace("σ", "σ'") if name == "σ" else name] = g.value
        arrays["σ'"] = lambda z: (1 / (1 + np.exp(-z))) * (1 - 1 / (1 + np.exp(-z)))
        arrays[f"z[{layer}]"], arrays[f"a[{layer}]"] = (
            trace.numbers(f"Z{layer}")[0],
            trace.numbers(f"A{layer}")[0],
        )
        arrays[f"w[{layer}]"] = trace.parameters[f"W{layer}"]
        arrays[f"b[{layer}]"] = trace.parameters[f"b{layer}"][0]
        arrays[f"δ[{layer}]"] = trace.numbers(f"dZ{layer}")[0]
    arrays["a[0]"] = trace.numbers("X")[0]
    steps = [step for step in trace.steps if step.part == "Element by element"]
    assert len(steps) == 5 * depth
    for step in steps:
        value = step.value if step.kind == "weight" else np.asarray(step.value)[:, 0]
        for place, want in np.ndenumerate(value):
            index = dict(zip("ij" if step.kind == "weight" else "j", place, strict=True))
            assert by_index(step.general, arrays, index) == pytest.approx(want, rel=1e-11), (
                step.name
            )


# ---------------------------------------------------------------------- one neuron (N3), Jacobians


@pytest.mark.parametrize("sizes", [(1, 1), (2, 1), (3, 4, 2)])
def test_one_neuron_node_by_node(sizes):
    network = Network(sizes, "sigmoid", "sigmoid", "half_squared_error", "sum")
    parameters = random_parameters(sizes, 1)
    X, Y = np.random.RandomState(2).normal(size=(5, sizes[0])), np.full((5, sizes[-1]), 0.3)
    trace = explain(network, parameters, X, Y, note="mehmet")
    factors = ["∂C/∂σ(z)", "∂σ(z)/∂z", "∂z/∂x", "∂x/∂w1"]
    product = np.prod([trace[name].value for name in factors], axis=0)
    assert product.shape == (5, 1)
    L = network.depth
    assert product.sum() == pytest.approx(trace.gradients[f"W{L}"][0, 0], rel=1e-13)
    assert float(trace["∂C/∂w1"].value) == trace.gradients[f"W{L}"][0, 0]
    assert trace["∂C/∂w1"].factors == tuple(factors)
    if sizes == (1, 1):
        z = trace["x"].value + parameters["b1"]
        np.testing.assert_allclose(trace["z"].value, z, rtol=1e-14)
        assert trace["z"].formula == "z = x + b"


@pytest.mark.parametrize("number", range(4))
def test_jacobian_gradient_products(number):
    trace = traced("col-865", 3, number)
    products = [step for step in trace.steps if "the Jacobian" in step.says]
    assert len(products) == 6
    for step in products:
        (line,) = step.lines
        target, factors = line.left, line.forms[0].factors
        J, gradient = np.asarray(trace[plain(step.symbol)].value), trace[plain(factors[1])].value
        got = J.T @ np.asarray(gradient)[:, :1]
        want = np.asarray(trace[plain(target)].value)[:, :1]
        assert relative_error(got, want) < 1e-12


def test_a_large_jacobian_is_not_shown():
    note = NOTES["col-865"]
    network = Network((3, 20, 1), **note.network)
    steps = {step.name: step for step in derivation_of(note.convention_of(network))}
    assert [name for name, step in steps.items() if "the Jacobian" in step.says] == ["∂ŷ/∂z^(0)"]
    assert [plain(line) for line in steps["∇_z^(1) J"].lines] == [
        "∇_z^(1) J = (∂x^(1)/∂z^(1))ᵀ (∇_x^(1) J)"
    ]


# ----------------------------------------------------------------------------------------- the slips


def test_every_slip_is_there():
    written = {key: [as_text(slip.written) for slip in note.slips] for key, note in NOTES.items()}
    assert written == {
        "binary-classification": ["∂J/∂z2", "a2 − y", "∂J/∂z1", "1 × d"],
        "singh": ["n × 1", "n_1 × 1", "1/n in the cost, 1/m in dW and dB"],
        "mehmet": ["called b", "not stated"],
        "forward-and-back": [
            "y_j − a_j", "½ (y_j − a_j)", "y_j + a_j", "(1 − σ(z_j)) · σ(z_j)", "½ Σ_j (ŷ − ŷ)²",
            "∂L/∂a_i", "σ(z^[0])", "(a_j − y_j) · σ'(z_j)", "Z = A^[0] W^[1] + b, in rows",
        ],
        "col-865": [
            "(∇_z^(k) J) x^(k−1)ᵀ", "(∇_z^(k) J) g^(k)'(z^(k))ᵀ", "W^(k)ᵀ (∇_z^(k) J)",
            "W^(k)ᵀ x^(k)", "L",
        ],
    }  # fmt: skip


def as_text(part):
    return part if isinstance(part, str) else plain(part)


@pytest.mark.parametrize("place", range(4))
def test_the_slips_of_col_865_give_other_numbers(place):
    """At layer k = 2 of a square network, where no shape tells."""
    slip = NOTES["col-865"].slips[place]
    network = Network((4, 4, 4, 4), **NOTES["col-865"].network)
    parameters = random_parameters(network.sizes, 3, scale=0.9)
    X, Y = np.random.RandomState(4).normal(size=(5, 4)), random_targets(network.loss, 5, 4, 5)
    trace = explain(network, parameters, X, Y, note="col-865")
    known = {"λ": 0.1}
    for name in ("∇_z^(2) J", "W^(2)", "x^(2)", "g^(2)'(z^(2))"):
        known[name.replace("(2)", "(k)")] = np.asarray(trace[name].value)
    known["x^(k−1)"] = trace["x^(1)"].value
    by_W = np.transpose(trace["∇_W^(2) J"].value)  # the notes write that of Wᵀ
    truth = [by_W, by_W - 0.2 * known["W^(k)"].T,
             trace["∇_x^(1) J"].value, trace["z^(2)"].value - trace["b^(2)"].value][place]  # fmt: skip
    assert relative_error(evaluate(slip.right, known), truth) < 1e-12
    assert relative_error(evaluate(slip.written, known), truth) > 0.05


def test_the_slips_of_the_handwritten_note_give_other_numbers():
    trace = traced("binary-classification", 2, 0)
    known = known_of(trace) | {"n": trace.numbers.m}
    dZ2 = trace.numbers("dZ2").T
    first, third, sixth, _ = NOTES["binary-classification"].slips
    assert relative_error(evaluate(first.right, known), dZ2) < 1e-12
    assert relative_error(evaluate(first.written, known), dZ2) > 0.05
    m = trace.numbers.m
    for slip, name in ((third, "db2"), (sixth, "db1")):
        truth = m * trace.numbers(name).T
        assert relative_error(evaluate(slip.right, known), truth) < 1e-12
        assert np.shape(evaluate(slip.written, known)) != truth.shape


# ------------------------------------------------------------------------------ names and refusals


def test_names():
    for place, (key, note) in enumerate(NOTES.items(), start=1):
        for name in (key, key.upper(), f"N{place}", f"n{place}", key.replace("-", " ")):
            assert get_note(name) is note
    with pytest.raises(ParameterError, match=r"unknown note 'sing'.*did you mean 'singh'.*N5"):
        get_note("sing")


@pytest.mark.parametrize(
    ("key", "change", "words"),
    [
        ("binary-classification", {"loss": "poisson", "output": None}, "loss='poisson'"),
        ("binary-classification", {"penalty": L2(0.1)}, "penalty=None"),
        ("singh", {"reduction": "sum"}, "reduction='mean'"),
        ("mehmet", {"reduction": "mean"}, "reduction='sum'"),
        ("forward-and-back", {"loss": "squared_error"}, "half_squared_error"),
        ("col-865", {"cost_scale": 1.0}, "cost_scale=0.5"),
        ("singh", {"label_smoothing": 0.1}, "label_smoothing"),
    ],
)
def test_a_network_that_the_note_is_not_about(key, change, words):
    note = NOTES[key]
    network = replace(note.example_network(), **change)
    with pytest.raises(ParameterError, match=words):
        note.convention_of(network)


def test_notes_know_no_observation_weights():
    network = NOTES["singh"].example_network()
    with pytest.raises(ParameterError, match="observation weights"):
        explain(network, network.init(0), np.ones((2, 3)), [0.0, 1.0], [1.0, 2.0], note="singh")
