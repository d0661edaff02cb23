"""The pack: many small networks with sampled hyperparameters, of which the best ensemble is chosen.

One file for each step: what it is to be (`recipe`), what a member is drawn from (`sampling`), what it is
and how an epoch of it goes (`member`), which members predict best together (`choice`), and the training
of them all (`training`).
"""

from chainrule.pack.choice import Choice, Judge, choose
from chainrule.pack.member import Member
from chainrule.pack.recipe import EFFORTS, Effort, Recipe, usual_batch
from chainrule.pack.sampling import Sampled, sample_members
from chainrule.pack.training import Chosen, PackTrainer

__all__ = [
    "EFFORTS",
    "Choice",
    "Chosen",
    "Effort",
    "Judge",
    "Member",
    "PackTrainer",
    "Recipe",
    "Sampled",
    "choose",
    "sample_members",
    "usual_batch",
]
