"""The options of ``chainrule train`` that are made from the rows of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.cli.commands import load_command
from chainrule.cli.setting_options import ROWS, chosen_settings, in_options
from chainrule.errors import ParameterError
from chainrule.optim import OPTIMIZERS, Adam
from helpers.cli import Run, refused


def words(run: Run, page: str) -> str:
    return " ".join(run("train", page).out.replace("│", " ").split())


def test_the_first_page_of_help_has_what_people_use(run: Run) -> None:
    text = words(run, "--help")
    for flag in ("--target", "--preset", "--hidden", "--epochs", "--seed", "--model", "--help-all"):
        assert flag in text
    for flag in ("--beta-2", "--rate-factors", "--encoding", "--weight-decay", "--max-categories"):
        assert flag not in text
    assert text.partition("Examples")[0].count(" --") < 20


def test_the_other_page_has_every_option(run: Run) -> None:
    text = words(run, "--help-all")
    options = load_command("train").params
    assert len(options) > 50
    for option in options:
        for flag in option.opts if option.param_type_name == "option" else ():
            assert flag in text
    assert "{" not in text.replace("{DATA}", "")


def test_the_page_lists_what_the_tables_have(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIMIZERS, "lion", Adam)
    assert "muon, lion or lbfgs" in words(run, "--help-all")


def test_a_new_optimizer_is_a_solver(run: Run, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Still(Adam):
        """It moves nothing."""

        def _move(self, vector: object, gradient: object, rate: object) -> None:
            pass

    monkeypatch.setitem(OPTIMIZERS, "still", Still)
    options = ["-t", "grown", "--preset", "plain", "--solver", "still", "--epochs", "3"]
    result = run("train", table, *options, "--json", "-m", "m").document
    assert result["epochs"] == 3
    lines = run("train", table, *options, "-m", "m").lines
    costs = {line.split("cost ")[1] for line in lines if line.startswith("epoch ")}
    assert len(costs) == 1


def test_an_option_that_is_not_given_is_left_to_the_preset() -> None:
    chosen = chosen_settings({"alpha": None, "hidden_layer_sizes": "8", "loss": "squared_error"})
    assert chosen.settings == {"hidden_layer_sizes": (8,)}
    assert chosen.of_task("regression") == chosen.of_task("binary") == {"hidden_layer_sizes": (8,)}
    told = chosen_settings({"label_smoothing": 0.1, "precision": "float32", "scaling": "standard"})
    assert (told.dtype, told.settings) == ("float32", {"scaling": None})
    assert told.of_task("binary") == {"scaling": None, "label_smoothing": 0.1}
    with pytest.raises(ParameterError, match="--label-smoothing does not apply to a regression"):
        told.of_task("regression")


@pytest.mark.parametrize("name", ROWS)
def test_an_error_names_the_option(name: str) -> None:
    with pytest.raises(ParameterError) as caught, in_options():
        raise ParameterError(f"{name} must be something")
    assert str(caught.value) == f"{ROWS[name].flag} must be something"


@pytest.mark.parametrize("sizes", [str(10**12), str(10**30), "99999999,99999999"])
def test_more_units_than_there_is_memory_for(
    run: Run, table: str, tmp_path: Path, sizes: str
) -> None:
    refused(run, tmp_path, ["train", table, "-t", "grown", "--hidden", sizes], ["memory"])
