"""Notes in the styles of courses and books: no right formula is accused, and little is not read."""

from pathlib import Path

import pytest

from chainrule.doctor import Verdict, check_document, check_text

FOLDER = Path(__file__).parent / "styles"
STYLES = sorted(FOLDER.iterdir())
FINE = (Verdict.RIGHT, Verdict.CONVENTION, Verdict.NOT_GIVEN)
UNREAD = {
    "one_layer.md": [
        r"\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} W^T",
    ],
    "two_costs.md": [
        r"\frac{\partial J}{\partial L} = 1",
        r"\frac{\partial J}{\partial s} = 1",
    ],
    "capital_theta.md": [
        r"\frac{\partial}{\partial \Theta_{ij}^{(l)}} J(\Theta) = D_{ij}^{(l)}",
        r"\frac{\partial}{\partial \Theta_{ij}^{(l)}} J(\Theta) = \frac{1}{m} \Delta_{ij}^{(l)}",
    ],
    "one_unit.md": ["dw_1 = x_1^{(i)} dz^{(i)}"],
    "delta.md": [r"\delta^{l} = \Sigma'(z^l) (w^{l+1})^T \delta^{l+1}"],
    "names_of_a_book.tex": [
        r"\nabla_{\boldsymbol{b}^{(k)}} J = \boldsymbol{g} + "
        r"\lambda \nabla_{\boldsymbol{b}^{(k)}} \Omega(\theta)",
        r"\nabla_{\boldsymbol{W}^{(k)}} J = \boldsymbol{g} \boldsymbol{h}^{(k-1)\top} + "
        r"\lambda \nabla_{\boldsymbol{W}^{(k)}} \Omega(\theta)",
    ],
}


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_a_right_note_is_right(path):
    report = check_document(path)
    assert report.codes == ()
    others = [finding.source for finding in report.findings if finding.verdict not in FINE]
    assert others == UNREAD.get(path.name, [])


# By line: the note, what is changed in it to what, and the codes that name this mistake.
TABLE = (Path(__file__).parent / "slips.tsv").read_text("utf-8").splitlines()[1:]
SLIPS = [tuple(line.split("\t")) for line in TABLE]


@pytest.mark.parametrize(("name", "old", "new", "codes"), SLIPS)
def test_a_slip_is_named_and_put_right(name, old, new, codes):
    text = (FOLDER / name).read_text("utf-8")
    assert text.count(old) == 1
    kind = "latex" if name.endswith(".tex") else "markdown"
    report = check_text(text.replace(old, new), kind)
    [wrong] = [f for f in report.findings if f.verdict is Verdict.WRONG]
    assert len(wrong.codes) == 1
    assert wrong.codes[0] in codes.split("|")
    unread = [f.source for f in report.findings if f.verdict is Verdict.UNREADABLE]
    assert set(unread) <= set(UNREAD.get(name, []))
    corrected = wrong.mistakes[0].corrected
    if corrected:
        again = check_text(f"{text}\n\n$${corrected}$$\n", kind)
        assert again.findings[-1].verdict in FINE, corrected
    else:
        assert wrong.codes[0] == "unknown"
