"""The functions of NumPy that formulas may call, each turned into a tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from chainrule.doctor.formulas.tree import (
    Add,
    Compare,
    Divide,
    Expression,
    MatMul,
    Maximum,
    Multiply,
    Negate,
    Norm,
    Number,
    Ones,
    Power,
    Reduce,
    Shape,
    Transpose,
)
from chainrule.errors import FormulaError

__all__ = ["BUILDERS", "METHODS", "Reader"]


class Reader(Protocol):
    """Reads the parts of a call for its builder; `chainrule.doctor.formulas.numpy_reader` has it."""

    def expression(self, node: ast.expr) -> Expression:
        """Return the tree of an argument."""
        ...

    def operands(
        self, node: ast.Call, arguments: Sequence[ast.expr], count: int
    ) -> list[Expression]:
        """Return the trees of exactly `count` arguments."""
        ...

    def refuse(self, node: ast.AST, why: str) -> FormulaError:
        """Return the error that says why a part is not understood."""
        ...


Builder: TypeAlias = Callable[[Reader, ast.Call, str, Sequence[ast.expr]], Expression]


def reduction(
    reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]
) -> Expression:
    """Read ``np.sum(x, axis=0, keepdims=True)`` and ``x.mean(0)``."""
    axis: int | None = None
    keepdims = False
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    if len(arguments) == 2 and "axis" not in options:
        options["axis"] = arguments[1]
        arguments = arguments[:1]
    if len(arguments) != 1:
        raise reader.refuse(node, f"{name} takes an array, axis and keepdims")
    for option, value in options.items():
        given = constant(value)
        if option in ("axis", "dim") and (given is None or given in (0, 1, -1, -2)):
            axis = given if given is None else given % 2
        elif option in ("keepdims", "keepdim") and isinstance(given, bool):
            keepdims = given
        else:
            raise reader.refuse(node, "axis must be 0, 1 or None, and keepdims True or False")
    return Reduce(
        "sum" if name == "sum" else "mean", reader.expression(arguments[0]), axis, keepdims
    )


def constant(node: ast.expr) -> int | bool | None:
    """Return a small whole number, a truth value or None; 99 for anything else."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return 99
    return value if value is None or isinstance(value, (bool, int)) else 99


def product(kind: type[MatMul] | type[Multiply] | type[Divide] | type[Power]) -> Builder:
    """Return the builder of a function of two arguments that is an operator."""

    def build(
        reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]
    ) -> Expression:
        left, right = reader.operands(node, arguments, 2)
        return kind(left, right)

    return build


def sum_of_two(
    reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]
) -> Expression:
    left, right = reader.operands(node, arguments, 2)
    return Add((left, right if name == "add" else Negate(right)))


def outer(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    # Of two rows a and b it is aᵀ b.
    left, right = reader.operands(node, arguments, 2)
    return MatMul(Transpose(left), right)


def transposed(
    reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]
) -> Expression:
    return Transpose(reader.operands(node, arguments, 1)[0])


def itself(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    # x.copy(), (Z > 0).astype(float), np.array(x): the same numbers.
    if not arguments:
        raise reader.refuse(node, f"{name} needs an array")
    return reader.expression(arguments[0])


def negated(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    return Negate(reader.operands(node, arguments, 1)[0])


def maximum(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    left, right = reader.operands(node, arguments, 2)
    return Maximum(left, right)


def where(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    # where(c, x, y) = c x + (1 − c) y, for c is 0 or 1.
    condition, yes, no = reader.operands(node, arguments, 3)
    if not isinstance(condition, Compare):
        raise reader.refuse(node, "the condition must be a comparison such as Z > 0")
    return Add((Multiply(condition, yes), Multiply(Add((Number(1, "1"), Negate(condition))), no)))


def ones(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    if len(arguments) != 1 or node.keywords:
        raise reader.refuse(node, f"{name} takes one argument")
    if name == "ones_like":
        return Ones((reader.expression(arguments[0]),), like=True)
    shape = arguments[0]
    sizes = shape.elts if isinstance(shape, (ast.Tuple, ast.List)) else [shape]
    if not 1 <= len(sizes) <= 2:
        raise reader.refuse(node, "one or two axes are understood")
    return Ones(tuple(reader.expression(size) for size in sizes))


def length(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    return Shape(reader.operands(node, arguments, 1)[0], 0)


def norm(reader: Reader, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Expression:
    return Norm(reader.operands(node, arguments, 1)[0])


BUILDERS: dict[str, Builder] = {
    "sum": reduction,
    "mean": reduction,
    "average": reduction,
    "dot": product(MatMul),
    "matmul": product(MatMul),
    "mm": product(MatMul),
    "multiply": product(Multiply),
    "mul": product(Multiply),
    "divide": product(Divide),
    "power": product(Power),
    "add": sum_of_two,
    "subtract": sum_of_two,
    "outer": outer,
    "transpose": transposed,
    "t": transposed,
    "copy": itself,
    "astype": itself,
    "array": itself,
    "asarray": itself,
    "float": itself,
    "negative": negated,
    "maximum": maximum,
    "where": where,
    "ones": ones,
    "ones_like": ones,
    "len": length,
    "norm": norm,
}
METHODS = (
    "sum",
    "mean",
    "dot",
    "matmul",
    "mm",
    "multiply",
    "mul",
    "transpose",
    "t",
    "copy",
    "astype",
)
