"""What every contender promises, and that none is forgotten."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from benchmarks import BENCHMARKS
from benchmarks.contenders import BASELINE, CONTENDERS, OURS, Way
from benchmarks.measuring import check
from benchmarks.truth import brute_force
from benchmarks.workloads import DISTRIBUTIONS, make_workload
from hashmatch.errors import MissingExtra

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "benchmarks" / "contenders"
EXTRA = {"pdq_index": "threatexchange", "usearch_hnsw": "usearch"}

every_contender = pytest.mark.parametrize("name", CONTENDERS)


def installed(name: str) -> bool:
    return name not in EXTRA or importlib.util.find_spec(EXTRA[name]) is not None


def test_the_table_names_every_file() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "base"}
    assert set(CONTENDERS) == files
    assert {BASELINE, OURS} <= set(CONTENDERS)
    assert all((FOLDER.parent / f"{name}.py").is_file() for name in BENCHMARKS)


def test_we_are_asked_in_every_way_that_is_promised() -> None:
    ways = set(CONTENDERS[OURS].ways)
    assert ways >= {Way(), Way(8), Way(256), Way(2_000), Way(20_000), Way(1, 2), Way(20_000, 2)}
    assert CONTENDERS[OURS].complete
    assert CONTENDERS[BASELINE].complete
    assert CONTENDERS[BASELINE].ways[-1].batch > 100


@every_contender
def test_it_answers_like_brute_force_or_says_what_to_install(name: str) -> None:
    if not installed(name):
        with pytest.raises(MissingExtra, match=rf"{EXTRA[name]}: pip install hashmatch\[bench\]"):
            CONTENDERS[name]
        return
    kind = CONTENDERS[name]
    for distribution in DISTRIBUTIONS:
        for n in (1, 50, 1_000):
            workload = make_workload(distribution, n, 96, 5)
            truth = brute_force(workload.codes, workload.queries)
            contender = kind(workload.codes.copy())
            for way in kind.ways:
                verdict = check(contender, way, workload, truth, 96)
                assert verdict.queries == 96
                assert verdict.false_answers == 0
                if name != "usearch_hnsw" or n == 1:
                    assert verdict.faultless
                else:
                    assert verdict.recall > 0.5


@every_contender
def test_it_keeps_what_it_was_given(name: str) -> None:
    workload = make_workload("uniform", 200, 32, 6)
    codes, queries = workload.codes.copy(), workload.queries.copy()
    # Of one that is not installed, the baseline stands for what it would be asked.
    contender = CONTENDERS[name if installed(name) else BASELINE](codes)
    contender.answers(contender.search(contender.prepare(queries)))
    assert np.array_equal(codes, workload.codes)
    assert np.array_equal(queries, workload.queries)
