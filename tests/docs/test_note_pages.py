"""The pages of docs/notes/ are what tools/note_pages.py writes."""

import importlib.util

import pytest

from chainrule.explain.notes import NOTES
from docs.pages import ROOT, matches

FOLDER = ROOT / "docs" / "notes"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("note_pages", ROOT / "tools" / "note_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_a_page_for_each_note_and_no_other():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(NOTES)


@pytest.mark.parametrize("key", NOTES)
def test_a_page_is_current(tool, key):
    page = (FOLDER / f"{key}.md").read_text("utf-8").splitlines()
    fresh = tool.page_of(NOTES[key]).splitlines()
    for line, wanted in zip(page, fresh, strict=True):
        # The last digit may differ from machine to machine.
        assert line == wanted or matches(line, wanted), f"{key}.md: run python tools/note_pages.py"


@pytest.mark.parametrize("key", NOTES)
def test_a_page_has_every_equation_slip_and_number(tool, key):
    page = (FOLDER / f"{key}.md").read_text("utf-8")
    assert "## Slips of the note" in page
    for slip in NOTES[key].slips:
        assert slip.why.replace("|", r"\|") in page
    assert page.count("```math") > 8
    assert page.count("```text") > 12
