"""What runs the documentation finds what is wrong in it."""

import pytest
from sybil import Document
from sybil.example import SybilFailure

from docs.pages import NOT_RUN, PARSER, blocks, commands, matches

FENCE = "`" * 3


def run(tmp_path, monkeypatch, *fenced):
    page = tmp_path / "page.md"
    page.write_text("\n\n".join(f"{FENCE}{block}\n{FENCE}" for block in fenced), "utf-8")
    monkeypatch.chdir(tmp_path)
    for example in PARSER.parse(page).examples():
        example.evaluate()


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("cost 0.1234", "cost 0.1234"),
        ("cost 0.1234", "cost 0.1235"),
        ("2 epochs in ... seconds, cost 1.50", "2 epochs in 0.12 seconds, cost 1.51"),
        ("│     ... │", "│ 12.0 │"),
        ("first\n...\nlast", "first\n1\n2\nlast"),
        ('"a": 0.12...,', '"a": 0.1299,'),
    ],
)
def test_outputs_that_match(wanted, shown):
    assert matches(wanted, shown)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("cost 0.1234", "cost 0.1236"),
        ("cost 0.1234", "cost 0.1234 and more"),
        ("2 epochs in ... seconds, cost 1.50", "2 epochs in 0.12 seconds, cost 1.52"),
        ("2 epochs in ... seconds, cost 1.50", "3 epochs in 0.12 seconds, cost 1.50"),
        ("first\nlast", "first last"),
        ("chainrule 0.1.0", "chainrule 0.2.0"),
    ],
)
def test_outputs_that_do_not_match(wanted, shown):
    assert not matches(wanted, shown)


def test_a_right_page_runs(tmp_path, monkeypatch):
    run(
        tmp_path,
        monkeypatch,
        "python\nfrom pathlib import Path\nsize = Path('made.txt').write_text('one two')",
        "console\n$ cat made.txt\none ...\n$ echo a \\\n  b > more.txt\n$ false\n$ echo $?\n1",
        "pycon\n>>> size, Path('more.txt').read_text(), 1.2345\n(7, 'a b\\n', 1.235)",
    )


@pytest.mark.parametrize(
    "block",
    [
        "console\n$ false",
        "console\n$ false\n$ true",
        "console\n$ false\n$ echo $?\n0",
        "console\n$ echo one\ntwo",
        "pycon\n>>> 1 + 1\n3",
        "pycon\n>>> 1.25\n1.3456",
    ],
)
def test_a_wrong_block_is_found(tmp_path, monkeypatch, block):
    with pytest.raises(SybilFailure):
        run(tmp_path, monkeypatch, block)


def test_python_of_the_page_is_the_one_that_runs(tmp_path, monkeypatch):
    run(
        tmp_path,
        monkeypatch,
        "console\n$ python -c 'import sys; print(sys.executable)' > which.txt",
        "python\nimport os, sys\nfrom pathlib import Path\n"
        "assert os.path.samefile(Path('which.txt').read_text().strip(), sys.executable)",
    )


def test_a_mark_must_give_its_reason():
    marked = f"<!-- not run: {{reason}} -->\n{FENCE}console\n$ make\n{FENCE}\n"
    reasons = [
        block.reason
        for reason in ("sets things up", "")
        for block in blocks(Document(marked.format(reason=reason), "page.md"))
    ]
    assert reasons == ["sets things up", None]
    assert NOT_RUN.search("<!-- not run: sets things up -->\n\ntext\n") is None


def test_commands_are_told_from_output():
    assert commands("$ a \\\n  b\nout\n$ c\n") == [("a \\\n  b", "out\n"), ("c", "")]
