"""Formulas: their algebra, those of the rows in `chainrule.nn`, and how they are written.

Nothing here knows who shows a formula or who judges one.
"""
