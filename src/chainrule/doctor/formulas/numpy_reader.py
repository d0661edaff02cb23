"""Formulas in NumPy notation, read into trees.

Python's own parser reads the text: it knows the notation completely and says where an error is. Nothing
is ever executed. Of what it returns, the kinds of nodes below are understood, and everything else is
refused by name.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence

from chainrule.doctor.formulas.numpy_functions import BUILDERS, METHODS
from chainrule.doctor.formulas.symbols import ELEMENT_FUNCTIONS, activation_of, canonical_name
from chainrule.doctor.formulas.tree import (
    Add,
    Apply,
    Assignment,
    Compare,
    Divide,
    Expression,
    Function,
    Layer,
    MatMul,
    Multiply,
    Name,
    Negate,
    NewAxis,
    Number,
    Power,
    Shape,
    Transpose,
)
from chainrule.errors import FormulaError, nearest_name
from chainrule.nn import ACTIVATIONS

__all__ = ["read_numpy", "read_numpy_expression"]

MOST_CHARACTERS = 20_000
MOST_NESTING = 60
MOST_LEVELS = 200  # of Python's tree; a sum of n terms has n of them
LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
LAYERED = ("W", "b", "Z", "A", "dW", "db", "dZ", "dA")
MODULES = ("np", "numpy", "jnp", "scipy", "special", "math", "torch")


def read_numpy(text: str) -> list[Assignment]:
    """Read assignments, one or several: ``dZ2 = (A2 - Y) / m``.

    Parameters
    ----------
    text : str
        Python assignments. ``dW2, db2 = …, …`` are two; ``W2 -= eta * dW2`` is one of W2; a comment
        or an ``import`` is passed over.

    Returns
    -------
    list of Assignment

    Raises
    ------
    FormulaError
        If something is not understood; the message says what, and in which line.
    """
    found: list[Assignment] = []
    reader = Reader(text)
    for statement in parsed(text).body:
        if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
            continue
        found += reader.assignments(statement)
    return found


def read_numpy_expression(text: str) -> Expression:
    """Read the right side of a formula: ``A1.T @ (A2 - Y) / m``.

    Raises
    ------
    FormulaError
        As for `read_numpy`.
    """
    body = parsed(text.strip()).body
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise FormulaError(f"{shortened(text)!r} is not one expression")
    return Reader(text.strip()).expression(body[0].value)


def parsed(text: str) -> ast.Module:
    """Return Python's syntax tree of a text of bounded length and nesting."""
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"{len(text):,} characters of formulas: more than {MOST_CHARACTERS:,}")
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth > MOST_NESTING:
            raise FormulaError(f"brackets nested more than {MOST_NESTING} deep: split the formula")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        where = f"line {error.lineno}" if error.lineno else "the formula"
        raise FormulaError(f"{where} is not Python: {error.msg}: {shortened(text)!r}") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise FormulaError(
            f"the formula cannot be parsed: {error or type(error).__name__}"
        ) from None
    check_depth(tree)
    return tree


def check_depth(tree: ast.AST) -> None:
    """Raise a FormulaError if a formula has too many operations in a row, or in each other."""
    level: list[ast.AST] = [tree]
    for _ in range(MOST_LEVELS):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    line = getattr(level[0], "lineno", 1)
    raise FormulaError(
        f"line {line}: more than {MOST_LEVELS} operations in a row: split the formula"
    )


def shortened(text: str, most: int = 60) -> str:
    """Return a text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


class Reader:
    """Turns the nodes of Python's syntax tree into ours."""

    def __init__(self, text: str) -> None:
        self.lines = [line.encode("utf-8", "replace") for line in LINE.findall(text)]

    def source(self, node: ast.AST) -> str:
        """Return what was written; the lines are cut once, where `ast` would cut them for each node."""
        first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if first is None or last is None:
            return ""
        lines = self.lines[first - 1 : last]
        lines[-1] = lines[-1][: node.end_col_offset]  # type: ignore[attr-defined]
        lines[0] = lines[0][node.col_offset :]  # type: ignore[attr-defined]
        return b"".join(lines).decode()

    def refuse(self, node: ast.AST, why: str) -> FormulaError:
        """Build the error that says which part is not understood."""
        part = shortened(self.source(node) or type(node).__name__)
        line = getattr(node, "lineno", 1)
        return FormulaError(f"line {line}, {part!r}: {why}")

    def assignments(self, statement: ast.stmt) -> list[Assignment]:
        """Read one statement."""
        if isinstance(statement, ast.AugAssign):
            target = self.target(statement.target)
            value = self.operation(statement, statement.op, target, statement.value)
            return [self.assignment(target, value, statement)]
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            return self.pairs(statement.target, statement.value, statement)
        if isinstance(statement, ast.Assign):
            return [
                assignment
                for target in reversed(statement.targets)
                for assignment in self.pairs(target, statement.value, statement)
            ]
        raise self.refuse(statement, "only assignments are read, such as dW2 = A1.T @ dZ2")

    def pairs(self, target: ast.expr, value: ast.expr, statement: ast.stmt) -> list[Assignment]:
        """Read ``a = x``, or ``a, b = x, y``."""
        if not isinstance(target, (ast.Tuple, ast.List)):
            return [self.assignment(self.target(target), self.expression(value), statement)]
        if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) != len(target.elts):
            raise self.refuse(statement, "as many values as names are needed")
        return [
            self.assignment(self.target(name), self.expression(part), statement)
            for name, part in zip(target.elts, value.elts, strict=True)
        ]

    def assignment(self, target: Name, value: Expression, statement: ast.stmt) -> Assignment:
        """Put an assignment together."""
        source = self.source(statement)
        return Assignment(target, value, " ".join(source.split()), statement.lineno)

    def target(self, node: ast.expr) -> Name:
        """Read what is assigned to: a name, ``dW[2]``, ``grads["W2"]``."""
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            held = self.held(node)
            if held is not None:
                if node.value.id.lower().startswith("grad") and held.symbol in ("W", "b", "A", "Z"):
                    return Name("d" + held.symbol, held.layer, text=held.text)
                return held
        if isinstance(node, ast.Name):
            return self.name(node.id)
        raise self.refuse(node, "a name such as dW2 is needed on the left")

    def name(self, text: str) -> Name:
        """Return the quantity of this name, or a name of the user's own."""
        return canonical_name(text) or Name(text, text=text)

    def held(self, node: ast.Subscript) -> Name | None:
        """Read ``W[2]``, ``A[l - 1]``, ``params["W2"]``; None if it is something else."""
        assert isinstance(node.value, ast.Name)
        text = self.source(node)
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            name = canonical_name(node.slice.value)
            if name is None:
                return None
            if node.value.id.lower().startswith("grad") and name.symbol in ("W", "b"):
                return Name("d" + name.symbol, name.layer, text=text)
            return Name(name.symbol, name.layer, text=text)
        name = canonical_name(node.value.id)
        layer = self.layer(node.slice)
        if name is None or layer is None or name.layer is not None or name.symbol not in LAYERED:
            return None
        return Name(name.symbol, layer, text=text)

    def layer(self, node: ast.expr) -> Layer | None:
        """Read a layer's number: 2, l, l - 1, L + 1."""
        match node:
            case ast.Constant(value=int(number)) if 0 <= number < 100:
                return Layer("", number)
            case ast.Name(id=letter) if letter in ("l", "L", "i", "k", "layer"):
                return Layer(letter)
            case ast.BinOp(
                left=ast.Name(id=letter), op=operation, right=ast.Constant(value=int(number))
            ) if letter in ("l", "L", "i", "k", "layer") and number < 100:
                if isinstance(operation, ast.Add):
                    return Layer(letter, number)
                if isinstance(operation, ast.Sub):
                    return Layer(letter, -number)
        return None

    def expression(self, node: ast.expr) -> Expression:
        """Read any expression."""
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name(id=text):
                return self.name(text)
            case ast.UnaryOp(op=ast.USub()):
                return Negate(self.expression(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.expression(node.operand)
            case ast.BinOp():
                return self.operation(node, node.op, self.expression(node.left), node.right)
            case ast.Attribute(attr="T" | "mT"):
                return Transpose(self.expression(node.value))
            case ast.Attribute():
                return self.attribute(node)
            case ast.Call():
                return self.call(node)
            case ast.Subscript():
                return self.subscript(node)
            case ast.Compare(ops=[operator], comparators=[right]):
                return self.comparison(node, operator, right)
        raise self.refuse(node, f"{type(node).__name__} is not understood in a formula")

    def number(self, node: ast.Constant) -> Number:
        """Read a constant."""
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise self.refuse(node, "only real numbers are understood")
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise self.refuse(node, "the number is too large")
        return Number(value, self.source(node))

    def operation(
        self, node: ast.AST, operator: ast.operator, left: Expression, right: ast.expr
    ) -> Expression:
        """Read ``left operator right``."""
        other = self.expression(right)
        match operator:
            case ast.Add():
                return Add((left, other))
            case ast.Sub():
                return Add((left, Negate(other)))
            case ast.Mult():
                return Multiply(left, other)
            case ast.MatMult():
                return MatMul(left, other)
            case ast.Div():
                return Divide(left, other)
            case ast.Pow():
                return Power(left, other)
        raise self.refuse(node, f"the operator {type(operator).__name__} is not understood")

    def comparison(self, node: ast.Compare, operator: ast.cmpop, right: ast.expr) -> Expression:
        """Read ``Z > 0``."""
        signs = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
        sign = signs.get(type(operator))
        if sign is None:
            raise self.refuse(node, "of the comparisons >, >=, < and <= are understood")
        return Compare(self.expression(node.left), sign, self.expression(right))

    def attribute(self, node: ast.Attribute) -> Expression:
        """Read ``np.pi``; other attributes are not there."""
        if isinstance(node.value, ast.Name) and node.value.id in MODULES:
            constants = {"pi": math.pi, "e": math.e}
            if node.attr in constants:
                return Number(constants[node.attr], f"{node.value.id}.{node.attr}")
        raise self.refuse(node, "of the attributes .T and .shape[0] are understood")

    def subscript(self, node: ast.Subscript) -> Expression:
        """Read ``X.shape[0]``, ``W[2]``, ``params["W2"]``, ``x[:, None]``."""
        match node:
            case ast.Subscript(
                value=ast.Attribute(attr="shape", value=array),
                slice=ast.Constant(value=int(axis)),
            ) if axis in (0, 1):
                return Shape(self.expression(array), axis)
            case ast.Subscript(value=ast.Name()):
                held = self.held(node)
                if held is not None:
                    return held
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        pattern = [self.axis_kind(part) for part in parts]
        if None in pattern or len(pattern) > 3:
            raise self.refuse(
                node, "of the subscripts W[2], X.shape[0] and x[:, None] are understood"
            )
        return NewAxis(self.expression(node.value), tuple(bool(kind) for kind in pattern))

    def axis_kind(self, node: ast.expr) -> bool | None:
        """Return True for a new axis, False for a whole old one, None for anything else."""
        match node:
            case ast.Constant(value=None) | ast.Attribute(attr="newaxis"):
                return True
            case ast.Slice(lower=None, upper=None, step=None):
                return False
        return None

    def call(self, node: ast.Call) -> Expression:
        """Read a function of a module, one by itself, or a method."""
        function = node.func
        if isinstance(function, ast.Name):
            return self.function(node, function.id, node.args)
        if isinstance(function, ast.Attribute):
            owner = function.value
            while isinstance(owner, ast.Attribute) and owner.attr in (*MODULES, "linalg"):
                owner = owner.value
            if isinstance(owner, ast.Name) and owner.id in MODULES:
                return self.function(node, function.attr, node.args)
            if function.attr in METHODS:
                return self.function(node, function.attr, [function.value, *node.args])
            raise self.refuse(
                node, f"there is no method {function.attr!r} here; known: {', '.join(METHODS)}"
            )
        raise self.refuse(node, "this call is not understood")

    def function(self, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
        """Read the function `name` of the arguments."""
        builder = BUILDERS.get(name)
        if builder is not None:
            return builder(self, node, name, arguments)
        activation = activation_of(name)
        if name not in ELEMENT_FUNCTIONS and activation is None:
            known = [*BUILDERS, *ELEMENT_FUNCTIONS, *ACTIVATIONS]
            nearest = nearest_name(name, known)
            hint = f"; did you mean {nearest!r}?" if nearest else ""
            raise self.refuse(node, f"there is no function {name!r} here{hint}")
        # softmax(Z, axis=1): the units, whatever their axis is.
        options = {k.arg for k in node.keywords} - {"axis", "keepdims", "dim"}
        if len(arguments) != 1 or options:
            raise self.refuse(node, f"{name} takes one argument")
        operand = self.expression(arguments[0])
        if activation is not None:
            which, derivative, layer = activation
            return Apply(which, operand, derivative, layer, text=name)
        return Function(ELEMENT_FUNCTIONS[name], operand)

    def operands(
        self, node: ast.Call, arguments: Sequence[ast.expr], count: int
    ) -> list[Expression]:
        """Read exactly `count` arguments and no options."""
        if len(arguments) != count or node.keywords:
            raise self.refuse(node, f"{count} argument{'s' * (count > 1)} needed, and no options")
        return [self.expression(argument) for argument in arguments]
