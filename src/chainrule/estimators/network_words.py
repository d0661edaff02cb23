"""A fitted network in a few words: its sizes; of a pack, what the networks of its ensemble are."""

from __future__ import annotations

from chainrule.estimators.fitted import Fitted

__all__ = ["network_words", "sampled_words"]

# What is said of the sampled hyperparameters, and how a number of each is written.
SAID = {
    "depth": ("hidden layers", "d"),
    "learning_rate": ("learning rate", ".2g"),
    "weight_decay": ("weight decay", ".2g"),
    "dropout": ("dropout", ".2g"),
    "waves": ("waves", "d"),
}


def network_words(fitted: Fitted) -> str:
    """Return the network's sizes, or what the ensemble is one of."""
    network = fitted.network
    if len(network.networks) == 0:
        return f"network {'-'.join(map(str, network.sizes))}"
    ends = f"{network.sizes[0]} inputs, {network.sizes[-1]} output"
    return (
        f"ensemble of {len(network.networks)} networks of {ends}"
        f"{'' if network.sizes[-1] == 1 else 's'}"
    )


def sampled_words(fitted: Fitted) -> str:
    """Return the least and the greatest of each hyperparameter that the ensemble has; "" if none."""
    parts = []
    for name, (words, form) in SAID.items():
        values = [one[name] for one in fitted.sampled if name in one]
        if values:
            ends = dict.fromkeys(format(end, form) for end in (min(values), max(values)))
            parts.append(f"{words} {' to '.join(ends)}")
    return ", ".join(parts)
