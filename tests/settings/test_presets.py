"""Which preset "auto" is: the pack, unless one network is described."""

import pytest

from chainrule.errors import ParameterError
from chainrule.settings import AUTO, PRESETS, named_preset, preset_settings
from chainrule.settings.estimators import ClassifierSettings, RegressorSettings
from chainrule.settings.presets import OF_ONE_NETWORK
from chainrule.settings.rows import rows_of

ROWS = {**rows_of(ClassifierSettings), **rows_of(RegressorSettings)}


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_a_preset_that_is_named_is_that_one(preset):
    assert named_preset(preset, {"dropout": 0.5}) == preset


@pytest.mark.parametrize("name", [name for name in OF_ONE_NETWORK if name in ROWS])
def test_whoever_sets_what_a_pack_draws_has_one_network_in_mind(name):
    assert named_preset(AUTO, {name: object()}) == "realmlp"


@pytest.mark.parametrize("name", [name for name in ROWS if name not in OF_ONE_NETWORK])
def test_all_else_is_heeded_by_a_pack(name):
    given = False if name == "early_stopping" else object()
    expected = "realmlp" if name == "early_stopping" else "pack"
    assert named_preset(AUTO, {name: given}) == expected


def test_a_default_counts_for_nothing():
    plain = {name: row.default for name, row in ROWS.items() if not row.presets}
    assert named_preset(AUTO, {**plain, "early_stopping": True}) == "pack"


def test_an_effort_is_a_packs():
    assert named_preset(AUTO, {"pack": "low", "dropout": 0.5}) == "pack"


def test_an_unknown_one_is_told_all_names():
    with pytest.raises(ParameterError, match="auto, realmlp, plain, pack"):
        preset_settings("nothing", classification=True)
