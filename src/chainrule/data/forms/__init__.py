"""What a cell's text stands for: a missing value, a number, a date, a truth value, a label.

Each form is a frozen dataclass with `read` (text, or values that are typed already, to a typed column
with null where a cell does not have the form), `to_dict` and `from_dict`. Beside it stands the function
that finds it out from the different cells of a whole column.
"""
