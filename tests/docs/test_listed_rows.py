"""Rows that are listed in help texts, docstrings and pages: none is missing, and none is made up."""

import re
from pathlib import Path

import pytest

import chainrule as cr
from chainrule.cli.commands import COMMANDS
from chainrule.explain.notes import NOTES
from chainrule.nn import ACTIVATIONS, LOSSES
from chainrule.optim import OPTIMIZERS, SCHEDULES
from docs.option_tables import options

DOCS = Path(__file__).resolve().parents[2] / "docs"
HIDDEN = {name for name, g in ACTIVATIONS.items() if not g.output_only}
SOLVERS = {*OPTIMIZERS, "lbfgs"}
OF_SKLEARN = {"identity", "sigmoid", "tanh", "relu", "sgd", "adam"}
OF_SKLEARN |= {"constant", "inverse_scaling", "adaptive"}
ALIASED = {*SCHEDULES, "invscaling"} - {
    "inverse_scaling"
}  # scikit-learn's name is the one that is told
WORD = re.compile(r"[a-z][a-z0-9_-]+")
BETWEEN = {"also", "and", "or", "the", "each", "with", "default", "one"}


def listed(text, start, end):
    """Return the names that stand between two places of a text."""
    assert start in text, f"{start!r} is not in {text[:60]!r}"
    rest = text[text.index(start) + len(start) :]
    return set(WORD.findall(rest.partition(end)[0])) - BETWEEN


def page(name):
    return (DOCS / name).read_text("utf-8")


def help_of(name):
    """Yield the help text of an option in every command that has it and lists rows there."""
    for command in COMMANDS:
        for option in options(command):
            if name in option.opts:
                yield command, option.help


@pytest.mark.parametrize(
    ("option", "start", "end", "names"),
    [
        ("--hidden", "hidden layers: ", ";", HIDDEN),
        ("--activation", "hidden layers: ", ";", HIDDEN),
        ("--solver", "", ".", SOLVERS),
        ("--in", "lecture notes: ", ";", set(NOTES)),
    ],
)
def test_help_texts(option, start, end, names):
    texts = [(c, t) for c, t in help_of(option) if start in t and "units" not in t.casefold()]
    assert texts
    for command, text in texts:
        assert listed(text, start, end) == names, f"{command} {option}: {text}"


def test_the_losses_in_help_texts():
    texts = [text for command, text in help_of("--loss") if command != "train"]
    assert len(texts) >= 2
    for text in texts:
        assert set(WORD.findall(text.replace("The loss:", ""))) - BETWEEN == set(LOSSES), text


@pytest.mark.parametrize(
    ("text", "start", "end", "names"),
    [
        (page("estimators.md"), "| `activation` | also ", ";", HIDDEN - OF_SKLEARN),
        (
            page("estimators.md"),
            "| `learning_rate` | also ",
            ", or an",
            set(SCHEDULES) - OF_SKLEARN,
        ),
        (cr.Network.__doc__, "loss : str, optional\n", "default the one", {*LOSSES}),
        (cr.MLPClassifier.__doc__, "or of each: ", ".\n", {*HIDDEN, "logistic"}),
        (cr.MLPClassifier.__doc__, "solver : {", "}", SOLVERS),
    ],
    ids=["activation", "learning_rate", "Network's loss", "classifier's activation", "its solver"],
)
def test_pages_and_docstrings(text, start, end, names):
    extra = {"sigmoid", "softmax", "exponential", "any", "output", "summed", "over", "outputs"}
    found = listed(text, start, end)
    assert found - extra == names - extra
    assert names <= found


def test_tables_of_pages():
    """A row a line: the solvers and what they do, the notes and their conventions."""
    rows = re.findall(r'^\| `"(\w+)"` \|', page("training.md"), re.MULTILINE)
    assert set(rows[: len(SOLVERS)]) == SOLVERS
    links = re.findall(r"\]\(notes/([\w-]+)\.md\)", page("notes.md"))
    assert set(links) == set(NOTES)
    assert set(re.findall(r"\]\(notes/([\w-]+)\.md\)", page("explain.md"))) == set(NOTES)
