"""Learning curves as pictures: written whole or not at all, with the curves in them."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chainrule.errors import ModelFileError, ParameterError
from chainrule.train import History
from chainrule.train.plot import check_plot_path, draw_costs, draw_score, plot_history

STARTS = {".png": b"\x89PNG\r\n\x1a\n", ".svg": b"<?xml", ".pdf": b"%PDF-"}


def history(**changes):
    values = {
        "cost": [0.9, 0.5, 0.3],
        "validation_cost": [1.0, 0.6, 0.7],
        "validation_score": [0.5, 0.8, 0.75],
        "learning_rate": [0.1] * 3,
        "seconds": [0.1, 0.2, 0.3],
        "metric": "accuracy",
        "best_epoch": 2,
        **changes,
    }
    return History(**values)


PLAIN = {"validation_cost": [], "validation_score": [], "metric": None, "best_epoch": None}
HISTORIES = {
    "with a score": history(),
    "with a cost": history(metric="cost"),
    "without validation": history(**PLAIN),
    "one epoch": history(cost=[1.0], seconds=[1.0], learning_rate=[1.0], **PLAIN),
    "a cost of zero": history(cost=[0.5, 0.0, 0.0]),
    "a negative cost": history(cost=[0.5, -0.5, -0.7]),
    "scores that are not defined": history(validation_score=[float("nan")] * 3),
}


@pytest.mark.parametrize("name", HISTORIES)
@pytest.mark.parametrize("ending", STARTS)
def test_a_picture_of_every_history(tmp_path: Path, name: str, ending: str):
    path = tmp_path / f"curves{ending}"
    plot_history(HISTORIES[name], path, title="wine.csv: $x_{1}")
    assert path.read_bytes().startswith(STARTS[ending])
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_an_ending_in_capitals(tmp_path: Path):
    plot_history(history(), tmp_path / "CURVES.PNG")
    assert (tmp_path / "CURVES.PNG").read_bytes().startswith(STARTS[".png"])


def test_an_svg_parses(tmp_path: Path):
    plot_history(history(), tmp_path / "curves.svg", title="a < b & c")
    root = ElementTree.parse(tmp_path / "curves.svg").getroot()
    assert root.tag.endswith("svg")


@pytest.mark.parametrize(
    "title", [r"a $\frac$ b", "cost ($) by tax ($)", "😀 数.csv", "two\nlines"]
)
def test_a_title_is_shown_as_it_is(tmp_path: Path, title: str):
    plot_history(history(), tmp_path / "curves.png", title=title)


def axes_of(count: int = 1):
    from matplotlib.figure import Figure

    return Figure().subplots(1, count)


def test_the_curves_are_those_of_the_history():
    axes = axes_of()
    draw_costs(axes, history())
    training, validation, kept = axes.get_lines()
    assert list(training.get_xdata()) == [1, 2, 3]
    assert list(training.get_ydata()) == [0.9, 0.5, 0.3]
    assert list(validation.get_ydata()) == [1.0, 0.6, 0.7]
    assert list(kept.get_xdata()) == [2, 2]
    assert axes.get_yscale() == "log"
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["training", "validation", "kept: 2"]


def test_no_logarithm_of_what_has_none():
    axes = axes_of()
    draw_costs(axes, history(cost=[0.5, 0.0, 0.1]))
    assert axes.get_yscale() == "linear"


def test_the_score():
    axes = axes_of()
    draw_score(axes, history())
    assert list(axes.get_lines()[0].get_ydata()) == [0.5, 0.8, 0.75]
    assert axes.get_ylabel() == "validation accuracy"


@pytest.mark.parametrize("name", ["curves.gif", "curves", "curves.png.txt", ".png"])
def test_another_ending(tmp_path: Path, name: str):
    for refuse in (check_plot_path, lambda path: plot_history(history(), path)):
        with pytest.raises(ParameterError, match=r"the ending must be one of \.png, \.svg, \.pdf"):
            refuse(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_old_picture_stays_until_the_new_one_is_complete(tmp_path: Path, monkeypatch):
    from matplotlib.figure import Figure

    path = tmp_path / "curves.png"
    path.write_bytes(b"old")

    def interrupted(self, file, **_):
        Path(file).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Figure, "savefig", interrupted)
        with pytest.raises(KeyboardInterrupt):
            plot_history(history(), path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["curves.png"]
    plot_history(history(), path)
    assert path.read_bytes().startswith(STARTS[".png"])


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(ModelFileError, match="cannot write"):
        plot_history(history(), tmp_path / "nowhere" / "curves.png")


def test_without_matplotlib(tmp_path: Path, monkeypatch):
    import_it = builtins.__import__

    def missing(name, *rest):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return import_it(name, *rest)

    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match=r"pip install 'chainrule\[plot\]'"):
        plot_history(history(), tmp_path / "curves.png")


def test_no_window_and_no_global_state(tmp_path: Path):
    import matplotlib.pyplot as plt

    plot_history(history(), tmp_path / "curves.png")
    assert plt.get_fignums() == []
