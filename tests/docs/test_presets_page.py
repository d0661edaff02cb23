"""The page of presets names every setting of the recipe, and its option."""

from pathlib import Path

import pytest

from chainrule.settings import ClassifierSettings, RegressorSettings, rows_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "presets.md").read_text("utf-8")
ROWS = {**rows_of(ClassifierSettings), **rows_of(RegressorSettings)}


@pytest.mark.parametrize(
    "row", [row for row in ROWS.values() if "realmlp" in row.presets], ids=lambda row: row.name
)
def test_a_setting_of_the_recipe_is_on_the_page(row):
    assert f"`{row.name}" in PAGE
    if row.option is not None:
        assert f"`{row.flag}`" in PAGE
