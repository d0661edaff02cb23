"""The settings of the pack's estimators: rows of the others, with what the preset makes of them.

What a pack draws for each of its networks, or does without, is no setting here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.settings import choices
from chainrule.settings.estimators import ClassifierSettings, RegressorSettings
from chainrule.settings.kinds import Choice, Kind
from chainrule.settings.presets import preset_settings
from chainrule.settings.rows import complete, rows_of, setting

__all__ = ["PackClassifierSettings", "PackRegressorSettings", "pack_parameters", "pack_settings"]

PACK, EFFORT = "pack", "effort"  # the row's name, and what the estimators call it


def of_pack(
    name: str, text: str = "", kind: Kind | None = None, *, of: Any = ClassifierSettings
) -> Any:
    """Return the field of a row whose default is the preset's value.

    Parameters
    ----------
    name : str
        The row's.
    text : str
        What it means for a pack, if that is something of its own.
    kind : Kind, optional
        What values it may have, if those are fewer.
    of : type
        The settings that have the row.
    """
    row = rows_of(of)[name]
    default = row.in_preset(PACK, classification=of is ClassifierSettings)
    return setting(default, kind or row.kind, text or row.text, names=row.names)


@dataclass(eq=False, repr=False, kw_only=True)
class PackSettings:
    """What both kinds of packs have."""

    effort: str = of_pack(
        PACK,
        "{efforts}: how many networks are trained, and how long is waited for a better ensemble; see "
        "`chainrule.pack.recipe.EFFORTS`.",
        Choice(choices.efforts),
    )
    time_limit: float | None = of_pack("time_limit")
    hidden_layer_sizes: Any = of_pack(
        "hidden_layer_sizes",
        "Units of the hidden layers: a network has the first of them, or the first two, or three.",
    )
    activation: Any = of_pack("activation")
    batch_size: Any = of_pack(
        "batch_size",
        'Rows of a mini-batch; "auto" is 1/32 of them, 32 to 256, and 512 of more than 30,000.',
    )
    max_iter: int = of_pack("max_iter", "Most epochs.")
    validation_fraction: float = of_pack("validation_fraction")
    random_state: Any = of_pack(
        "random_state",
        "Of the networks, their first weights, the validation split and the shuffles.",
    )
    verbose: bool = of_pack("verbose")
    callbacks: Any = of_pack("callbacks")
    precision: str | None = of_pack("precision", "Of the computation; None is that of X.")
    n_threads: int | None = of_pack("n_threads")


@dataclass(eq=False, repr=False, kw_only=True)
class PackClassifierSettings(PackSettings):
    """The parameters of `PackClassifier`."""

    class_weight: Any = of_pack("class_weight")


@dataclass(eq=False, repr=False, kw_only=True)
class PackRegressorSettings(PackSettings):
    """The parameters of `PackRegressor`."""

    loss: str = of_pack("loss", of=RegressorSettings)


def pack_settings(parameters: dict[str, Any], *, classification: bool) -> dict[str, Any]:
    """Return all settings of a training, from the parameters of a pack's estimator."""
    given = {PACK if name == EFFORT else name: value for name, value in parameters.items()}
    usual = preset_settings(PACK, classification=classification)
    if given.get("loss") == "poisson":
        usual["standardize_target"] = False
    kind = ClassifierSettings if classification else RegressorSettings
    return complete(kind, {**usual, **given})


def pack_parameters(settings: dict[str, Any], *, classification: bool) -> dict[str, Any]:
    """Return the parameters of a pack's estimator, from all settings of a training."""
    kind = PackClassifierSettings if classification else PackRegressorSettings
    return {name: settings[PACK if name == EFFORT else name] for name in sorted(rows_of(kind))}
