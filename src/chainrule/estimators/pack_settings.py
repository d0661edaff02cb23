"""Which settings a pack heeds, and which it draws or does without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.errors import ParameterError
from chainrule.settings.presets import DRAWN
from chainrule.settings.rows import rows_of

__all__ = ["check_pack"]


def check_pack(settings_class: Any, settings: Mapping[str, Any]) -> None:
    """Raise a ParameterError if the settings ask for what a pack draws, or does without.

    Parameters
    ----------
    settings_class : type
        The dataclass of the settings.
    settings : mapping
    """
    rows = rows_of(settings_class)
    for name in DRAWN:
        if name not in rows:
            continue
        usual = {repr(rows[name].default), repr(rows[name].presets.get("pack", rows[name].default))}
        if repr(settings[name]) not in usual:
            raise ParameterError(
                f"{name} does not go with a pack, which draws it for each of its networks, or does "
                "without: leave it out, or take another preset"
            )
    if not settings["early_stopping"]:
        raise ParameterError(
            "a pack chooses its ensemble by validation rows, and none are to be set aside"
        )
