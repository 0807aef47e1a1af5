"""The picture: what it draws is computed without matplotlib; drawing needs it, and says so."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from benchmarks.contenders import CONTENDERS, Way
from benchmarks.plot import LINES, curves, draw, label_of
from hashmatch.errors import MissingExtra

from .results_drawn import FAULTLESS, row

ROWS = [
    row(n=10_000, us=8.0),
    row(n=1_000, us=4.0),
    row(n=1_000, way=Way(8), us=2.0),
    row("faiss_flat", Way(256), n=1_000, us=6.0),
    row("usearch_hnsw", n=1_000, us=5.0, verdict=replace(FAULTLESS, found=15)),
    row(distribution="skewed", n=1_000, us=9.0),
]


def test_lines_go_through_the_median_rounds_in_ascending_order() -> None:
    uniform = {(line.contender, line.way): curve for line, curve in curves(ROWS, "uniform").items()}
    assert uniform == {
        ("multi_index", Way()): [(1_000, 4.0), (10_000, 8.0)],
        ("faiss_flat", Way(256)): [(1_000, 6.0)],
        ("usearch_hnsw", Way()): [(1_000, 5.0)],
    }
    assert list(curves(ROWS, "skewed").values()) == [[(1_000, 9.0)]]


def test_every_line_is_of_a_contender_and_looks_like_no_other() -> None:
    assert {line.contender for line in LINES} == set(CONTENDERS)
    assert len({line.color for line in LINES}) == len(LINES)
    assert len({line.label for line in LINES}) == len(LINES)


def test_who_misses_answers_is_labelled_with_the_recall() -> None:
    labels = {line.contender: label_of(line, ROWS, "uniform") for line in curves(ROWS, "uniform")}
    assert labels["usearch_hnsw"].endswith("(recall 0.50)")
    assert "recall" not in labels["multi_index"]


def test_it_is_drawn_or_said_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "search.png"
    if importlib.util.find_spec("matplotlib") is None:
        with pytest.raises(MissingExtra, match="bench"):
            draw(ROWS, file)
        assert not file.exists()
    else:
        draw(ROWS, file)
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size > 10_000


def test_without_matplotlib_it_is_said_what_to_install(tmp_path: Path) -> None:
    with (
        mock.patch.dict(sys.modules, {"matplotlib": None, "matplotlib.figure": None}),
        pytest.raises(MissingExtra, match=r"hashmatch\[bench\]"),
    ):
        draw(ROWS, tmp_path / "search.png")
