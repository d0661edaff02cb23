"""`check_gradient`: any scalar function of a vector, and a gradient of it that was derived by hand."""

from __future__ import annotations
