"""What must be settled before any test module is imported."""

import os

# SciPy reads this on import; scikit-learn's array-API checks of an estimator are skipped without it.
os.environ["SCIPY_ARRAY_API"] = "1"
