"""What numba asks of kernels and no type checker sees."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from hashmatch.indexes import kernels

FILES = sorted(Path(kernels.__file__).parent.glob("*.py"))


def early_pointers(source: str) -> list[int]:
    """Lines that keep a pointer to an array of the function's own where it is not in the loop that uses it.

    Numba frees such an array after the last line that names it: before the loop begins.
    """
    lines = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            looped = {inner for loop in ast.walk(function) if isinstance(loop, ast.For) for inner in ast.walk(loop)}
            made = {name for node in ast.walk(function) for name in names_made(node)}
            lines += [
                node.lineno
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and node not in looped and made & set(pointed_at(node))
            ]
    return lines


def names_made(node: ast.AST) -> list[str]:
    """The names to which an assignment gives a new array of numpy."""
    if not isinstance(node, ast.Assign) or not ast.unparse(node.value).startswith(("np.empty(", "np.zeros(")):
        return []
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def pointed_at(node: ast.AST) -> list[str]:
    """The names of which ``pointer`` is taken."""
    return [
        call.args[0].id
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "pointer"
        and isinstance(call.args[0], ast.Name)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_pointer_outlives_its_array(path: Path) -> None:
    assert early_pointers(path.read_text()) == []


def test_a_pointer_that_outlives_its_array_is_seen() -> None:
    source = "def f(n):\n    a = np.empty(n)\n    p = pointer(a)\n    for i in range(n):\n        p[i] = i\n"
    assert early_pointers(source) == [3]
    assert early_pointers(source.replace("    p = pointer(a)\n", "").replace("p[i]", "pointer(a)[i]")) == []
