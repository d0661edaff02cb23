"""How good the models are on tables: this project's and scikit-learn's, on the same rows.

From the root of the repository::

    python -m benchmarks.tabular --help

``sets``     the tables, and where they come from
``models``   how each model is fitted to a data frame
``measure``  the splits, the order, the clock, and the file that keeps every figure
``compare``  which of two models is the better one, and the goals
``report``   what it all comes to, in Markdown
"""
