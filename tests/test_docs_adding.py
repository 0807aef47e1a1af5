"""What the page on adding shows has the shape that is asked for."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

import pytest

from hashmatch.algorithms import base as algorithms
from hashmatch.formats import base as formats
from hashmatch.indexes import base as indexes
from hashmatch.variants import base as variants

from .readme import ROOT

PAGE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
SHOWN = [
    node
    for code in re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for node in ast.walk(ast.parse(code))
    if isinstance(node, ast.ClassDef)
]
BASES: dict[str, Any] = {
    name: getattr(room, name)
    for room, name in (
        (algorithms, "PerceptualAlgorithm"),
        (formats, "ListFormat"),
        (indexes, "HashIndex"),
        (variants, "Variant"),
    )
}


def base_of(shown: ast.ClassDef) -> Any:
    (base,) = shown.bases
    assert isinstance(base, ast.Name)
    return BASES[base.id]


def arguments(function: Any) -> list[str]:
    """The names of a method's arguments, without the instance or the class."""
    return [name for name in inspect.signature(function).parameters if name != "self"]


def test_every_kind_with_a_class_of_its_own_is_shown() -> None:
    assert {base_of(shown) for shown in SHOWN} == set(BASES.values())


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.name)
def test_methods_are_those_that_are_asked_for(shown: ast.ClassDef) -> None:
    base = base_of(shown)
    methods = {node.name: node for node in shown.body if isinstance(node, ast.FunctionDef)}
    assert set(methods) == set(base.__abstractmethods__)
    for name, method in methods.items():
        assert [argument.arg for argument in method.args.args[1:]] == arguments(getattr(base, name)), name


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.name)
def test_attributes_exist(shown: ast.ClassDef) -> None:
    base = base_of(shown)
    stated = {target.id for node in shown.body if isinstance(node, ast.Assign) for target in node.targets}  # type: ignore[attr-defined]
    declared = {name for one in base.__mro__ for name in vars(one).get("__annotations__", {})}
    assert stated <= declared


def test_what_is_said_in_words_exists_too() -> None:
    said = re.search(r"`write\((.*?)\)`", PAGE)
    assert said is not None
    assert said[1].split(", ")[1:] == arguments(formats.ListFormat.write)
    assert {"role", "binary", "losses"} <= formats.ListFormat.__annotations__.keys()
    assert "new" in algorithms.DigestAlgorithm.__abstractmethods__
    assert "radius_limit" in indexes.HashIndex.__annotations__
