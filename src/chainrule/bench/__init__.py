"""Benchmarks: this project and its peers side by side. ``chainrule bench`` runs them.

This file imports nothing: an engine's process says which cores it keeps to before NumPy is there.
"""
