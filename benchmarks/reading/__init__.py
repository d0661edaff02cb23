"""How long it takes to read a text table, beside pandas and polars where they are installed.

``python -m benchmarks.reading --rows 1000000`` writes four files of 30 columns into a folder that it
removes again, reads each one with every library in turns, and prints a table of medians in Markdown.
"""
