"""The pack: many small networks with sampled hyperparameters, of which the best ensemble is chosen.

One file for each step: what a member is drawn from (`sampling`), what it is and how an epoch of it goes
(`member`), which members predict best together (`choice`), and the whole training (`training`).
"""

from chainrule.pack.choice import Choice, Judge, choose
from chainrule.pack.member import Member
from chainrule.pack.sampling import Recipe, Sampled, sample_members
from chainrule.pack.training import PackOutcome, PackTrainer

__all__ = [
    "Choice",
    "Judge",
    "Member",
    "PackOutcome",
    "PackTrainer",
    "Recipe",
    "Sampled",
    "choose",
    "sample_members",
]
