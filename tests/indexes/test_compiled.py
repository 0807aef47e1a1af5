"""What is compiled is kept where that can be, is whole or made anew, and is loaded only by those who need it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hashmatch.hashes import hamming
from hashmatch.indexes.band_plan import plan, scan_work, work

from ..readme import ROOT
from . import compiling
from .compiling import LIMIT, RADIUS, SIZES, workload

PROGRAM = Path(compiling.__file__)
KERNELS = 4
SECONDS = 120
"""After which a child has hung."""


@dataclass(frozen=True)
class Child:
    """What a process told that has searched."""

    package: str
    found: list[dict[str, list[list[list[int]]]]]
    warnings: list[tuple[str, str]]
    hits: list[int]
    """Of each kernel, whether it was found in the cache."""
    misses: list[int]
    """Of each kernel, whether it was compiled, to be kept."""

    @property
    def right(self) -> bool:
        return self.found == EXPECTED

    @property
    def compiled_nothing(self) -> bool:
        return self.hits == [1] * KERNELS and self.misses == [0] * KERNELS and not self.warnings

    @property
    def compiled_all(self) -> bool:
        return self.hits == [0] * KERNELS and self.misses == [1] * KERNELS and not self.warnings


def expected() -> list[dict[str, list[list[list[int]]]]]:
    """What every child must find, the slow way."""
    found = []
    for size in SIZES:
        codes, queries = workload(size)
        near = []
        for query in queries:
            distances = hamming(codes, query)
            rows = np.flatnonzero(distances <= RADIUS).tolist()
            near.append(sorted(([row, int(distances[row])] for row in rows), key=lambda pair: (pair[1], pair[0])))
        found.append({"single": near, "batch": near, "limited": [own[:LIMIT] for own in near]})
    return found


EXPECTED = expected()


def environment(**more: str) -> dict[str, str]:
    """That of this process without what tells numba where to keep things, and with something more."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")} | more


def start(**more: str) -> subprocess.Popen[str]:
    """Begin to search in a child, somewhere else than in the sources."""
    return subprocess.Popen(
        [sys.executable, PROGRAM],
        cwd=PROGRAM.parent,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Child:
    try:
        output, errors = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert errors == ""
    answer: dict[str, Any] = json.loads(output)
    answer["warnings"] = [tuple(warning) for warning in answer["warnings"]]
    return Child(**answer)


def search(cache: Path) -> Child:
    """What a child finds that keeps what it compiles in a folder."""
    return finish(start(NUMBA_CACHE_DIR=str(cache)))


def kept(cache: Path) -> dict[str, tuple[int, int]]:
    """Size and age of each file of a cache."""
    files = [path for path in cache.rglob("*") if path.is_file()]
    return {str(path.relative_to(cache)): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Child]]:
    """A cache, and what the first two children told, which began to fill it at once."""
    cache = tmp_path_factory.mktemp("cache")
    return cache, [finish(process) for process in [start(NUMBA_CACHE_DIR=str(cache)) for _ in range(2)]]


def test_the_workload_asks_for_every_kernel() -> None:
    by_bands = [work(plan(256, RADIUS, size), RADIUS, size) < scan_work(size) for size in SIZES]
    assert by_bands == [False, True]
    assert all(sum(len(own) for own in found["batch"]) > 80 for found in EXPECTED)
    assert all(found["limited"] != found["batch"] for found in EXPECTED)


def test_two_processes_that_compile_at_once_do_not_disturb_each_other(first: tuple[Path, list[Child]]) -> None:
    _, both = first
    assert [child.right for child in both] == [True, True]
    assert [child.warnings for child in both] == [[], []]
    assert all(sum(counts) == 1 for child in both for counts in zip(child.hits, child.misses, strict=True))
    assert all(sum(misses) >= 1 for misses in zip(*(child.misses for child in both), strict=True))


def test_what_is_compiled_once_is_kept(first: tuple[Path, list[Child]]) -> None:
    cache, _ = first
    before = kept(cache)
    assert sorted(Path(name).suffix for name in before) == [".nbc"] * KERNELS + [".nbi"] * KERNELS
    again = search(cache)
    assert again.right
    assert again.compiled_nothing
    assert kept(cache) == before


def test_a_torn_cache_heals_itself(first: tuple[Path, list[Child]], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(first[0], cache)
    # Of each kernel something else: its code or the list of it, cut in half or empty.
    cuts = [(suffix, part) for suffix in (".nbc", ".nbi") for part in (0, 2)]
    assert len(cuts) == KERNELS
    for number, (suffix, part) in enumerate(cuts):
        path = sorted(cache.rglob(f"*{suffix}"))[number]
        os.truncate(path, path.stat().st_size // part if part else 0)
    child = search(cache)
    assert child.right
    assert child.compiled_all
    healed = search(cache)
    assert healed.right
    assert healed.compiled_nothing


def test_an_installation_that_cannot_be_written_to_compiles_in_memory_and_says_so_once(tmp_path: Path) -> None:
    package = tmp_path / "site" / "hashmatch"
    shutil.copytree(ROOT / "hashmatch", package, ignore=shutil.ignore_patterns("__pycache__"))
    # Not by permissions: they do not hold for everybody.
    cache, home = package / "indexes" / "kernels" / "__pycache__", tmp_path / "home"
    cache.touch()
    home.touch()
    child = finish(
        start(PYTHONPATH=str(package.parent), HOME=str(home / "own"), XDG_CACHE_HOME=str(home / "own" / "cache"))
    )
    assert Path(child.package) == package / "__init__.py"
    assert child.right
    (warning,) = child.warnings
    assert warning[0] == "RuntimeWarning"
    assert "NUMBA_CACHE_DIR" in warning[1]
    assert child.hits == [0] * KERNELS
    assert (cache.read_bytes(), home.read_bytes()) == (b"", b"")


def test_who_matches_against_a_small_list_loads_no_compiler() -> None:
    program = (
        "import sys, hashmatch\n"
        "compilers = {'numba', 'llvmlite'}\n"
        "assert not compilers & set(sys.modules), 'loaded with the package'\n"
        "report = hashmatch.Matcher.from_lists('data/sample_hashes').match('data/sample_media/coast.jpg')\n"
        "print(report.matched, 'faiss' in sys.modules, sorted(compilers & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    assert run.stdout == "True True []\n"
