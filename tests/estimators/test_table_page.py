"""What a table model shows of itself: a line, and a page that stands alone."""

import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pandas as pd
import pytest

import chainrule as cr
from chainrule.estimators.curves import curves, sampled
from chainrule.train import History

EVIL = "<script>alert('&')</script>"
FRAME = pd.DataFrame(
    {
        "size": [1.0, None, 3.0, 4.0] * 8,
        "kind": list("abcd") * 8,
        EVIL: list("xxyz") * 8,
        "one": 1.0,
    }
)
Y = pd.Series(["no", "no", "yes", "yes"] * 7 + ["yes", "yes", "no", "no"], name="left")
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
VOID = ("line", "path", "polyline")  # elements that are closed where they begin


@pytest.fixture(scope="module")
def classifier():
    return cr.TableClassifier(**SMALL).fit(FRAME, Y)


class Balanced(HTMLParser):
    """Notes tags that are not closed in order, and all text."""

    def __init__(self, page):
        super().__init__()
        self.open, self.text, self.tags = [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_a_line():
    model = cr.TableModel(**SMALL)
    assert repr(model) == "TableModel(not fitted yet)"
    model.fit(FRAME.assign(left=Y).drop(columns=EVIL), "left")
    assert re.fullmatch(
        r"TableModel\(binary of left by 2 columns, network \d+-4-1, 5 epochs\)", repr(model)
    )
    one = cr.TableModel(**SMALL, preset="realmlp").fit(FRAME[["size"]].assign(left=Y), "left")
    assert re.search(r"by 1 column, network 2-4-2, epoch \d of 5 kept\)$", repr(one))


def test_the_page_of_what_is_not_fitted():
    assert "not fitted yet" in cr.TableModel()._repr_html_()
    assert "TableClassifier" in cr.TableClassifier()._repr_html_()


def test_the_page(classifier):
    page = classifier._repr_html_()
    assert classifier._repr_mimebundle_() == {"text/plain": repr(classifier), "text/html": page}
    seen = Balanced(page)
    text = "".join(seen.text)
    for part in ("TableClassifier", "binary of left", "kind", "category", "number", EVIL):
        assert part in text
    assert "kind=a, kind=b, kind=c, kind=d" in text
    for notice in classifier.model_.encoder.notices:
        assert notice in text
    assert "script" not in seen.tags
    assert not re.search(r"https?:|url\(|@import", page)  # it stands alone
    assert "prefers-color-scheme: dark" in page
    for drawing in re.findall(r"<svg.*?</svg>", page):
        ElementTree.fromstring(drawing)
    assert page.count("<svg") == 2  # the costs, and the accuracy
    assert classifier.model_._repr_html_().replace("TableModel", "TableClassifier") == page


def test_long_trainings_are_thinned():
    line = [1 / (1 + n) for n in range(10_000)]
    points = sampled(line)
    assert points[0] == (1, 1.0)
    assert points[-1] == (10_000, line[-1])
    assert len(points) <= 302
    assert sampled([1.0, math.nan, 2.0]) == [(1, 1.0), (3, 2.0)]
    assert sampled([2.0]) == [(1, 2.0)] * 2


@pytest.mark.parametrize(
    "costs", [[], [math.nan], [1.0], [1.0, 1.0], [3.0, math.inf, 1.0]], ids=str
)
def test_curves_of_odd_trainings(costs):
    history = History(cost=costs, seconds=[0.1] * len(costs), stopped="<ended>")
    drawn = curves(history)
    assert ("no epoch was finished" in drawn) == (not any(map(math.isfinite, costs)))
    assert "&lt;ended&gt;" in drawn
    assert "nan" not in drawn
    assert "inf" not in drawn.replace("&lt;", "")
