"""Notes in the styles of courses and books: no right formula is accused, and little is not read."""

from pathlib import Path

import pytest

from chainrule.doctor import Verdict, check_document

STYLES = sorted((Path(__file__).parent / "styles").iterdir())
FINE = (Verdict.RIGHT, Verdict.CONVENTION, Verdict.NOT_GIVEN)
UNREAD = {
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
