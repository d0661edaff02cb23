"""Pages in every format: what is in them holds together, and says the same."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ParameterError
from chainrule.explain import explain
from chainrule.explain.convention import LAYOUTS, Convention
from chainrule.explain.derivation import derivation_of
from chainrule.explain.notes import NOTES
from chainrule.explain.numbers import cells, number
from chainrule.explain.pages import derivation_page
from chainrule.explain.render import FORMATS, render
from chainrule.explain.render.json import SCHEMA
from chainrule.explain.render.text import matrix_lines
from chainrule.notation.latex import COMMANDS
from helpers.cases import HIDDEN, PAIRS, network_of, point

# What a page may hold beside the commands of the formulas themselves.
OF_PAGES = {
    *("documentclass", "usepackage", "allowdisplaybreaks", "setcounter", "setlength", "parindent"),
    *("parskip", "section", "subsection", "subsubsection", "textwidth", "hline", "cdots", "infty"),
    *("times", "to", "neq", "ge", "le", "tilde", "dots", "prod", "textasciicircum", "\\"),
    *("_", "&", "%", "{", "}", "[", "]", "|", ",", "#", "$"),
}
VOID = {"meta"}


def networks():
    """Yield a network of each activation, and of each pair of output and loss, with everything on."""
    for hidden in HIDDEN:
        yield network_of(hidden, "sigmoid", "binary_cross_entropy", 2, penalty=cr.L2(0.1))
    for output, loss in PAIRS:
        yield network_of("tanh", output, loss, 1, penalty=cr.L2(0.1, "half_mean", True))


def trace_of(network, weight=None, **options):
    parameters, X, Y = point(network)
    return explain(network, parameters, X, Y, weight, **options)


def pages(format):
    """Return the texts of many pages."""
    out = []
    for network in networks():
        trace = trace_of(network, np.arange(1.0, 6.0))
        chain, update = trace.chain("W1[0,0]", 3), trace.update(0.1, steps=2, too_early=True)
        out.append(trace.to_text(format, chains=[chain], update=update))
    for layout in LAYOUTS.values():
        for network in networks():
            convention = Convention(network, layout)
            out.append(render(derivation_page(convention, derivation_of(convention)), format))
    for note in NOTES.values():
        network = note.example_network()
        out.append(trace_of(network, note=note.key).to_text(format))
        convention = note.convention_of(network)
        out.append(render(derivation_page(convention, convention.steps()), format))
    return out


@pytest.fixture(scope="module")
def latex_pages():
    return pages("latex")


def test_latex_has_known_commands_alone(latex_pages):
    for text in latex_pages:
        found = set(re.findall(r"\\([A-Za-z]+|.)", text, re.DOTALL)) - {"\n"}
        assert found <= COMMANDS | OF_PAGES, found - COMMANDS - OF_PAGES


def test_latex_is_balanced(latex_pages):
    for text in latex_pages:
        open_ = []
        for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
            if kind == "begin":
                open_.append(name)
            else:
                assert open_.pop() == name
        assert not open_
        bare = re.sub(r"\\[{}\\]", "", text)
        depth = 0
        for sign in bare:
            depth += {"{": 1, "}": -1}.get(sign, 0)
            assert depth >= 0
        assert depth == 0
        assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")
        assert text.count("\\[\n") == text.count("\n\\]")
        assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0
        assert not re.search(r"\^\{[^{}]*\}['^]|'\^", text)  # double superscripts


def test_latex_is_ascii_but_for_letters_that_latex_knows(latex_pages):
    for text in latex_pages:
        assert set(re.findall(r"[^\x00-\x7f]", text)) == set()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_latex_compiles(latex_pages, tmp_path):
    """All pages in one document: the preamble is the same."""
    begin, end = "\\begin{document}\n", "\n\\end{document}"
    head = latex_pages[0].split(begin)[0]
    chosen = [*latex_pages[:12:4], *latex_pages[-10:]]
    bodies = [text.split(begin)[1].split(end)[0] for text in chosen]
    (tmp_path / "all.tex").write_text(head + begin + "\n\\clearpage\n".join(bodies) + end + "\n")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


class Tags(HTMLParser):
    """Follows the tags of a page, and what they would fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.anchors, self.links = [], [], set(), set()

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value)
            elif name == "href" and value.startswith("#"):
                self.links.add(value[1:])
            elif name in ("src", "href", "srcset"):
                self.fetched.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        pass


def test_html_is_whole_and_fetches_nothing():
    for text in pages("html"):
        tags = Tags()
        tags.feed(text)
        assert not tags.open
        assert not tags.fetched
        assert tags.links <= tags.anchors
        assert len(tags.links) > 5
        assert "url(" not in text
        assert "@import" not in text
        assert "<script" not in text
        assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {
            "http://www.w3.org/1998/Math/MathML"
        }
        formulas = re.findall(r"<math.*?</math>", text, re.DOTALL)
        assert len(formulas) > 20
        for formula in formulas:
            root = ET.fromstring(formula)  # well-formed
            assert not [e for e in root.iter() if e.tag.endswith(("merror", "mtext")) and
                        "\\" in (e.text or "")]  # fmt: skip
        assert "\\" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def test_markdown_has_whole_blocks():
    for text in pages("markdown"):
        assert text.count("```") % 2 == 0
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        for line in prose.splitlines():
            assert line.count("$") % 2 == 0
        assert text.startswith("# ")
        for block in re.findall(r"```math\n(.*?)\n```", text, re.DOTALL):
            assert block.startswith("\\begin{aligned}")
            assert block.endswith("\\end{aligned}")


def test_text_has_no_ragged_matrices():
    for text in pages("text"):
        assert "\x1b" not in text
        for first, second in zip(text.splitlines(), text.splitlines()[1:], strict=False):
            if re.search(r"\[\[.*[^\]]\]$", first):  # a matrix goes on in the next line
                assert second.index("[") == first.index("[[") + 1
                assert len(second.rstrip("]")) == len(first.rstrip("]"))


def test_a_matrix_as_text():
    assert matrix_lines("dẐ = ", cells(np.array([[1.5, -20.25], [0.0, 3.0]]), 2)) == [
        "dẐ = [[1.50  -20.25]",
        "      [0.00    3.00]]",
    ]
    assert matrix_lines("J = ", [["1.50"]]) == ["J = 1.50"]
    assert matrix_lines("b = ", [["1", "-2"]]) == ["b = [[1  -2]]"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_has_every_step(format):
    trace = trace_of(network_of("tanh", "softmax", "categorical_cross_entropy", 2))
    text = trace.to_text(format)
    for name in trace:
        shown = name if format != "html" else name.replace("'", "&#x27;")
        assert shown in text.replace(r"\_", "_"), name


def test_the_numbers_are_the_same_in_every_format():
    trace = trace_of(network_of("tanh", "sigmoid", "binary_cross_entropy", 1))
    figures = [f"{value:.9f}" for value in trace["dZ1"].value.ravel()]
    assert len(figures) == 20
    for format in FORMATS:
        text = trace.to_text(format, digits=9)
        assert all(figure in text for figure in figures), format


def test_unknown_formats():
    trace = trace_of(network_of("tanh", "sigmoid", "binary_cross_entropy", 1))
    with pytest.raises(ParameterError, match="unknown format 'htm': did you mean 'html'"):
        trace.to_text("htm")


def test_a_notebook_shows_the_page():
    trace = trace_of(network_of("tanh", "sigmoid", "binary_cross_entropy", 1))
    assert trace._repr_html_() == trace.to_text("html")
    assert repr(trace) == "<Trace of 3-4-3, 5 observations, 23 steps>"
    assert str(trace) == trace.to_text()


def test_the_schema():
    network = network_of("tanh", "sigmoid", "binary_cross_entropy", 1, penalty=cr.L2(0.1))
    trace = trace_of(network, np.arange(1.0, 6.0))
    chain, update = trace.chain("W1[0,0]", 3), trace.update(0.1, too_early=True)
    document = json.loads(json.dumps(trace.to_dict(chains=[chain], update=update), allow_nan=False))
    assert list(document) == [
        "schema", "network", "notation", "note", "observations", "cost", "steps", "chains", "update",
    ]  # fmt: skip
    assert document["schema"] == SCHEMA
    assert cr.Network.from_dict(document["network"]) == network
    for step in document["steps"]:
        assert set(step) - {"unfused", "summary"} == {
            "name", "part", "formula", "concrete", "chain", "latex", "lines", "dims", "shape",
            "factors", "says", "of", "relation", "value", "elided",
        }  # fmt: skip
        assert np.shape(step["value"]) == tuple(step["shape"])
    assert set(document["chains"][0]) == {
        "entry", "formula", "value", "count", "remainder", "penalty", "paths",
    }  # fmt: skip
    assert set(document["update"]) == {
        "learning_rate", "steps", "frozen", "shared_biases", "costs", "before", "gradients",
        "after_first_step", "after", "outputs", "too_early",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "digits", "want"),
    [
        (0.5, 3, "0.500"), (1.0, 3, "1"), (-0.0, 3, "0"), (0.000438568, 9, "0.000438568"),
        (1e-12, 6, "1.000000e-12"), (1e9, 2, "1.00e+09"), (np.nan, 3, "nan"), (-np.inf, 3, "-inf"),
    ],
)  # fmt: skip
def test_numbers(value, digits, want):
    assert number(value, digits) == want


def test_large_arrays_are_elided_as_numpy_does():
    rows = cells(np.arange(400.0).reshape(20, 20), 1)
    assert len(rows) == len(rows[0]) == 7
    assert rows[0] == ["0", "1", "2", "⋯", "17", "18", "19"]
    assert rows[3] == ["⋯"] * 7
    assert rows[-1][-1] == "399"
    assert len(cells(np.zeros((100, 1)))) == 100
    assert len(cells(np.zeros((101, 1)))) == 7
    assert cells(np.float64(2.5), 1) == [["2.5"]]
