"""One encoder for each kind of column: numeric, boolean, categorical, date.

Each is a frozen dataclass with the same five members: `name` (of the input column),
`feature_names` (of the columns it makes), `encode` (writes them), `to_dict` and `from_dict`. Its
module also has the function that fits one to the training rows, which returns None if the column
says nothing.
"""
