"""Warnings that point at the user's own line, however deep in the package they are given."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

__all__ = ["ConvergenceWarning", "EngineWarning", "convergence_warning", "warn_user"]

PACKAGE = str(Path(__file__).parent) + os.sep


class EngineWarning(RuntimeWarning):
    """The compiled engine leaves something to Python, which is slower; the results are the same."""


class ConvergenceWarning(UserWarning):
    """Training ended before it had converged; scikit-learn's of this name, if it is imported."""


def convergence_warning() -> type[Warning]:
    """Return scikit-learn's category, or ours where nobody has imported scikit-learn."""
    exceptions = sys.modules.get("sklearn.exceptions")
    category: type[Warning] = getattr(exceptions, "ConvergenceWarning", ConvergenceWarning)
    return category


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn of something at the line that called into the package.

    It is what ``skip_file_prefixes`` of Python 3.12 does, for 3.11 too.
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
