"""The house keeps its shape: layers, sizes, names, docstrings, and what an import costs."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import hashmatch
from hashmatch.algorithms import ALGORITHMS
from hashmatch.cli.main import main
from hashmatch.formats import FORMATS
from hashmatch.indexes import INDEXES
from hashmatch.media import MEDIA
from hashmatch.registry import Registry
from hashmatch.variants import VARIANTS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "hashmatch"
MODULES = sorted(PACKAGE.rglob("*.py"))
OUR_CODE = [
    path for folder in ("hashmatch", "tests", "data", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))
]
ROOMS: dict[str, Registry] = {
    "algorithms": ALGORITHMS,
    "formats": FORMATS,
    "indexes": INDEXES,
    "media": MEDIA,
    "variants": VARIANTS,
}

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "config", "manager", "tools", "misc"}
MACHINE_PATH = re.compile(r"/(?:work|root|farm|Users)/\w|/home/\w+/|/tmp/(?:env|venv)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def modules_loaded_by(code: str) -> set[str]:
    ending = "\nimport sys, json; json.dump(sorted(sys.modules), sys.stdout)"
    run = subprocess.run([sys.executable, "-c", code + ending], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}


@pytest.mark.parametrize("path", OUR_CODE, ids=name_of)
def test_files_and_functions_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES_OF_A_FILE
    long = {
        function.name: function.end_lineno - function.lineno + 1
        for function in functions(ast.parse(text))
        if function.end_lineno is not None and function.end_lineno - function.lineno >= LINES_OF_A_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_name_says_what_it_is(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    assert path.parent.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_everything_public_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has none"
    # Click shows a command's docstring as its help; others are asked for here.
    bare = [
        node.name
        for parent in ast.walk(tree)
        if isinstance(parent, ast.Module | ast.ClassDef)
        and not (isinstance(parent, ast.ClassDef) and parent.name.startswith("_"))
        for node in parent.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert bare == []


def test_no_path_of_a_machine_stands_in_the_tree() -> None:
    texts = [
        path
        for path in ROOT.rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".json", ".csv", ".txt", ".jsonl", ".importlinter", ""}
        and path.is_file()
        and not any(part.startswith(".") and part != ".ci" for part in path.relative_to(ROOT).parts[:-1])
        and not {"build", "dist"} & set(path.relative_to(ROOT).parts)
    ]
    assert ROOT / "README.md" in texts
    found = [name_of(path) for path in texts if MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="replace"))]
    assert found == []


def test_layers_and_owners_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_implementations_know_neither_their_table_nor_each_other(room: str) -> None:
    homes = {target.partition(":")[0] for target in ROOMS[room]._table.values()}
    for home in homes:
        tree = ast.parse((ROOT / f"{home.replace('.', '/')}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                assert node.module, f"{home} imports its own package"
                assert f"hashmatch.{room}.{node.module}" not in homes - {home}


def test_import_hashmatch_is_light() -> None:
    loaded = modules_loaded_by("import hashmatch")
    assert "hashmatch" in loaded
    heavy = {
        "faiss",
        "scipy",
        "numba",
        "av",
        "numpy",
        "pyarrow",
        "PIL",
        "imagehash",
        "pywt",
        "click",
        "rich",
        "msgspec",
    }
    assert loaded & heavy == set()


def test_reading_lists_loads_no_index_and_no_scipy() -> None:
    loaded = modules_loaded_by("import hashmatch; hashmatch.HashBank, hashmatch.Matcher, hashmatch.hash_file")
    assert "pyarrow" in loaded
    assert loaded & {"faiss", "scipy", "numba", "av", "click", "rich"} == set()


def test_help_loads_nothing_heavy() -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "hashmatch", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage:" in run.stdout
    assert all(command in run.stdout for command in main.list_commands(click.Context(main)))
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in run.stderr.splitlines()}
    assert "click" in loaded
    assert loaded & {"numpy", "pyarrow", "rich", "faiss", "scipy", "PIL", "imagehash", "msgspec"} == set()


def test_front_door_names_what_its_type_checking_block_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {alias.asname for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported | {"__version__"} == set(hashmatch.__all__)
    for name in hashmatch.__all__:
        assert getattr(hashmatch, name) is not None


def test_front_door_refuses_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hashmatch.nothing
    assert set(hashmatch.__all__) <= set(dir(hashmatch))


@pytest.mark.parametrize("room", ROOMS)
def test_every_registered_name_is_documented(room: str) -> None:
    documented = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert [name for name in ROOMS[room] if f"`{name}`" not in documented] == []
