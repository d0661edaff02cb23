"""The tables of options in docs/command-line.md are those of the commands."""

from typer.testing import CliRunner

from chainrule.cli.app import app
from chainrule.cli.commands import COMMANDS
from docs.option_tables import PAGE, PLACE, options, updated


def test_tables_are_current():
    page = PAGE.read_text("utf-8")
    assert page == updated(page), "run: PYTHONPATH=. python tests/docs/option_tables.py"


def test_every_command_has_its_table():
    tables = [found["command"] for found in PLACE.finditer(PAGE.read_text("utf-8"))]
    assert sorted(tables) == sorted(COMMANDS)


def test_tables_hold_what_help_shows():
    """The tables are read off the same objects as --help, but by other code: they must agree."""
    for command in COMMANDS:
        page = "--help-all" if command == "train" else "--help"
        shown = CliRunner().invoke(app, [command, page]).stdout
        found = options(command)
        assert len(found) >= 5
        for option in found:
            for name in (*option.opts, *option.secondary_opts):
                assert name in shown
