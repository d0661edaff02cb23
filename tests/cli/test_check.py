"""`chainrule check`, as a user types it."""

import json

import pytest

from chainrule.doctor import CATALOG

RIGHT = r"$$dZ_2 = A_2 - Y, \quad dW_2 = \frac{1}{m} A_1^T dZ_2$$"
WRONG = r"$$dZ_2 = A_2 - Y, \quad dW_2 = \frac{1}{m} A_1 dZ_2$$"
UNREADABLE = RIGHT + r" $$dW_1 = \foo$$"


@pytest.fixture
def document(tmp_path):
    def write(text, name="notes.md"):
        (tmp_path / name).write_text(text, "utf-8")
        return name

    return write


@pytest.mark.parametrize(("text", "code"), [(RIGHT, 0), (WRONG, 1), (UNREADABLE, 2)])
def test_the_exit_code_tells(run, document, text, code):
    assert run("check", document(text), code=code).err == ""
    assert run("check", document(text), "--quiet", code=code).out == ""


def test_a_report_for_people(run, document):
    out = run("check", document(WRONG), code=1).out
    assert "missing_transpose" in out
    assert r"right: dW_2 = \frac{1}{m} A_1^\top dZ_2" in out
    assert "2 formulas: 1 right, 1 with a slip." in out


def test_a_report_as_json(run, document):
    report = json.loads(run("check", document(WRONG), "--json", code=1).out)
    assert report["codes"] == ["missing_transpose"]
    assert not report["ok"]
    assert [finding["line"] for finding in report["findings"]] == [1, 1]
    assert "one row is one observation, Z = A W + b" in report["conventions"]


def test_a_report_as_markdown(run, document):
    out = run("check", document(WRONG), "--markdown", code=1).out
    assert "| 1 | `dZ_2 = A_2 - Y` | holds | m times the derivative of the mean |" in out
    assert "```math\ndW_2" in out


def test_latex_and_numpy_files(run, document):
    latex = r"\documentclass{article} % $dW_2 = A_1 dZ_2$" + "\n\\[ dW_2 = A_1^T dZ_2 \\]\n"
    assert run("check", document(latex, "notes.tex")).code == 0
    numpy = "dZ2 = (A2 - Y) / m\ndW2 = A1.T @ dZ2\ndb2 = dZ2\n"
    out = run("check", document(numpy, "formulas.py"), code=1).out
    assert "bias_not_summed" in out
    assert "line 3" in out


def test_what_is_declared_decides(run, document):
    text = r"$$dZ_2 = A_2 - Y$$ $$dW_2 = A_1^T dZ_2$$"
    run("check", document(text))
    out = run(
        "check", document(text), "--reduction", "mean", "--loss", "binary_cross_entropy", code=1
    )
    assert "missing_mean" in out.out
    run("check", document(text), "--loss", "poisson", "--output", "exponential")


def test_the_list_of_mistakes(run):
    out = run("check", "--list").out
    assert all(code in out for code in CATALOG)
    assert json.loads(run("check", "--list", "--json").out)["mistakes"].keys() == CATALOG.keys()


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        ((), "needs a document"),
        (("nowhere.md",), "there is no such file"),
        ((".",), "cannot be read"),
        (("notes.md", "--loss", "sqared_error"), "did you mean 'squared_error'"),
        (("notes.md", "--layout", "diagonal"), "unknown layout"),
        (("notes.md", "--hidden", "tahn"), "did you mean 'tanh'"),
        (("notes.md", "--output", "nothing"), "unknown activation"),
        (("notes.md", "--reduction", "median"), "unknown reduction"),
        (("notes.md", "--layers", "0"), "--layers"),
        (("notes.md", "--layers", "99"), "at most"),
        (("notes.md", "--loss", "poisson", "--output", "tanh"), "poisson"),
        (("empty.md",), "no formula"),
        (("binary.md",), "not text in UTF-8"),
    ],
)
def test_bad_input_is_one_line(run, document, tmp_path, arguments, piece):
    document(RIGHT)
    document("No mathematics here.", "empty.md")
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe\x00$$a=b$$")
    result = run("check", *arguments, code=2)
    assert result.err.startswith("error: ")
    assert result.err.count("\n") == 1
    assert piece in result.err
