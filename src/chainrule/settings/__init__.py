"""Settings as data: each is one row, which all that knows of settings is made from.

A row (`chainrule.settings.rows`) is a field of a dataclass: its name, type and default are the
estimators' parameter, and its metadata says what values it may have, what it means, how it is called on
the command line, and what the presets make of it. The estimators' signatures and docstrings, the checks
of a fit, the presets, ``chainrule train`` and the tables in the documentation ask the rows.

Nothing in this room imports NumPy until it has to: ``chainrule train --help`` is to be quick.
"""

from chainrule.settings.estimators import ClassifierSettings, RegressorSettings
from chainrule.settings.presets import AUTO, PRESETS, named_preset, preset_settings
from chainrule.settings.rows import Option, Setting, check_settings, rows_of
from chainrule.settings.training import TrainingSettings

__all__ = [
    "AUTO",
    "PRESETS",
    "ClassifierSettings",
    "Option",
    "RegressorSettings",
    "Setting",
    "TrainingSettings",
    "check_settings",
    "named_preset",
    "preset_settings",
    "rows_of",
]
