"""Plants one small fault in the source of a module."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OTHER_WAY = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Fault:
    """One fault: where, what, and the module's source with it."""

    line: int
    what: str
    source: str


def count(source: str) -> int:
    """How many faults can be planted in the source."""
    return sum(1 for _ in _places(ast.parse(source)))


def plant(source: str, number: int) -> Fault:
    """Plant the fault of that number, from 0."""
    tree = ast.parse(source)
    node, change = next(islice(_places(tree), number, None))
    before = ast.unparse(node)
    change()
    what = f"{_short(before)} -> {_short(ast.unparse(node))}"
    return Fault(getattr(node, "lineno", 0), what, ast.unparse(tree))


def _short(text: str) -> str:
    first, *more = text.splitlines()
    return f"{first} ..." if more else first


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, Callable[[], None]]]:
    for node in _running(tree):
        change = CHANGES.get(type(node), lambda _: None)(node)
        if change is not None:
            yield node, change


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs: no annotations, no words of errors, no narrowing for the type checker."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _left_alone(child):
                yield child
                yield from _running(child)


def _left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    return isinstance(node, ast.Raise | ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr)


def _comparison(node: ast.Compare) -> Callable[[], None] | None:
    other = COMPARISONS.get(type(node.ops[0]))
    return (lambda: setattr(node, "ops", [other()])) if other and len(node.ops) == 1 else None


def _and_or(node: ast.BoolOp) -> Callable[[], None]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return lambda: setattr(node, "op", other)


def _condition(node: ast.If | ast.IfExp) -> Callable[[], None]:
    inner = node.test
    turned = inner.operand if isinstance(inner, ast.UnaryOp) else ast.UnaryOp(ast.Not(), inner)
    return lambda: setattr(node, "test", turned)


def _constant(node: ast.Constant) -> Callable[[], None] | None:
    value = node.value
    if isinstance(value, bool):
        return lambda: setattr(node, "value", not value)
    return (lambda: setattr(node, "value", value + 1)) if isinstance(value, int) else None


def _plus_minus(node: ast.BinOp) -> Callable[[], None] | None:
    other = {ast.Add: ast.Sub, ast.Sub: ast.Add}.get(type(node.op))
    return (lambda: setattr(node, "op", other())) if other else None


def _call(node: ast.Call) -> Callable[[], None] | None:
    name = node.func
    if isinstance(name, ast.Name) and name.id in OTHER_WAY:
        return lambda: setattr(name, "id", OTHER_WAY[name.id])
    return None


def _returned(node: ast.Return) -> Callable[[], None] | None:
    if node.value is None or isinstance(node.value, ast.Constant):
        return None
    return lambda: setattr(node, "value", ast.Constant(None))


CHANGES: dict[type[ast.AST], Callable[..., Callable[[], None] | None]] = {
    ast.Compare: _comparison,
    ast.BoolOp: _and_or,
    ast.If: _condition,
    ast.IfExp: _condition,
    ast.Constant: _constant,
    ast.BinOp: _plus_minus,
    ast.Call: _call,
    ast.Return: _returned,
}
