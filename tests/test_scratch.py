from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest

from hashmatch.scratch import Scratch

SCHEMA = pa.schema([("name", pa.string()), ("labels", pa.list_(pa.string()))])


def table(*names: str) -> pa.Table:
    return pa.table({"name": list(names), "labels": [[name] * 2 for name in names]}, schema=SCHEMA)


def test_tables_come_back_in_the_order_in_which_they_are_asked_for() -> None:
    scratch = Scratch()
    places = [scratch.put(table("a", "b")), scratch.put(table()), scratch.put(table("ü" * 1000))]
    assert scratch.get(places, SCHEMA).equals(pa.concat_tables([table("a", "b"), table("ü" * 1000)]))
    assert scratch.get(places[::-1], SCHEMA).column("name").to_pylist() == ["ü" * 1000, "a", "b"]
    assert scratch.get([], SCHEMA).equals(SCHEMA.empty_table())


def test_what_is_put_after_a_table_came_back_changes_nothing_in_it() -> None:
    scratch = Scratch()
    first = scratch.put(table("a"))
    held = scratch.get([first], SCHEMA)
    second = scratch.put(table("b" * 100_000))
    assert scratch.get([second], SCHEMA).column("name").to_pylist() == ["b" * 100_000]
    assert held.column("name").to_pylist() == ["a"]


def test_a_table_outlives_its_scratch() -> None:
    scratch = Scratch()
    held = scratch.get([scratch.put(table("a" * 10_000))], SCHEMA)
    del scratch
    assert held.column("name").to_pylist() == ["a" * 10_000]


def test_nothing_is_left_in_the_folder_even_while_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scratch = Scratch()
    place = scratch.put(table("a"))
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - names are enough
    assert len(scratch.get([place], SCHEMA)) == 1


def test_a_table_that_comes_back_is_mapped_and_costs_no_memory_of_arrows() -> None:
    scratch = Scratch()
    place = scratch.put(table(*(str(number) * 10 for number in range(50_000))))
    before = pa.total_allocated_bytes()
    held = scratch.get([place], SCHEMA)
    assert held.nbytes > 1_000_000
    assert pa.total_allocated_bytes() - before < 100_000
