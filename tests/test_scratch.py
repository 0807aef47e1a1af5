from __future__ import annotations

import errno
import gc
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
    held = scratch.get([place], SCHEMA)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - names are enough
    assert len(held) == 1


def test_a_table_that_comes_back_is_mapped_and_costs_no_memory_of_arrows() -> None:
    scratch = Scratch()
    place = scratch.put(table(*(str(number) * 10 for number in range(50_000))))
    before = pa.total_allocated_bytes()
    held = scratch.get([place], SCHEMA)
    assert held.nbytes > 1_000_000
    assert pa.total_allocated_bytes() - before < 100_000


def test_it_takes_few_descriptors_however_often_it_grows() -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are enough
    scratch = Scratch()
    held = []
    for number in range(300):
        held.append(scratch.get([scratch.put(table(str(number) * 100_000))], SCHEMA))
    assert len(os.listdir("/proc/self/fd")) - before <= 5  # noqa: PTH208
    assert [table.column("name")[0].as_py()[:3] for table in held] == [
        str(number)[:1] * 3 if number < 10 else (str(number) * 3)[:3] for number in range(300)
    ]
    del scratch, held
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_full_disk_is_said_with_the_folder_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    scratch = Scratch()
    kept = scratch.put(table("a"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="No space left") as failure:
            scratch.put(table("b"))
        assert failure.value.filename == str(tmp_path)
    assert scratch.get([kept], SCHEMA).column("name").to_pylist() == ["a"]


def test_what_is_written_in_several_goes_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, content, offset: pwrite(file, content[:100], offset))
    scratch = Scratch()
    place = scratch.put(table("a" * 1000, "b"))
    assert scratch.get([place], SCHEMA).equals(table("a" * 1000, "b"))
