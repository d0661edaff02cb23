"""``chainrule explain`` and ``chainrule derive``: what they print, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.explain.notes import NOTES
from helpers.cli import Run, refused

MAZUR = {
    "W1": [[0.15, 0.25], [0.20, 0.30]],
    "b1": [0.35, 0.35],
    "W2": [[0.40, 0.50], [0.45, 0.55]],
    "b2": [0.60, 0.60],
}
OF_MAZUR = [
    "explain", "--parameters", "mazur.json", "--hidden", "sigmoid", "--output", "sigmoid",
    "--loss", "half_squared_error", "--x", "0.05,0.10", "--y", "0.01,0.99",
]  # fmt: skip


@pytest.fixture
def mazur(tmp_path: Path) -> Path:
    (tmp_path / "mazur.json").write_text(json.dumps(MAZUR))
    return tmp_path


def step_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(step for step in document["steps"] if step["name"] == name)


# ------------------------------------------------------------------------------ the worked examples


def test_mazur_to_every_digit(run: Run, mazur: Path) -> None:
    step = ["--learning-rate", "0.5", "--freeze", "b1,b2", "--too-early", "--digits", "9"]
    out = run(*OF_MAZUR, *step).out
    for figure in (
        "0.593269992", "0.596884378", "0.751365070", "0.772928465", "0.298371109",
        "0.138498562", "-0.038098237", "0.008771355", "0.009954255", "0.082167041", "0.000438568",
        "0.358916480", "0.408666186", "0.511301270", "0.561370121",
        "0.149780716", "0.199561432", "0.249751144", "0.299502287", "0.291027774",
        "0.291027924",  # published; of weights that were updated too early
    ):  # fmt: skip
        assert figure in out, figure
    document = run(*OF_MAZUR, *step, "--steps", "10000", "--json").document
    update = document["update"]
    assert update["costs"][10_000] == pytest.approx(3.510188e-5, abs=5e-12)
    np.testing.assert_allclose(update["outputs"], [[0.015913620, 0.984064274]], atol=5.1e-10)
    early = update["too_early"]["outputs"]
    np.testing.assert_allclose(early, [[0.015912196, 0.984065734]], atol=5.1e-10)


def test_mazur_with_its_biases(run: Run, mazur: Path) -> None:
    step = ["--learning-rate", "0.5", "--digits", "9"]
    assert "0.280471447" in run(*OF_MAZUR, *step).out
    assert "0.285750887" in run(*OF_MAZUR, *step, "--share-biases").out


def coursera(path: Path) -> None:
    """The tiny case of exercise 4 of Coursera's "Machine Learning"."""
    numbers = np.arange(1, 19) / 10
    first, second = numbers[:6].reshape((2, 3), order="F"), numbers[6:].reshape((4, 3), order="F")
    arrays = {"W1": first[:, 1:].T, "b1": first[:, 0], "W2": second[:, 1:].T, "b2": second[:, 0]}
    X, Y = np.cos([[1, 2], [3, 4], [5, 6]]), np.eye(4)[[3, 1, 2]]
    np.savez(path, **arrays, X=X, Y=Y)


# fmt: off
GRADIENT = {  # by λ: dW1, db1 and dW2, db2 as the course's Theta_grad, unrolled column by column
    0: [0.766138370, 0.979896866, -0.027539616, -0.035844209, -0.024928783, -0.053861694,
        0.883417208, 0.568762345, 0.584667662, 0.598139237, 0.459313549, 0.344618183,
        0.256313331, 0.311885063, 0.478336623, 0.368920407, 0.259770622, 0.322330889],
    4: [0.766138370, 0.979896866, 0.372460384, 0.497489124, 0.641737884, 0.746138306,
        0.883417208, 0.568762345, 0.584667662, 0.598139237, 1.925980216, 1.944618183,
        1.989646665, 2.178551730, 2.478336623, 2.502253740, 2.526437289, 2.722330889],
}
# fmt: on


@pytest.mark.parametrize(("strength", "J"), [(0, 7.406969856), (4, 19.473636523)])
def test_exercise_4(run: Run, tmp_path: Path, strength: float, J: float) -> None:
    coursera(tmp_path / "ex4.npz")
    options = ["--hidden", "sigmoid", "--loss", "binary_cross_entropy", "--json"]
    if strength:
        options += ["--penalty", str(strength), "--penalty-scale", "half_mean"]
    document = run("explain", "--parameters", "ex4.npz", *options).document
    assert document["cost"] == pytest.approx(J, abs=5.1e-10)
    unrolled = [
        np.vstack([step_of(document, f"db{at}")["value"], step_of(document, f"dW{at}")["value"]])
        for at in (1, 2)
    ]
    got = np.concatenate([theta.T.ravel(order="F") for theta in unrolled])
    np.testing.assert_allclose(got, GRADIENT[int(strength)], rtol=0, atol=5.1e-10)


def test_planar_data(run: Run, tmp_path: Path) -> None:
    rng, rows = np.random.RandomState(1), []
    for label in (0, 1):
        t = np.linspace(3.12 * label, 3.12 * (label + 1), 200) + 0.2 * rng.randn(200)
        r = 4 * np.sin(4 * t) + 0.2 * rng.randn(200)
        rows.append(np.column_stack([r * np.sin(t), r * np.cos(t), np.full(200, label)]))
    draw = np.random.RandomState(2)
    W1, W2 = 0.01 * draw.randn(4, 2), 0.01 * draw.randn(1, 4)
    np.savez(tmp_path / "start.npz", W1=W1.T, b1=np.zeros(4), W2=W2.T, b2=np.zeros(1))
    lines = [",".join(repr(float(cell)) for cell in row) for row in np.vstack(rows)]
    (tmp_path / "flower.csv").write_text("x1,x2,y\n" + "\n".join(lines) + "\n")
    document = run(
        "explain", "flower.csv", "--parameters", "start.npz", "--loss", "binary_cross_entropy",
        "--learning-rate", "1.2", "--steps", "3000", "--json",
    ).document  # fmt: skip
    costs = [document["update"]["costs"][step] for step in (0, 1000, 2000, 3000)]
    np.testing.assert_allclose(costs, [0.693048, 0.288083, 0.254385, 0.233864], atol=5.1e-7)


# -------------------------------------------------------------------------------------- model files


def test_a_model_file_and_its_table(run: Run, model: str, table: str) -> None:
    document = run("explain", model, table, "--rows", "2-4,7", "--json").document
    assert document["observations"] == 4
    fitted = cr.load(model)
    by_name = {step["name"]: step for step in document["steps"]}
    from chainrule.data import read_table

    rows = read_table(table).take([1, 2, 3, 6])
    X = fitted.encoder.transform(rows)
    np.testing.assert_array_equal(by_name["X"]["value"], X)
    network, parameters = fitted.estimator.network_, fitted.estimator.parameters_
    J, gradients = network.cost_and_gradients(parameters, X, fitted.target.encode(rows))
    assert document["cost"] == pytest.approx(J, rel=1e-12)
    np.testing.assert_allclose(by_name["dW1"]["value"], gradients["W1"], rtol=1e-12, atol=1e-18)


def test_a_regression_with_weights(run: Run, table: str) -> None:
    options = ["-t", "score", "--weight", "votes", "--hidden", "3", "--epochs", "2", "-m", "m"]
    run("train", table, *options)
    document = run("explain", "m", table, "--json").document
    evaluated = run("evaluate", "m", table, "--json").document
    assert document["cost"] == pytest.approx(evaluated["cost"], rel=1e-12)
    assert step_of(document, "w")["shape"] == [60, 1]


def test_a_bare_estimator(run: Run, tmp_path: Path) -> None:
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    model = cr.MLPRegressor(hidden_layer_sizes=(3,), max_iter=300, tol=1.0, random_state=0)
    cr.save(model.fit(X, y), tmp_path / "bare.safetensors")
    rows = "\n".join(f"{a},{b},{c}" for (a, b), c in zip(X.tolist(), y.tolist(), strict=True))
    (tmp_path / "rows.csv").write_text(f"a,b,y\n{rows}\n")
    document = run("explain", "bare.safetensors", "rows.csv", "--json").document
    cost = model.network_.cost(model.parameters_, X, y)
    assert document["cost"] == pytest.approx(cost, rel=1e-12)


# ------------------------------------------------------------------------------- options and formats


def test_the_same_command_gives_the_same(run: Run) -> None:
    first = run("explain", "--network", "3-4-1", "--loss", "binary_cross_entropy")
    assert run("explain", "--network", "3-4-1", "--loss", "binary_cross_entropy") == first
    assert "dZ2 = ∂J/∂A2 · ∂A2/∂Z2" in first.out
    assert first.lines == [
        "parameters drawn, seed 0; --parameters FILE gives others",
        "3 rows drawn, seed 0; --x and --y, or a table, give others",
    ]
    other = run("explain", "--network", "3-4-1", "--loss", "binary_cross_entropy", "--seed", "1")
    assert other.out != first.out


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "categorical_cross_entropy", "poisson",
                                  "squared_error", "half_squared_error"])  # fmt: skip
def test_rows_are_drawn_for_every_loss(run: Run, loss: str) -> None:
    document = run("explain", "--network", "2-3-2", "--loss", loss, "--json").document
    assert document["observations"] == 3
    assert document["cost"] > 0


@pytest.mark.parametrize("command", ["explain", "derive"])
@pytest.mark.parametrize(
    ("ending", "start"),
    [
        ("txt", "3-4-1,"), ("md", "# "), ("tex", "\\documentclass"), ("html", "<!DOCTYPE"),
        ("json", "{"),
    ],
)  # fmt: skip
def test_files(run: Run, tmp_path: Path, command: str, ending: str, start: str) -> None:
    format = {"txt": "text", "md": "markdown", "tex": "latex"}.get(ending, ending)
    said = run(command, "--network", "3-4-1", "-o", f"page.{ending}").lines
    assert said[-1] == f"written: page.{ending}"
    text = (tmp_path / f"page.{ending}").read_text("utf-8")
    assert text.startswith(start if command == "explain" or ending != "txt" else "The derivation")
    assert run(command, "--network", "3-4-1", "--format", format).out == text


def test_columns(run: Run) -> None:
    document = run("explain", "--network", "3-4-1", "--notation", "columns", "--json").document
    assert document["notation"] == "columns"
    assert step_of(document, "dW1")["shape"] == [4, 3]
    assert "Z1 = W1 X + b1" in run("derive", "--network", "3-4-1", "--notation", "columns").out


@pytest.mark.parametrize("note", [*NOTES, "N1", "N2", "N3", "N4", "N5"])
def test_notes(run: Run, note: str) -> None:
    derived = run("derive", "--in", note).out
    explained = run("explain", "--in", note).out
    for text in (derived, explained):
        assert "Slips of the note" in text
        assert "The update" in text
    assert "Beside the derivatives of the cost" in explained
    deeper = run("derive", "--in", note, "--network", "5-7-6-2").out
    assert "7 × 6" in deeper or "6 × 7" in deeper
    document = run("explain", "--in", note, "--json").document
    assert document["note"] in NOTES


def test_only_and_of(run: Run) -> None:
    options = ["--network", "3-4-1", "--only", "dZ1", "--only", "dW1"]
    options += ["--of", "W1[2,3]", "--of", "b2[0]"]
    out = run("explain", *options).out
    assert "One weight: W1[2,3]" in out
    assert "One weight: b2[0]" in out
    document = run("explain", *options, "--json", "--paths", "1").document
    assert [step["name"] for step in document["steps"]] == ["dZ1", "dW1"]
    chain = document["chains"][0]
    assert chain["count"] == 3
    assert len(chain["paths"]) == 1
    assert chain["value"] == step_of(document, "dW1")["value"][2][3]
    total = chain["paths"][0]["product"] + chain["remainder"]
    assert total == pytest.approx(chain["value"], rel=1e-12)


def test_the_network_of_the_options(run: Run) -> None:
    document = run(
        "derive", "--network", "3,4,5,2", "--hidden", "tanh,relu", "--output", "softmax",
        "--loss", "categorical_cross_entropy", "--reduction", "sum", "--penalty", "0.5",
        "--penalty-scale", "full", "--penalize-biases", "--cost-scale", "2",
        "--label-smoothing", "0.1", "--json",
    ).document  # fmt: skip
    assert cr.Network.from_dict(document["network"]) == cr.Network(
        (3, 4, 5, 2), ("tanh", "relu"), "softmax", "categorical_cross_entropy", "sum",
        cr.L2(0.5, "full", True), 2.0, 0.1,
    )  # fmt: skip
    assert all("value" not in step for step in document["steps"])


def test_an_embedding(run: Run) -> None:
    text = run("explain", "--network", "3-4-1", "--embed", "2x5").out
    assert "the first 2 inputs embedded in 5 values each" in text
    assert "= Σ_i X[i, :k]ᵀ ⊙ dt[i]" in text
    steps = run("explain", "--network", "3-4-1", "--embed", "2x5", "--json").document["steps"]
    values = {step["name"]: step["value"] for step in steps}
    assert np.abs(values["dfrequency"]).min() > 0
    assert np.shape(values["dfrequency"]) == (2, 4)
    derived = run("derive", "--network", "3-4-1", "--embed", "2x5").out
    assert "E = a0 ⊙ e + c0" in derived
    assert "m × nE = m × 11" in derived


@pytest.mark.parametrize(
    ("embed", "says"),
    [
        ("8", "--embed must be inputs and values such as 2x8, not '8'"),
        ("4x8", "the embedding is one of 4 inputs, the network has 3"),
        ("2x1", "an embedding's width must be"),
        ("0x3", "an embedding's columns must be"),
    ],
)
def test_a_wrong_embedding(run: Run, tmp_path: Path, embed: str, says: str) -> None:
    refused(run, tmp_path, ["derive", "--network", "3-4-1", "--embed", embed], [says])


def test_quiet(run: Run) -> None:
    result = run("explain", "--network", "3-4-1", "--quiet")
    assert result.out == result.err == ""


@pytest.mark.parametrize("command", ["explain", "derive"])
def test_help_has_examples(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.out.count(f"chainrule {command} ") >= 3


# ------------------------------------------------------------------------------------------ refusals

WRONG: list[tuple[list[str], list[str]]] = [
    (["derive", "--network", "3-x"], ["--network", "'3-x'"]),
    (["derive", "--network", "3"], ["sizes", "(3,)"]),
    (["derive", "--network", "3-0-1"], ["sizes[1]", "0"]),
    (["derive", "--hidden", "tahn"], ["'tahn'", "did you mean 'tanh'?"]),
    (["derive", "--hidden", "tanh,relu"], ["2 hidden activations for 1 hidden layer"]),
    (["derive", "--loss", "mse"], ["unknown loss 'mse'"]),
    (["derive", "--output", "softmax", "--loss", "poisson"], ["'poisson'", "'exponential'"]),
    (["derive", "--reduction", "avg"], ["unknown reduction 'avg'", "mean, sum"]),
    (["derive", "--penalty", "-1"], ["strength", "-1"]),
    (["derive", "--penalty-scale", "full"], ["--penalty"]),
    (["derive", "--in", "sing"], ["unknown note 'sing'", "did you mean 'singh'?", "col-865"]),
    (["derive", "--in", "singh", "--notation", "columns"], ["--notation", "--in"]),
    (["derive", "--in", "singh", "--reduction", "sum"], ["'singh'", "reduction='mean'"]),
    (["derive", "--notation", "colums"], ["unknown notation 'colums'", "'columns'"]),
    (["derive", "--format", "pdf"], ["unknown format 'pdf'"]),
    (["derive", "--format", "html", "--json"], ["--json", "html"]),
    (["derive", "-o", "page.pdf"], ["page.pdf", ".tex"]),
    (["derive", "-o", "nowhere/page.md"], ["nowhere"]),
    (["explain", "--network", "3-4-1", "--x", "1,2", "--y", "1"], ["X has 2 columns", "3 inputs"]),
    (["explain", "--network", "3-4-1", "--x", "1,2,3", "--y", "1,2"], ["Y has shape (1, 2)", "(1, 1)"]),
    (["explain", "--network", "3-4-1", "--x", "1,2,3"], ["--x and --y"]),
    (["explain", "--network", "3-4-1", "--x", "1,b,3", "--y", "1"], ["--x", "'1,b,3'"]),
    (["explain", "--network", "3-4-1", "--x", "1,2,3;4", "--y", "1"], ["--x"]),
    (["explain", "--network", "3-4-1", "--loss", "poisson", "--x", "1,2,3", "--y", "-1"],
     ["Y[0, 0] is -1.0", "poisson"]),
    (["explain", "--network", "3-4-1", "--only", "dZ9"], ["unknown step 'dZ9'", "did you mean"]),
    (["explain", "--network", "3-4-1", "--of", "W1[9,9]"], ["there is no W1[9,9]", "3 × 4"]),
    (["explain", "--network", "3-4-1", "--of", "W1"], ["W1[2,3]"]),
    (["explain", "--network", "3-4-1", "--steps", "5"], ["--learning-rate"]),
    (["explain", "--network", "3-4-1", "--learning-rate", "-1"], ["learning_rate", "-1"]),
    (["explain", "--network", "3-4-1", "--learning-rate", "1", "--freeze", "b7"], ["'b7'"]),
    (["explain", "--network", "3-4-1", "--rows", "4"], ["--rows 4", "1 to 3"]),
    (["explain", "--network", "3-4-1", "--rows", "2-1"], ["--rows"]),
    (["explain", "--network", "3-4-1", "--rows", "x"], ["--rows", "'x'"]),
    (["explain", "--parameters", "nowhere.json"], ["nowhere.json", "no such file"]),
    (["explain", "--parameters", "people.csv"], ["people.csv", ".json or .npz"]),
    (["explain", "--parameters", "list.json"], ["list.json", "object"]),
    (["explain", "--parameters", "cut.json"], ["cut.json", "JSON"]),
    (["explain", "--parameters", "cut.npz"], ["cut.npz", "NPZ"]),
    (["explain", "--parameters", "words.json"], ["words.json", "W1"]),
    (["explain", "--parameters", "shapes.json"], ["W1 has 2 columns, W2 has 1 rows"]),
    (["explain", "--parameters", "deep.json"], ["deep.json", "JSON"]),
    (["explain", "--network", "3-4-1", "people.csv"], ["12 columns", "4 in all"]),
    (["explain", "--network", "3-4-1", "a.csv", "b.csv"], ["one table"]),
    (["explain", "people.csv"], ["people.csv", "not a model file"]),
    (["explain", "people.csv", "people.csv"], ["people.csv", "not a model file"]),
    (["explain", "--network", "1-1", "gap.csv"], ["'y'", "row 2"]),
    (["explain", "--network", "3-4-1", "--digits", "0"], ["--digits"]),
    (["explain", "--network", "3-4-1", "--paths", "0"], ["--paths"]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda case: " ".join(case))
def test_wrong(
    run: Run, table: str, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "cut.json").write_text('{"W1": [[1, 2')
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "words.json").write_text('{"W1": "many", "b1": [1]}')
    (tmp_path / "shapes.json").write_text('{"W1":[[1,2]],"b1":[0,0],"W2":[[1]],"b2":[0]}')
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "gap.csv").write_text("x,y\n1,2\n3,\n")
    refused(run, tmp_path, arguments, words)


def test_a_model_file_has_its_own_network(run: Run, model: str, table: str, tmp_path: Path) -> None:
    refused(run, tmp_path, ["explain", model, table, "--loss", "poisson"], ["--network"])
    refused(run, tmp_path, ["explain", model], ["needs a table"])
    refused(run, tmp_path, ["explain", model, table, "-o", model + ".json", "--rows", "61"], ["61"])
    refused(run, tmp_path, ["explain", model, table, "--in", "mehmet"], ["half_squared_error"])


# ---------------------------------------------------------------------------------- ensembles


@pytest.mark.parametrize(
    "options",
    [["--ensemble", "2"], ["--preset", "pack", "--effort", "low"]],
    ids=["shared", "pack"],
)
def test_of_an_ensemble_the_first_network_is_explained_and_a_line_says_so(
    run: Run, tmp_path: Path, options: list[str]
) -> None:
    rows = "".join(f"{i / 10},{(i * 7) % 5},{i % 2}\n" for i in range(40))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    trained = run("train", "t.csv", "-t", "y", "--epochs", "3", "--model", "m.st", *options)
    assert trained.code == 0
    by_itself = run("explain", "m.st", "t.csv", "--rows", "1")
    assert by_itself.code == 0
    named = run("explain", "m.st", "t.csv", "--rows", "1", "--member", "0")
    assert named.out == by_itself.out
    if cr.load(tmp_path / "m.st").fitted.network.members > 1:
        assert "the first is explained (--member 0)" in by_itself.err
        assert "is explained" not in named.err
