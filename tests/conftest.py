"""What must be settled before any test module is imported."""

import os

# SciPy reads this on import; scikit-learn's array-API checks of an estimator are skipped without it.
os.environ["SCIPY_ARRAY_API"] = "1"

from hypothesis import settings

# A deadline measures the machine, which may be busy; the same examples everywhere can be looked into.
settings.register_profile("chainrule", deadline=None, derandomize=True)
settings.load_profile("chainrule")
