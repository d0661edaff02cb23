"""``chainrule bench``: a door to the benchmark, which is part of the source and not of the package."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import typer

from chainrule.cli.console import guarded
from chainrule.errors import ChainruleError
from chainrule.version import __version__

__all__ = ["SETTINGS", "bench"]

ROOT = Path(__file__).resolve().parents[3]  # of the source, where the package is installed from it
# Every option is the benchmark's own, --help too.
SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@guarded
def bench(context: typer.Context) -> None:
    """Measure how fast training is, beside scikit-learn, PyTorch and JAX."""
    if not (ROOT / "benchmarks" / "speed" / "__main__.py").is_file():
        raise ChainruleError(
            "the benchmark is not part of the installed package: "
            f"unpack the source archive of chainrule {__version__}, and run there: make bench"
        )
    sys.path.insert(0, str(ROOT))
    import_module("benchmarks.speed.__main__").main(context.args, context.command_path)
