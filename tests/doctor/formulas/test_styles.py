"""Notes in the styles of courses and books: no right formula is accused, and little is not read."""

from pathlib import Path

import pytest

from chainrule.doctor import Verdict, check_document, check_text

FOLDER = Path(__file__).parent / "styles"
STYLES = sorted(FOLDER.iterdir())
FINE = (Verdict.RIGHT, Verdict.CONVENTION, Verdict.NOT_GIVEN)
# By line: the note, and a formula in it that is not read; never is one of these accused.
TABLE = (Path(__file__).parent / "unread.tsv").read_text("utf-8").splitlines()[1:]
UNREAD = [tuple(line.split("\t")) for line in TABLE]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_a_right_note_is_right(path):
    report = check_document(path)
    assert report.codes == ()
    others = [finding.source for finding in report.findings if finding.verdict not in FINE]
    assert others == [formula for name, formula in UNREAD if name == path.name]


# By line: the note, what is changed in it to what, and the codes that name this mistake.
TABLE = (Path(__file__).parent / "slips.tsv").read_text("utf-8").splitlines()[1:]
SLIPS = [tuple(line.split("\t")) for line in TABLE]


# Each judges a whole note twice: a third of them here, the others every night.
SOME = [
    pytest.param(*slip, marks=[pytest.mark.exhaustive] if number % 3 else [])
    for number, slip in enumerate(SLIPS)
]


@pytest.mark.parametrize(("name", "old", "new", "codes"), SOME)
def test_a_slip_is_named_and_put_right(name, old, new, codes):
    text = (FOLDER / name).read_text("utf-8")
    assert text.count(old) == 1
    kind = "latex" if name.endswith(".tex") else "markdown"
    report = check_text(text.replace(old, new), kind)
    [wrong] = [f for f in report.findings if f.verdict is Verdict.WRONG]
    assert len(wrong.codes) == 1
    assert wrong.codes[0] in codes.split("|")
    unread = [f.source for f in report.findings if f.verdict is Verdict.UNREADABLE]
    assert set(unread) <= {formula for note, formula in UNREAD if note == name}
    corrected = wrong.mistakes[0].corrected
    if corrected:
        again = check_text(f"{text}\n\n$${corrected}$$\n", kind)
        assert again.findings[-1].verdict in FINE, corrected
    else:
        assert wrong.codes[0] == "unknown" or "δ is minus the derivative" in report.conventions
