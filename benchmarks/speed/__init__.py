"""How fast training is: this project and its peers side by side.

From the root of the repository, or as ``chainrule bench`` where the package is installed from it::

    python -m benchmarks.speed --help

This file imports nothing: an engine's process says which cores it keeps to before NumPy is there.
"""
