"""Results: what is written is read again, and what is wrong is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from benchmarks.contenders import Way
from benchmarks.machine import Machine
from benchmarks.results import SearchResults

from .results_drawn import FAULTLESS, results, row


def test_results_survive_json(tmp_path: Path) -> None:
    file = tmp_path / "new" / "search.json"
    written = results(row(), row("faiss_flat", Way(256), us=1 / 3))
    written.write(file)
    assert SearchResults.read(file) == written
    plain = json.loads(file.read_text())
    assert plain["rows"][1]["way"] == {"batch": 256, "threads": 1}
    assert plain["rows"][1]["timed"]["rounds"][0] == 1 / 3


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"rows": 3}', "\udcff"])
def test_other_files_are_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "search.json"
    file.write_text(content, errors="surrogateescape")
    with pytest.raises(msgspec.DecodeError):
        SearchResults.read(file)


def test_uploads_are_eight_codes_each() -> None:
    assert row(us=1_000).uploads_a_day == 86_400_000_000 / 8_000


def test_only_who_promises_everything_is_at_fault_for_missing_something() -> None:
    missing = replace(FAULTLESS, found=29)
    lying = replace(FAULTLESS, false_answers=1)
    forgetful = replace(FAULTLESS, planted_missed=1)
    for verdict in (missing, lying, forgetful):
        assert results(row(verdict=verdict, complete=False)).faults == ()
        (fault,) = results(row(), row(verdict=verdict)).faults
        assert "title of multi_index, single, uniform, 1000 codes" in fault
    assert results(row()).faults == ()


def test_threads_are_compared_with_one_thread_of_the_same_row() -> None:
    one, two = row(us=10), row(way=Way(1, threads=2), us=4)
    others = [row(us=1, n=2_000), row(way=Way(8), us=1), row("faiss_flat", us=1), row(us=1, distribution="skewed")]
    (scaling,) = results(*others, one, two).scalings
    assert (scaling.row, scaling.ratio) == (two, 2.5)


def test_a_wrong_crowd_is_a_fault() -> None:
    (fault,) = results(row(), right=False).faults
    assert "100 neighbours" in fault


def test_a_machine_names_no_place() -> None:
    machine = Machine.here()
    text = msgspec.json.encode(machine).decode()
    assert machine.cores >= 1
    assert machine.memory > 2**28
    assert machine.packages["numpy"][0].isdigit()
    assert "/" not in text.replace("CPU @", "")
    assert str(machine).count("\n") == 1
