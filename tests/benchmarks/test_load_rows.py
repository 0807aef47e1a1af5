"""Rows, deltas and the files they stand in: the same for a seed, fit to be taken, and alike in every form."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.loading import forms
from benchmarks.loading.delta import Delta
from benchmarks.loading.rows import EXTRA_BYTES, SCHEMA, codes_of, draw
from benchmarks.loading.shapes import SHAPES, Shape

N = 300
FULL, PLAIN = SHAPES["full"], SHAPES["plain"]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_row_follows_from_seed_number_and_edition_alone(shape: Shape) -> None:
    rows = draw(shape, 3, np.arange(N))
    assert draw(shape, 3, np.array([77, 9])).equals(rows.take([77, 9]))
    assert not draw(shape, 4, np.arange(N)).equals(rows)
    again = draw(shape, 3, np.arange(N), 1)
    assert again.column("source_id").equals(rows.column("source_id"))
    for name in {"digest", "extra"} & set(rows.column_names):
        assert not set(again.column(name).to_pylist()) & set(rows.column(name).to_pylist())


def test_plain_rows_have_short_ids_and_no_extra_and_all_else_alike() -> None:
    numbers = np.array([0, 7, 9_999_999])
    rows = draw(PLAIN, 1, numbers)
    assert rows.column("source_id").to_pylist() == ["10000000", "10000007", "19999999"]
    assert rows.column_names == SCHEMA.names[:-1]
    same = SCHEMA.names[1:-1]
    assert rows.select(same).equals(draw(FULL, 1, numbers).select(same))


def test_full_rows_are_what_the_benchmark_says_they_are() -> None:
    rows = draw(FULL, 1, np.arange(N))
    assert rows.schema == SCHEMA
    ids, digests = rows.column("source_id").to_pylist(), rows.column("digest").to_pylist()
    assert len(set(ids)) == len(set(digests)) == N
    assert {len(bytes.fromhex(text)) for text in (*ids, *digests)} == {32}
    assert {len(text) for text in (*ids, *digests)} == {64}
    for text in rows.column("extra").to_pylist():
        assert len(text) == EXTRA_BYTES
        assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) == text
    assert {len(labels) for labels in rows.column("labels").to_pylist()} == {1, 2}
    assert all(labels == sorted(set(labels)) for labels in rows.column("labels").to_pylist())


def test_codes_are_those_of_the_rows_and_half_of_their_bits_are_ones() -> None:
    numbers = np.array([0, 5, 1 << 40])
    codes = codes_of(1, numbers)
    assert [code.tobytes().hex() for code in codes] == draw(FULL, 1, numbers).column("digest").to_pylist()
    assert set(np.bitwise_count(codes_of(2, np.arange(3_000))).sum(axis=1).tolist()) == {128}


def test_later_editions_are_dated_later_and_nothing_is_dated_in_the_future() -> None:
    first, second = (draw(FULL, 1, np.arange(3_000), edition) for edition in (0, 1))
    newest = max(first.column("updated_at").to_pylist())
    assert newest < min(second.column("updated_at").to_pylist())
    assert max(second.column("updated_at").to_pylist()).year < 2025
    for created, updated in zip(
        *(first.column(name).to_pylist() for name in ("created_at", "updated_at")), strict=True
    ):
        assert created < updated


@pytest.mark.parametrize(("n", "changes"), [(1, 1), (20, 1), (400, 20), (5_000, 100)])
def test_a_delta_changes_and_withdraws_rows_that_stand_and_adds_others(n: int, changes: int) -> None:
    delta = Delta.of(1, n, changes)
    assert len(delta) == changes
    assert delta.added.tolist() == list(range(n, n + len(delta.added)))
    stood = [*delta.changed.tolist(), *delta.withdrawn.tolist()]
    assert len(set(stood)) == len(stood)
    assert set(stood) <= set(range(n))
    rows = delta.rows(FULL, 1)
    assert sum(rows.column("withdrawn").to_pylist()) == len(delta.withdrawn)
    assert len(set(rows.column("source_id").to_pylist())) == changes
    ids = draw(FULL, 1, delta.withdrawn).column("source_id").to_pylist()
    assert rows.filter(rows.column("withdrawn")).column("source_id").to_pylist() == ids


def read_csv(path: Path) -> list[dict[str, object]]:
    with path.open(newline="") as stream:
        rows: list[dict[str, object]] = list(csv.DictReader(stream))
    for row in rows:
        row["labels"] = str(row["labels"]).split(";")
        row["withdrawn"] = {"true": True, "false": False}[str(row["withdrawn"])]
    return rows


def read_jsonl(path: Path) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row |= {"extra": json.dumps(row["extra"], separators=(",", ":"))} if "extra" in row else {}
    return rows


def read_parquet(path: Path) -> list[dict[str, object]]:
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        row |= {name: f"{row[name]:%Y-%m-%dT%H:%M:%SZ}" for name in ("created_at", "updated_at")}
    return rows


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(("form", "read"), [("csv", read_csv), ("jsonl", read_jsonl), ("parquet", read_parquet)])
def test_every_form_holds_the_same_rows(form: str, read: object, shape: Shape, tmp_path: Path) -> None:
    path = tmp_path / f"list.{form}"
    table = Delta.of(1, 400, 20).rows(shape, 1)
    assert forms.write(form, [table.slice(0, 7), table.slice(7)], path) == path.stat().st_size
    wanted = table.to_pylist()
    for row in wanted:
        row |= {name: f"{row[name]:%Y-%m-%dT%H:%M:%SZ}" for name in ("created_at", "updated_at")}
    assert read(path) == wanted  # type: ignore[operator]


def test_parquet_has_row_groups_as_pyarrow_makes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "ROW_GROUP", 100)
    forms.write("parquet", (draw(FULL, 1, np.arange(start, start + 50)) for start in range(0, 250, 50)), tmp_path / "a")
    groups = pq.ParquetFile(tmp_path / "a").metadata
    assert [groups.row_group(number).num_rows for number in range(groups.num_row_groups)] == [100, 100, 50]
    pq.write_table(pa.table({"x": pa.nulls(1_100_000, pa.int8())}), tmp_path / "b")
    monkeypatch.undo()
    assert pq.ParquetFile(tmp_path / "b").metadata.row_group(0).num_rows == forms.ROW_GROUP
